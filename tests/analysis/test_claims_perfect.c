/* HC3 on made-up pattern sets whose patterns are fixed points with a planted probability. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/theory.h"
#include "core/base/memory.h"
#include "synthetic.h"

/* The probability of a fixed point where `scale` times as many patterns can be stored as independent neurons
 * with Gaussian crosstalk allow. */
static double chance_fixed(double neurons, double patterns, double scale) {
    double p = 0.5 * erfc((neurons - 0.5) / sqrt(2 * (patterns / scale - 1) * (neurons - 1)));
    return pow(1 - p, neurons);
}

static void add_set(struct results *results, double neurons, size_t patterns, double chance, int64_t repeat,
                    struct dice *dice) {
    double *overlaps = memory_allocate(patterns, sizeof *overlaps);
    int64_t fixed = 0;
    assert_non_null(overlaps);
    for (size_t i = 0; i < patterns; i++) {
        fixed += dice_uniform(dice) < chance;
        overlaps[i] = 1;
    }
    struct record *record = synthetic_record(&synthetic_capacity);
    set_integer(record, "neurons", (int64_t)neurons);
    set_real(record, "load", (double)patterns / neurons);
    set_integer(record, "patterns", (int64_t)patterns);
    set_integer(record, "trials", (int64_t)patterns);
    set_integer(record, "fixed_patterns", fixed);
    set_integer(record, "repeat", repeat);
    set_reals(record, "overlap", patterns, overlaps);
    synthetic_add(results, record);
    memory_free(overlaps);
}

/* Sets about the load of one criterion. */
static void add_criterion(struct results *results, double neurons, int all, double scale, int64_t sets,
                          struct dice *dice) {
    static const double about[] = {0.86, 0.95, 1.02, 1.1, 1.18};
    double expected = theory_perfect_patterns(neurons, 0.9, all);
    for (size_t i = 0; i < 5; i++) {
        size_t patterns = (size_t)lround(about[i] * expected);
        double chance = chance_fixed(neurons, (double)patterns, scale);
        for (int64_t set = 0; set < sets; set++)
            add_set(results, neurons, patterns, chance, set, dice);
    }
}

static struct results *planted(double scale, size_t sizes, int64_t most_sets, int64_t all_sets,
                               uint64_t key) {
    struct results *results = synthetic_results();
    struct dice random = dice(key);
    double neurons = 250;
    for (size_t s = 0; s < sizes; s++, neurons *= 2) {
        add_criterion(results, neurons, 0, scale, most_sets, &random);
        add_criterion(results, neurons, 1, scale, all_sets, &random);
    }
    return results;
}

/* At N = 2000 the law for all patterns is 30 % below what finite N leaves: only one of the definitions can
 * hold. */
static void finite_size_holds_where_the_law_does_not_yet(void **state) {
    (void)state;
    struct results *results = planted(1, 4, 24, 160, 1);
    assert_verdict(VERDICT_DEFINITION_DEPENDENT, &claim_perfect_recall, results);
    const struct ledger_row *row = decide(&claim_perfect_recall, results);
    const struct measurement *most =
        measurement_named(row, "most: patterns / expression of finite N, N = 2000");
    const struct measurement *all =
        measurement_named(row, "all: patterns / expression of finite N, N = 2000");
    const struct measurement *law = measurement_named(row, "all: patterns / asymptotic law, N = 2000");
    assert_true(fabs(most->value - 1) < 0.02 && fabs(all->value - 1) < 0.03);
    assert_true(law->value > 1.2 && most->definition == 0 && law->definition == 1);
    assert_int_equal(2, row->finding.plot_count);
    results_destroy(&results);
}

static void fewer_perfect_patterns_are_not_reproduced(void **state) {
    (void)state;
    struct results *results = planted(0.87, 4, 24, 160, 2);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_perfect_recall, results);
    results_destroy(&results);
}

static void few_sizes_or_sets_decide_nothing(void **state) {
    (void)state;
    struct results *results = planted(1, 3, 24, 160, 3);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_perfect_recall, results);
    results_destroy(&results);
    results = planted(1, 4, 1, 1, 4);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_perfect_recall, results);
    results_destroy(&results);
}

/* Retrievals of some of the patterns say nothing of all. */
static void only_sets_that_try_every_pattern_count(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t set = 0; set < 40; set++) {
        struct record *record = synthetic_record(&synthetic_capacity);
        set_integer(record, "neurons", 1000);
        set_integer(record, "patterns", 70 + set % 5);
        set_integer(record, "trials", 16);
        set_integer(record, "fixed_patterns", 14 + set % 3);
        set_integer(record, "repeat", set);
        set_reals(record, "overlap", 2, (double[]){1, 1});
        synthetic_add(results, record);
    }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_perfect_recall, results);
    assert_int_equal(0, decide(&claim_perfect_recall, results)->finding.records);
    results_destroy(&results);
}

/* The exact sum over the signs of the crosstalk, for both parities, beside the expression. */
static void expression_agrees_with_the_exact_binomial(void **state) {
    (void)state;
    static const double sizes[] = {101, 100};
    double exact[2], patterns = 21;
    for (size_t i = 0; i < 2; i++) {
        double signs = (patterns - 1) * (sizes[i] - 1), sum = 0;
        /* Unstable: more than (signs + N - 1) / 2 of them against the field. */
        for (double against = floor((signs + sizes[i] - 1) / 2) + 1; against <= signs; against++)
            sum +=
                exp(lgamma(signs + 1) - lgamma(against + 1) - lgamma(signs - against + 1) - signs * log(2));
        exact[i] = pow(1 - sum, sizes[i]);
    }
    /* The numbers of patterns that the expression gives for these shares. */
    for (size_t i = 0; i < 2; i++)
        assert_true(fabs(theory_perfect_patterns(sizes[i], exact[i], 0) - patterns) < 0.02 * patterns);
    assert_true(fabs(theory_perfect_law(1000, 0) - 72.38) < 0.01);
    assert_true(fabs(theory_perfect_law(1000, 1) - 36.19) < 0.01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_size_holds_where_the_law_does_not_yet),
        cmocka_unit_test(fewer_perfect_patterns_are_not_reproduced),
        cmocka_unit_test(few_sizes_or_sets_decide_nothing),
        cmocka_unit_test(only_sets_that_try_every_pattern_count),
        cmocka_unit_test(expression_agrees_with_the_exact_binomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
