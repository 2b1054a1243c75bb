/* What holds for phasor networks of any number of states, and the binary networks that some of them are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/phasor.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { NEURONS = 90, TRIALS = 5, KEY = 17, FLIPS_MAX = 4000, PATTERNS_MOST = 24 };

static const int all_states[] = {2, 3, 4, 5, 6, 8, 16, PHASOR_ANY};

static void for_all(void (*property)(int states)) {
    for (size_t i = 0; i < sizeof all_states / sizeof *all_states; i++)
        property(all_states[i]);
}

/* A network and starts at some overlap with its patterns. */
struct problem {
    struct phasor_patterns *patterns;
    double complex starts[TRIALS][NEURONS];
};

struct result {
    double complex spins[TRIALS][NEURONS];
    struct outcome outcomes[TRIALS];
};

static struct problem problem_of(int states, size_t count, double overlap) {
    struct problem p;
    assert_int_equal(phasor_patterns_create(states, NEURONS, count, &p.patterns), STATUS_OK);
    phasor_patterns_draw(p.patterns, KEY);
    for (size_t t = 0; t < TRIALS; t++) {
        phasor_patterns_spins(p.patterns, t * count / TRIALS, p.starts[t]);
        assert_int_equal(phasor_disturb(states, NEURONS, overlap,
                                        random_source(KEY, RANDOM_START, (uint32_t)t), p.starts[t]),
                         STATUS_OK);
    }
    return p;
}

static void run(const struct problem *p, const struct flip_observer *observer, struct result *result) {
    const struct hopfield_settings settings = {.key = KEY, .observer = observer};
    struct error error = {STATUS_OK, ""};
    memcpy(result->spins, p->starts, sizeof result->spins);
    enum status status =
        phasor_retrieve(p->patterns, &settings, TRIALS, result->spins[0], result->outcomes, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
}

/* The same states but for rounding, which at any phase moves where a run stops. */
static void assert_close(int states, const struct result *a, const struct result *b) {
    double allowed = states == PHASOR_ANY ? 0.01 : 1e-12;
    for (size_t t = 0; t < TRIALS; t++)
        for (size_t i = 0; i < NEURONS; i++)
            assert_true(cabs(a->spins[t][i] - b->spins[t][i]) <= allowed);
}

/* --- properties ------------------------------------------------------------------------------------- */

static void check_fixed(int states) {
    struct problem p = problem_of(states, 2, 0.7);
    struct result result;
    run(&p, NULL, &result);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_true(phasor_overlap(p.patterns, t * 2 / TRIALS, result.spins[t]) > 0.97);
        assert_int_equal(result.outcomes[t].energy_rises + result.outcomes[t].capped, 0);
    }
    phasor_patterns_destroy(&p.patterns);
}

static void stored_patterns_at_low_load_attract(void **state) {
    (void)state;
    for_all(check_fixed);
}

static void check_energy(int states) {
    struct problem p = problem_of(states, PATTERNS_MOST, 0.3);
    struct result result;
    uint64_t unstable[TRIALS];
    struct error error;
    run(&p, NULL, &result);
    assert_int_equal(phasor_count_unstable(p.patterns, TRIALS, result.spins[0], unstable, &error), STATUS_OK);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_true(result.outcomes[t].flips > 0);
        assert_int_equal(result.outcomes[t].energy_checks, result.outcomes[t].sweeps);
        assert_int_equal(result.outcomes[t].energy_rises + result.outcomes[t].capped, 0);
        assert_int_equal(unstable[t], 0);
    }
    phasor_patterns_destroy(&p.patterns);
}

static void energy_never_rises_and_runs_end_where_nothing_changes(void **state) {
    (void)state;
    for_all(check_energy);
}

/* Turning a neuron by the same root in all patterns and in the state turns the end alike; so does turning all
 * neurons of the state alone. */
