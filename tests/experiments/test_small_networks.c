/* Boltzmann machines and modern networks as a campaign sees them: parameters in, record out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "experiments/experiment.h"

static struct team *team;

static void set_integer(struct record *record, const char *name, int64_t value) {
    assert_int_equal(record_set_integer(record, name, value), STATUS_OK);
}

static void set_real(struct record *record, const char *name, double value) {
    assert_int_equal(record_set_real(record, name, value), STATUS_OK);
}

static void set_text(struct record *record, const char *name, const char *value) {
    assert_int_equal(record_set_string(record, name, value), STATUS_OK);
}

static struct record *boltzmann(int64_t neurons, const char *rule) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("boltzmann_capacity")->schema, &record), STATUS_OK);
    set_integer(record, "neurons", neurons);
    set_real(record, "load", 0.3);
    set_text(record, "rule", rule);
    set_integer(record, "epochs", 40);
    set_real(record, "step", 0.02);
    set_text(record, "biases", "no");
    set_integer(record, "networks", 6);
    return record;
}

static struct record *modern(const char *scaling, double beta, int64_t updates) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("modern_capacity")->schema, &record), STATUS_OK);
    set_integer(record, "dimension", 12);
    set_integer(record, "patterns", 300);
    set_text(record, "scaling", scaling);
    set_real(record, "beta", beta);
    set_real(record, "initial_error", 0.1);
    set_integer(record, "trials", 20);
    set_integer(record, "updates", updates);
    return record;
}

static enum status resolve(struct record *record) {
    const struct resources resources = {1, 1};
    struct error error = {STATUS_OK, ""};
    enum status status = experiment_named(record->schema->name)->resolve(record, &resources, &error);
    assert_true(status == STATUS_OK || strlen(error.text) > 0);
    return status;
}

/* Completes a copy of the record. */
static struct record *run(const struct record *values, uint64_t key, int threads) {
    struct record *record;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(record_copy(values, &record), STATUS_OK);
    const struct point point = {values, key};
    omp_set_num_threads(threads);
    enum status status = experiment_named(values->schema->name)->run(&point, team, record, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    for (const struct field *column = record->schema->columns; column->name; column++)
        assert_true(record_value(record, column->name)->count > 0);
    return record;
}

/* Ends the record. */
static void assert_depends_on_the_key_alone(struct record *values) {
    int threads = omp_get_max_threads();
    assert_int_equal(resolve(values), STATUS_OK);
    struct record *first = run(values, 1, 1), *again = run(values, 1, 3), *other = run(values, 2, 1);
    omp_set_num_threads(threads);
    assert_true(record_equal(first, again));
    assert_false(record_equal(first, other));
    record_destroy(&first);
    record_destroy(&again);
    record_destroy(&other);
    record_destroy(&values);
}

static void records_depend_on_the_data_key_alone(void **state) {
    (void)state;
    assert_depends_on_the_key_alone(boltzmann(10, "boltzmann"));
    assert_depends_on_the_key_alone(boltzmann(24, "boltzmann"));
    assert_depends_on_the_key_alone(boltzmann(24, "minimum_probability_flow"));
    assert_depends_on_the_key_alone(boltzmann(24, "hebb"));
    assert_depends_on_the_key_alone(modern("one", NAN, 1));
    assert_depends_on_the_key_alone(modern("given", 1.3, 200));
}

static void automatic_parameters_become_what_is_used(void **state) {
    (void)state;
    struct record *record = boltzmann(20, "boltzmann");
    assert_int_equal(resolve(record), STATUS_OK);
    assert_string_equal(record_string(record, "expectation"), "exact");
    record_destroy(&record);
    record = boltzmann(21, "boltzmann");
    assert_int_equal(resolve(record), STATUS_OK);
    assert_string_equal(record_string(record, "expectation"), "gibbs");
    set_text(record, "expectation", "exact");
    assert_int_equal(resolve(record), STATUS_INVALID);
    record_destroy(&record);
    record = boltzmann(20, "hebb");
    set_text(record, "biases", "yes");
    assert_int_equal(resolve(record), STATUS_INVALID);
    record_destroy(&record);
    record = modern("inverse_sqrt", NAN, 1);
    assert_int_equal(resolve(record), STATUS_OK);
    assert_true(fabs(record_real(record, "beta") - 1 / sqrt(12)) < 1e-7);
    assert_int_equal(resolve(record), STATUS_INVALID);
    record_destroy(&record);
    record = modern("given", NAN, 1);
    assert_int_equal(resolve(record), STATUS_INVALID);
    record_destroy(&record);
}

static void every_trial_is_in_one_regime(void **state) {
    (void)state;
    const char *const regimes[] = {"single_states", "metastable_states", "global_states", "unsettled_states"};
    int threads = omp_get_max_threads();
    for (double beta = 0.1; beta < 4; beta *= 3) {
        struct record *values = modern("given", beta, 100), *record = run(values, 4, 2);
        int64_t sum = 0;
        for (int i = 0; i < 4; i++)
            sum += record_integer(record, regimes[i]);
        assert_int_equal(sum, 20);
        assert_int_equal(record_integer(record, "attention_differences"), 0);
        assert_true(record_real(record, "reference_difference") < 1e-4);
        record_destroy(&values);
        record_destroy(&record);
    }
    omp_set_num_threads(threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_depend_on_the_data_key_alone),
        cmocka_unit_test(automatic_parameters_become_what_is_used),
        cmocka_unit_test(every_trial_is_in_one_regime),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    parallel_stop();
    return failed;
}
