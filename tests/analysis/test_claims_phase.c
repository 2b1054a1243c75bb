/* HF4 on made-up networks in a heat bath. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/theory_phase.h"
#include "synthetic.h"

enum { TRIALS = 2 };

/* What is planted: from patterns, theory's overlap and a bias, up to T_M and a shift. */
struct plan {
    int64_t neurons, sets;
    size_t loads;
    double shift, bias, noise;
    double lost; /* share of the trials that lose their pattern though they need not */
};

static const double loads[] = {0.02, 0.06, 0.10, 0.12};
static const double temperatures[] = {0.05, 0.1,  0.15, 0.2, 0.25, 0.3, 0.35,
                                      0.4,  0.45, 0.5,  0.6, 0.7,  0.8, 0.9};
enum { LOADS = sizeof loads / sizeof *loads, TEMPERATURES = sizeof temperatures / sizeof *temperatures };

static void add(struct results *results, const char *start, int64_t neurons, double load, double temperature,
                int64_t repeat, const double *overlaps, const double *orders) {
    /* From patterns -0.5 at all loads, from random starts -0.5 at load 0.05. */
    double energy = start[0] == 'p' ? -0.5 : -0.45 - load;
    const double energies[TRIALS] = {energy, energy};
    struct record *record = synthetic_record(&synthetic_phases);
    set_text(record, "start", start);
    set_integer(record, "neurons", neurons);
    set_integer(record, "patterns", llround(load * (double)neurons));
    set_real(record, "load", load);
    set_real(record, "temperature", temperature);
    set_integer(record, "repeat", repeat);
    set_reals(record, "overlap", TRIALS, overlaps);
    set_reals(record, "largest_overlap", TRIALS, overlaps);
    set_reals(record, "order", TRIALS, orders);
    set_reals(record, "energy", TRIALS, energies);
    synthetic_add(results, record);
}

static double kept_overlap(double load, double temperature, double shift, double end) {
    struct phase_state state;
    double overlap;
    if (temperature > end + shift) return 0;
    if (theory_phase_retrieval(load, temperature, &state)) return state.overlap;
    theory_phase_retrieval_temperature(load, &overlap);
    return overlap;
}

static struct results *planted(const struct plan *plan) {
    struct results *results = synthetic_results();
    struct dice random = dice(17);
    for (size_t i = 0; i < plan->loads; i++) {
        double end = theory_phase_retrieval_temperature(loads[i], NULL);
        for (size_t k = 0; k < TEMPERATURES; k++) {
            double kept = kept_overlap(loads[i], temperatures[k], plan->shift, end);
            for (int64_t set = 0; set < plan->sets; set++) {
                double overlaps[TRIALS], orders[TRIALS] = {0.5, 0.5};
                for (size_t t = 0; t < TRIALS; t++) {
                    bool keeps = kept > 0 && dice_uniform(&random) >= plan->lost;
                    overlaps[t] = (keeps ? kept + plan->bias : 0.1) + plan->noise * dice_normal(&random);
                }
                add(results, "pattern", plan->neurons, loads[i], temperatures[k], set, overlaps, orders);
            }
        }
    }
    return results;
}

static void assert_plan(enum verdict expected, struct plan plan) {
    struct results *results = planted(&plan);
    assert_verdict(expected, &claim_phase_diagram, results);
    results_destroy(&results);
}

static void phases_come_out_each_way(void **state) {
    (void)state;
    assert_plan(VERDICT_REPRODUCED, (struct plan){4000, 8, LOADS, 0, 0, 0.002, 0});
    assert_plan(VERDICT_REPRODUCED, (struct plan){4000, 12, LOADS, 0, 0.005, 0.002, 0.1});
    assert_plan(VERDICT_NOT_REPRODUCED, (struct plan){4000, 8, LOADS, 0.2, 0, 0.002, 0});
    assert_plan(VERDICT_NOT_REPRODUCED, (struct plan){4000, 8, LOADS, -0.15, 0, 0.002, 0});
    assert_plan(VERDICT_NOT_REPRODUCED, (struct plan){4000, 8, LOADS, 0, -0.03, 0.002, 0});
    assert_plan(VERDICT_INCONCLUSIVE, (struct plan){4000, 8, LOADS, 0, 0, 0.1, 0});
    assert_plan(VERDICT_INCONCLUSIVE, (struct plan){4000, 4, LOADS, 0, 0, 0.002, 0}); /* few sets */
    assert_plan(VERDICT_INCONCLUSIVE, (struct plan){1000, 8, LOADS, 0, 0, 0.002, 0}); /* small */
    assert_plan(VERDICT_INCONCLUSIVE, (struct plan){4000, 8, 3, 0, 0, 0.002, 0});     /* few loads */
}

