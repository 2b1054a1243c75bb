/* HC1a, HC1b, HC2 on made-up retrievals with a planted capacity. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/capacity.h"
#include "analysis/theory.h"
#include "synthetic.h"

/* Success curves as of a first-order transition: half success at capacity + shift N^-1/2, width N^-1/2 / 2,
 * and the sets of one load differ by a third of the width. */
struct plan {
    double capacity, shift, next; /* half success at capacity + shift N^-1/2 + next / N */
    size_t sizes, sets, trials;
    double first_size;
};

static double normal_below(double z) {
    return 0.5 * erfc(-z / sqrt(2));
}

static void add_set(struct results *results, double neurons, double load, double chance, size_t trials,
                    int64_t repeat, struct dice *dice) {
    double overlaps[64];
    for (size_t t = 0; t < trials; t++)
        overlaps[t] = dice_uniform(dice) < chance ? 0.97 : 0.4;
    struct record *record = synthetic_record(&synthetic_capacity);
    set_integer(record, "neurons", (int64_t)neurons);
    set_real(record, "load", load);
    set_integer(record, "patterns", llround(load * neurons));
    set_integer(record, "repeat", repeat);
    set_integer(record, "capped", 0);
    set_reals(record, "overlap", trials, overlaps);
    synthetic_add(results, record);
}

static struct results *planted(const struct plan *plan, uint64_t key) {
    struct results *results = synthetic_results();
    struct dice random = dice(key);
    double neurons = plan->first_size;
    for (size_t s = 0; s < plan->sizes; s++, neurons *= 2) {
        double width = 0.5 / sqrt(neurons),
               half = plan->capacity + plan->shift / sqrt(neurons) + plan->next / neurons;
        for (int step = -4; step <= 4; step++) {
            double load = half + 0.5 * width * step, realised = round(load * neurons) / neurons;
            for (size_t set = 0; set < plan->sets; set++) {
                double z = (half - realised) / width + 0.3 * dice_normal(&random);
                /* The random effect widens the curve, it does not shift it. */
                add_set(results, neurons, load, normal_below(z), plan->trials, (int64_t)set, &random);
            }
        }
    }
    return results;
}

static void planted_capacity_is_found_and_covered(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 7, .sets = 40, .trials = 16, .first_size = 500};
    struct results *results = planted(&plan, 1);
    assert_verdict(VERDICT_REPRODUCED, &claim_capacity_digits, results);
    const struct ledger_row *row = decide(&claim_capacity_digits, results);
    const struct measurement *m = &row->finding.measurements[0];
    assert_true(fabs(m->value - 0.140) < 0.002 && m->low < 0.140 && m->high > 0.140);
    assert_string_equal("reproduced", verdict_name(row->verdict));
    assert_true(plots_of(row, false) == 3 && row->finding.plots[0].series_count >= 15);
    assert_true(plots_of(row, true) >= 1);
    assert_int_equal(7 * 9 * 40, row->finding.records);
    results_destroy(&results);
}

static void another_capacity_is_not_reproduced(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.170, .shift = 0.6, .sizes = 7, .sets = 40, .trials = 16, .first_size = 500};
    struct results *results = planted(&plan, 2);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_capacity_digits, results);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_capacity_theory, results);
    results_destroy(&results);
}

static void few_sets_decide_nothing(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 4, .sets = 8, .trials = 4, .first_size = 250};
    struct results *results = planted(&plan, 3);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_capacity_digits, results);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_capacity_theory, results);
    results_destroy(&results);
}

static void three_sizes_decide_nothing(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 3, .sets = 60, .trials = 16, .first_size = 8000};
    struct results *results = planted(&plan, 4);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_capacity_digits, results);
    assert_true(isnan(decide(&claim_capacity_digits, results)->finding.measurements[0].value));
    results_destroy(&results);
}

/* A difference of half a per cent from theory takes much more data than the chapter's two digits. */
static void theory_row_needs_more_data_than_the_digits(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.1395, .shift = 0.3, .sizes = 6, .sets = 40, .trials = 16, .first_size = 2000};
    struct results *results = planted(&plan, 5);
    assert_verdict(VERDICT_REPRODUCED, &claim_capacity_digits, results);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_capacity_theory, results);
    results_destroy(&results);
    const struct plan large = {
        .capacity = 0.1379, .shift = 0.3, .sizes = 6, .sets = 60, .trials = 32, .first_size = 32000};
    results = planted(&large, 6);
    assert_verdict(VERDICT_REPRODUCED, &claim_capacity_theory, results);
    results_destroy(&results);
}

