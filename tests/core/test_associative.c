/* What holds for every learning rule under every dynamics. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "associative_case.h"

/* Runs a property on all combinations. At load 0.2 far from a pattern, retrievals take many flips, some of
 * them end in 2-cycles, and fields of zero occur. */
static void for_all(void (*property)(const struct associative_case *)) {
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++)
        for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++) {
            struct associative_case c = {
                .rule = *rule,
                .dynamics = *dynamics,
                .neurons = 150,
                .patterns = 30,
                .trials = 10,
                .initial_overlap = 0.5,
                .key = 20261,
            };
            property(&c);
        }
}

static void low_load_is_kept(const struct associative_case *c) {
    struct associative_case low = *c;
    low.neurons = 400;
    low.patterns = low.trials = 6;
    low.initial_overlap = 1;
    struct patterns *patterns = case_patterns(&low);
    int8_t *starts = case_starts(&low, patterns);
    struct associative_result result = case_run(&low, patterns, starts, NULL);
    assert_memory_equal(result.spins, starts, low.trials * low.neurons);
    for (size_t t = 0; t < low.trials; t++)
        assert_int_equal(result.outcomes[t].flips, 0);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void patterns_at_low_load_are_fixed_points(void **state) {
    (void)state;
    for_all(low_load_is_kept);
}

static void low_load_is_recalled(const struct associative_case *c) {
    struct associative_case low = *c;
    low.neurons = 400;
    low.patterns = low.trials = 6;
    low.initial_overlap = 0.7;
    struct patterns *patterns = case_patterns(&low);
    int8_t *starts = case_starts(&low, patterns), pattern[400];
    struct associative_result result = case_run(&low, patterns, starts, NULL);
    for (size_t t = 0; t < low.trials; t++) {
        patterns_spins(patterns, t, pattern);
        assert_memory_equal(result.spins + t * low.neurons, pattern, low.neurons);
    }
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void disturbed_patterns_at_low_load_are_recalled(void **state) {
    (void)state;
    for_all(low_load_is_recalled);
}

/* Multiplies every state by a gauge of signs. */
static void apply_gauge(const int8_t *gauge, size_t neurons, size_t states, int8_t *spins) {
    for (size_t t = 0; t < states; t++)
        for (size_t i = 0; i < neurons; i++)
            spins[t * neurons + i] = (int8_t)(spins[t * neurons + i] * gauge[i]);
}

static void gauge_commutes(const struct associative_case *c) {
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns), gauge[150], pattern[150];
    struct associative_result plain = case_run(c, patterns, starts, NULL);

    for (size_t i = 0; i < c->neurons; i++)
        gauge[i] = random_bits(random_source(7, RANDOM_NOISE, 0), i) & 1 ? 1 : -1;
    for (size_t p = 0; p < c->patterns; p++) {
        patterns_spins(patterns, p, pattern);
        apply_gauge(gauge, c->neurons, 1, pattern);
        patterns_set(patterns, p, pattern);
    }
    apply_gauge(gauge, c->neurons, c->trials, starts);
    struct associative_result gauged = case_run(c, patterns, starts, NULL);
    apply_gauge(gauge, c->neurons, c->trials, gauged.spins);
    case_assert_equal(c, &plain, &gauged);
    case_clear(&plain);
    case_clear(&gauged);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void flipping_a_neuron_everywhere_changes_nothing(void **state) {
    (void)state;
    for_all(gauge_commutes);
}

static void global_flip_commutes(const struct associative_case *c) {
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns), all[150];
    struct associative_result plain = case_run(c, patterns, starts, NULL);
    memset(all, -1, sizeof all);
    apply_gauge(all, c->neurons, c->trials, starts);
    struct associative_result flipped = case_run(c, patterns, starts, NULL);
    apply_gauge(all, c->neurons, c->trials, flipped.spins);
    case_assert_equal(c, &plain, &flipped);
    case_clear(&plain);
    case_clear(&flipped);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void the_opposite_start_gives_the_opposite_state(void **state) {
    (void)state;
    for_all(global_flip_commutes);
}

static void order_is_irrelevant(const struct associative_case *c) {
    if (c->rule->ordered) return;
    struct patterns *patterns = case_patterns(c), *reversed = case_patterns(c);
    int8_t *starts = case_starts(c, patterns), pattern[150];
    struct associative_result plain = case_run(c, patterns, starts, NULL);
    for (size_t p = 0; p < c->patterns; p++) {
        patterns_spins(patterns, p, pattern);
        patterns_set(reversed, c->patterns - 1 - p, pattern);
    }
    struct associative_result other = case_run(c, reversed, starts, NULL);
    case_assert_equal(c, &plain, &other);
    case_clear(&plain);
    case_clear(&other);
    memory_free(starts);
    patterns_destroy(&patterns);
    patterns_destroy(&reversed);
}

static void the_order_of_patterns_does_not_matter(void **state) {
    (void)state;
    for_all(order_is_irrelevant);
}

static void energy_never_rises_in(const struct associative_case *c) {
    if (!c->rule->symmetric) return;
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns);
    struct associative_result result = case_run(c, patterns, starts, NULL);
    uint64_t checks = 0;
    for (size_t t = 0; t < c->trials; t++) {
        assert_int_equal(result.outcomes[t].energy_rises, 0);
        assert_int_equal(result.outcomes[t].energy_checks, result.outcomes[t].sweeps);
        assert_false(result.outcomes[t].capped);
        checks += result.outcomes[t].energy_checks;
    }
    assert_true(checks > 0);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void energy_never_rises(void **state) {
    (void)state;
    for_all(energy_never_rises_in);
}

static void threads_do_not_matter_in(const struct associative_case *c) {
    int threads = omp_get_max_threads();
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns);
    omp_set_num_threads(1);
    struct associative_result one = case_run(c, patterns, starts, NULL);
    for (int count = 2; count <= 3; count++) {
        omp_set_num_threads(count);
        struct associative_result more = case_run(c, patterns, starts, NULL);
        assert_int_equal(omp_get_max_threads(), count);
        case_assert_equal(c, &one, &more);
        case_clear(&more);
    }
    omp_set_num_threads(threads);
    case_clear(&one);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void any_number_of_threads_gives_the_same(void **state) {
    (void)state;
    for_all(threads_do_not_matter_in);
}

static void kernels_do_not_matter_in(const struct associative_case *c) {
    const char *chosen = kernels()->name;
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns);
    assert_int_equal(kernels_choose("portable"), STATUS_OK);
    struct associative_result portable = case_run(c, patterns, starts, NULL);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (!(*table)->supported()) continue;
        assert_int_equal(kernels_choose((*table)->name), STATUS_OK);
        struct associative_result other = case_run(c, patterns, starts, NULL);
        case_assert_equal(c, &portable, &other);
        case_clear(&other);
    }
    assert_int_equal(kernels_choose(chosen), STATUS_OK);
    case_clear(&portable);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void every_kernel_table_gives_the_same(void **state) {
    (void)state;
    for_all(kernels_do_not_matter_in);
}

static void failing_allocations_are_reported_in(const struct associative_case *c) {
    size_t before = memory_in_use();
    int8_t spins[150];
    struct outcome outcome;
    uint64_t count;
    struct hopfield_settings settings = {.key = c->key};
    struct error error;
    enum status status = STATUS_NO_MEMORY;
    for (long allowed = 0; status != STATUS_OK; allowed++) {
        assert_true(status == STATUS_NO_MEMORY && allowed < 200);
        struct patterns *patterns = NULL;
        struct hopfield *network = NULL;
        memory_fail_after(allowed);
        status = patterns_create(c->neurons, c->patterns, &patterns);
        if (status == STATUS_OK) {
            patterns_draw(patterns, c->key);
            patterns_spins(patterns, 0, spins);
            status = hopfield_create(c->rule, patterns, HOPFIELD_MANY_TRIALS, &network, &error);
        }
        if (status == STATUS_OK) status = hopfield_count_unstable(network, 1, spins, &count, &error);
        if (status == STATUS_OK)
            status = hopfield_retrieve(network, c->dynamics, &settings, 1, spins, &outcome, &error);
        memory_fail_after(-1);
        hopfield_destroy(&network);
        patterns_destroy(&patterns);
        assert_int_equal(memory_in_use(), before);
    }
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1); /* one order of allocations */
    for_all(failing_allocations_are_reported_in);
    omp_set_num_threads(threads);
}

static void tables_find_their_entries(void **state) {
    (void)state;
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++)
        assert_ptr_equal(learning_rule_named((*rule)->name), *rule);
    for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++)
        assert_ptr_equal(dynamics_named((*dynamics)->name), *dynamics);
    assert_null(learning_rule_named("heb"));
    assert_null(dynamics_named(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_find_their_entries),
        cmocka_unit_test(patterns_at_low_load_are_fixed_points),
        cmocka_unit_test(disturbed_patterns_at_low_load_are_recalled),
        cmocka_unit_test(flipping_a_neuron_everywhere_changes_nothing),
        cmocka_unit_test(the_opposite_start_gives_the_opposite_state),
        cmocka_unit_test(the_order_of_patterns_does_not_matter),
        cmocka_unit_test(energy_never_rises),
        cmocka_unit_test(any_number_of_threads_gives_the_same),
        cmocka_unit_test(every_kernel_table_gives_the_same),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
