/* HF2 on made-up records, and the theory beside it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/basins.h"
#include "analysis/theory_basin.h"
#include "core/base/memory.h"
#include "synthetic.h"

enum { TRIALS = 8, LOADS = 6, STARTS = 11 };

static const double loads[LOADS] = {0.02, 0.05, 0.08, 0.1, 0.12, 0.18};

/* Made-up basins: critical overlaps by load, and how steeply success rises about them. */
struct shape {
    double critical[LOADS]; /* above 1: none */
    double width;
    int64_t sets;
};

/* A run succeeds with probability Phi((start - critical) / width). */
static void add_record(struct results *results, const struct shape *shape, const char *rule, size_t load,
                       double start, int64_t repeat, struct dice *dice) {
    double overlaps[TRIALS];
    for (size_t t = 0; t < TRIALS; t++)
        overlaps[t] = start + shape->width * dice_normal(dice) > shape->critical[load] ? 0.97 : 0.35;
    struct record *record = synthetic_record(&synthetic_capacity);
    set_text(record, "rule", rule);
    set_text(record, "dynamics", "asynchronous");
    set_integer(record, "neurons", 1000);
    set_real(record, "load", loads[load]);
    set_integer(record, "patterns", (int64_t)llround(1000 * loads[load]));
    set_real(record, "initial_overlap", start);
    set_integer(record, "repeat", repeat);
    set_reals(record, "overlap", TRIALS, overlaps);
    synthetic_add(results, record);
}

static struct results *made_up(const struct shape *shape) {
    struct results *results = synthetic_results();
    struct dice random = dice(61);
    for (size_t load = 0; load < LOADS; load++)
        for (int start = 0; start < STARTS; start++)
            for (int64_t repeat = 0; repeat < shape->sets; repeat++)
                add_record(results, shape, "hebb", load, 0.1 * start, repeat, &random);
    return results;
}

static const struct shape as_claimed = {{0.1, 0.2, 0.3, 0.4, 0.5, 2}, 0.06, 10};

static void verdict_of(enum verdict expected, const struct shape *shape) {
    struct results *results = made_up(shape);
    assert_verdict(expected, &claim_basins, results);
    results_destroy(&results);
}

static void basins_come_out_each_way(void **state) {
    (void)state;
    verdict_of(VERDICT_REPRODUCED, &as_claimed);
    struct shape shape = as_claimed;
    shape.critical[2] = 0.55; /* the line falls after it */
    verdict_of(VERDICT_NOT_REPRODUCED, &shape);
    shape = as_claimed;
    shape.critical[0] = 0.45; /* no wide basins at small load; the line falls too */
    verdict_of(VERDICT_NOT_REPRODUCED, &shape);
    shape = as_claimed;
    shape.critical[5] = 0.6; /* retrieval beyond capacity */
    shape.sets = 20;
    verdict_of(VERDICT_NOT_REPRODUCED, &shape);
    shape = as_claimed;
    shape.critical[5] = 1; /* half of the retrievals from the pattern itself */
    verdict_of(VERDICT_INCONCLUSIVE, &shape);
    shape = as_claimed;
    shape.critical[0] = shape.critical[1] = 0.24;
    verdict_of(VERDICT_INCONCLUSIVE, &shape);
    shape = as_claimed;
    shape.sets = 1;
    verdict_of(VERDICT_INCONCLUSIVE, &shape);
}

static enum standing growth_of(const struct shape *shape) {
    struct results *results = made_up(shape);
    const struct ledger_row *row = decide(&claim_basins, results);
    enum standing standing =
        verdict_standing(measurement_named(row, "Hebb: critical overlap, growth with load, N = 1000"));
    results_destroy(&results);
    return standing;
}

/* That a line nowhere falls for certain says nothing: it must rise for certain. */
static void basins_must_shrink_with_load(void **state) {
    (void)state;
    assert_int_equal(STANDING_AGREES, growth_of(&as_claimed));
    struct shape flat = {{0.2, 0.2, 0.2, 0.2, 0.2, 2}, 0.06, 10};
    assert_int_equal(STANDING_MISSES, growth_of(&flat));
    verdict_of(VERDICT_NOT_REPRODUCED, &flat);
    struct shape falling = {{0.24, 0.22, 0.2, 0.18, 0.16, 2}, 0.06, 10};
    assert_int_equal(STANDING_MISSES, growth_of(&falling));
    verdict_of(VERDICT_NOT_REPRODUCED, &falling);
    struct shape noisy = {{0.2, 0.23, 0.26, 0.3, 0.33, 2}, 0.3, 3};
    assert_int_equal(STANDING_BORDERLINE, growth_of(&noisy));
    verdict_of(VERDICT_INCONCLUSIVE, &noisy);
}

