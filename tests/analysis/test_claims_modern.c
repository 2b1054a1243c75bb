/* HC6, HC8a and HC8b on made-up records that come out each way, and the theory beside HC8b. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/theory_modern.h"
#include "synthetic.h"

/* --- HC8 ------------------------------------------------------------------------------------------------ */

enum { TRIALS = 3, SETS = 5, SIZES = 7 };

static struct record *modern_record(void) {
    struct record *record = synthetic_record(&synthetic_modern);
    set_real(record, "initial_error", 0);
    set_integer(record, "attention_differences", 0);
    set_real(record, "reference_difference", 1e-6);
    return record;
}

/* Networks that lose a pattern at ln P = 2 + rate d^power, with errors that grow as P. */
static void add_networks(struct results *results, const char *scaling, double first, double last,
                         size_t sizes, double rate, double power, struct dice *dice) {
    for (size_t i = 0; i < sizes; i++) {
        double dimension = round(first + (last - first) * (double)i / (SIZES - 1));
        for (int step = -2; step <= 2; step++) {
            double ln = 2 + rate * pow(dimension, power) + 0.35 * step, errors[TRIALS];
            for (int64_t set = 0; set < SETS; set++) {
                struct record *record = modern_record();
                for (size_t t = 0; t < TRIALS; t++)
                    errors[t] = 0.1 * round(exp(ln)) / exp(ln - 0.35 * step) * exp(0.003 * dice_normal(dice));
                set_text(record, "scaling", scaling);
                set_integer(record, "dimension", (int64_t)dimension);
                set_integer(record, "patterns", llround(exp(ln)));
                set_integer(record, "repeat", set);
                set_reals(record, "relative_error", TRIALS, errors);
                synthetic_add(results, record);
            }
        }
    }
}

static void assert_growth(enum verdict expected, double power_one, double power_root, size_t sizes) {
    struct results *results = synthetic_results();
    struct dice random = dice(3);
    add_networks(results, "one", 10, 22, sizes, 10 / pow(22, power_one), power_one, &random);
    add_networks(results, "inverse_sqrt", 36, 144, sizes, 10 / pow(144, power_root), power_root, &random);
    assert_verdict(expected, &claim_modern_capacity, results);
    results_destroy(&results);
}

static void growth_in_the_dimension_comes_out_each_way(void **state) {
    (void)state;
    assert_growth(VERDICT_DEFINITION_DEPENDENT, 1, 0.5, SIZES);
    assert_growth(VERDICT_REPRODUCED, 1, 1, SIZES);
    assert_growth(VERDICT_NOT_REPRODUCED, 0.5, 0.5, SIZES);
    assert_growth(VERDICT_INCONCLUSIVE, 1, 0.5, 4);
    struct results *empty = synthetic_results();
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_modern_capacity, empty);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_modern_attention, empty);
    results_destroy(&empty);
}

static void one_bit_that_differs_is_too_many(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int i = 0; i < 8; i++)
        synthetic_add(results, modern_record());
    assert_verdict(VERDICT_REPRODUCED, &claim_modern_attention, results);
    struct record *record = modern_record();
    set_integer(record, "attention_differences", 1);
    synthetic_add(results, record);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_modern_attention, results);
    results_destroy(&results);
}

static void theory_is_what_many_patterns_do(void **state) {
    (void)state;
    /* Odd dimensions have elementary integrals: d = 3, E exp(k t) = sinh(k) / k, and the mean cosine is
     * coth(k) - 1/k. */
    double k = 3 * 0.7, mean = sinh(k) / k, cosine = 1 / tanh(k) - 1 / k, share = 0.1 / (1 - cosine);
    assert_true(fabs(theory_modern_patterns(3, 0.7, 0.1) - 1 - share / (1 - share) * exp(k) / mean) < 1e-9);
    assert_true(fabs(theory_modern_rate() - 0.6225) < 1e-4);
    double growth = log(theory_modern_patterns(402, 1, 0.1) / theory_modern_patterns(400, 1, 0.1)) / 2;
    assert_true(fabs(growth - theory_modern_rate()) < 1e-3);
    assert_true(isnan(theory_modern_patterns(20, 1, 0.5)));
}

