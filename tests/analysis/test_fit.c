#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/fit.h"
#include "core/base/random.h"

#define assert_close(expected, actual, tolerance) assert_true(fabs((expected) - (actual)) <= (tolerance))

static const double sizes[] = {64, 128, 256, 512, 1024, 2048, 4096};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void power_law_is_recovered(void **state) {
    (void)state;
    double y[SIZES], factor, exponent;
    for (size_t i = 0; i < SIZES; i++)
        y[i] = 3e-9 * pow(sizes[i], 1.8);
    assert_int_equal(STATUS_OK, fit_power(SIZES, sizes, y, &factor, &exponent));
    assert_close(1.8, exponent, 1e-12);
    assert_close(1, factor / 3e-9, 1e-9);
}

static void power_law_refuses_what_has_no_logarithm(void **state) {
    (void)state;
    const double x[] = {1, 2}, same[] = {2, 2}, zero[] = {0, 1}, missing[] = {NAN, 1}, good[] = {1, 3};
    double factor, exponent;
    assert_int_equal(STATUS_INVALID, fit_power(2, same, good, &factor, &exponent));
    assert_int_equal(STATUS_INVALID, fit_power(2, x, zero, &factor, &exponent));
    assert_int_equal(STATUS_INVALID, fit_power(2, x, missing, &factor, &exponent));
    assert_int_equal(STATUS_INVALID, fit_power(2, zero, good, &factor, &exponent));
    assert_int_equal(STATUS_INVALID, fit_power(0, NULL, NULL, &factor, &exponent));
}

static void fixed_cost_is_told_from_the_power(void **state) {
    (void)state;
    double y[SIZES], offset, factor, exponent;
    for (size_t i = 0; i < SIZES; i++)
        y[i] = 1e-4 + 2e-9 * pow(sizes[i], 2);
    assert_int_equal(STATUS_OK, fit_offset_power(SIZES, sizes, y, 0.1, 4, &offset, &factor, &exponent));
    assert_close(2, exponent, 1e-3);
    assert_close(1, offset / 1e-4, 1e-2);
    assert_int_equal(STATUS_INVALID, fit_offset_power(3, sizes, y, 0.1, 4, &offset, &factor, &exponent));
}

static void fixed_cost_is_never_a_gain(void **state) {
    (void)state;
    double y[SIZES], offset, factor, exponent;
    for (size_t i = 0; i < SIZES; i++)
        y[i] = 1e-6 * (sizes[i] - 40);
    assert_int_equal(STATUS_OK, fit_offset_power(SIZES, sizes, y, 0.1, 4, &offset, &factor, &exponent));
    assert_true(offset >= 0 && exponent > 1);
}

static double normal_below(double z) {
    return 0.5 * erfc(-z / sqrt(2));
}

static void probit_of_exact_shares_is_recovered(void **state) {
    (void)state;
    double load[9], successes[9], trials[9], intercept = 0, slope = 0;
    for (size_t i = 0; i < 9; i++) {
        load[i] = 0.10 + 0.01 * (double)i;
        trials[i] = 1000;
        successes[i] = 1000 * normal_below((0.15 - load[i]) / 0.01);
    }
    assert_int_equal(STATUS_OK, fit_probit(9, load, successes, trials, &intercept, &slope));
    assert_close(0.15, -intercept / slope, 1e-7);
    assert_close(-100, slope, 1e-3);
    /* Wherever the search starts. */
    intercept = 40, slope = -500;
    assert_int_equal(STATUS_OK, fit_probit(9, load, successes, trials, &intercept, &slope));
    assert_close(0.15, -intercept / slope, 1e-7);
}

/* 400 fits of 8 x 50 binomial trials: the mean half-success place is off by less than 4 standard errors of
 * the mean (one failing seed in 15 000). */
static void probit_of_counts_is_unbiased(void **state) {
    (void)state;
    double sum = 0, squares = 0;
    for (uint32_t repeat = 0; repeat < 400; repeat++) {
        double load[8], successes[8], trials[8], intercept = 0, slope = 0;
        struct random_source source = random_source(11, RANDOM_CHOICE, repeat);
        for (size_t i = 0; i < 8; i++) {
            load[i] = 0.12 + 0.01 * (double)i;
            trials[i] = 50;
            successes[i] = 0;
            for (size_t k = 0; k < 50; k++) {
                successes[i] += random_uniform(source, 50 * i + k) < normal_below((0.155 - load[i]) / 0.012);
            }
        }
        assert_int_equal(STATUS_OK, fit_probit(8, load, successes, trials, &intercept, &slope));
        double error = -intercept / slope - 0.155;
        sum += error;
        squares += error * error;
    }
    double mean = sum / 400, deviation = sqrt(squares / 400 - mean * mean);
    assert_true(deviation > 1e-4 && deviation < 2e-3);
    assert_true(fabs(mean) < 4 * deviation / 20);
}

