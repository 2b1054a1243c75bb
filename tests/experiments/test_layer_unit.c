/* The experiments on convolution and recurrence on several ranks: their records, whatever the split. */
#include <string.h>
#include <omp.h>

#include "../parallel/harness.h"
#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/split_layer.h"
#include "experiments/timing.h"
#include "timed_unit.h"

/* A unit to run: 3 sequences of 41 positions, 22 wide. */
struct unit_case {
    const struct experiment *experiment;
    const char *split;
    struct timed_setting settings[4]; /* further ones, ended by a NULL name */
    double flops;                     /* of all ranks */
    int64_t rows;                     /* checked */
};

enum { BATCH = 3, LENGTH = 41, WIDTH = 22 };

/* In turns over both experiments; two kinds of convolution, cells and directions. */
static void fill_cases(struct unit_case cases[5]) {
    const struct convolution_shape convolution = {BATCH, LENGTH, WIDTH, 5, 4, true};
    const struct recurrent_shape layers = {CELL_GRU, BATCH, LENGTH, WIDTH, 0, 3, false};
    const struct recurrent_shape both = {CELL_LSTM, BATCH, LENGTH, WIDTH, 0, 2, true};
    const struct timed_setting of_convolution[4] = {
        {"kernel_size", 5, NULL}, {"dilation", 4, NULL}, {NULL, 0, NULL}};
    const struct timed_setting of_layers[4] = {{"cell", 0, "gru"}, {"layers", 3, NULL}, {NULL, 0, NULL}};
    const struct timed_setting of_both[4] = {
        {"cell", 0, "lstm"}, {"layers", 2, NULL}, {"directions", 0, "both"}, {NULL, 0, NULL}};
    const char *const splits[] = {"sequence", "batch", "layers", "batch", "units"};
    for (int i = 0; i < 5; i++) {
        cases[i] = (struct unit_case){i < 2 ? &experiment_convolution : &experiment_recurrent,
                                      splits[i],
                                      {{NULL, 0, NULL}},
                                      0,
                                      i < 2 ? LAYER_ROWS_MAX : LENGTH};
        memcpy(cases[i].settings,
               i < 2   ? of_convolution
               : i < 4 ? of_layers
                       : of_both,
               sizeof cases[i].settings);
        cases[i].flops = i < 2   ? convolution_flops(&convolution)
                         : i < 4 ? recurrent_flops(&layers)
                                 : recurrent_flops(&both);
    }
}

static struct record *record_of(const struct unit_case *unit, const char *split, int ranks) {
    struct timed_setting settings[10] = {{"batch", BATCH, NULL},
                                         {"length", LENGTH, NULL},
                                         {"width", WIDTH, NULL},
                                         {"ranks", ranks, NULL},
                                         {"split", 0, split}};
    memcpy(settings + 5, unit->settings, sizeof unit->settings);
    return timed_record(unit->experiment, settings);
}

static enum status resolve(const struct unit_case *unit, struct record *record, int ranks,
                           struct error *error) {
    return unit->experiment->resolve(record, &(struct resources){ranks, 1}, error);
}

static void check_record(struct harness *h, const struct unit_case *unit, struct record *record) {
    EXPECT(h, timed_is_complete(record));
    EXPECT(h, record_integer(record, "rows_checked") == unit->rows);
    EXPECT(h, record_real(record, "max_abs_error") < 1e-5);
    EXPECT(h, record_real(record, "flops") == unit->flops);
    const struct value *sent = record_value(record, "bytes_sent");
    const struct value *predicted = record_value(record, "bytes_predicted");
    const struct value *flops = record_value(record, "flops_rank");
    double sum = 0;
    EXPECT(h, sent->count == (size_t)team_size(h->world));
    for (size_t rank = 0; rank < sent->count; rank++) {
        EXPECT(h, sent->integers[rank] == predicted->integers[rank]);
        sum += flops->reals[rank];
    }
    EXPECT(h, sum == unit->flops);
    bool sends = team_size(h->world) > 1 && strcmp(unit->split, "batch") != 0;
    EXPECT(h, (sent->integers[0] > 0) == sends);
}

static void every_split_gives_a_complete_and_right_record(struct harness *h) {
    struct unit_case cases[5];
    fill_cases(cases);
    for (int i = 0; i < 5; i++) {
        struct error error = {STATUS_OK, ""};
        struct record *record = record_of(&cases[i], cases[i].split, team_size(h->world));
        EXPECT(h, resolve(&cases[i], record, team_size(h->world), &error) == STATUS_OK);
        struct point point = {.values = record, .data_key = 11};
        size_t before = memory_in_use();
        EXPECT(h, cases[i].experiment->run(&point, h->world, record, &error) == STATUS_OK);
        EXPECT(h, memory_in_use() - before < 1 << 16); /* the record's arrays */
        check_record(h, &cases[i], record);
        record_destroy(&record);
    }
}

static void splits_that_cannot_be_are_refused_by_name(struct harness *h) {
    struct unit_case cases[5];
    fill_cases(cases);
    const int refused[] = {0, 2, 4};
    const char *const splits[] = {"none", "none", "layers"}; /* on two ranks; in both directions */
    for (int i = 0; i < 3; i++) {
        struct error error = {STATUS_OK, ""};
        struct record *record = record_of(&cases[refused[i]], splits[i], 2);
        EXPECT(h, resolve(&cases[refused[i]], record, 2, &error) == STATUS_INVALID);
        EXPECT(h, strstr(error.text, "split") && strstr(error.text, splits[i]));
        record_destroy(&record);
    }
}

/* The last rank alone runs out of memory, at one allocation after the other: all ranks fail alike. */
static void a_rank_without_memory_fails_the_unit_on_all_ranks(struct harness *h) {
    struct unit_case cases[5];
    fill_cases(cases);
    int ranks = team_size(h->world);
    for (int i = 0; i < 5; i++)
        for (long allowed = 0; allowed < 8; allowed += 3) {
            size_t before = memory_in_use();
            struct record *record = record_of(&cases[i], cases[i].split, ranks);
            struct error error = {STATUS_OK, ""};
            struct point point = {.values = record, .data_key = 11};
            if (team_rank(h->world) == ranks - 1) memory_fail_after(allowed);
            EXPECT(h, cases[i].experiment->run(&point, h->world, record, &error) == STATUS_NO_MEMORY);
            memory_fail_after(-1);
            EXPECT(h, strlen(error.text) > 0);
            record_destroy(&record);
            EXPECT(h, memory_in_use() == before);
        }
}

int main(void) {
    omp_set_num_threads(1); /* ranks beyond the cores are slow enough */
    timing_limit(0.02);
    return harness_main("layer_unit", (const struct harness_entry[]){
                                          PROPERTY(every_split_gives_a_complete_and_right_record),
                                          PROPERTY(splits_that_cannot_be_are_refused_by_name),
                                          PROPERTY(a_rank_without_memory_fails_the_unit_on_all_ranks),
                                          {NULL, NULL},
                                      });
}
