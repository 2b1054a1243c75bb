/* The experiments with memories of order K and with complex neurons as a campaign sees them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "counted_unit.h"

static struct team *team;

static struct record *parameters(const char *experiment, int64_t neurons, double load) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named(experiment)->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", neurons), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", load), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 8), STATUS_OK);
    return record;
}

static struct record *order_parameters(int64_t neurons, int64_t order, double load, const char *family) {
    struct record *record = parameters("order_capacity", neurons, load);
    assert_int_equal(record_set_integer(record, "order", order), STATUS_OK);
    assert_int_equal(record_set_string(record, "family", family), STATUS_OK);
    return record;
}

static struct record *phasor_parameters(int64_t neurons, int64_t states, double load) {
    struct record *record = parameters("phasor_capacity", neurons, load);
    assert_int_equal(record_set_integer(record, "states", states), STATUS_OK);
    return record;
}

static const struct experiment *experiment_of(const struct record *record) {
    return experiment_named(record->schema->name);
}

static enum status resolve(struct record *record, struct error *error) {
    return experiment_of(record)->resolve(record, &(struct resources){1, 1}, error);
}

static void check_key_alone(struct record *first) {
    struct record *again, *other;
    int threads = omp_get_max_threads();
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

static void records_depend_on_the_data_key_alone(void **state) {
    (void)state;
    check_key_alone(order_parameters(60, 3, 0.08, "full"));
    check_key_alone(order_parameters(40, 4, 0.04, "distinct"));
    check_key_alone(phasor_parameters(200, 3, 0.25));
    check_key_alone(phasor_parameters(200, 0, 0.05));
}

static void low_loads_succeed_and_high_ones_do_not(void **state) {
    (void)state;
    struct record *const low[] = {order_parameters(60, 2, 0.03, "full"),
                                  order_parameters(60, 3, 0.01, "full"),
                                  order_parameters(60, 4, 0.002, "full"), phasor_parameters(200, 5, 0.01)};
    struct record *const high[] = {order_parameters(60, 3, 0.6, "full"),
                                   order_parameters(60, 3, 0.9, "distinct"), phasor_parameters(200, 5, 0.4),
                                   phasor_parameters(200, 0, 0.2)};
    for (size_t i = 0; i < 4; i++) {
        struct record *good = low[i], *bad = high[i];
        counted_unit_run(team, good, 3);
        assert_int_equal(record_integer(good, "successes"), 8);
        assert_int_equal(record_integer(good, "fixed_patterns"), 8);
        assert_int_equal(record_integer(good, "first_step_errors"), 0);
        counted_unit_run(team, bad, 3);
        assert_true(record_integer(bad, "successes") < 8);
        assert_true(record_integer(bad, "first_step_errors") > 0);
        assert_int_equal(record_integer(bad, "energy_rises") + record_integer(bad, "capped"), 0);
        assert_true(record_integer(bad, "energy_checks") > 0);
        record_destroy(&good);
        record_destroy(&bad);
    }
}

static void loads_are_scaled_with_the_order(void **state) {
    (void)state;
    const int64_t patterns[] = {4, 160, 6400};
    for (int64_t order = 2; order <= 4; order++) {
        struct record *record = order_parameters(40, order, 0.1, "distinct");
        counted_unit_run(team, record, 4);
        assert_int_equal(record_integer(record, "patterns"), patterns[order - 2]);
        record_destroy(&record);
    }
}

static void families_of_order_two_are_one(void **state) {
    (void)state;
    struct record *full = order_parameters(150, 2, 0.16, "full");
    struct record *distinct = order_parameters(150, 2, 0.16, "distinct");
    counted_unit_run(team, full, 5);
    counted_unit_run(team, distinct, 5);
    const struct value *a = record_value(full, "overlap"), *b = record_value(distinct, "overlap");
    assert_memory_equal(a->reals, b->reals, 8 * sizeof *a->reals);
    assert_true(record_integer(full, "first_step_errors") > 0);
    assert_int_equal(record_integer(full, "first_step_errors"),
                     record_integer(distinct, "first_step_errors"));
    record_destroy(&full);
    record_destroy(&distinct);
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    struct record *const records[] = {
        order_parameters(2000, 4, 0.01, "full"), order_parameters(200000, 3, 0.1, "distinct"),
        order_parameters(1000, 4, 4, "distinct"), phasor_parameters(100, 1, 0.1)};
    const char *const words[] = {"32 bits", "32 bits", "64 bits", "states"};
    for (size_t i = 0; i < 4; i++) {
        struct error error = {STATUS_OK, ""};
        struct record *record = records[i];
        assert_int_not_equal(resolve(record, &error), STATUS_OK);
        assert_non_null(strstr(error.text, words[i]));
        record_destroy(&record);
    }
}

/* Where neurons are few, what is kept of each trial is most of the memory. */
static void estimates_of_many_trials_hold(void **state) {
    (void)state;
    struct record *const records[] = {order_parameters(4, 2, 0.5, "full"), phasor_parameters(4, 3, 0.5)};
    for (size_t i = 0; i < 2; i++) {
        struct record *record = records[i];
        assert_int_equal(record_set_integer(record, "trials", 200000), STATUS_OK);
        counted_unit_run(team, record, 6);
        record_destroy(&record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_depend_on_the_data_key_alone),
        cmocka_unit_test(low_loads_succeed_and_high_ones_do_not),
        cmocka_unit_test(loads_are_scaled_with_the_order),
        cmocka_unit_test(families_of_order_two_are_one),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(estimates_of_many_trials_hold),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    size_t before = memory_in_use();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (memory_in_use() != before) {
        fprintf(stderr, "%zu bytes were not given back\n", memory_in_use() - before);
        failed++;
    }
    parallel_stop();
    return failed;
}
