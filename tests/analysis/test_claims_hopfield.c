/* HF1 and HF3 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "synthetic.h"

/* --- HF1 ---------------------------------------------------------------------------------------------- */

static void add_set_of_dynamics(struct results *results, const char *dynamics, int64_t repeat, int64_t rises,
                                int64_t cycles, int64_t capped) {
    const double overlaps[8] = {1, 1, 1, 1, 0.4, 1, 1, 1};
    struct record *record = synthetic_record(&synthetic_capacity);
    set_text(record, "dynamics", dynamics);
    set_integer(record, "repeat", repeat);
    set_integer(record, "neurons", 200);
    set_integer(record, "patterns", 20);
    set_integer(record, "energy_checks", dynamics[0] == 'a' ? 1000 : 0);
    set_integer(record, "energy_rises", rises);
    set_integer(record, "cycles", cycles);
    set_integer(record, "capped", capped);
    set_reals(record, "overlap", 8, overlaps);
    synthetic_add(results, record);
}

static void add_dynamics(struct results *results, const char *dynamics, int64_t rises, int64_t cycles,
                         int64_t capped) {
    add_set_of_dynamics(results, dynamics, 0, rises, cycles, capped);
}

static void energy_comes_out_each_way(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int i = 0; i < 5; i++)
        add_dynamics(results, "asynchronous", 0, 0, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_energy, results);
    for (int i = 0; i < 5; i++)
        add_dynamics(results, "synchronous", 0, 3, 0);
    assert_verdict(VERDICT_REPRODUCED, &claim_energy, results);
    const struct ledger_row *row = decide(&claim_energy, results);
    assert_int_equal(5000, measurement_named(row, "asynchronous: sweeps that raised the energy")->n);
    assert_int_equal(1, row->finding.plot_count);
    /* A run that was cut off is no counterexample, but it leaves the row open. */
    add_dynamics(results, "synchronous", 0, 3, 1);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_energy, results);
    add_dynamics(results, "asynchronous", 1, 0, 0);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_energy, results);
    results_destroy(&results);
}

/* Eight runs of a set that end alike are no eight runs. */
static void shares_of_cycles_scatter_over_sets(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    add_dynamics(results, "synchronous", 0, 3, 0);
    const struct series *series = &decide(&claim_energy, results)->finding.plots[0].series[0];
    assert_true(fabs(series->y[0] - 3.0 / 8) < 1e-12);
    assert_true(series->low[0] == series->y[0] && series->high[0] == series->y[0]);
    add_dynamics(results, "synchronous", 0, 3, 0); /* the same set, from another start */
    series = &decide(&claim_energy, results)->finding.plots[0].series[0];
    assert_true(series->count == 1 && series->low[0] == series->y[0]);
    for (int64_t repeat = 1; repeat < 6; repeat++)
        add_set_of_dynamics(results, "synchronous", repeat, 0, repeat % 2 ? 8 : 0, 0);
    series = &decide(&claim_energy, results)->finding.plots[0].series[0];
    assert_true(series->low[0] < 0.2 && series->high[0] > 0.8); /* Wilson's over 56 runs: 0.41 to 0.66 */
    results_destroy(&results);
}

static void add_dilution(struct results *results, const char *dynamics, double asymmetry, int64_t repeat,
                         int64_t capped, int64_t rises) {
    struct record *record = synthetic_record(&synthetic_dilution);
    set_text(record, "dynamics", dynamics);
    set_integer(record, "neurons", 500);
    set_real(record, "load", 0.06);
    set_real(record, "kept", 0.1);
    set_real(record, "asymmetry", asymmetry);
    set_real(record, "initial_overlap", 0.8);
    set_integer(record, "sweep_cap", 1000);
    set_integer(record, "trials", 10);
    set_integer(record, "repeat", repeat);
    set_integer(record, "capped", capped);
    set_integer(record, "energy_checks", asymmetry == 0 ? 50 : 0);
    set_integer(record, "energy_rises", rises);
    synthetic_add(results, record);
}

