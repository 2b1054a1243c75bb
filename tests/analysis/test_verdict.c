/* Every rule of a verdict is fed data that should come out each way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/verdict.h"

/* A measurement with symmetric intervals: 95 % +- half, 99.9 % +- 1.7 half. */
static struct measurement measured(enum criterion criterion, double prediction, double tolerance,
                                   double value, double half) {
    return (struct measurement){.criterion = criterion,
                                .prediction = prediction,
                                .tolerance = tolerance,
                                .value = value,
                                .low = value - half,
                                .high = value + half,
                                .low_999 = value - 1.7 * half,
                                .high_999 = value + 1.7 * half,
                                .n = 10};
}

static void assert_verdict(enum verdict expected, struct measurement measurement) {
    assert_string_equal(verdict_name(expected), verdict_name(verdict_of_measurement(&measurement)));
}

static void near_is_reproduced_by_a_narrow_interval_that_overlaps(void **state) {
    (void)state;
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 2.01, 0.01));
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 2.03, 0.02));
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 1.97, 0.02));
}

static void near_is_not_reproduced_when_the_wide_interval_misses(void **state) {
    (void)state;
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 1.8, 0.05));
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 2.2, 0.05));
    /* Far off may be said even with a wide interval. */
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_NEAR, 2, 0.02, 5, 1));
}

static void near_is_inconclusive_between(void **state) {
    (void)state;
    /* The 95 % interval misses, the 99.9 % one does not. */
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, 2, 0.02, 2.07, 0.04));
}

static void noisy_data_are_not_decided(void **state) {
    (void)state;
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, 2, 0.02, 2, 0.07));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, 2, 0.02, 2.3, 0.5));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, 2, 0.02, 2, INFINITY));
    struct measurement wider = measured(CRITERION_NEAR, 2, 0.02, 2, 0.07);
    wider.precision = 0.1;
    assert_verdict(VERDICT_REPRODUCED, wider);
}

static void equality_needs_exact_counts(void **state) {
    (void)state;
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_NEAR, 0, 0, 0, 0));
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_NEAR, 0, 0, 1, 0));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, 0, 0, 0, 1e-9));
}

static void within_asks_for_the_whole_interval(void **state) {
    (void)state;
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_WITHIN, 0.14, 0.005, 0.1385, 0.003));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_WITHIN, 0.14, 0.005, 0.1385, 0.004));
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_WITHIN, 0.14, 0.005, 0.15, 0.002));
}

static void one_sided_criteria_ask_for_the_whole_interval_on_their_side(void **state) {
    (void)state;
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_AT_MOST, 0, 0.25, 0.1, 0.1));
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_AT_MOST, 0, 0.25, -3, 1));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_AT_MOST, 0, 0.25, 0.2, 0.1));
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_AT_MOST, 0, 0.25, 0.5, 0.1));
    assert_verdict(VERDICT_REPRODUCED, measured(CRITERION_AT_LEAST, 0.9, 0, 0.95, 0.02));
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_AT_LEAST, 0.9, 0, 0.91, 0.02));
    assert_verdict(VERDICT_NOT_REPRODUCED, measured(CRITERION_AT_LEAST, 0.9, 0, 0.7, 0.05));
}

static void what_is_not_measured_is_not_decided(void **state) {
    (void)state;
    struct measurement missing = measured(CRITERION_NEAR, 2, 0.02, NAN, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, missing);
    struct measurement without_interval = measured(CRITERION_NEAR, 2, 0.02, 2, 0);
    without_interval.low = NAN;
    assert_verdict(VERDICT_INCONCLUSIVE, without_interval);
    struct measurement disordered = measured(CRITERION_NEAR, 2, 0.02, 2, 0.01);
    disordered.low = 2.5;
    assert_verdict(VERDICT_INCONCLUSIVE, disordered);
    assert_verdict(VERDICT_INCONCLUSIVE, measured(CRITERION_NEAR, NAN, 0.02, 2, 0.01));
}

/* Why a measurement is not reproduced is told apart: it misses, it is borderline, it is noise, it is not
 * there. */
