/* What holds for associative memories of every order and both families. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/order_k.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { NEURONS = 70, TRIALS = 6, KEY = 11 };

/* A network and starts at some overlap with its patterns. */
struct problem {
    struct order_rule rule;
    size_t count;
    struct patterns *patterns;
    int8_t starts[TRIALS][NEURONS];
};

struct result {
    int8_t spins[TRIALS][NEURONS];
    struct outcome outcomes[TRIALS];
};

/* Patterns at the scaled load a of the family (crosstalk is the same at the same a); above 0.2 retrievals
 * take many flips. */
static size_t count_at(struct order_rule rule, double load) {
    double count = load * NEURONS;
    for (int k = 2; k < rule.order; k++)
        count *= (double)NEURONS / (rule.family == ORDER_FULL ? 2 * k - 1 : k);
    return count < 2 ? 2 : (size_t)count;
}

static struct problem problem_of(struct order_rule rule, double load, double overlap) {
    struct problem p = {.rule = rule, .count = count_at(rule, load)};
    assert_int_equal(patterns_create(NEURONS, p.count, &p.patterns), STATUS_OK);
    patterns_draw(p.patterns, KEY);
    for (size_t t = 0; t < TRIALS; t++) {
        patterns_spins(p.patterns, t * p.count / TRIALS, p.starts[t]);
        assert_int_equal(patterns_disturb(NEURONS, patterns_flips_for(NEURONS, overlap),
                                          random_source(KEY, RANDOM_START, (uint32_t)t), p.starts[t]),
                         STATUS_OK);
    }
    return p;
}

static void run(const struct problem *p, struct result *result) {
    const struct hopfield_settings settings = {.key = KEY};
    struct error error = {STATUS_OK, ""};
    memcpy(result->spins, p->starts, sizeof result->spins);
    enum status status =
        order_retrieve(p->rule, p->patterns, &settings, TRIALS, result->spins[0], result->outcomes, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
}

static void assert_same(const struct result *a, const struct result *b) {
    assert_memory_equal(a->spins, b->spins, sizeof a->spins);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_int_equal(a->outcomes[t].flips, b->outcomes[t].flips);
        assert_int_equal(a->outcomes[t].sweeps, b->outcomes[t].sweeps);
    }
}

static uint64_t flips(const struct result *result) {
    uint64_t sum = 0;
    for (size_t t = 0; t < TRIALS; t++)
        sum += result->outcomes[t].flips;
    return sum;
}

static void for_all(void (*property)(struct order_rule rule)) {
    for (enum order_family family = 0; family < ORDER_FAMILY_COUNT; family++)
        for (int order = ORDER_LEAST; order <= ORDER_MOST; order++)
            property((struct order_rule){family, order});
}

/* --- properties ------------------------------------------------------------------------------------- */

static void check_fixed(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.03, 1);
    struct result result;
    uint64_t unstable[TRIALS];
    struct error error;
    assert_int_equal(order_count_unstable(rule, p.patterns, TRIALS, p.starts[0], unstable, &error),
                     STATUS_OK);
    run(&p, &result);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_int_equal(unstable[t], 0);
        assert_int_equal(result.outcomes[t].sweeps, 0);
    }
    assert_memory_equal(result.spins, p.starts, sizeof p.starts);
    patterns_destroy(&p.patterns);
    p = problem_of(rule, 0.03, 0.8);
    run(&p, &result);
    for (size_t t = 0; t < TRIALS; t++)
        assert_int_equal(patterns_overlap(p.patterns, t * p.count / TRIALS, result.spins[t]), NEURONS);
    patterns_destroy(&p.patterns);
}

static void stored_patterns_at_low_load_are_fixed_points_that_attract(void **state) {
    (void)state;
    for_all(check_fixed);
}

static void check_energy(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.3, 0.4);
    struct result result;
    run(&p, &result);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_int_equal(result.outcomes[t].energy_rises, 0);
        assert_int_equal(result.outcomes[t].energy_checks, result.outcomes[t].sweeps);
        assert_false(result.outcomes[t].capped);
    }
    assert_true(flips(&result) >= TRIALS * 10);
    /* Where it stays nothing is unstable. */
    uint64_t unstable[TRIALS];
    struct error error;
    assert_int_equal(order_count_unstable(rule, p.patterns, TRIALS, result.spins[0], unstable, &error),
                     STATUS_OK);
    for (size_t t = 0; t < TRIALS; t++)
        assert_int_equal(unstable[t], 0);
    patterns_destroy(&p.patterns);
}

static void energy_never_rises_and_runs_end_at_fixed_points(void **state) {
    (void)state;
    for_all(check_energy);
}

/* Turning neuron i over in all patterns and in the state changes nothing else. */
static void check_gauge(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.25, 0.5);
    struct result before, after;
    run(&p, &before);
    for (size_t m = 0; m < p.count; m++) {
        int8_t spins[NEURONS];
        patterns_spins(p.patterns, m, spins);
        for (size_t i = 0; i < NEURONS; i += 3)
            spins[i] = (int8_t)-spins[i];
        patterns_set(p.patterns, m, spins);
    }
    for (size_t t = 0; t < TRIALS; t++)
        for (size_t i = 0; i < NEURONS; i += 3) {
            p.starts[t][i] = (int8_t)-p.starts[t][i];
            before.spins[t][i] = (int8_t)-before.spins[t][i];
        }
    run(&p, &after);
    assert_same(&before, &after);
    patterns_destroy(&p.patterns);
}

static void turning_a_neuron_over_everywhere_changes_nothing(void **state) {
    (void)state;
    for_all(check_gauge);
}

