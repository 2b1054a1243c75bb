/* The attention experiment on several ranks: its record, whatever the split. */
#include <math.h>
#include <string.h>
#include <omp.h>

#include "../parallel/harness.h"
#include "core/base/memory.h"
#include "experiments/layer.h"
#include "experiments/timing.h"
#include "parallel/schedule.h"
#include "timed_unit.h"

/* A unit to run; an empty schedule stands for auto, kv_heads 0 too. */
struct layer_case {
    int64_t batch, length, head_width, heads, kv_heads;
    const char *mask;
};

static const struct layer_case cases[] = {
    {1, 37, 16, 5, 0, "full"}, {2, 70, 8, 4, 2, "causal"},  {1, 97, 24, 6, 2, "full"},
    {1, 1, 4, 1, 0, "causal"}, {1, 41, 33, 1, 0, "causal"},
};

enum { CASES = sizeof cases / sizeof *cases };

static struct record *record_of(const struct layer_case *layer, const char *schedule, int ranks) {
    /* Settings that are left to `auto` stand after the end. */
    struct timed_setting settings[10] = {{"batch", layer->batch, NULL},
                                         {"length", layer->length, NULL},
                                         {"head_width", layer->head_width, NULL},
                                         {"heads", layer->heads, NULL},
                                         {"ranks", ranks, NULL},
                                         {"mask", 0, layer->mask},
                                         {"schedule", 0, schedule}};
    size_t count = 7;
    if (layer->kv_heads > 0) settings[count++] = (struct timed_setting){"kv_heads", layer->kv_heads, NULL};
    return timed_record(&experiment_attention, settings);
}

static enum status resolve(struct record *record, int ranks, struct error *error) {
    return experiment_attention.resolve(record, &(struct resources){ranks, 1}, error);
}

/* Resolves and runs on all ranks; NULL when the schedule refuses. */
static struct record *run_case(struct harness *h, const struct layer_case *layer, const char *schedule,
                               enum status expected) {
    struct error error = {STATUS_OK, ""};
    struct record *record = record_of(layer, schedule, team_size(h->world));
    EXPECT(h, record != NULL);
    if (resolve(record, team_size(h->world), &error) != STATUS_OK) {
        record_destroy(&record);
        return NULL;
    }
    struct point point = {.values = record, .data_key = 11};
    EXPECT(h, experiment_attention.run(&point, h->world, record, &error) == expected);
    return record;
}

static double full_core_flops(const struct layer_case *layer) {
    return 4.0 * (double)(layer->batch * layer->heads * layer->length * layer->length * layer->head_width);
}

/* Work of the projections: under `heads` every rank whose heads share a key/value head projects it. */
static double least_projection_flops(const struct layer_case *layer) {
    int64_t kv_heads = layer->kv_heads > 0 ? layer->kv_heads : layer->heads;
    int64_t width = layer->heads * layer->head_width, kv_width = kv_heads * layer->head_width;
    return 4.0 * (double)(layer->batch * layer->length * width * (width + kv_width));
}

static void check_record(struct harness *h, const struct layer_case *layer, struct record *record) {
    EXPECT(h, timed_is_complete(record));
    if (team_rank(h->world) != 0) return;
    int64_t per_head = layer->length < LAYER_ROWS_MAX ? layer->length : LAYER_ROWS_MAX;
    EXPECT(h, record_integer(record, "rows_checked") == layer->batch * layer->heads * per_head);
    EXPECT(h, record_real(record, "max_abs_error") < 1e-5);
    double core = record_real(record, "flops_core"), full = full_core_flops(layer);
    bool causal = strcmp(layer->mask, "causal") == 0;
    EXPECT(h, causal ? core >= full / 2 && core <= 2 * full : core == full);
    EXPECT(h, record_real(record, "flops_softmax") > 0);
    double projections = record_real(record, "flops_projections"), least = least_projection_flops(layer);
    bool alike = layer->kv_heads == 0 || strcmp(record_string(record, "schedule_used"), "heads") != 0;
    EXPECT(h, alike ? projections == least : projections >= least);
    struct point point = {.values = record, .data_key = 11};
    struct estimate estimate = experiment_attention.estimate(&point);
    EXPECT(h, causal || !alike || estimate.flops == core + projections);
    const struct value *sent = record_value(record, "bytes_sent");
    const struct value *predicted = record_value(record, "bytes_predicted");
    EXPECT(h, sent->count == (size_t)team_size(h->world));
    for (size_t rank = 0; rank < sent->count; rank++)
        EXPECT(h, sent->integers[rank] == predicted->integers[rank]);
}

/* Every second case for each schedule, in turns: a unit takes its time. */
static void every_schedule_gives_a_complete_and_right_record(struct harness *h) {
    for (int i = 0; i < CASES; i++)
        for (const struct schedule *const *schedule = schedules() + i % 2; schedule[0];
             schedule += schedule[1] ? 2 : 1) {
            struct record *record = run_case(h, &cases[i], (*schedule)->name, STATUS_OK);
            bool fits = (*schedule)->choose_ways || strcmp((*schedule)->name, "ring") == 0 ||
                        strcmp((*schedule)->name, "allgather") == 0 || cases[i].heads >= team_size(h->world);
            EXPECT(h, fits == (record != NULL));
            if (record) check_record(h, &cases[i], record);
            record_destroy(&record);
        }
}