/* --- HC6 ------------------------------------------------------------------------------------------------ */

enum { NETWORKS = 100 };

/* Networks of which half recall all at these loads, ordered as the criteria; no field is zero. */
static void add_machines(struct results *results, int64_t neurons, int64_t epochs, const double *halves,
                         double width) {
    static const char *const kept[] = {"recalled", "recalled_one", "recalled_tenth", "recalled_each"};
    static const char *const firm[] = {"firm", "firm_one", "firm_tenth", "firm_each"};
    for (int64_t patterns = 2; patterns <= neurons; patterns += neurons / 20 + 1) {
        struct record *record = synthetic_record(&synthetic_boltzmann);
        set_integer(record, "neurons", neurons);
        set_integer(record, "epochs", epochs);
        set_integer(record, "patterns", patterns);
        for (int c = 0; c < 4; c++) {
            double z = (halves[c] - (double)patterns / (double)neurons) / width;
            double good = NETWORKS * 0.5 * erfc(-z);
            int64_t counts[NETWORKS];
            for (int i = 0; i < NETWORKS; i++)
                counts[i] = i < good ? patterns : patterns - 1;
            set_integers(record, kept[c], NETWORKS, counts);
            set_integers(record, firm[c], NETWORKS, counts);
        }
        synthetic_add(results, record);
    }
}

static void assert_machines(enum verdict expected, int64_t neurons, const double *halves,
                            const double *sooner) {
    struct results *results = synthetic_results();
    add_machines(results, neurons, 1000, halves, 0.08);
    if (sooner != NULL) add_machines(results, neurons, 100, sooner, 0.08);
    assert_verdict(expected, &claim_boltzmann, results);
    results_destroy(&results);
}

static void recall_of_all_patterns_comes_out_each_way(void **state) {
    (void)state;
    const double all[] = {0.6, 0.6, 0.6, 0.6}, some[] = {0.8, 0.6, 0.4, 0.4}, none[] = {0.4, 0.3, 0.2, 0.2};
    assert_machines(VERDICT_REPRODUCED, 40, all, NULL);
    assert_machines(VERDICT_DEFINITION_DEPENDENT, 40, some, NULL);
    assert_machines(VERDICT_NOT_REPRODUCED, 40, none, NULL);
    /* Trained for less long, networks that fall short prove nothing, nor do any that reach it. */
    assert_machines(VERDICT_REPRODUCED, 40, all, none);
    assert_machines(VERDICT_NOT_REPRODUCED, 40, none, all);
    /* Patterns that are fixed points need no basin. */
    const double without_basins[] = {0.6, 0.3, 0.2, 0.2}, firm[] = {0.9, 0.6, 0.6, 0.6};
    assert_machines(VERDICT_NOT_REPRODUCED, 40, without_basins, NULL);
    assert_machines(VERDICT_REPRODUCED, 40, firm, NULL);
    assert_machines(VERDICT_INCONCLUSIVE, 18, all, NULL);
    struct results *empty = synthetic_results();
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_boltzmann, empty);
    results_destroy(&empty);
}

static void thresholds_lie_where_half_recall_all(void **state) {
    (void)state;
    const double halves[] = {0.7, 0.6, 0.5, 0.4};
    struct results *results = synthetic_results();
    add_machines(results, 40, 1000, halves, 0.08);
    const struct ledger_row *row = decide(&claim_boltzmann, results);
    for (int c = 0; c < 4; c++) {
        const struct measurement *m = &row->finding.measurements[c];
        assert_true(m->low <= halves[c] + 0.01 && m->high >= halves[c] - 0.01);
        assert_true(fabs(m->value - halves[c]) < 0.01 && m->definition == c);
        assert_true(isnan(m->prediction) == (c == 0));
    }
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_in_the_dimension_comes_out_each_way),
        cmocka_unit_test(one_bit_that_differs_is_too_many),
        cmocka_unit_test(theory_is_what_many_patterns_do),
        cmocka_unit_test(recall_of_all_patterns_comes_out_each_way),
        cmocka_unit_test(thresholds_lie_where_half_recall_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