static struct results *energy_and_dilution(void) {
    struct results *results = synthetic_results();
    add_dynamics(results, "asynchronous", 0, 0, 0);
    add_dynamics(results, "synchronous", 0, 3, 0);
    for (int64_t repeat = 0; repeat < 12; repeat++) {
        add_dilution(results, "asynchronous", 0, repeat, 0, 0);
        add_dilution(results, "asynchronous", 0.5, repeat, repeat % 3, 0);
        add_dilution(results, "asynchronous", 1, repeat, 10, 0);
        add_dilution(results, "synchronous", 0, repeat, 0, 0);
    }
    return results;
}

static void symmetric_dilution_decides_with_the_rest(void **state) {
    (void)state;
    struct results *results = energy_and_dilution();
    assert_verdict(VERDICT_REPRODUCED, &claim_energy, results);
    add_dilution(results, "synchronous", 0, 12, 1, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_energy, results);
    add_dilution(results, "synchronous", 0, 13, 0, 1);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_energy, results);
    results_destroy(&results);
}

static void shares_without_an_end_are_drawn_against_asymmetry(void **state) {
    (void)state;
    struct results *results = energy_and_dilution();
    const struct ledger_row *row = decide(&claim_energy, results);
    assert_int_equal(3, row->finding.plot_count); /* 2-cycles, and one for each dynamics */
    const struct series *series = &row->finding.plots[1].series[0];
    assert_int_equal(3, series->count);
    assert_true(series->y[0] == 0 && fabs(series->y[1] - 0.1) < 1e-12 && series->y[2] == 1);
    assert_true(series->low[1] > 0 && series->high[1] < 0.25);
    assert_true(series->high[0] > 0 && series->low[2] < 1); /* 12 sets leave room */
    const struct measurement *m =
        measurement_named(row, "neither end, asynchronous, N = 500, load 0.06, kept 0.1, asymmetry 1");
    assert_true(m->value == 1 && m->n == 12 && isnan(m->prediction));
    results_destroy(&results);
}

/* --- HF3 ---------------------------------------------------------------------------------------------- */

enum { SIDE = 28, IMAGES = 4, PIXELS = IMAGES * SIDE * SIDE };

/* A record of images; the caller may change it before it is added. */
static struct record *recall_record(const char *rule, const char *corruption, int64_t patterns,
                                    int64_t repeat, double overlap) {
    static int64_t pixels[PIXELS];
    double overlaps[3] = {overlap, fmin(1, overlap + 0.01), overlap - 0.01};
    for (size_t i = 0; i < PIXELS; i++)
        pixels[i] = i % 3 == 0 ? 1 : -1;
    struct record *record = synthetic_record(&synthetic_images);
    set_text(record, "content", "images");
    set_text(record, "rule", rule);
    set_text(record, "corruption", corruption);
    set_real(record, "amount", 0.1);
    set_integer(record, "patterns", patterns);
    set_integer(record, "repeat", repeat);
    set_reals(record, "overlap", 3, overlaps);
    set_integer(record, "image_width", SIDE);
    set_integer(record, "image_height", SIDE);
    set_integer(record, "image_count", IMAGES);
    set_integers(record, "image_original", PIXELS, pixels);
    set_integers(record, "image_corrupted", PIXELS, pixels);
    set_integers(record, "image_recalled", PIXELS, pixels);
    return record;
}

static void add_recall(struct results *results, const char *rule, const char *corruption, int64_t patterns,
                       int64_t repeat, double overlap) {
    synthetic_add(results, recall_record(rule, corruption, patterns, repeat, overlap));
}

/* Overlaps at 40 patterns, the largest load up to 0.069; beyond it everything breaks. */
static struct results *recalls(double hebb, double projection, double projection_occlusion, double noise,
                               int64_t repeats) {
    struct results *results = synthetic_results();
    struct dice random = dice(51);
    static const int64_t patterns[] = {5, 40, 160};
    for (int64_t repeat = 0; repeat < repeats; repeat++) {
        for (size_t i = 0; i < 3; i++) {
            double drop = i == 2 ? 0.6 : 0;
            const double means[2][2] = {{hebb - drop, hebb - drop},
                                        {projection - drop, projection_occlusion - drop}};
            for (size_t rule = 0; rule < 2; rule++) {
                for (size_t damage = 0; damage < 2; damage++) {
                    add_recall(results, rule == 0 ? "hebb" : "pseudo_inverse",
                               damage == 0 ? "noise" : "occlusion", patterns[i], repeat,
                               means[rule][damage] + noise * dice_normal(&random));
                }
            }
        }
    }
    return results;
}

