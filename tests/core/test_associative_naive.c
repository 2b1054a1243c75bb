/* The flip-driven engine beside the loop that a textbook would write: same flips in the same order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "associative_case.h"

enum { NEURONS = 120, PATTERNS = 24, TRIALS = 6, FLIPS_MAX = 20000 };

/* Flips in the order they happened, by trial. */
struct flip_log {
    size_t counts[TRIALS];
    uint32_t neurons[TRIALS][FLIPS_MAX];
};

static void log_flip(void *context, size_t trial, size_t neuron) {
    struct flip_log *log = context;
    if (log->counts[trial] < FLIPS_MAX) log->neurons[trial][log->counts[trial]] = (uint32_t)neuron;
    log->counts[trial]++;
}

/* N J_ij by the rule's own formula where that is a line, else as the engine stores them. */
static void naive_couplings(const struct associative_case *c, const struct patterns *patterns,
                            double couplings[NEURONS][NEURONS]) {
    struct hopfield *network;
    struct error error;
    assert_int_equal(hopfield_create(c->rule, patterns, HOPFIELD_MANY_TRIALS, &network, &error), STATUS_OK);
    const struct couplings *stored = hopfield_couplings(network);
    for (size_t j = 0; j < NEURONS; j++)
        for (size_t i = 0; i < NEURONS; i++)
            couplings[i][j] = couplings_entry(stored, j, i);
    hopfield_destroy(&network);
    if (strcmp(c->rule->name, "hebb") != 0) return;
    int8_t pattern[NEURONS];
    memset(couplings, 0, sizeof(double[NEURONS][NEURONS]));
    for (size_t p = 0; p < PATTERNS; p++) {
        patterns_spins(patterns, p, pattern);
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++)
                if (i != j) couplings[i][j] += pattern[i] * pattern[j];
    }
}

static double field(double couplings[NEURONS][NEURONS], const int8_t *spins, size_t neuron) {
    double sum = 0;
    for (size_t j = 0; j < NEURONS; j++)
        sum += couplings[neuron][j] * spins[j];
    return sum;
}

/* Real fields that are zero but for rounding, which keep the state as well. */
static const double ZERO = 1e-7;

static struct random_source order_source;
static uint64_t order_sweep;

static int by_rank(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = random_bits(order_source, order_sweep << 32 | i);
    uint64_t y = random_bits(order_source, order_sweep << 32 | j);
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

static void naive_asynchronous(double couplings[NEURONS][NEURONS], int8_t *spins, size_t trial,
                               struct flip_log *log) {
    for (size_t flipped = 1; flipped > 0; order_sweep++) {
        uint32_t order[NEURONS];
        for (uint32_t i = 0; i < NEURONS; i++)
            order[i] = i;
        qsort(order, NEURONS, sizeof *order, by_rank);
        flipped = 0;
        for (size_t n = 0; n < NEURONS; n++) {
            if (spins[order[n]] * field(couplings, spins, order[n]) >= -ZERO) continue;
            spins[order[n]] = (int8_t)-spins[order[n]];
            log_flip(log, trial, order[n]);
            flipped++;
        }
    }
}

/* Ends when a step leads to the present state or to the one before. */
static void naive_synchronous(double couplings[NEURONS][NEURONS], int8_t *spins, size_t trial,
                              struct flip_log *log, bool *cycle) {
    int8_t before[NEURONS] = {0}, after[NEURONS];
    *cycle = false;
    for (;;) {
        for (size_t i = 0; i < NEURONS; i++)
            after[i] = (int8_t)(spins[i] * field(couplings, spins, i) < -ZERO ? -spins[i] : spins[i]);
        *cycle = memcmp(after, before, NEURONS) == 0;
        if (*cycle || memcmp(after, spins, NEURONS) == 0) return;
        for (size_t i = 0; i < NEURONS; i++)
            if (after[i] != spins[i]) log_flip(log, trial, i);
        memcpy(before, spins, NEURONS);
        memcpy(spins, after, NEURONS);
    }
}

/* Runs both; returns the number of trials that ended in a 2-cycle. */
static size_t compare(const struct associative_case *c) {
    static struct flip_log engine, naive;
    static double couplings[NEURONS][NEURONS];
    memset(&engine, 0, sizeof engine);
    memset(&naive, 0, sizeof naive);
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns);
    struct flip_observer observer = {log_flip, &engine};
    struct associative_result result = case_run(c, patterns, starts, &observer);
    naive_couplings(c, patterns, couplings);
    size_t cycles = 0;
    for (size_t t = 0; t < TRIALS; t++) {
        bool cycle = false;
        int8_t *spins = starts + t * NEURONS;
        order_source = random_source(c->key, RANDOM_ORDER, (uint32_t)t);
        order_sweep = 0;
        if (strcmp(c->dynamics->name, "asynchronous") == 0)
            naive_asynchronous(couplings, spins, t, &naive);
        else
            naive_synchronous(couplings, spins, t, &naive, &cycle);
        assert_memory_equal(spins, result.spins + t * NEURONS, NEURONS);
        assert_int_equal(cycle, result.outcomes[t].cycle);
        assert_int_equal(naive.counts[t], result.outcomes[t].flips);
        cycles += cycle;
    }
    assert_memory_equal(&engine, &naive, sizeof naive);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
    return cycles;
}

