/* AP2 on made-up records: work is found by counting visible pairs row by row. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "attention_records.h"

enum { RANKS_MAX = 8, LAYOUTS = 3 };

static const char *const layouts[LAYOUTS] = {"contiguous", "zigzag", "striped"};

/* The rank that owns a position. */
static int64_t owner(const char *layout, int64_t position, int64_t length, int64_t ranks) {
    if (layout[0] == 's') return position % ranks;
    int64_t parts = layout[0] == 'z' ? 2 * ranks : ranks, part = 0, end = 0;
    while ((end += length / parts + (part < length % parts)) <= position)
        part++;
    return part < ranks ? part : 2 * ranks - 1 - part;
}

/* Visible pairs of each rank; a row's keys are rounded up to `tile`. */
static void count_pairs(const char *layout, int64_t length, int64_t ranks, int64_t tile, double *pairs) {
    memset(pairs, 0, RANKS_MAX * sizeof *pairs);
    for (int64_t position = 0; position < length; position++)
        pairs[owner(layout, position, length, ranks)] += (double)((position / tile + 1) * tile);
}

/* What a made-up run is like. */
struct run_like {
    int64_t tile;
    double excess;    /* work of the last rank, in parts of its own */
    double slow_rank; /* time of the first rank, in parts of its own */
    int64_t most_ranks;
    int64_t length;
    int64_t cores;
};

static const struct run_like as_claimed = {
    .tile = 16, .excess = 1, .slow_rank = 1, .most_ranks = 8, .length = 4096, .cores = 8};

static void add_run(struct results *results, const char *layout, int64_t ranks, const struct run_like *like,
                    struct dice *random) {
    double work[RANKS_MAX], seconds[RANKS_MAX];
    count_pairs(layout, like->length, ranks, like->tile, work);
    for (int64_t rank = 0; rank < ranks; rank++)
        seconds[rank] = work[rank] * 1e-9 * (1 + 0.01 * dice_uniform(random));
    work[ranks - 1] *= like->excess;
    seconds[0] *= like->slow_rank;
    struct record *record = attention_record("ring", ranks, like->length);
    set_text(record, "mask", "causal");
    set_text(record, "layout", layout);
    set_reals(record, "flops_rank", (size_t)ranks, work);
    set_reals(record, "seconds_compute", (size_t)ranks, seconds);
    synthetic_add(results, record);
}

static struct results *runs(const struct run_like *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(7);
    json_object_set_new(results->provenance, "cores", json_integer(like->cores));
    json_object_set_new(results->provenance, "numhosts", json_integer(1));
    for (size_t layout = 0; layout < LAYOUTS; layout++)
        for (int64_t ranks = 2; ranks <= like->most_ranks; ranks++)
            add_run(results, layouts[layout], ranks, like, &random);
    return results;
}

static void verdict_of_runs(enum verdict expected, const struct run_like *like) {
    struct results *results = runs(like);
    assert_verdict(expected, &claim_causal_balance, results);
    results_destroy(&results);
}

static void balance_as_claimed_is_reproduced(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_REPRODUCED, &as_claimed);
    struct run_like uneven = as_claimed;
    uneven.length = 4093;
    verdict_of_runs(VERDICT_REPRODUCED, &uneven);
}

static void more_work_on_one_rank_is_not_reproduced(void **state) {
    (void)state;
    struct run_like like = as_claimed;
    like.excess = 1.1;
    like.cores = 2; /* or the times, which agree, would make it depend on the definition */
    verdict_of_runs(VERDICT_NOT_REPRODUCED, &like);
}

static void work_that_holds_with_times_that_do_not_depends_on_the_definition(void **state) {
    (void)state;
    struct run_like like = as_claimed;
    like.slow_rank = 8;
    verdict_of_runs(VERDICT_DEFINITION_DEPENDENT, &like);
}

static void times_on_shared_cores_are_no_evidence(void **state) {
    (void)state;
    struct run_like like = as_claimed;
    like.slow_rank = 8;
    like.cores = 2;
    verdict_of_runs(VERDICT_REPRODUCED, &like);
}

static void two_ranks_or_few_rows_decide_nothing(void **state) {
    (void)state;
    struct run_like like = as_claimed;
    like.most_ranks = 2;
    verdict_of_runs(VERDICT_INCONCLUSIVE, &like);
    like = as_claimed;
    like.length = 500;
    verdict_of_runs(VERDICT_INCONCLUSIVE, &like);
}

static void a_missing_layout_leaves_the_row_open(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    struct dice random = dice(8);
    for (int64_t ranks = 2; ranks <= 6; ranks++)
        for (size_t layout = 0; layout < 2; layout++)
            add_run(results, layouts[layout], ranks, &as_claimed, &random);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_causal_balance, results);
    results_destroy(&results);
}

/* All heads of all rows under `heads`: the layout says nothing of the balance there. */
static void schedules_that_move_the_rows_are_left_out(void **state) {
    (void)state;
    struct results *results = runs(&as_claimed);
    const double lopsided[4] = {1, 1, 1, 9};
    struct record *record = attention_record("heads", 4, 4096);
    set_text(record, "mask", "causal");
    set_reals(record, "flops_rank", 4, lopsided);
    synthetic_add(results, record);
    assert_verdict(VERDICT_REPRODUCED, &claim_causal_balance, results);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance_as_claimed_is_reproduced),
        cmocka_unit_test(more_work_on_one_rank_is_not_reproduced),
        cmocka_unit_test(work_that_holds_with_times_that_do_not_depends_on_the_definition),
        cmocka_unit_test(times_on_shared_cores_are_no_evidence),
        cmocka_unit_test(two_ranks_or_few_rows_decide_nothing),
        cmocka_unit_test(a_missing_layout_leaves_the_row_open),
        cmocka_unit_test(schedules_that_move_the_rows_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
