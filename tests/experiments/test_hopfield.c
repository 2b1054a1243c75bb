/* The experiments with Hopfield networks as a campaign sees them: parameters in, record out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/engine.h"
#include "core/base/memory.h"
#include "counted_unit.h"

static struct team *team;

/* --- hopfield_capacity ------------------------------------------------------------------------------ */

static struct record *capacity_parameters(int64_t neurons, double load, const char *rule,
                                          const char *dynamics) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_capacity")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", neurons), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", load), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", rule), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", dynamics), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 8), STATUS_OK);
    return record;
}

static enum status resolve(struct record *values, struct error *error) {
    const struct resources resources = {1, 1};
    return experiment_named("hopfield_capacity")->resolve(values, &resources, error);
}

static void the_record_depends_on_the_data_key_alone(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    struct record *first = capacity_parameters(300, 0.15, "hebb", "asynchronous"), *again, *other;
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

static void dynamics_see_the_same_patterns(void **state) {
    (void)state;
    struct record *one = capacity_parameters(300, 0.15, "hebb", "asynchronous");
    struct record *all = capacity_parameters(300, 0.15, "hebb", "synchronous");
    counted_unit_run(team, one, 3);
    counted_unit_run(team, all, 3);
    assert_true(record_integer(one, "first_step_errors") > 0);
    assert_int_equal(record_integer(one, "first_step_errors"), record_integer(all, "first_step_errors"));
    assert_int_equal(record_integer(one, "cycles"), 0);
    record_destroy(&one);
    record_destroy(&all);
}

static void low_loads_succeed_from_near_and_far(void **state) {
    (void)state;
    const double overlaps[] = {1, 0.6};
    const char *const rules[] = {"hebb", "pseudo_inverse"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = capacity_parameters(300, 0.02, rules[k / 2], "asynchronous");
        assert_int_equal(record_set_real(record, "initial_overlap", overlaps[k % 2]), STATUS_OK);
        counted_unit_run(team, record, 4);
        assert_int_equal(record_integer(record, "patterns"), 6);
        assert_int_equal(record_integer(record, "successes"), 8);
        assert_int_equal(record_integer(record, "fixed_patterns"), 8);
        assert_int_equal(record_integer(record, "first_step_errors"), 0);
        assert_int_equal(record_integer(record, "capped") + record_integer(record, "energy_rises"), 0);
        const struct value *flips = record_value(record, "flips");
        for (size_t t = 0; t < 8; t++)
            assert_true(k % 2 ? flips->integers[t] >= 60 : flips->integers[t] == 0);
        record_destroy(&record);
    }
}

static void automatic_trials_are_one_for_each_pattern(void **state) {
    (void)state;
    struct record *given = capacity_parameters(200, 0.1, "hebb", "asynchronous"), *record;
    assert_int_equal(resolve(given, NULL), STATUS_OK);
    assert_int_equal(record_integer(given, "trials"), 8);
    assert_int_equal(record_create(given->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", 200), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", 0.1), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", "hebb"), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", "asynchronous"), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(resolve(record, NULL), STATUS_OK);
    assert_int_equal(record_integer(record, "trials"), 20);
    counted_unit_run(team, record, 5);
    assert_int_equal(record_value(record, "overlap")->count, 20);
    record_destroy(&given);
    record_destroy(&record);
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    const struct {
        int64_t neurons;
        double load;
        const char *rule, *word;
        enum status status;
    } cases[] = {
        {100, 1, "pseudo_inverse", "fewer patterns", STATUS_INVALID},
        {100, 0.99, "pseudo_inverse", "", STATUS_OK},
        {20000, 4, "hebb", "", STATUS_OK}, /* from the patterns: couplings would need more than 16 bits */
        {200000, 0.1, "hebb", "", STATUS_OK},
        {100, 0, "hebb", "", STATUS_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {STATUS_OK, ""};
        struct record *record =
            capacity_parameters(cases[i].neurons, cases[i].load, cases[i].rule, "asynchronous");
        assert_int_equal(resolve(record, &error), cases[i].status);
        assert_non_null(strstr(error.text, cases[i].word));
        record_destroy(&record);
    }
}

static void rules_that_keep_a_diagonal_are_named(void **state) {
    (void)state;
    const struct field *parameter = experiment_named("hopfield_capacity")->schema.parameters;
    while (strcmp(parameter->name, "rule") != 0)
        parameter++;
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++)
        if ((*rule)->diagonal) assert_non_null(strstr(parameter->description, (*rule)->name));
}

/* Never below what is used, or a plan would let a unit start that cannot end; not far above either. */
static void estimates_of_memory_hold(void **state) {
    (void)state;
    const char *const rules[] = {"hebb", "pseudo_inverse"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = capacity_parameters(k % 2 ? 1000 : 300, 0.3, rules[k / 2], "asynchronous");
        struct point point = {record, 6};
        double bytes = experiment_named("hopfield_capacity")->estimate(&point).bytes_per_rank;
        size_t before = memory_in_use();
        memory_reset_high_water();
        counted_unit_run(team, record, 6);
        double used = (double)(memory_high_water() - before);
        assert_true(used <= bytes + 65536);
        assert_true(bytes <= 3 * used);
        record_destroy(&record);
    }
}

/* --- hopfield_dilution ------------------------------------------------------------------------------ */

static struct record *dilution_parameters(const char *dynamics, double kept, double asymmetry) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_dilution")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", 300), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", 0.15), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", dynamics), STATUS_OK);
    assert_int_equal(record_set_real(record, "kept", kept), STATUS_OK);
    assert_int_equal(record_set_real(record, "asymmetry", asymmetry), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 0.8), STATUS_OK);
    assert_int_equal(record_set_integer(record, "sweep_cap", 200), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 8), STATUS_OK);
    return record;
}