/* 30 experiments: each estimator's 95 % interval covers the planted capacity in at least 24 of them (expected
 * 28.5; fewer has a chance of 0.06 % each), the two together in at least 26. */
static void intervals_cover_the_planted_capacity(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 4, .sets = 12, .trials = 8, .first_size = 500};
    int half = 0, crossing = 0, both = 0;
    double widths = 0, sum = 0, squares = 0;
    for (uint64_t i = 0; i < 30; i++) {
        struct results *results = planted(&plan, 100 + i);
        struct retrieval *retrieval;
        static struct capacity capacity;
        assert_int_equal(STATUS_OK, retrieval_create(results, "asynchronous", 0, &retrieval));
        assert_int_equal(STATUS_OK, capacity_measure(retrieval, i, &capacity));
        assert_int_equal(4, capacity.curve_count);
        assert_int_equal(3, capacity.pair_count);
        struct interval limit = capacity.half_theory.limit;
        half += limit.low <= 0.140 && limit.high >= 0.140;
        crossing +=
            capacity.crossing_theory.limit.low <= 0.140 && capacity.crossing_theory.limit.high >= 0.140;
        both += capacity.estimate.low <= 0.140 && capacity.estimate.high >= 0.140;
        widths += (limit.high - limit.low) / 2 / 30;
        sum += limit.value;
        squares += limit.value * limit.value;
        retrieval_destroy(&retrieval);
        results_destroy(&results);
    }
    assert_true(half >= 24);
    assert_true(crossing >= 24);
    assert_true(both >= 26);
    /* Not by being too wide: half an interval is near two standard deviations of the estimates. */
    double deviation = sqrt(squares / 30 - sum * sum / 900);
    assert_true(widths > 1.4 * deviation && widths < 3.2 * deviation);
}

/* Measures `results` and destroys them. */
static void measure(struct results *results, struct capacity *capacity) {
    struct retrieval *retrieval;
    assert_int_equal(STATUS_OK, retrieval_create(results, "asynchronous", 0, &retrieval));
    assert_int_equal(STATUS_OK, capacity_measure(retrieval, 1, capacity));
    retrieval_destroy(&retrieval);
    results_destroy(&results);
}

/* What real networks do: two powers of N. */
static struct results *curved(size_t sizes, size_t sets) {
    const struct plan plan = {0.1414, 0.62, 2.75, sizes, sets, .trials = 64, .first_size = 500};
    return planted(&plan, 11);
}

/* The leading power alone misses the limit and says so, with its next order it does not. */
static void next_order_of_the_correction_is_fitted(void **state) {
    (void)state;
    static struct capacity capacity;
    measure(curved(7, 150), &capacity);
    struct interval leading = capacity.half_leading.limit, theory = capacity.half_theory.limit;
    assert_true(capacity.half_leading.misfit > 1.5 && capacity.half_theory.misfit < 1.5);
    assert_true(leading.value < 0.1410 && theory.low < 0.1414 && theory.high > 0.1414);
    assert_true(capacity.estimate.low < 0.1414 && capacity.estimate.high > 0.1414);
}

/* The row says so when the data would have a fitted exponent beyond the range that is allowed. */
static void exponents_at_their_limit_are_named(void **state) {
    (void)state;
    const struct plan plans[] = {
        {.capacity = 0.14, .shift = 0.6, .sizes = 6, .sets = 30, .trials = 16, .first_size = 500},
        {.capacity = 0.14, .next = 80, .sizes = 6, .sets = 30, .trials = 16, .first_size = 500}};
    for (size_t i = 0; i < 2; i++) {
        static struct capacity capacity;
        struct results *results = planted(&plans[i], 14);
        const struct ledger_row *row = decide(&claim_capacity_digits, results);
        bool said = strstr(row->finding.reason, ", at its limit (allowed: 0.50 to 1.50)") != NULL;
        measure(results, &capacity);
        assert_true(said == extrapolation_is_at_limit(&capacity.crossing_fitted));
        assert_true(said == (i == 0));
        assert_false(extrapolation_is_at_limit(&capacity.half_theory));
    }
}

/* Five sizes are too few to refute the leading power alone: whatever its next order may be must be part
 * of the interval, or it would claim what more sizes disprove. */
static void few_sizes_leave_the_next_order_open(void **state) {
    (void)state;
    static struct capacity capacity;
    measure(curved(5, 40), &capacity);
    struct interval leading = capacity.half_leading.limit, theory = capacity.half_theory.limit;
    assert_true(leading.high < 0.1414 && theory.low < 0.1414 && theory.high > 0.1414);
    assert_true(capacity.by_half.low <= theory.low && capacity.by_half.high >= theory.high);
}