static void probit_refuses_what_does_not_bound_the_slope(void **state) {
    (void)state;
    const double load[] = {0.1, 0.12, 0.14}, trials[] = {10, 10, 10};
    const double all[] = {10, 10, 10}, none[] = {0, 0, 0}, step[] = {10, 10, 0}, half_step[] = {10, 4, 0};
    const double one_place[] = {0.1, 0.1, 0.1}, mixed[] = {9, 5, 2};
    double intercept = 0, slope = 0;
    assert_int_equal(STATUS_INVALID, fit_probit(3, load, all, trials, &intercept, &slope));
    assert_int_equal(STATUS_INVALID, fit_probit(3, load, none, trials, &intercept, &slope));
    assert_int_equal(STATUS_INVALID, fit_probit(3, load, step, trials, &intercept, &slope));
    assert_int_equal(STATUS_INVALID, fit_probit(3, load, half_step, trials, &intercept, &slope));
    assert_int_equal(STATUS_INVALID, fit_probit(3, one_place, mixed, trials, &intercept, &slope));
    assert_int_equal(STATUS_INVALID, fit_probit(0, NULL, NULL, NULL, &intercept, &slope));
    assert_int_equal(STATUS_OK, fit_probit(3, load, mixed, trials, &intercept, &slope));
}

static void bent_probit_is_recovered(void **state) {
    (void)state;
    double u[9], successes[9], trials[9], c[3] = {0};
    for (size_t i = 0; i < 9; i++) {
        u[i] = -1 + 0.25 * (double)i;
        trials[i] = 1000;
        successes[i] = 1000 * 0.5 * erfc(-(0.4 - 1.5 * u[i] + 0.2 * u[i] * u[i]) / sqrt(2));
    }
    assert_int_equal(STATUS_OK, fit_probit_terms(9, u, successes, trials, 3, c));
    assert_true(fabs(c[0] - 0.4) < 1e-5 && fabs(c[1] + 1.5) < 1e-5 && fabs(c[2] - 0.2) < 1e-5);
    assert_int_equal(STATUS_INVALID, fit_probit_terms(2, u, successes, trials, 3, c));
    assert_int_equal(STATUS_INVALID, fit_probit_terms(9, u, successes, trials, 4, c));
}

static void limit_is_recovered_with_two_orders(void **state) {
    (void)state;
    double sizes[6], y[6], weights[6], limit, amplitudes[2];
    for (size_t i = 0; i < 6; i++) {
        sizes[i] = 500 * pow(2, (double)i);
        y[i] = 0.1414 + 0.62 / sqrt(sizes[i]) + 2.75 / sizes[i];
        weights[i] = 1e8 / (1 + (double)i);
    }
    assert_int_equal(STATUS_OK, fit_limit_orders(6, sizes, y, weights, 0.5, &limit, amplitudes));
    assert_true(fabs(limit - 0.1414) < 1e-9);
    assert_true(fabs(amplitudes[0] - 0.62) < 1e-6 && fabs(amplitudes[1] - 2.75) < 1e-4);
    assert_int_equal(STATUS_INVALID, fit_limit_orders(3, sizes, y, weights, 0.5, &limit, amplitudes));
}

static void limit_is_recovered_with_its_exponent(void **state) {
    (void)state;
    double y[SIZES], weights[SIZES], limit, amplitude, exponent;
    for (size_t i = 0; i < SIZES; i++) {
        y[i] = 0.138 + 0.7 * pow(sizes[i], -0.62);
        weights[i] = 1;
    }
    assert_int_equal(STATUS_OK, fit_limit(SIZES, sizes, y, weights, 0.62, &limit, &amplitude));
    assert_close(0.138, limit, 1e-12);
    assert_close(0.7, amplitude, 1e-10);
    assert_int_equal(STATUS_OK,
                     fit_limit_free(SIZES, sizes, y, weights, 0.25, 1.5, &limit, &amplitude, &exponent));
    assert_close(0.62, exponent, 1e-4);
    assert_close(0.138, limit, 1e-5);
    assert_int_equal(STATUS_INVALID,
                     fit_limit_free(3, sizes, y, weights, 0.25, 1.5, &limit, &amplitude, &exponent));
    weights[1] = NAN;
    assert_int_equal(STATUS_INVALID, fit_limit(SIZES, sizes, y, weights, 0.5, &limit, &amplitude));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_law_is_recovered),
        cmocka_unit_test(power_law_refuses_what_has_no_logarithm),
        cmocka_unit_test(fixed_cost_is_told_from_the_power),
        cmocka_unit_test(fixed_cost_is_never_a_gain),
        cmocka_unit_test(probit_of_exact_shares_is_recovered),
        cmocka_unit_test(probit_of_counts_is_unbiased),
        cmocka_unit_test(probit_refuses_what_does_not_bound_the_slope),
        cmocka_unit_test(bent_probit_is_recovered),
        cmocka_unit_test(limit_is_recovered_with_two_orders),
        cmocka_unit_test(limit_is_recovered_with_its_exponent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