static void the_engine_flips_what_a_naive_loop_flips(void **state) {
    (void)state;
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++)
        for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++) {
            /* Cycles may be longer than 2 then, and neither loop ends. */
            if (!(*rule)->symmetric && *dynamics == &dynamics_synchronous) continue;
            for (uint64_t key = 1; key <= 8; key++) {
                struct associative_case c = {*rule,  *dynamics,         NEURONS, PATTERNS,
                                             TRIALS, key % 2 ? 0.5 : 0, key};
                compare(&c);
            }
        }
}

static void two_cycles_are_found_where_they_are(void **state) {
    (void)state;
    size_t cycles = 0;
    for (uint64_t key = 1; key <= 8; key++) {
        struct associative_case c = {&rule_hebb, &dynamics_synchronous, NEURONS, PATTERNS, TRIALS, 0, key};
        cycles += compare(&c);
    }
    assert_in_range(cycles, 1, 8 * TRIALS - 1); /* both ends occur, so both were compared */
}

static void two_opposed_neurons_cycle_forever(void **state) {
    (void)state;
    struct patterns *patterns;
    struct hopfield *network;
    struct error error;
    struct outcome outcome;
    const int8_t stored[] = {1, 1};
    int8_t spins[] = {1, -1};
    assert_int_equal(patterns_create(2, 1, &patterns), STATUS_OK);
    patterns_set(patterns, 0, stored);
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    struct hopfield_settings settings = {.key = 1};
    assert_int_equal(hopfield_retrieve(network, &dynamics_synchronous, &settings, 1, spins, &outcome, &error),
                     STATUS_OK);
    assert_true(outcome.cycle);
    assert_int_equal(outcome.flips, 2);
    spins[0] = 1, spins[1] = -1;
    assert_int_equal(
        hopfield_retrieve(network, &dynamics_asynchronous, &settings, 1, spins, &outcome, &error), STATUS_OK);
    assert_false(outcome.cycle);
    assert_int_equal(spins[0], spins[1]);
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
}

static void the_cap_on_sweeps_is_reported(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, NEURONS, PATTERNS, TRIALS, 0, 3};
    struct patterns *patterns = case_patterns(&c);
    struct hopfield *network;
    struct error error;
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++) {
        struct hopfield_settings settings = {.key = 3, .sweep_cap = 1};
        struct outcome outcomes[TRIALS];
        int8_t *starts = case_starts(&c, patterns);
        assert_int_equal(hopfield_retrieve(network, *dynamics, &settings, TRIALS, starts, outcomes, &error),
                         STATUS_OK);
        for (size_t t = 0; t < TRIALS; t++) {
            assert_true(outcomes[t].capped);
            assert_int_equal(outcomes[t].sweeps, 1);
        }
        memory_free(starts);
    }
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
}

static void trials_are_numbered_across_calls(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, &dynamics_asynchronous, NEURONS, PATTERNS, TRIALS, 0.5, 4};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    struct associative_result together = case_run(&c, patterns, starts, NULL);
    struct hopfield *network;
    struct error error;
    struct outcome outcome;
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    struct hopfield_settings settings = {.key = c.key, .first_trial = 3};
    assert_int_equal(hopfield_retrieve(network, &dynamics_asynchronous, &settings, 1, starts + 3 * NEURONS,
                                       &outcome, &error),
                     STATUS_OK);
    assert_memory_equal(starts + 3 * NEURONS, together.spins + 3 * NEURONS, NEURONS);
    assert_int_equal(outcome.flips, together.outcomes[3].flips);
    hopfield_destroy(&network);
    case_clear(&together);
    memory_free(starts);
    patterns_destroy(&patterns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_flips_what_a_naive_loop_flips),
        cmocka_unit_test(two_cycles_are_found_where_they_are),
        cmocka_unit_test(two_opposed_neurons_cycle_forever),
        cmocka_unit_test(the_cap_on_sweeps_is_reported),
        cmocka_unit_test(trials_are_numbered_across_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
