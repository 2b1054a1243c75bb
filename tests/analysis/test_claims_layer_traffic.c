/* SP1 on made-up records, whose bytes are found by doing what each split does, step by step. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/layer_split.h"
#include "synthetic.h"

enum { BATCH = 2, WIDTH = 13, LENGTH = 50, RANKS_MAX = 16 };

/* A problem: kernel and dilation of a convolution, layers and directions of a recurrence. */
struct problem {
    const char *split;
    int64_t kernel_size, dilation, layers;
    bool around, both;
};

static int64_t part_of(int64_t total, int64_t ranks, int64_t rank) {
    return total / ranks + (rank < total % ranks);
}

static int64_t first_of(int64_t total, int64_t ranks, int64_t rank) {
    int64_t first = 0;
    for (int64_t before = 0; before < rank; before++)
        first += part_of(total, ranks, before);
    return first;
}

static bool reads(const struct problem *problem, int64_t output, int64_t position) {
    int64_t middle = problem->around ? (problem->kernel_size - 1) / 2 : 0;
    for (int64_t j = 0; j < problem->kernel_size; j++)
        if (output - (j - middle) * problem->dilation == position) return true;
    return false;
}

/* Every own row goes once to every other rank one of whose outputs reads it. */
static int64_t walk_sequence(const struct problem *problem, int64_t ranks, int64_t rank) {
    int64_t rows = 0, first = first_of(LENGTH, ranks, rank);
    for (int64_t own = first; own < first + part_of(LENGTH, ranks, rank); own++)
        for (int64_t other = 0; other < ranks; other++) {
            bool wanted = false;
            int64_t from = first_of(LENGTH, ranks, other);
            for (int64_t output = from; output < from + part_of(LENGTH, ranks, other); output++)
                wanted = wanted || reads(problem, output, own);
            rows += other != rank && wanted;
        }
    return rows * BATCH * WIDTH * 4;
}

/* After each step that somebody reads, the own states go to every other rank that has units. */
static int64_t walk_units(const struct problem *problem, int64_t ranks, int64_t rank) {
    int64_t sent = 0;
    for (int64_t layer = 0; layer < problem->layers; layer++)
        for (int64_t step = 0; step < LENGTH; step++)
            for (int64_t other = 0; other < ranks; other++) {
                bool last = layer == problem->layers - 1 && step == LENGTH - 1;
                if (other == rank || last || part_of(WIDTH, ranks, other) == 0) continue;
                sent += BATCH * part_of(WIDTH, ranks, rank) * (problem->both ? 2 : 1) * 4;
            }
    return sent;
}

/* A rank below another one with layers hands on every row. */
static int64_t walk_layers(const struct problem *problem, int64_t ranks, int64_t rank) {
    bool passes = rank + 1 < ranks && part_of(problem->layers, ranks, rank + 1) > 0;
    return passes ? BATCH * LENGTH * WIDTH * 4 : 0;
}

static int64_t walk(const struct problem *problem, int64_t ranks, int64_t rank) {
    if (strcmp(problem->split, "sequence") == 0) return walk_sequence(problem, ranks, rank);
    if (strcmp(problem->split, "units") == 0) return walk_units(problem, ranks, rank);
    return strcmp(problem->split, "layers") == 0 ? walk_layers(problem, ranks, rank) : 0;
}

/* One record; the last rank sends `excess` bytes more than it must, and `said` more than the column says. */
static void add_record(struct results *results, const struct schema *schema, const struct problem *problem,
                       int64_t ranks, int64_t excess, int64_t said) {
    int64_t sent[RANKS_MAX] = {0}, predicted[RANKS_MAX] = {0};
    for (int64_t rank = 0; rank < ranks; rank++)
        sent[rank] = predicted[rank] = walk(problem, ranks, rank);
    sent[ranks - 1] += excess;
    predicted[ranks - 1] += excess - said;
    struct record *record = synthetic_record(schema);
    set_integer(record, "batch", BATCH);
    set_integer(record, "length", LENGTH);
    set_integer(record, "width", WIDTH);
    set_integer(record, "ranks", ranks);
    set_text(record, "split", problem->split);
    if (schema == &synthetic_convolution) {
        set_integer(record, "kernel_size", problem->kernel_size);
        set_integer(record, "dilation", problem->dilation);
        set_text(record, "reads", problem->around ? "around" : "past");
    } else {
        set_integer(record, "layers", problem->layers);
        set_text(record, "directions", problem->both ? "both" : "forward");
    }
    set_integers(record, "bytes_sent", (size_t)ranks, sent);
    set_integers(record, "bytes_predicted", (size_t)ranks, predicted);
    synthetic_add(results, record);
}