static void check_gauge(int states) {
    struct problem p = problem_of(states, 6, 0.4);
    struct result before, after;
    double complex spins[NEURONS], turn = phasor_root(states == PHASOR_ANY ? 7 : states, 1);
    run(&p, NULL, &before);
    for (size_t m = 0; m < p.patterns->count; m++) {
        phasor_patterns_spins(p.patterns, m, spins);
        for (size_t i = 0; i < NEURONS; i += 2)
            spins[i] *= turn;
        phasor_patterns_set(p.patterns, m, spins);
    }
    for (size_t t = 0; t < TRIALS; t++)
        for (size_t i = 0; i < NEURONS; i++) {
            double complex factor = (i % 2 ? 1 : turn) * conj(turn);
            p.starts[t][i] *= factor;
            before.spins[t][i] *= factor;
        }
    run(&p, NULL, &after);
    assert_close(states, &before, &after);
    phasor_patterns_destroy(&p.patterns);
}

static void turning_neurons_everywhere_or_all_alike_changes_nothing(void **state) {
    (void)state;
    for_all(check_gauge);
}

static void check_pattern_order(int states) {
    enum { COUNT = 6 };
    struct problem p = problem_of(states, COUNT, 0.4);
    struct result before, after;
    double complex spins[COUNT][NEURONS];
    run(&p, NULL, &before);
    for (size_t m = 0; m < COUNT; m++)
        phasor_patterns_spins(p.patterns, m, spins[m]);
    for (size_t m = 0; m < COUNT; m++)
        phasor_patterns_set(p.patterns, m, spins[COUNT - 1 - m]);
    run(&p, NULL, &after);
    assert_close(states, &before, &after);
    phasor_patterns_destroy(&p.patterns);
}

static void the_order_of_patterns_does_not_matter(void **state) {
    (void)state;
    for_all(check_pattern_order);
}

static void check_threads(int states) {
    struct problem p = problem_of(states, PATTERNS_MOST, 0.4);
    struct result one, other;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    run(&p, NULL, &one);
    omp_set_num_threads(3);
    run(&p, NULL, &other);
    omp_set_num_threads(threads);
    assert_memory_equal(one.spins, other.spins, sizeof one.spins);
    if (states == 2 || states == 4) { /* exact sums */
        const char *best = kernels()->name;
        for (const struct kernels *const *table = kernels_built(); *table; table++) {
            if (kernels_choose((*table)->name) != STATUS_OK) continue;
            run(&p, NULL, &other);
            assert_memory_equal(one.spins, other.spins, sizeof one.spins);
        }
        assert_int_equal(kernels_choose(best), STATUS_OK);
    }
    phasor_patterns_destroy(&p.patterns);
}

static void threads_do_not_matter_nor_instruction_sets_where_sums_are_exact(void **state) {
    (void)state;
    for_all(check_threads);
}

/* --- beside other networks -------------------------------------------------------------------------- */

/* Changes in the order they happened, by trial. */
struct flip_log {
    size_t counts[TRIALS];
    uint32_t neurons[TRIALS][FLIPS_MAX];
};

static void log_flip(void *context, size_t trial, size_t neuron) {
    struct flip_log *log = context;
    if (log->counts[trial] < FLIPS_MAX) log->neurons[trial][log->counts[trial]] = (uint32_t)neuron;
    log->counts[trial]++;
}

