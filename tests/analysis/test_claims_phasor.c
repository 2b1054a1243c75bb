/* HC7a and HC7b on made-up retrievals, and the theory that they are compared with. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>
#include <gsl/gsl_sf_bessel.h>

#include "analysis/theory.h"
#include "analysis/theory_phasor.h"
#include "synthetic.h"

enum { TRIALS = 8, SETS = 40 };

/* Success curves of width N^-1/2 / 2 of the capacity about factor times mean field's (but q = 3: its own). */
static struct results *planted(double factor, double factor_of_three, size_t sizes) {
    static const int all[] = {3, 4, 5, 6, 8, 16, 0};
    struct results *results = synthetic_results();
    struct dice random = dice(9);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        double capacity = theory_phasor_capacity(all[i], NULL) * (all[i] == 3 ? factor_of_three : factor);
        double neurons = 2000;
        for (size_t s = 0; s < sizes; s++, neurons *= 2) {
            for (int step = -3; step <= 3; step++) {
                double width = 0.5 / sqrt(neurons);
                double load = capacity * (1 + (0.5 + 0.25 * step) / sqrt(neurons));
                double patterns = round(load * neurons);
                double z = 0.5 / sqrt(neurons) - (patterns / neurons / capacity - 1);
                for (int64_t set = 0; set < SETS; set++) {
                    double overlaps[TRIALS], chance = 0.5 * erfc(-(z / width) / sqrt(2));
                    for (size_t t = 0; t < TRIALS; t++)
                        overlaps[t] = dice_uniform(&random) < chance ? 0.85 : 0.4;
                    struct record *record = synthetic_record(&synthetic_phasor);
                    set_integer(record, "neurons", (int64_t)neurons);
                    set_integer(record, "states", all[i]);
                    set_integer(record, "patterns", (int64_t)patterns);
                    set_integer(record, "repeat", set);
                    set_integer(record, "capped", 0);
                    set_reals(record, "overlap", TRIALS, overlaps);
                    synthetic_add(results, record);
                }
            }
        }
    }
    return results;
}

static void assert_rows(enum verdict more, enum verdict mean_field, double factor, double factor_of_three,
                        size_t sizes) {
    struct results *results = planted(factor, factor_of_three, sizes);
    assert_verdict(more, &claim_phasor_capacity, results);
    assert_verdict(mean_field, &claim_phasor_mean_field, results);
    results_destroy(&results);
}

static void capacities_come_out_each_way(void **state) {
    (void)state;
    assert_rows(VERDICT_DEFINITION_DEPENDENT, VERDICT_REPRODUCED, 1, 1, 5);
    assert_rows(VERDICT_REPRODUCED, VERDICT_NOT_REPRODUCED, 4.5, 1, 5);
    assert_rows(VERDICT_NOT_REPRODUCED, VERDICT_NOT_REPRODUCED, 1, 0.5, 5);
    assert_rows(VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE, 1, 1, 3);
}

/* All lines over sizes end at infinite size: their bars must not hide each other there. */
static void extrapolations_lie_beside_each_other(void **state) {
    (void)state;
    struct results *results = planted(1, 1, 5);
    const struct plot *plot = &decide(&claim_phasor_mean_field, results)->finding.plots[0];
    assert_string_equal("hc7b_sizes", plot->name);
    assert_true(plot->beside && plot->series_count > 2);
    results_destroy(&results);
}

static void capacities_follow_mean_field(void **state) {
    (void)state;
    static const struct {
        int states;
        double load;
    } quoted[] = {{3, 0.207}, {4, 0.138}, {5, 0.098}, {6, 0.072}, {8, 0.044}};
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++)
        assert_true(fabs(theory_phasor_capacity(quoted[i].states, NULL) - quoted[i].load) < 5e-4);
    /* Four states are a binary network of twice the size. */
    double of_four, binary;
    assert_true(fabs(theory_phasor_capacity(4, &of_four) - theory_capacity(&binary)) < 1e-9);
    assert_true(fabs(of_four - binary) < 1e-4);
    assert_true(theory_phasor_capacity(2, NULL) == theory_capacity(NULL));
    /* Any phase: its own formula, and the limit of many states. */
    double largest = 0;
    for (double x = 0; x < 10; x += 1e-3)
        largest = fmax(largest, 0.25 * M_PI * pow(gsl_sf_bessel_I1_scaled(x), 2));
    assert_true(fabs(theory_phasor_capacity(0, NULL) - largest) < 1e-7);
    assert_true(fabs(largest - 0.0377) < 5e-5);
    assert_true(fabs(theory_phasor_capacity(256, NULL) - largest) < 1e-5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacities_come_out_each_way),
        cmocka_unit_test(extrapolations_lie_beside_each_other),
        cmocka_unit_test(capacities_follow_mean_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
