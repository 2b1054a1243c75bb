#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/theory.h"

#define assert_close(expected, actual, tolerance) assert_true(fabs((expected) - (actual)) <= (tolerance))

/* Published figures: Amit, Gutfreund & Sompolinsky 1987. */
static void capacity_is_that_of_amit_gutfreund_and_sompolinsky(void **state) {
    (void)state;
    double overlap, load = theory_capacity(&overlap);
    assert_close(0.137906, load, 5e-7);
    assert_close(0.9674, overlap, 5e-5);
}

/* The table of the retrieval branch, to its last digit. */
static void branch_has_the_tabulated_overlaps(void **state) {
    (void)state;
    static const double table[][2] = {{.05, .999992}, {.08, .999557}, {.10, .997999}, {.11, .996264},
                                      {.12, .993223}, {.13, .987212}, {.135, .980791}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_close(table[i][1], theory_overlap(table[i][0]), 5.1e-7);
    }
}

static void branch_satisfies_its_equation_on_the_outer_side(void **state) {
    (void)state;
    double critical, previous = 1;
    theory_capacity(&critical);
    for (double load = 0.04; load < 0.1379; load += 0.0005) {
        double m = theory_overlap(load);
        assert_true(m <= previous && m > critical);
        previous = m;
        /* y from m by bisection, independently of the solver under test. */
        double low = 0, high = 6;
        for (int i = 0; i < 200; i++) {
            double middle = 0.5 * (low + high);
            if (erf(middle) < m)
                low = middle;
            else
                high = middle;
        }
        double right = m / low - 2 / sqrt(3.14159265358979323846) * exp(-low * low);
        if (m < 0.99999) assert_close(sqrt(2 * load), right, 1e-6);
    }
}

static void branch_ends_at_the_capacity(void **state) {
    (void)state;
    double critical, load = theory_capacity(&critical);
    assert_true(theory_overlap(load - 1e-7) > critical);
    assert_true(theory_overlap(load + 1e-7) == 0);
    assert_true(theory_overlap(0) == 1);
    assert_true(isnan(theory_overlap(-1)) && isnan(theory_overlap(NAN)));
}

static void first_step_error_has_the_known_values(void **state) {
    (void)state;
    assert_close(7.8e-4, theory_first_step_error(0.10), 5e-6);
    assert_close(3.6e-3, theory_first_step_error(0.138), 5e-5);
    assert_true(theory_first_step_error(0) == 0);
}

static void crossovers_have_the_claimed_constants(void **state) {
    (void)state;
    double d = 128;
    assert_close(d, theory_crossover(RIVAL_RNN, d, 0, 0), 1e-9);
    assert_close(3 * d, theory_crossover(RIVAL_GRU, d, 0, 0), 1e-9);
    assert_close(4 * d, theory_crossover(RIVAL_LSTM, d, 0, 0), 1e-9);
    assert_close(9 * d / 2, theory_crossover(RIVAL_CONVOLUTION, d, 9, 0), 1e-9);
    assert_true(theory_crossover(RIVAL_RNN, d, 0, 1) < 0);
    assert_close(d, theory_crossover(RIVAL_GRU, d, 0, 1), 1e-9);
    assert_close(2 * d, theory_crossover(RIVAL_LSTM, d, 0, 1), 1e-9);
    assert_close(5 * d / 2, theory_crossover(RIVAL_CONVOLUTION, d, 9, 1), 1e-9);
    assert_true(theory_crossover(RIVAL_CONVOLUTION, d, 4, 1) <= 0);
    assert_close(3 * d, theory_crossover_order(RIVAL_CONVOLUTION, d, 3), 1e-9);
    assert_close(d, theory_crossover_order(RIVAL_LSTM, d, 3), 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacity_is_that_of_amit_gutfreund_and_sompolinsky),
        cmocka_unit_test(branch_has_the_tabulated_overlaps),
        cmocka_unit_test(branch_satisfies_its_equation_on_the_outer_side),
        cmocka_unit_test(branch_ends_at_the_capacity),
        cmocka_unit_test(first_step_error_has_the_known_values),
        cmocka_unit_test(crossovers_have_the_claimed_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