static void two_states_flip_what_the_hebbian_engine_flips(void **state) {
    (void)state;
    static struct flip_log phasor, hebb;
    struct problem p = problem_of(2, PATTERNS_MOST, 0.3);
    struct result result;
    int8_t spins[TRIALS][NEURONS], pattern[NEURONS];
    double complex phases[NEURONS];
    struct outcome outcomes[TRIALS];
    struct patterns *patterns;
    struct hopfield *network;
    struct error error;
    run(&p, &(struct flip_observer){log_flip, &phasor}, &result);
    assert_int_equal(patterns_create(NEURONS, PATTERNS_MOST, &patterns), STATUS_OK);
    for (size_t m = 0; m < PATTERNS_MOST; m++) {
        phasor_patterns_spins(p.patterns, m, phases);
        for (size_t i = 0; i < NEURONS; i++)
            pattern[i] = creal(phases[i]) > 0 ? 1 : -1;
        patterns_set(patterns, m, pattern);
    }
    for (size_t t = 0; t < TRIALS; t++)
        for (size_t i = 0; i < NEURONS; i++)
            spins[t][i] = creal(p.starts[t][i]) > 0 ? 1 : -1;
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    struct flip_observer observer = {log_flip, &hebb};
    const struct hopfield_settings settings = {.key = KEY, .observer = &observer};
    assert_int_equal(
        hopfield_retrieve(network, &dynamics_asynchronous, &settings, TRIALS, spins[0], outcomes, &error),
        STATUS_OK);
    for (size_t t = 0; t < TRIALS; t++) {
        assert_true(outcomes[t].flips > 0);
        for (size_t i = 0; i < NEURONS; i++)
            assert_true(creal(result.spins[t][i]) == spins[t][i]);
    }
    assert_memory_equal(&phasor, &hebb, sizeof hebb);
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
    phasor_patterns_destroy(&p.patterns);
}

/* The binary network of 2 N units x, y with the patterns (x, y) and (-y, x), where (1 + i) s = x + i y. Its
 * units of one neuron do not see each other, so they may be updated together. */
static void split(const double complex *spins, int sign, int8_t *units) {
    for (size_t i = 0; i < NEURONS; i++) {
        double complex turned = phasor_number(1, 1) * spins[i];
        double x = creal(turned), y = cimag(turned);
        units[i] = (int8_t)(sign > 0 ? x : -y);
        units[NEURONS + i] = (int8_t)(sign > 0 ? y : x);
    }
}

static struct random_source order_source;
static uint64_t order_sweep;