/* Even orders do not tell a state from its opposite; odd ones have the opposite of a pattern at the top. */
static void check_global_flip(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.25, 0.5);
    struct result before, after;
    run(&p, &before);
    for (size_t t = 0; t < TRIALS; t++)
        for (size_t i = 0; i < NEURONS; i++) {
            p.starts[t][i] = (int8_t)-p.starts[t][i];
            before.spins[t][i] = (int8_t)-before.spins[t][i];
        }
    run(&p, &after);
    if (rule.order % 2 == 0)
        assert_same(&before, &after);
    else
        assert_true(memcmp(before.spins, after.spins, sizeof after.spins) != 0);
    patterns_destroy(&p.patterns);
}

static void even_orders_do_not_tell_a_state_from_its_opposite(void **state) {
    (void)state;
    for_all(check_global_flip);
}

static void check_order_of_patterns(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.25, 0.5);
    struct result before, after;
    run(&p, &before);
    for (size_t m = 0; m < p.count / 2; m++) {
        int8_t a[NEURONS], b[NEURONS];
        patterns_spins(p.patterns, m, a);
        patterns_spins(p.patterns, p.count - 1 - m, b);
        patterns_set(p.patterns, m, b);
        patterns_set(p.patterns, p.count - 1 - m, a);
    }
    run(&p, &after);
    assert_same(&before, &after);
    patterns_destroy(&p.patterns);
}

static void the_order_of_patterns_does_not_matter(void **state) {
    (void)state;
    for_all(check_order_of_patterns);
}

static void check_threads_and_kernels(struct order_rule rule) {
    struct problem p = problem_of(rule, 0.25, 0.5);
    struct result one, other;
    int threads = omp_get_max_threads();
    const char *best = kernels()->name;
    omp_set_num_threads(1);
    run(&p, &one);
    omp_set_num_threads(3);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        run(&p, &other);
        assert_same(&one, &other);
    }
    assert_int_equal(kernels_choose(best), STATUS_OK);
    omp_set_num_threads(threads);
    patterns_destroy(&p.patterns);
}

static void threads_and_instruction_sets_do_not_matter(void **state) {
    (void)state;
    for_all(check_threads_and_kernels);
}

static void the_cap_on_sweeps_is_reported(void **state) {
    (void)state;
    struct problem p = problem_of((struct order_rule){ORDER_FULL, 3}, 0.3, 0.2);
    const struct hopfield_settings settings = {.key = KEY, .sweep_cap = 1};
    struct outcome outcomes[TRIALS];
    struct error error;
    size_t capped = 0;
    assert_int_equal(order_retrieve(p.rule, p.patterns, &settings, TRIALS, p.starts[0], outcomes, &error),
                     STATUS_OK);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_int_equal(outcomes[t].sweeps, 1);
        capped += outcomes[t].capped;
    }
    assert_true(capped > 0);
    patterns_destroy(&p.patterns);
}

static void sums_that_might_overflow_are_refused(void **state) {
    (void)state;
    const struct {
        struct order_rule rule;
        size_t neurons, patterns;
        enum status status;
    } cases[] = {
        {{ORDER_FULL, 1}, 10, 10, STATUS_INVALID},
        {{ORDER_FULL, 5}, 10, 10, STATUS_INVALID},
        {{ORDER_FULL, 4}, 1000, 10, STATUS_OK},
        {{ORDER_FULL, 4}, 1100, 10, STATUS_UNSUPPORTED},
        {{ORDER_DISTINCT, 4}, 1100, 10, STATUS_UNSUPPORTED},
        {{ORDER_DISTINCT, 3}, 18000, 10, STATUS_OK},
        {{ORDER_DISTINCT, 3}, 40000, 10, STATUS_UNSUPPORTED},
        {{ORDER_FULL, 4}, 1000, 1000000, STATUS_OK},
        {{ORDER_FULL, 4}, 1000, 2000000, STATUS_UNSUPPORTED},
        {{ORDER_FULL, 2}, 1000000, 138000, STATUS_OK},
        {{ORDER_FULL, 2}, (size_t)1 << 30, 10, STATUS_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {STATUS_OK, ""};
        assert_int_equal(order_check(cases[i].rule, cases[i].neurons, cases[i].patterns, &error),
                         cases[i].status);
        assert_int_equal(error.text[0] != 0, cases[i].status != STATUS_OK);
    }
}

static void running_out_of_memory_is_reported_and_leaks_nothing(void **state) {
    (void)state;
    struct problem p = problem_of((struct order_rule){ORDER_FULL, 3}, 0.1, 0.8);
    const struct hopfield_settings settings = {.key = KEY};
    struct outcome outcomes[TRIALS];
    struct error error = {STATUS_OK, ""};
    size_t before = memory_in_use();
    for (long allowed = 0; allowed < 7; allowed++) {
        memory_fail_after(allowed);
        assert_int_equal(order_retrieve(p.rule, p.patterns, &settings, 1, p.starts[0], outcomes, &error),
                         STATUS_NO_MEMORY);
        memory_fail_after(-1);
        assert_int_equal(memory_in_use(), before);
    }
    patterns_destroy(&p.patterns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_patterns_at_low_load_are_fixed_points_that_attract),
        cmocka_unit_test(energy_never_rises_and_runs_end_at_fixed_points),
        cmocka_unit_test(turning_a_neuron_over_everywhere_changes_nothing),
        cmocka_unit_test(even_orders_do_not_tell_a_state_from_its_opposite),
        cmocka_unit_test(the_order_of_patterns_does_not_matter),
        cmocka_unit_test(threads_and_instruction_sets_do_not_matter),
        cmocka_unit_test(the_cap_on_sweeps_is_reported),
        cmocka_unit_test(sums_that_might_overflow_are_refused),
        cmocka_unit_test(running_out_of_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