static void standings_tell_why(void **state) {
    (void)state;
    static const struct {
        enum standing standing;
        enum criterion criterion;
        double prediction, tolerance, value, half;
    } cases[] = {
        {STANDING_AGREES, CRITERION_NEAR, 2, 0.1, 2.05, 0.1},
        {STANDING_MISSES, CRITERION_NEAR, 2, 0.1, 3, 0.1},
        {STANDING_BORDERLINE, CRITERION_NEAR, 2, 0.1, 2.25, 0.1},
        {STANDING_NOISY, CRITERION_NEAR, 2, 0.1, 2, 0.5},
        {STANDING_UNMEASURED, CRITERION_NEAR, 2, 0.1, NAN, 0.1},
        {STANDING_AGREES, CRITERION_WITHIN, 2, 0.1, 2, 0.05},
        {STANDING_MISSES, CRITERION_WITHIN, 2, 0.1, 3, 0.05},
        {STANDING_BORDERLINE, CRITERION_WITHIN, 2, 0.1, 2, 0.15},
        {STANDING_NOISY, CRITERION_WITHIN, 2, 0.1, 2, 0.5},
        {STANDING_UNMEASURED, CRITERION_WITHIN, 2, 0.1, INFINITY, 0.05},
        {STANDING_AGREES, CRITERION_AT_MOST, 1, 0, 0.5, 0.4},
        {STANDING_MISSES, CRITERION_AT_MOST, 1, 0, 2, 0.4},
        {STANDING_BORDERLINE, CRITERION_AT_MOST, 1, 0, 0.5, 5},
        {STANDING_UNMEASURED, CRITERION_AT_MOST, 1, 0, NAN, 0.1},
        {STANDING_AGREES, CRITERION_AT_LEAST, 1, 0, 2, 0.4},
        {STANDING_MISSES, CRITERION_AT_LEAST, 1, 0, 0.2, 0.4},
        {STANDING_BORDERLINE, CRITERION_AT_LEAST, 1, 0, 2, 5},
        {STANDING_UNMEASURED, CRITERION_AT_LEAST, NAN, 0, 2, 0.4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct measurement m = measured(cases[i].criterion, cases[i].prediction, cases[i].tolerance,
                                        cases[i].value, cases[i].half);
        if (verdict_standing(&m) != cases[i].standing)
            fail_msg("case %zu: %d, not %d", i, verdict_standing(&m), cases[i].standing);
    }
}

/* Good, bad and undecided measurements of a definition, and one that is only reported. */
static struct measurement good(int definition) {
    struct measurement m = measured(CRITERION_NEAR, 1, 0.1, 1, 0.05);
    m.definition = definition;
    return m;
}
static struct measurement bad(int definition) {
    struct measurement m = measured(CRITERION_NEAR, 1, 0.1, 3, 0.05);
    m.definition = definition;
    return m;
}
static struct measurement open(int definition) {
    struct measurement m = measured(CRITERION_NEAR, 1, 0.1, 1, 2);
    m.definition = definition;
    return m;
}
static struct measurement reported(int definition) {
    struct measurement m = measured(CRITERION_NEAR, NAN, 0, 7, 0.1);
    m.definition = definition;
    return m;
}

#define assert_row(expected, ...)                                                                            \
    do {                                                                                                     \
        const struct measurement row[] = {__VA_ARGS__};                                                      \
        assert_string_equal(verdict_name(expected),                                                          \
                            verdict_name(verdict_of_row(sizeof row / sizeof *row, row)));                    \
    } while (0)

static void a_row_is_decided_jointly(void **state) {
    (void)state;
    assert_row(VERDICT_REPRODUCED, good(0), good(0), reported(0));
    assert_row(VERDICT_NOT_REPRODUCED, good(0), bad(0), open(0));
    assert_row(VERDICT_INCONCLUSIVE, good(0), open(0));
}

static void definitions_that_disagree_make_it_dependent(void **state) {
    (void)state;
    assert_row(VERDICT_DEFINITION_DEPENDENT, good(0), bad(1));
    assert_row(VERDICT_DEFINITION_DEPENDENT, bad(0), good(0), good(1), good(1));
    assert_row(VERDICT_REPRODUCED, good(0), good(1));
    assert_row(VERDICT_NOT_REPRODUCED, bad(0), bad(1));
}

static void an_open_definition_leaves_a_row_open(void **state) {
    (void)state;
    assert_row(VERDICT_INCONCLUSIVE, good(0), open(1));
    assert_row(VERDICT_INCONCLUSIVE, bad(0), open(1));
}

static void a_row_without_decided_measurements_is_inconclusive(void **state) {
    (void)state;
    assert_row(VERDICT_INCONCLUSIVE, reported(0), reported(1));
    assert_int_equal(VERDICT_INCONCLUSIVE, verdict_of_row(0, NULL));
    /* A definition that is only reported does not count as one. */
    assert_row(VERDICT_REPRODUCED, good(0), reported(1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_is_reproduced_by_a_narrow_interval_that_overlaps),
        cmocka_unit_test(near_is_not_reproduced_when_the_wide_interval_misses),
        cmocka_unit_test(near_is_inconclusive_between),
        cmocka_unit_test(noisy_data_are_not_decided),
        cmocka_unit_test(equality_needs_exact_counts),
        cmocka_unit_test(within_asks_for_the_whole_interval),
        cmocka_unit_test(one_sided_criteria_ask_for_the_whole_interval_on_their_side),
        cmocka_unit_test(what_is_not_measured_is_not_decided),
        cmocka_unit_test(standings_tell_why),
        cmocka_unit_test(a_row_is_decided_jointly),
        cmocka_unit_test(definitions_that_disagree_make_it_dependent),
        cmocka_unit_test(an_open_definition_leaves_a_row_open),
        cmocka_unit_test(a_row_without_decided_measurements_is_inconclusive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