static void recall_verdict(enum verdict expected, double hebb, double projection, double occlusion,
                           double noise, int64_t repeats) {
    struct results *results = recalls(hebb, projection, occlusion, noise, repeats);
    assert_verdict(expected, &claim_real_patterns, results);
    results_destroy(&results);
}

static void images_come_out_each_way(void **state) {
    (void)state;
    recall_verdict(VERDICT_REPRODUCED, 0.5, 0.98, 0.97, 0.005, 8);
    recall_verdict(VERDICT_NOT_REPRODUCED, 0.97, 0.98, 0.97, 0.005, 8);
    recall_verdict(VERDICT_NOT_REPRODUCED, 0.5, 0.7, 0.7, 0.005, 8);
    recall_verdict(VERDICT_DEFINITION_DEPENDENT, 0.5, 0.98, 0.7, 0.005, 8);
    recall_verdict(VERDICT_INCONCLUSIVE, 0.5, 0.92, 0.92, 0.2, 8);
    recall_verdict(VERDICT_INCONCLUSIVE, 0.5, 0.98, 0.97, 0.005, 1);
}

/* One grid: stored, damaged, and a row for each memory that has both kinds of damage of the same patterns. */
static void recalled_images_are_shown(void **state) {
    (void)state;
    struct results *results = recalls(0.5, 0.98, 0.97, 0.005, 4);
    for (int64_t repeat = 0; repeat < 4; repeat++) {
        add_recall(results, "storkey", "noise", 40, repeat, 0.8);
        add_recall(results, "storkey", "occlusion", 40, repeat, 0.7);
        add_recall(results, "modern", "noise", 40, repeat, 1);
    }
    const struct ledger_row *row = decide(&claim_real_patterns, results);
    size_t pictures = 0;
    for (size_t i = 0; i < row->finding.plot_count; i++) {
        const struct plot *plot = &row->finding.plots[i];
        if (plot->image_rows == 0) continue;
        pictures++;
        assert_int_equal(5, plot->image_rows);
        assert_int_equal(2 * IMAGES, plot->image_columns);
        assert_int_equal(2, plot->image_groups);
        assert_string_equal(plot->image_row_labels[4], "Storkey  0.80, 0.70");
        assert_non_null(plot->pixels);
        assert_true(plot->pixels[0] == 1 && plot->pixels[1] == -1);
    }
    assert_int_equal(1, pictures);
    assert_non_null(measurement_named(row, "  Storkey, noise: final overlap"));
    assert_non_null(measurement_named(row, "  modern, beta = 1, noise: final overlap"));
    results_destroy(&results);
}

/* Random patterns beside images give the reason, and decide nothing. */
static void the_reason_stands_beside_random_patterns(void **state) {
    (void)state;
    struct results *results = recalls(0.5, 0.98, 0.97, 0.005, 8);
    for (int64_t repeat = 0; repeat < 8; repeat++) {
        struct record *record = recall_record("hebb", "noise", 40, repeat, 0.99);
        set_text(record, "content", "random");
        set_real(record, "crosstalk", 0.05);
        synthetic_add(results, record);
    }
    assert_verdict(VERDICT_REPRODUCED, &claim_real_patterns, results);
    const struct ledger_row *row = decide(&claim_real_patterns, results);
    assert_true(fabs(measurement_named(row, "  crosstalk")->value - 1) < 1e-12);
    assert_true(fabs(measurement_named(row, "  crosstalk, random patterns")->value - 0.05) < 1e-12);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_comes_out_each_way),
        cmocka_unit_test(shares_of_cycles_scatter_over_sets),
        cmocka_unit_test(symmetric_dilution_decides_with_the_rest),
        cmocka_unit_test(shares_without_an_end_are_drawn_against_asymmetry),
        cmocka_unit_test(images_come_out_each_way),
        cmocka_unit_test(recalled_images_are_shown),
        cmocka_unit_test(the_reason_stands_beside_random_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