/* The standard error is about 0.01: four of them, twelve times looked at, with one key for good. */
static void critical_overlaps_are_found(void **state) {
    (void)state;
    struct results *results = made_up(&as_claimed);
    struct basins *basins = memory_allocate(1, sizeof *basins);
    assert_non_null(basins);
    assert_int_equal(STATUS_OK, basins_measure(results, "hebb", basins));
    assert_int_equal(1, basins->line_count);
    const struct basin_line *line = &basins->lines[0];
    assert_int_equal(LOADS, line->count);
    assert_int_equal(0, line->falls);
    assert_int_equal(LOADS - 1, line->known);
    assert_true(fabs(line->slope.value - 3.9) < 0.5); /* least squares of what was planted: 3.9 */
    assert_true(line->slope.low > 3 && line->slope.high < 5);
    for (size_t k = 0; k < LOADS - 1; k++) {
        const struct interval *overlap = &line->points[k].overlap;
        assert_true(fabs(overlap->value - as_claimed.critical[k]) < 0.04);
        assert_true(overlap->low > overlap->value - 0.06 && overlap->high < overlap->value + 0.06);
        assert_int_equal(STARTS, line->points[k].starts);
    }
    assert_true(isnan(line->points[LOADS - 1].overlap.value));
    assert_true(line->points[LOADS - 1].largest_start == 1 && line->points[LOADS - 1].largest_share == 0);
    memory_free(basins);
    results_destroy(&results);
}

/* Success is certain from 0.4 and impossible from 0.3: the data leave the whole gap open. */
static void a_gap_between_failures_and_successes_is_the_interval(void **state) {
    (void)state;
    struct shape shape = as_claimed;
    shape.width = 0;
    for (size_t k = 0; k < LOADS - 1; k++)
        shape.critical[k] = 0.35;
    struct results *results = made_up(&shape);
    struct basins *basins = memory_allocate(1, sizeof *basins);
    assert_non_null(basins);
    assert_int_equal(STATUS_OK, basins_measure(results, "hebb", basins));
    const struct interval *overlap = &basins->lines[0].points[1].overlap;
    assert_true(fabs(overlap->value - 0.35) < 1e-4);
    assert_true(overlap->low >= 0.3 && overlap->low < 0.31);
    assert_true(overlap->high <= 0.4 && overlap->high > 0.39);
    memory_free(basins);
    results_destroy(&results);
}

/* Records of one repeat share their patterns: a set that is worse by itself is worse from all starts, and
 * must widen the interval as one set. */
static void sets_are_resampled_whole(void **state) {
    (void)state;
    struct basin_sample samples[2][8 * 5];
    struct interval overlaps[2];
    static double replicates[BOOTSTRAP_REPLICATES];
    for (size_t which = 0; which < 2; which++) {
        for (size_t start = 0; start < 5; start++)
            for (size_t set = 0; set < 8; set++) {
                /* Half of the sets succeed from the second start on, half from the fourth; or, with the same
                 * totals, they take turns. */
                size_t kind = which == 0 ? set % 2 : (set + start) % 2;
                bool success = start >= (kind ? 1 : 4);
                samples[which][start * 8 + set] = (struct basin_sample){
                    0.1, 0.2 * (double)start, (double)set, {.neurons = 100, .patterns = 10, .trials = 8}};
                samples[which][start * 8 + set].set.successes = success ? 8 : 0;
            }
        struct basin_point point;
        assert_int_equal(STATUS_OK, basin_point_measure(40, samples[which], 62, &point, replicates));
        overlaps[which] = point.overlap;
    }
    assert_true(fabs(overlaps[0].value - overlaps[1].value) < 1e-9);
    assert_true(overlaps[0].high - overlaps[0].low > 1.2 * (overlaps[1].high - overlaps[1].low));
}

static void maps_show_where_runs_end(void **state) {
    (void)state;
    struct results *results = made_up(&as_claimed);
    struct dice random = dice(62);
    /* Starts of one load alone are no row, loads with one start are no column. */
    add_record(results, &as_claimed, "hebb", 0, 0.123, 0, &random);
    const struct ledger_row *row = decide(&claim_basins, results);
    const struct plot *map = &row->finding.plots[0];
    assert_string_equal("hf2_map_hebb", map->name);
    assert_int_equal(LOADS, map->map.columns);
    assert_int_equal(STARTS, map->map.rows);
    assert_true(map->map.values[0] < 0.5);                                /* load 0.02 from overlap 0 */
    assert_true(map->map.values[(STARTS - 1) * LOADS] > 0.96);            /* from the pattern */
    assert_true(map->map.values[(STARTS - 1) * LOADS + LOADS - 1] < 0.4); /* beyond capacity */
    assert_int_equal(1, map->series_count);
    assert_int_equal(LOADS - 1, map->series[0].count);
    assert_int_equal(2, row->finding.plot_count);
    results_destroy(&results);
}

/* Amari & Maginu 1988: retrieval ends at a load of 0.16; basins shrink up to there. */
static void theory_ends_at_its_capacity(void **state) {
    (void)state;
    double before = 0;
    for (double load = 0.005; load < 0.159; load += 0.011) {
        double overlap = theory_critical_overlap(load);
        assert_true(overlap > before && overlap < 0.6);
        before = overlap;
    }
    assert_true(theory_critical_overlap(0.001) < 0.002);
    assert_true(isfinite(theory_critical_overlap(0.159)));
    assert_true(isnan(theory_critical_overlap(0.161)));
    assert_true(isnan(theory_critical_overlap(0)) && isnan(theory_critical_overlap(NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(basins_come_out_each_way),
        cmocka_unit_test(basins_must_shrink_with_load),
        cmocka_unit_test(critical_overlaps_are_found),
        cmocka_unit_test(a_gap_between_failures_and_successes_is_the_interval),
        cmocka_unit_test(sets_are_resampled_whole),
        cmocka_unit_test(maps_show_where_runs_end),
        cmocka_unit_test(theory_ends_at_its_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