/* As refining leaves them: three sets at each of many loads. */
static void loads_with_few_sets_are_resampled_together(void **state) {
    (void)state;
    static struct capacity capacity;
    struct results *results = synthetic_results();
    struct dice random = dice(12);
    for (int step = -10; step <= 10; step++)
        for (int64_t set = 0; set < 3; set++)
            add_set(results, 4000, 0.15 + 0.001 * step, normal_below(-0.1 * step), 64, set, &random);
    measure(results, &capacity);
    assert_int_equal(1, capacity.curve_count);
    assert_int_equal(63, capacity.curves[0].sets);
    assert_int_equal(9, capacity.curves[0].fewest_sets);
    struct interval half = capacity.curves[0].half;
    assert_true(half.low < 0.15 && half.high > 0.15 && half.high - half.low < 0.002);
}

/* A run that was cut off says nothing of where it would have ended. */
static void trials_that_hit_the_cap_are_named(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 4, .sets = 8, .trials = 4, .first_size = 250};
    struct results *results = planted(&plan, 13);
    assert_null(strstr(decide(&claim_capacity_digits, results)->finding.reason, "limit on sweeps"));
    for (int step = 0; step < 4; step++) {
        for (int64_t set = 0; set < 8; set++) {
            struct record *record = synthetic_record(&synthetic_capacity);
            set_text(record, "dynamics", "synchronous");
            set_integer(record, "neurons", 500);
            set_real(record, "load", 0.14 + 0.01 * step);
            set_integer(record, "patterns", 70 + 5 * step);
            set_integer(record, "repeat", set);
            set_integer(record, "cycles", 1);
            set_integer(record, "capped", 1);
            set_reals(record, "overlap", 4, (double[]){0.97, 0.97, 0.5, 0.94});
            synthetic_add(results, record);
        }
    }
    const struct ledger_row *row = decide(&claim_capacity_digits, results);
    assert_non_null(strstr(row->finding.reason, "of 128 synchronous trials 25 % end in 2-cycles"));
    assert_non_null(
        strstr(row->finding.reason, "0 asynchronous and 32 synchronous trials hit the limit on sweeps"));
    bool drawn = false;
    for (size_t i = 0; i < row->finding.plot_count; i++)
        drawn = drawn || strcmp(row->finding.plots[i].name, "hc1a_dynamics") == 0;
    assert_true(drawn);
    results_destroy(&results);
}

static void loads_on_one_side_of_a_half_leave_a_size_out(void **state) {
    (void)state;
    const struct plan plan = {
        .capacity = 0.140, .shift = 0.6, .sizes = 4, .sets = 10, .trials = 8, .first_size = 500};
    struct results *results = planted(&plan, 7);
    struct dice random = dice(8);
    for (int64_t set = 0; set < 10; set++) {
        for (int step = 0; step < 4; step++)
            add_set(results, 16000, 0.12 + 0.005 * step, 0.98, 8, set, &random);
    }
    struct retrieval *retrieval;
    static struct capacity capacity;
    assert_int_equal(STATUS_OK, retrieval_create(results, "asynchronous", 0, &retrieval));
    assert_int_equal(STATUS_OK, capacity_measure(retrieval, 1, &capacity));
    assert_int_equal(4, capacity.curve_count);
    assert_int_equal(1, capacity.left_out);
    retrieval_destroy(&retrieval);
    results_destroy(&results);
}

/* Success that never exceeds 0.9 is no probit: the points miss the fitted curve by far more than they
 * scatter. */
static void curves_that_are_no_probit_widen_the_intervals(void **state) {
    (void)state;
    double misfits[2];
    for (size_t i = 0; i < 2; i++) {
        struct results *results = synthetic_results();
        struct dice random = dice(9);
        for (int step = -4; step <= 4; step++) {
            double chance = fmin(i == 0 ? 1 : 0.9, normal_below(-0.8 * step));
            for (int64_t set = 0; set < 200; set++)
                add_set(results, 1000, 0.16 + 0.005 * step, chance, 16, set, &random);
        }
        struct retrieval *retrieval;
        static struct capacity capacity;
        assert_int_equal(STATUS_OK, retrieval_create(results, "asynchronous", 0, &retrieval));
        assert_int_equal(STATUS_OK, capacity_measure(retrieval, 1, &capacity));
        assert_int_equal(1, capacity.curve_count);
        misfits[i] = capacity.largest_misfit;
        assert_int_equal(9 * 200, capacity.curves[0].half.n);
        retrieval_destroy(&retrieval);
        results_destroy(&results);
    }
    assert_true(misfits[0] >= 1 && misfits[0] < 2 && misfits[1] > 4);
}