static int by_rank(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = random_bits(order_source, order_sweep << 32 | i);
    uint64_t y = random_bits(order_source, order_sweep << 32 | j);
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

/* Flips a unit that its field opposes. */
static int follow(int couplings[2 * NEURONS][2 * NEURONS], int8_t *units, size_t unit) {
    int field = 0;
    for (size_t j = 0; j < 2 * NEURONS; j++)
        field += couplings[unit][j] * units[j];
    if (field * units[unit] >= 0) return 0;
    units[unit] = (int8_t)-units[unit];
    return 1;
}

static void binary_retrieval(int couplings[2 * NEURONS][2 * NEURONS], int8_t *units, size_t trial,
                             struct flip_log *log) {
    order_source = random_source(KEY, RANDOM_ORDER, (uint32_t)trial);
    order_sweep = 0;
    for (size_t changed = 1; changed > 0; order_sweep++) {
        uint32_t order[NEURONS];
        for (uint32_t i = 0; i < NEURONS; i++)
            order[i] = i;
        qsort(order, NEURONS, sizeof *order, by_rank);
        changed = 0;
        for (size_t n = 0; n < NEURONS; n++) {
            int flips = follow(couplings, units, order[n]);
            flips += follow(couplings, units, NEURONS + order[n]);
            if (flips == 0) continue;
            log_flip(log, trial, order[n]);
            changed++;
        }
    }
}

static void four_states_are_a_binary_network_of_twice_the_size(void **state) {
    (void)state;
    static struct flip_log phasor, binary;
    static int couplings[2 * NEURONS][2 * NEURONS];
    struct problem p = problem_of(4, PATTERNS_MOST, 0.3);
    struct result result;
    run(&p, &(struct flip_observer){log_flip, &phasor}, &result);
    for (size_t m = 0; m < 2 * PATTERNS_MOST; m++) {
        double complex pattern[NEURONS];
        int8_t units[2 * NEURONS];
        phasor_patterns_spins(p.patterns, m / 2, pattern);
        split(pattern, m % 2 ? -1 : 1, units);
        for (size_t i = 0; i < 2 * NEURONS; i++)
            for (size_t j = 0; j < 2 * NEURONS; j++)
                couplings[i][j] += i == j ? 0 : units[i] * units[j];
    }
    for (size_t i = 0; i < NEURONS; i++)
        assert_int_equal(couplings[i][NEURONS + i], 0);
    for (size_t t = 0; t < TRIALS; t++) {
        int8_t units[2 * NEURONS], expected[2 * NEURONS];
        split(p.starts[t], 1, units);
        binary_retrieval(couplings, units, t, &binary);
        split(result.spins[t], 1, expected);
        assert_memory_equal(units, expected, sizeof units);
        assert_true(binary.counts[t] > 0);
    }
    assert_memory_equal(&phasor, &binary, sizeof binary);
    phasor_patterns_destroy(&p.patterns);
}

/* The same states as a loop over neurons and couplings gives. */
static void check_naive(int states) {
    enum { COUNT = 12 };
    struct problem p = problem_of(states, COUNT, 1);
    uint64_t counted[TRIALS];
    struct error error;
    assert_int_equal(phasor_count_unstable(p.patterns, TRIALS, p.starts[0], counted, &error), STATUS_OK);
    double complex patterns[COUNT][NEURONS];
    for (size_t m = 0; m < COUNT; m++)
        phasor_patterns_spins(p.patterns, m, patterns[m]);
    for (size_t t = 0; t < TRIALS; t++) {
        uint64_t unstable = 0;
        for (size_t i = 0; i < NEURONS; i++) {
            double complex field = 0;
            for (size_t m = 0; m < COUNT; m++)
                for (size_t j = 0; j < NEURONS; j++)
                    if (j != i) field += patterns[m][i] * conj(patterns[m][j]) * p.starts[t][j];
            double here = creal(conj(p.starts[t][i]) * field), best = -INFINITY;
            for (int k = 0; k < states; k++)
                best = fmax(best, creal(conj(phasor_root(states, (size_t)k)) * field));
            unstable += states == PHASOR_ANY ? cabs(field / cabs(field) - p.starts[t][i]) > PHASOR_STEP_LEAST
                                             : here < best - 1e-6;
        }
        assert_int_equal(counted[t], unstable);
    }
    phasor_patterns_destroy(&p.patterns);
}

static void a_loop_over_couplings_finds_the_same_neurons_unstable(void **state) {
    (void)state;
    for_all(check_naive);
}

static void impossible_networks_and_full_memory_are_reported(void **state) {
    (void)state;
    struct phasor_patterns *patterns;
    const int wrong[] = {-1, 1, PHASOR_STATES_MOST + 1};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(phasor_patterns_create(wrong[i], 10, 10, &patterns), STATUS_INVALID);
    assert_int_equal(phasor_patterns_create(3, 0, 10, &patterns), STATUS_INVALID);
    assert_int_equal(phasor_patterns_create(3, 10, 0, &patterns), STATUS_INVALID);
    struct problem p = problem_of(3, 4, 1);
    const struct hopfield_settings settings = {.key = KEY};
    struct outcome outcome;
    struct error error;
    size_t before = memory_in_use();
    for (long allowed = 0; allowed < 6; allowed++) {
        memory_fail_after(allowed);
        assert_int_equal(phasor_retrieve(p.patterns, &settings, 1, p.starts[0], &outcome, &error),
                         STATUS_NO_MEMORY);
        memory_fail_after(-1);
        assert_int_equal(memory_in_use(), before);
    }
    phasor_patterns_destroy(&p.patterns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_patterns_at_low_load_attract),
        cmocka_unit_test(energy_never_rises_and_runs_end_where_nothing_changes),
        cmocka_unit_test(turning_neurons_everywhere_or_all_alike_changes_nothing),
        cmocka_unit_test(the_order_of_patterns_does_not_matter),
        cmocka_unit_test(threads_do_not_matter_nor_instruction_sets_where_sums_are_exact),
        cmocka_unit_test(two_states_flip_what_the_hebbian_engine_flips),
        cmocka_unit_test(four_states_are_a_binary_network_of_twice_the_size),
        cmocka_unit_test(a_loop_over_couplings_finds_the_same_neurons_unstable),
        cmocka_unit_test(impossible_networks_and_full_memory_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