static const struct problem convolutions[] = {
    {"batch", 3, 1, 0, false, false},    {"sequence", 1, 1, 0, false, false},
    {"sequence", 4, 2, 0, false, false}, {"sequence", 5, 2, 0, true, false},
    {"sequence", 4, 1, 0, true, false},
};
static const struct problem recurrences[] = {
    {"batch", 0, 0, 2, false, false},  {"units", 0, 0, 3, false, false},  {"units", 0, 0, 1, false, true},
    {"layers", 0, 0, 5, false, false}, {"layers", 0, 0, 2, false, false},
};
enum { PROBLEMS = 5 };

/* All splits on `least` to 7 ranks and on 16, more than units; number `wrong` of the problems sends `excess`
 * bytes more on its fewest ranks. */
static struct results *traffic(int64_t least, int64_t most, size_t wrong, int64_t excess) {
    struct results *results = synthetic_results();
    for (size_t i = 0; i < PROBLEMS; i++)
        for (int64_t ranks = least; ranks <= most; ranks = ranks == 7 ? 16 : ranks + 1) {
            int64_t more = ranks == least ? excess : 0;
            add_record(results, &synthetic_convolution, &convolutions[i], ranks, i == wrong ? more : 0, 0);
            add_record(results, &synthetic_recurrent, &recurrences[i], ranks,
                       i + PROBLEMS == wrong ? more : 0, 0);
        }
    return results;
}

static void verdict(enum verdict expected, struct results *results) {
    assert_verdict(expected, &claim_layer_bytes, results);
    results_destroy(&results);
}

static void equal_bytes_are_reproduced(void **state) {
    (void)state;
    verdict(VERDICT_REPRODUCED, traffic(1, 16, SIZE_MAX, 0));
}

static void a_byte_too_many_or_too_few_is_not(void **state) {
    (void)state;
    for (size_t wrong = 0; wrong < 2 * PROBLEMS; wrong++)
        for (int64_t excess = -1; excess <= 1; excess += 2)
            verdict(VERDICT_NOT_REPRODUCED, traffic(3, 4, wrong, excess));
}

static void two_ranks_can_refute_the_bytes_but_not_confirm_them(void **state) {
    (void)state;
    verdict(VERDICT_INCONCLUSIVE, traffic(2, 2, SIZE_MAX, 0));
    verdict(VERDICT_NOT_REPRODUCED, traffic(2, 2, 1, 4));
    verdict(VERDICT_INCONCLUSIVE, traffic(1, 1, SIZE_MAX, 0));
    verdict(VERDICT_INCONCLUSIVE, synthetic_results());
}

/* Every split is needed. */
static void a_split_that_did_not_run_leaves_the_row_open(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (size_t i = 0; i < PROBLEMS; i++) {
        add_record(results, &synthetic_convolution, &convolutions[i], 3, 0, 0);
        if (strcmp(recurrences[i].split, "units") != 0)
            add_record(results, &synthetic_recurrent, &recurrences[i], 3, 0, 0);
    }
    verdict(VERDICT_INCONCLUSIVE, results);
}

/* A reach longer than a part: the closed form says nothing then, the column does. */
static void long_reaches_are_held_against_the_general_form(void **state) {
    (void)state;
    const struct problem wide = {"sequence", 4, 9, 0, false, false};
    for (int64_t said = 0; said <= 4; said += 4) {
        struct results *results = traffic(3, 4, SIZE_MAX, 0);
        add_record(results, &synthetic_convolution, &wide, 7, 0, said);
        verdict(said ? VERDICT_NOT_REPRODUCED : VERDICT_REPRODUCED, results);
    }
}

static void missing_bytes_are_no_agreement(void **state) {
    (void)state;
    struct results *results = traffic(3, 4, SIZE_MAX, 0);
    int64_t sent[3] = {0, INT64_MIN, 0};
    struct record *record = synthetic_record(&synthetic_recurrent);
    set_integer(record, "ranks", 3);
    set_text(record, "split", "batch");
    set_integers(record, "bytes_sent", 3, sent);
    set_integers(record, "bytes_predicted", 3, sent);
    synthetic_add(results, record);
    verdict(VERDICT_INCONCLUSIVE, results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_are_reproduced),
        cmocka_unit_test(a_byte_too_many_or_too_few_is_not),
        cmocka_unit_test(two_ranks_can_refute_the_bytes_but_not_confirm_them),
        cmocka_unit_test(a_split_that_did_not_run_leaves_the_row_open),
        cmocka_unit_test(long_reaches_are_held_against_the_general_form),
        cmocka_unit_test(missing_bytes_are_no_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
