/* The experiment with temperature as a campaign sees it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>
#include <omp.h>

#include "counted_unit.h"

enum { TRIALS = 8 };

static struct team *team;

static struct record *parameters(double load, double temperature, const char *start) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_phases")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", 400), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", load), STATUS_OK);
    assert_int_equal(record_set_real(record, "temperature", temperature), STATUS_OK);
    assert_int_equal(record_set_string(record, "start", start), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", TRIALS), STATUS_OK);
    assert_int_equal(record_set_integer(record, "equilibration", 40), STATUS_OK);
    assert_int_equal(record_set_integer(record, "measurement", 40), STATUS_OK);
    return record;
}

static double mean(const struct record *record, const char *column) {
    const struct value *value = record_value(record, column);
    assert_int_equal(value->count, TRIALS);
    double sum = 0;
    for (size_t t = 0; t < TRIALS; t++)
        sum += value->reals[t] / TRIALS;
    return sum;
}

static void records_depend_on_the_data_key_alone(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    struct record *first = parameters(0.05, 0.5, "random"), *again, *other;
    assert_int_equal(record_copy(first, &again), STATUS_OK);
    assert_int_equal(record_copy(first, &other), STATUS_OK);
    omp_set_num_threads(1);
    counted_unit_run(team, first, 1);
    omp_set_num_threads(3);
    counted_unit_run(team, again, 1);
    counted_unit_run(team, other, 2);
    omp_set_num_threads(threads);
    assert_true(record_equal(first, again));
    assert_false(record_equal(first, other));
    record_destroy(&first);
    record_destroy(&again);
    record_destroy(&other);
}

/* At temperature 0 a trial is a retrieval, and time averages are those of where it ends. */
static void the_cold_is_retrieval(void **state) {
    (void)state;
    struct record *cold = parameters(0.13, 0, "pattern"), *retrieval;
    assert_int_equal(record_create(&experiment_named("hopfield_capacity")->schema, &retrieval), STATUS_OK);
    assert_int_equal(record_set_integer(retrieval, "neurons", 400), STATUS_OK);
    assert_int_equal(record_set_real(retrieval, "load", 0.13), STATUS_OK);
    assert_int_equal(record_set_real(retrieval, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(record_set_string(retrieval, "rule", "hebb"), STATUS_OK);
    assert_int_equal(record_set_string(retrieval, "dynamics", "asynchronous"), STATUS_OK);
    assert_int_equal(record_set_integer(retrieval, "trials", TRIALS), STATUS_OK);
    counted_unit_run(team, cold, 4);
    counted_unit_run(team, retrieval, 4);
    for (size_t t = 0; t < TRIALS; t++) {
        double m = record_value(cold, "overlap")->reals[t];
        assert_true(fabs(m - record_value(retrieval, "overlap")->reals[t]) < 1e-12);
        assert_true(record_value(cold, "order")->reals[t] == 1);
        assert_true(record_value(cold, "overlap_deviation")->reals[t] < 1e-6);
        assert_true(record_value(cold, "largest_overlap")->reals[t] >= fabs(m) - 1e-12);
        assert_int_equal(record_value(cold, "flips")->integers[t],
                         record_value(retrieval, "flips")->integers[t]);
    }
    record_destroy(&cold);
    record_destroy(&retrieval);
}

/* Far inside the phases; averages over 8 trials of 400 neurons, more than ten standard errors away. */
static void phases_are_told_apart(void **state) {
    (void)state;
    struct record *retrieval = parameters(0.02, 0.3, "pattern"), *glass = parameters(0.5, 0.3, "random"),
                  *paramagnet = parameters(0.02, 2, "pattern");
    counted_unit_run(team, retrieval, 5);
    counted_unit_run(team, glass, 5);
    counted_unit_run(team, paramagnet, 5);
    assert_true(mean(retrieval, "overlap") > 0.95 && mean(retrieval, "order") > 0.9);
    assert_true(mean(retrieval, "energy") < -0.4);
    assert_true(mean(glass, "largest_overlap") < 0.6 && mean(glass, "order") > 0.5);
    assert_true(mean(paramagnet, "overlap") < 0.2 && mean(paramagnet, "order") < 0.1);
    assert_true(mean(paramagnet, "energy") > -0.1);
    record_destroy(&retrieval);
    record_destroy(&glass);
    record_destroy(&paramagnet);
}

/* Where neurons are few, what is kept of each trial is most of the memory. */
static void estimates_of_many_trials_hold(void **state) {
    (void)state;
    struct record *record = parameters(0.5, 0.5, "random");
    assert_int_equal(record_set_integer(record, "neurons", 4), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 500000), STATUS_OK);
    assert_int_equal(record_set_integer(record, "equilibration", 0), STATUS_OK);
    assert_int_equal(record_set_integer(record, "measurement", 2), STATUS_OK);
    counted_unit_run(team, record, 6);
    record_destroy(&record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_depend_on_the_data_key_alone),
        cmocka_unit_test(the_cold_is_retrieval),
        cmocka_unit_test(phases_are_told_apart),
        cmocka_unit_test(estimates_of_many_trials_hold),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    parallel_stop();
    return failed;
}