static void auto_means_as_many_kv_heads_and_a_schedule_that_fits(struct harness *h) {
    for (int i = 0; i < CASES; i++) {
        struct record *record = run_case(h, &cases[i], "auto", STATUS_OK);
        EXPECT(h, record != NULL);
        if (!record) continue;
        check_record(h, &cases[i], record);
        if (cases[i].kv_heads == 0) EXPECT(h, record_integer(record, "kv_heads") == cases[i].heads);
        EXPECT(h, strcmp(record_string(record, "schedule"), "auto") == 0);
        if (team_rank(h->world) == 0) {
            EXPECT(h, schedule_named(record_string(record, "schedule_used")) != NULL);
            EXPECT(h, record_real(record, "seconds_predicted") > 0);
        }
        record_destroy(&record);
    }
}

static void layers_that_cannot_be_split_are_refused_by_name(struct harness *h) {
    struct error error = {STATUS_OK, ""};
    const struct layer_case uneven = {1, 8, 8, 4, 3, "full"}, narrow = {1, 8, 8, 2, 0, "full"};
    struct record *record = record_of(&uneven, "auto", 1);
    EXPECT(h, resolve(record, 1, &error) == STATUS_INVALID);
    EXPECT(h, strstr(error.text, "heads") && strstr(error.text, "kv_heads"));
    record_destroy(&record);
    record = record_of(&narrow, "heads", 3);
    EXPECT(h, resolve(record, 3, &error) == STATUS_INVALID);
    EXPECT(h, strstr(error.text, "schedule") && strstr(error.text, "heads"));
    record_destroy(&record);
}

/* Every schedule's table entry is a choice of the parameter. */
static void all_schedules_can_be_asked_for(struct harness *h) {
    for (const struct schedule *const *schedule = schedules(); *schedule; schedule++) {
        struct record *record = record_of(&cases[0], (*schedule)->name, 1);
        EXPECT(h, record != NULL);
        record_destroy(&record);
    }
}

/* Sizes so large that arrays, not bookkeeping, decide. */
static void no_rank_holds_more_than_estimated(struct harness *h) {
    const struct layer_case layer = {2, 600, 64, 6, 3, "causal"};
    int ranks = team_size(h->world);
    for (const struct schedule *const *schedule = schedules(); *schedule; schedule++) {
        struct error error = {STATUS_OK, ""};
        size_t before = memory_in_use();
        struct record *record = record_of(&layer, (*schedule)->name, ranks);
        struct point point = {.values = record, .data_key = 11};
        EXPECT(h, record_set_integer(record, "threads", omp_get_max_threads()) == STATUS_OK);
        EXPECT(h, resolve(record, ranks, &error) == STATUS_OK);
        EXPECT(h, experiment_attention.run(&point, h->world, record, &error) == STATUS_OK);
        double estimate = experiment_attention.estimate(&point).bytes_per_rank;
        double held = (double)(memory_high_water() - before);
        double said = (double)record_integer(record, "memory");
        EXPECT(h, held < 1.01 * estimate && said < 1.01 * estimate && said > 0.5 * estimate);
        record_destroy(&record);
        EXPECT(h, memory_in_use() == before);
    }
}

/* The last rank alone runs out of memory, at one allocation after the other: all ranks fail alike. */
static void a_rank_without_memory_fails_the_unit_on_all_ranks(struct harness *h) {
    int ranks = team_size(h->world);
    for (long allowed = 0; allowed < 14; allowed++) {
        size_t before = memory_in_use();
        struct record *record = record_of(&cases[0], "ring", ranks);
        struct error error = {STATUS_OK, ""};
        struct point point = {.values = record, .data_key = 11};
        EXPECT(h, resolve(record, ranks, &error) == STATUS_OK);
        if (team_rank(h->world) == ranks - 1) memory_fail_after(allowed);
        EXPECT(h, experiment_attention.run(&point, h->world, record, &error) == STATUS_NO_MEMORY);
        memory_fail_after(-1);
        EXPECT(h, strlen(error.text) > 0);
        record_destroy(&record);
        EXPECT(h, memory_in_use() == before);
    }
}

int main(void) {
    omp_set_num_threads(1); /* ranks beyond the cores are slow enough */
    timing_limit(0.02);
    return harness_main("attention_unit", (const struct harness_entry[]){
                                              PROPERTY(every_schedule_gives_a_complete_and_right_record),
                                              PROPERTY(auto_means_as_many_kv_heads_and_a_schedule_that_fits),
                                              PROPERTY(layers_that_cannot_be_split_are_refused_by_name),
                                              PROPERTY(all_schedules_can_be_asked_for),
                                              PROPERTY(no_rank_holds_more_than_estimated),
                                              PROPERTY(a_rank_without_memory_fails_the_unit_on_all_ranks),
                                              {NULL, NULL},
                                          });
}