static void the_plane_is_a_map_with_lines(void **state) {
    (void)state;
    struct plan plan = {4000, 8, LOADS, 0, 0, 0.002, 0};
    struct results *results = planted(&plan);
    const struct ledger_row *row = decide(&claim_phase_diagram, results);
    const struct plot *plane = &row->finding.plots[0];
    assert_string_equal(plane->name, "hf4_phases");
    assert_int_equal(plane->map.columns, LOADS);
    assert_int_equal(plane->map.rows, TEMPERATURES);
    assert_true(plane->map.values[0] > 0.99);
    assert_true(fabs(plane->map.values[LOADS * TEMPERATURES - 1] - 0.1) < 0.01);
    assert_int_equal(plane->series_count, 4);
    assert_int_equal(plane->series[2].count, LOADS);
    assert_true(isnan(measurement_named(row, "temperature at which retrieval ends, load 0.06")->prediction) ==
                false);
    assert_int_equal(row->finding.plot_count, 2); /* nothing started at random */
    results_destroy(&results);
}

/* q of random starts falls from 1 at T = 0 to 0 at T = 1.25, hence to 0.1 at 1.125. */
static void random_starts_are_reported(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t set = 0; set < 4; set++)
        for (int step = 1; step <= 14; step++) {
            double temperature = 0.1 * step, order = fmax(1 - temperature / 1.25, 0);
            double overlaps[TRIALS] = {set == 0 ? 0.95 : 0.2, 0.1}, orders[TRIALS] = {order, order};
            add(results, "random", 1000, 0.06, temperature, set, overlaps, orders);
        }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_phase_diagram, results);
    const struct ledger_row *row = decide(&claim_phase_diagram, results);
    const struct measurement *melting = NULL;
    for (size_t i = 0; i < row->finding.measurement_count; i++)
        if (strncmp(row->finding.measurements[i].name, "q of random starts", 18) == 0)
            melting = &row->finding.measurements[i];
    assert_non_null(melting);
    assert_true(fabs(melting->value - 1.125) < 1e-6 && isnan(melting->prediction));
    const struct measurement *found = measurement_named(row, "random starts that find a pattern, load 0.06");
    assert_true(fabs(found->value - 0.125) < 1e-9);
    assert_true(found->low == 0 && found->high > 0.3); /* one set of four, at all temperatures */
    results_destroy(&results);
}

/* They meet at load 0.05, between the measured ones, at the lowest temperature of the larger size. */
static void the_lower_states_are_told(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    const double overlaps[TRIALS] = {0.9, 0.9}, orders[TRIALS] = {0.5, 0.5};
    for (int64_t neurons = 1000; neurons <= 4000; neurons *= 2)
        for (size_t i = 0; i < LOADS; i++)
            for (size_t k = neurons == 4000 ? 3 : 0; k < 5; k++)
                for (int64_t set = 0; set < 4; set++) {
                    add(results, "pattern", neurons, loads[i], temperatures[k], set, overlaps, orders);
                    if (neurons == 4000 && k == 3) continue; /* has no twin */
                    add(results, "random", neurons, loads[i], temperatures[k], set, overlaps, orders);
                }
    const struct ledger_row *row = decide(&claim_phase_diagram, results);
    const struct measurement *equal = NULL;
    for (size_t i = 0; i < row->finding.measurement_count; i++)
        if (strncmp(row->finding.measurements[i].name, "load of equal energy from both starts, T = 0.25",
                    47) == 0)
            equal = &row->finding.measurements[i];
    assert_non_null(equal);
    assert_true(fabs(equal->value - 0.05) < 1e-9 && isnan(equal->prediction));
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_come_out_each_way),
        cmocka_unit_test(the_plane_is_a_map_with_lines),
        cmocka_unit_test(random_starts_are_reported),
        cmocka_unit_test(the_lower_states_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