static void every_run_has_one_end(void **state) {
    (void)state;
    const char *const dynamics[] = {"asynchronous", "synchronous"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = dilution_parameters(dynamics[k / 2], 0.1, (double)(k % 2));
        counted_unit_run(team, record, 21);
        int64_t converged = record_integer(record, "converged"), cycles = record_integer(record, "cycles"),
                capped = record_integer(record, "capped"), longest = 0;
        const struct value *sweeps = record_value(record, "sweeps");
        for (size_t t = 0; t < sweeps->count; t++)
            longest = sweeps->integers[t] > longest ? sweeps->integers[t] : longest;
        assert_int_equal(converged + cycles + capped, 8);
        assert_true(k / 2 == 1 || cycles == 0);
        assert_true((capped > 0) == (k % 2 == 1));
        assert_true(longest <= 200 && (capped == 0 || longest == 200));
        assert_true((record_integer(record, "energy_checks") > 0) == (k % 2 == 0));
        assert_int_equal(record_integer(record, "energy_rises"), 0);
        record_destroy(&record);
    }
}

/* What both tables have, where all connections are kept. */
static void without_dilution_both_experiments_agree(void **state) {
    (void)state;
    const char *const columns[] = {"patterns", "successes", "first_step_errors", "fixed_patterns",
                                   "cycles",   "capped",    "energy_checks"};
    struct record *all = dilution_parameters("synchronous", 1, 0.5);
    struct record *plain = capacity_parameters(300, 0.15, "hebb", "synchronous");
    assert_int_equal(record_set_real(plain, "initial_overlap", 0.8), STATUS_OK);
    counted_unit_run(team, all, 22);
    counted_unit_run(team, plain, 22);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        assert_int_equal(record_integer(all, columns[c]), record_integer(plain, columns[c]));
    assert_memory_equal(record_value(all, "overlap")->reals, record_value(plain, "overlap")->reals,
                        8 * sizeof(double));
    record_destroy(&all);
    record_destroy(&plain);
}

