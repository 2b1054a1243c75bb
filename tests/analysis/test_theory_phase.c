/* Phases of a network at a temperature: the equations themselves, their free energy, known ends of the lines.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/theory.h"
#include "analysis/theory_phase.h"

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.10g instead of %.10g", value, expected);
}

/* m, q, r put into the right-hand sides of their equations, by Simpson's rule. */
static struct phase_state once(double load, double temperature, struct phase_state state) {
    enum { STEPS = 20000 };
    double noise = sqrt(load * state.noise), step = 20.0 / STEPS;
    struct phase_state sums = {0, 0, 0};
    for (int i = 0; i <= STEPS; i++) {
        double z = -10 + i * step, factor = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
        double weight = factor * step / 3 * exp(-z * z / 2) / sqrt(8 * atan(1));
        double value = tanh((state.overlap + noise * z) / temperature);
        sums.overlap += weight * value;
        sums.order += weight * value * value;
    }
    double response = (1 - sums.order) / temperature;
    sums.noise = sums.order / ((1 - response) * (1 - response));
    return sums;
}

static void assert_solves(double load, double temperature, struct phase_state state) {
    struct phase_state again = once(load, temperature, state);
    assert_near(again.overlap, state.overlap, 1e-8);
    assert_near(again.order, state.order, 1e-8);
    assert_near(again.noise, state.noise, 1e-6);
}

static const double inside[][2] = {{0.05, 0.4}, {0.001, 0.9}, {0.02, 0.6},
                                   {0.1, 0.2},  {0.12, 0.1},  {0.13, 0.05}};
enum { INSIDE = sizeof inside / sizeof *inside };

static void states_solve_their_equations(void **state) {
    (void)state;
    struct phase_state retrieval, glass;
    for (size_t i = 0; i < INSIDE; i++) {
        assert_true(theory_phase_retrieval(inside[i][0], inside[i][1], &retrieval));
        assert_true(retrieval.overlap > 0.5);
        assert_solves(inside[i][0], inside[i][1], retrieval);
        assert_true(theory_phase_glass(inside[i][0], inside[i][1], &glass));
        assert_true(glass.overlap == 0 && glass.order > 0);
        assert_solves(inside[i][0], inside[i][1], glass);
    }
    assert_true(theory_phase_glass(0.2, 1.3, &glass));
    assert_solves(0.2, 1.3, glass);
    assert_false(theory_phase_glass(0.2, 1.45, &glass));
    assert_false(theory_phase_retrieval(0.14, 0.2, &retrieval));
    assert_false(theory_phase_retrieval(0.05, 0.6, &retrieval));
    assert_true(retrieval.overlap == 0 && retrieval.order == 0);
}

/* From m = q = r = 1 the equations, iterated, come to the retrieval state. */
static void iteration_finds_the_same_state(void **state) {
    (void)state;
    struct phase_state iterated = {1, 1, 1}, found;
    for (int i = 0; i < 60; i++)
        iterated = once(0.05, 0.4, iterated);
    assert_true(theory_phase_retrieval(0.05, 0.4, &found));
    assert_near(found.overlap, iterated.overlap, 1e-7);
    assert_near(found.order, iterated.order, 1e-7);
}

static void assert_stationary(double load, double temperature, struct phase_state state) {
    double *const parts[] = {&state.overlap, &state.order, &state.noise};
    for (size_t i = 0; i < 3; i++) {
        const double step = 1e-5, at = *parts[i];
        double around[2];
        for (int side = 0; side < 2; side++) {
            *parts[i] = at + (side ? step : -step);
            around[side] = theory_phase_free_energy(load, temperature, &state);
        }
        *parts[i] = at;
        assert_near((around[1] - around[0]) / (2 * step), 0, 1e-5);
    }
}

static void the_free_energy_is_stationary_there(void **state) {
    (void)state;
    struct phase_state found;
    for (size_t i = 0; i < INSIDE; i++) {
        theory_phase_retrieval(inside[i][0], inside[i][1], &found);
        assert_stationary(inside[i][0], inside[i][1], found);
        theory_phase_glass(inside[i][0], inside[i][1], &found);
        assert_stationary(inside[i][0], inside[i][1], found);
    }
    /* Without order it is that of free spins in the noise of all patterns. */
    struct phase_state none = {0, 0, 0};
    assert_near(theory_phase_free_energy(0.1, 2, &none), 0.05 - 2 * log(2) + 0.1 * log(0.5), 1e-9);
}

/* claims.md: 0.137906, where m = 0.9674; about 0.05 for the global minimum (Amit, Gutfreund & Sompolinsky).
 */
static void lines_end_where_they_are_known_to(void **state) {
    (void)state;
    double overlap;
    assert_near(theory_phase_load(0.01, &overlap), theory_capacity(NULL), 3e-4);
    assert_near(overlap, 0.9674, 1e-3);
    assert_true(theory_phase_load(0.01, NULL) > theory_capacity(NULL)); /* the line bends back */
    assert_near(theory_phase_retrieval_temperature(0, NULL), 1, 0);
    assert_near(theory_phase_retrieval_temperature(1e-5, NULL), 1, 0.01);
    assert_near(theory_phase_global_load(0.01), 0.0515, 0.001);
    assert_true(theory_phase_global_load(0.99) < 1e-4);
    for (double temperature = 1 - 1e-15; temperature < 1.5; temperature += 0.25)
        assert_true(theory_phase_load(temperature, &overlap) == 0 && overlap == 0 &&
                    theory_phase_global_load(temperature) == 0);
    assert_true(isnan(theory_phase_retrieval_temperature(0.15, NULL)));
    assert_near(theory_phase_glass_temperature(0.04), 1.2, 1e-12);
}

static void retrieval_ends_at_its_line(void **state) {
    (void)state;
    struct phase_state found;
    for (double load = 0.01; load < 0.135; load += 0.03) {
        double overlap, end = theory_phase_retrieval_temperature(load, &overlap);
        assert_true(theory_phase_retrieval(load, end - 1e-4, &found));
        assert_near(found.overlap, overlap, 0.02); /* a square root ends there */
        assert_false(theory_phase_retrieval(load, end + 1e-4, &found));
        assert_true(theory_phase_global_load(end) < load);
    }
}

static void the_glass_melts_at_its_line(void **state) {
    (void)state;
    struct phase_state found;
    for (double load = 0.01; load < 0.3; load += 0.07) {
        double end = theory_phase_glass_temperature(load);
        assert_true(theory_phase_glass(load, end - 0.01, &found));
        assert_true(found.order < 0.05);
        assert_true(theory_phase_glass(load, end / 2, &found));
        assert_true(found.order > 0.3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_solve_their_equations),
        cmocka_unit_test(iteration_finds_the_same_state),
        cmocka_unit_test(the_free_energy_is_stationary_there),
        cmocka_unit_test(lines_end_where_they_are_known_to),
        cmocka_unit_test(retrieval_ends_at_its_line),
        cmocka_unit_test(the_glass_melts_at_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