/* --- HC2 ----------------------------------------------------------------------------------------------
 */

/* Retrievals at N = 4000 with overlaps that scatter by `noise` per set and `noise` per trial around
 * theory + shift. */
static struct results *branch(double shift, double noise, size_t sets, uint64_t key) {
    static const double loads[] = {0.05, 0.08, 0.10, 0.12, 0.13};
    struct results *results = synthetic_results();
    struct dice random = dice(key);
    for (size_t i = 0; i < 5; i++) {
        for (size_t set = 0; set < sets; set++) {
            double overlaps[16], centre = theory_overlap(loads[i]) + shift + noise * dice_normal(&random);
            for (size_t t = 0; t < 16; t++)
                overlaps[t] = fmin(1, centre + noise * dice_normal(&random));
            overlaps[3] = 0.35; /* one that fails: not to be averaged in */
            struct record *record = synthetic_record(&synthetic_capacity);
            set_integer(record, "neurons", 4000);
            set_real(record, "load", loads[i]);
            set_integer(record, "patterns", llround(4000 * loads[i]));
            set_integer(record, "repeat", (int64_t)set);
            set_reals(record, "overlap", 16, overlaps);
            synthetic_add(results, record);
        }
    }
    return results;
}

static void branch_verdict(enum verdict expected, double shift, double noise, size_t sets) {
    struct results *results = branch(shift, noise, sets, 21);
    assert_verdict(expected, &claim_retrieval_branch, results);
    results_destroy(&results);
}

static void branch_comes_out_each_way(void **state) {
    (void)state;
    branch_verdict(VERDICT_REPRODUCED, 0, 2e-4, 12);
    branch_verdict(VERDICT_NOT_REPRODUCED, -5e-3, 2e-4, 12);
    branch_verdict(VERDICT_INCONCLUSIVE, 0, 4e-3, 12);
    branch_verdict(VERDICT_INCONCLUSIVE, 0, 2e-4, 4);
}

static void branch_rests_on_loads_away_from_the_transition(void **state) {
    (void)state;
    struct results *results = branch(0, 2e-4, 12, 22);
    const struct ledger_row *row = decide(&claim_retrieval_branch, results);
    size_t decided = 0;
    for (size_t i = 0; i < row->finding.measurement_count; i++)
        decided += !isnan(row->finding.measurements[i].prediction);
    assert_int_equal(4, decided);
    assert_true(fabs(measurement_named(row, "overlap at load 0.12")->prediction - 0.993223) < 1e-6);
    results_destroy(&results);
}

/* At low loads hardly a neuron errs: any curve would agree to 0.001. */
static void low_loads_cannot_tell_the_branch(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t set = 0; set < 12; set++) {
        struct record *record = synthetic_record(&synthetic_capacity);
        set_integer(record, "neurons", 4000);
        set_real(record, "load", 0.05);
        set_integer(record, "patterns", 200);
        set_integer(record, "repeat", set);
        set_reals(record, "overlap", 2, (double[]){1, set % 2 ? 1 : 0.9995});
        synthetic_add(results, record);
    }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_retrieval_branch, results);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_capacity_is_found_and_covered),
        cmocka_unit_test(another_capacity_is_not_reproduced),
        cmocka_unit_test(few_sets_decide_nothing),
        cmocka_unit_test(three_sizes_decide_nothing),
        cmocka_unit_test(theory_row_needs_more_data_than_the_digits),
        cmocka_unit_test(intervals_cover_the_planted_capacity),
        cmocka_unit_test(next_order_of_the_correction_is_fitted),
        cmocka_unit_test(exponents_at_their_limit_are_named),
        cmocka_unit_test(few_sizes_leave_the_next_order_open),
        cmocka_unit_test(loads_with_few_sets_are_resampled_together),
        cmocka_unit_test(trials_that_hit_the_cap_are_named),
        cmocka_unit_test(loads_on_one_side_of_a_half_leave_a_size_out),
        cmocka_unit_test(curves_that_are_no_probit_widen_the_intervals),
        cmocka_unit_test(branch_comes_out_each_way),
        cmocka_unit_test(low_loads_cannot_tell_the_branch),
        cmocka_unit_test(branch_rests_on_loads_away_from_the_transition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