static void diluted_records_do_not_depend_on_threads(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    struct record *one = dilution_parameters("asynchronous", 0.3, 0.5), *three;
    assert_int_equal(record_copy(one, &three), STATUS_OK);
    omp_set_num_threads(1);
    counted_unit_run(team, one, 23);
    omp_set_num_threads(3);
    counted_unit_run(team, three, 23);
    omp_set_num_threads(threads);
    assert_true(record_equal(one, three));
    record_destroy(&one);
    record_destroy(&three);
}

/* Without dilution, one trial of 2000 neurons would learn nothing. */
static void estimates_of_dilution_hold(void **state) {
    (void)state;
    const int64_t neurons[] = {1000, 2000}, trials[] = {8, 1};
    for (size_t k = 0; k < 2; k++) {
        struct record *record = dilution_parameters("asynchronous", 0.3, 0.5);
        assert_int_equal(record_set_integer(record, "neurons", neurons[k]), STATUS_OK);
        assert_int_equal(record_set_integer(record, "trials", trials[k]), STATUS_OK);
        struct point point = {record, 24};
        struct estimate estimate = experiment_named("hopfield_dilution")->estimate(&point);
        size_t before = memory_in_use();
        memory_reset_high_water();
        counted_unit_run(team, record, 24);
        double used = (double)(memory_high_water() - before);
        assert_true(used <= estimate.bytes_per_rank + 65536);
        assert_true(estimate.bytes_per_rank <= 3 * used);
        assert_true(estimate.flops > engine_operations(&rule_hebb, HOPFIELD_COUPLINGS, (size_t)neurons[k],
                                                       (size_t)record_integer(record, "patterns"),
                                                       (size_t)trials[k]));
        record_destroy(&record);
    }
}

/* --- all of them ------------------------------------------------------------------------------------- */

static struct record *rule_parameters(const char *rule) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("rule_capacity")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", rule), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    return record;
}

/* Where neurons are few, what is kept of each trial is most of the memory. */
static void estimates_of_many_trials_hold(void **state) {
    (void)state;
    struct record *const records[] = {capacity_parameters(4, 0.5, "hebb", "asynchronous"),
                                      dilution_parameters("synchronous", 1, 0),
                                      rule_parameters("pseudo_inverse")};
    for (size_t k = 0; k < 3; k++) {
        struct record *record = records[k];
        assert_int_equal(record_set_integer(record, "neurons", 4), STATUS_OK);
        assert_int_equal(record_set_real(record, "load", 0.5), STATUS_OK);
        assert_int_equal(record_set_integer(record, "trials", k == 0 ? 300000 : 100000), STATUS_OK);
        counted_unit_run(team, record, 31);
        record_destroy(&record);
    }
}

int main(void) {
    const struct CMUnitTest capacity[] = {
        cmocka_unit_test(the_record_depends_on_the_data_key_alone),
        cmocka_unit_test(dynamics_see_the_same_patterns),
        cmocka_unit_test(low_loads_succeed_from_near_and_far),
        cmocka_unit_test(automatic_trials_are_one_for_each_pattern),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(rules_that_keep_a_diagonal_are_named),
        cmocka_unit_test(estimates_of_memory_hold),
    };
    const struct CMUnitTest dilution[] = {
        cmocka_unit_test(every_run_has_one_end),
        cmocka_unit_test(without_dilution_both_experiments_agree),
        cmocka_unit_test(diluted_records_do_not_depend_on_threads),
        cmocka_unit_test(estimates_of_dilution_hold),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test(estimates_of_many_trials_hold),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    size_t before = memory_in_use();
    int failed = cmocka_run_group_tests(capacity, NULL, NULL);
    failed += cmocka_run_group_tests(dilution, NULL, NULL);
    failed += cmocka_run_group_tests(all, NULL, NULL);
    if (memory_in_use() != before) {
        fprintf(stderr, "%zu bytes were not given back\n", memory_in_use() - before);
        failed++;
    }
    parallel_stop();
    return failed;
}
