/* Memories of order K beside loops that a textbook would write, and order 2 beside the Hebbian engine: the
 * same flips in the same order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/associative/order_k.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { NEURONS = 37, TRIALS = 4, FLIPS_MAX = 4000, SPINS_MAX = 1000 };

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

/* The sum over all sets of K of the y_i of the products within: coefficients of prod_i (1 + y_i t). */
static int64_t elementary_symmetric(size_t neurons, const int8_t *y, int order) {
    int64_t e[ORDER_MOST + 1] = {1};
    for (size_t i = 0; i < neurons; i++)
        for (int k = order; k > 0; k--)
            e[k] += y[i] * e[k - 1];
    return e[order];
}

static int64_t naive_energy(struct order_rule rule, const struct patterns *patterns, const int8_t *spins) {
    int64_t energy = 0;
    int8_t y[SPINS_MAX];
    for (size_t p = 0; p < patterns->count; p++) {
        int64_t overlap = 0, power = 1;
        patterns_spins(patterns, p, y);
        for (size_t i = 0; i < patterns->neurons; i++) {
            y[i] = (int8_t)(y[i] * spins[i]);
            overlap += y[i];
        }
        for (int k = 0; k < rule.order; k++)
            power *= overlap;
        energy -= rule.family == ORDER_FULL ? power : elementary_symmetric(patterns->neurons, y, rule.order);
    }
    return energy;
}

static bool naive_unstable(struct order_rule rule, const struct patterns *patterns, int8_t *spins,
                           size_t neuron) {
    int64_t here = naive_energy(rule, patterns, spins);
    spins[neuron] = (int8_t)-spins[neuron];
    int64_t there = naive_energy(rule, patterns, spins);
    spins[neuron] = (int8_t)-spins[neuron];
    return there < here;
}

static struct random_source order_source;
static uint64_t order_sweep;

static int by_rank(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = random_bits(order_source, order_sweep << 32 | i);
    uint64_t y = random_bits(order_source, order_sweep << 32 | j);
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

static void naive_retrieval(struct order_rule rule, const struct patterns *patterns, int8_t *spins,
                            size_t trial, struct flip_log *log) {
    order_sweep = 0;
    for (size_t flipped = 1; flipped > 0; order_sweep++) {
        uint32_t order[NEURONS];
        for (uint32_t i = 0; i < NEURONS; i++)
            order[i] = i;
        qsort(order, NEURONS, sizeof *order, by_rank);
        flipped = 0;
        for (size_t n = 0; n < NEURONS; n++) {
            if (!naive_unstable(rule, patterns, spins, order[n])) continue;
            spins[order[n]] = (int8_t)-spins[order[n]];
            log_flip(log, trial, order[n]);
            flipped++;
        }
    }
}

static void make_starts(const struct patterns *patterns, uint64_t key, double overlap, int8_t *starts) {
    for (size_t t = 0; t < TRIALS; t++) {
        patterns_spins(patterns, t * patterns->count / TRIALS, starts + t * patterns->neurons);
        assert_int_equal(patterns_disturb(patterns->neurons, patterns_flips_for(patterns->neurons, overlap),
                                          random_source(key, RANDOM_START, (uint32_t)t),
                                          starts + t * patterns->neurons),
                         STATUS_OK);
    }
}

/* --- the tests -------------------------------------------------------------------------------------- */

static void compare_with_naive(struct order_rule rule, uint64_t key) {
    static struct flip_log engine, naive;
    static const size_t counts[] = {9, 130, 700}; /* of patterns, by order: one word, and several */
    const struct hopfield_settings settings = {.key = key,
                                               .observer = &(struct flip_observer){log_flip, &engine}};
    struct patterns *patterns;
    struct error error = {STATUS_OK, ""};
    struct outcome outcomes[TRIALS];
    int8_t spins[TRIALS][NEURONS], expected[TRIALS][NEURONS];
    memset(&engine, 0, sizeof engine);
    memset(&naive, 0, sizeof naive);
    assert_int_equal(patterns_create(NEURONS, counts[rule.order - 2], &patterns), STATUS_OK);
    patterns_draw(patterns, key);
    make_starts(patterns, key, key % 2 ? 0.5 : 0, spins[0]);
    memcpy(expected, spins, sizeof spins);
    assert_int_equal(order_retrieve(rule, patterns, &settings, TRIALS, spins[0], outcomes, &error),
                     STATUS_OK);
    for (size_t t = 0; t < TRIALS; t++) {
        order_source = random_source(key, RANDOM_ORDER, (uint32_t)t);
        naive_retrieval(rule, patterns, expected[t], t, &naive);
        assert_int_equal(naive.counts[t], outcomes[t].flips);
        assert_int_equal(order_sweep - 1, outcomes[t].sweeps);
    }
    assert_memory_equal(spins, expected, sizeof spins);
    assert_memory_equal(&engine, &naive, sizeof naive);
    assert_true(naive.counts[0] + naive.counts[1] + naive.counts[2] + naive.counts[3] > 0);
    patterns_destroy(&patterns);
}

static void the_engine_flips_what_a_naive_loop_flips(void **state) {
    (void)state;
    for (enum order_family family = 0; family < ORDER_FAMILY_COUNT; family++)
        for (int order = ORDER_LEAST; order <= ORDER_MOST; order++)
            for (uint64_t key = 1; key <= 3; key++)
                compare_with_naive((struct order_rule){family, order}, key);
}

/* Weights near the end of 32 bits. */
static void the_largest_networks_are_exact(void **state) {
    (void)state;
    enum { LARGE = 1000, LOOKED_AT = 25 };
    for (enum order_family family = 0; family < ORDER_FAMILY_COUNT; family++) {
        struct order_rule rule = {family, 4};
        struct patterns *patterns;
        struct error error = {STATUS_OK, ""};
        uint64_t counted = 0, unstable = 0;
        int8_t spins[LARGE];
        assert_int_equal(patterns_create(LARGE, 5, &patterns), STATUS_OK);
        patterns_draw(patterns, 3);
        /* All neurons but some are aligned with one pattern: the sums are as large as they get. */
        patterns_spins(patterns, 2, spins);
        for (size_t i = 0; i < LOOKED_AT; i++)
            spins[i] = (int8_t)-spins[i];
        assert_int_equal(order_count_unstable(rule, patterns, 1, spins, &counted, &error), STATUS_OK);
        for (size_t i = 0; i < LOOKED_AT + 5; i++)
            unstable += naive_unstable(rule, patterns, spins, i);
        assert_int_equal(unstable, LOOKED_AT);
        assert_int_equal(counted, LOOKED_AT);
        patterns_destroy(&patterns);
    }
}

static void order_two_flips_what_the_hebbian_engine_flips(void **state) {
    (void)state;
    enum { SIZE = 150, STORED = 30 };
    static struct flip_log hebb, order;
    struct patterns *patterns;
    struct hopfield *network;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(patterns_create(SIZE, STORED, &patterns), STATUS_OK);
    patterns_draw(patterns, 5);
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    for (enum order_family family = 0; family < ORDER_FAMILY_COUNT; family++) {
        int8_t by_hebb[TRIALS][SIZE], by_order[TRIALS][SIZE];
        struct outcome a[TRIALS], b[TRIALS];
        struct flip_observer observers[] = {{log_flip, &hebb}, {log_flip, &order}};
        struct hopfield_settings settings = {.key = 5, .first_trial = 0, .observer = &observers[0]};
        memset(&hebb, 0, sizeof hebb);
        memset(&order, 0, sizeof order);
        make_starts(patterns, 5, 0.2, by_hebb[0]);
        memcpy(by_order, by_hebb, sizeof by_hebb);
        assert_int_equal(
            hopfield_retrieve(network, &dynamics_asynchronous, &settings, TRIALS, by_hebb[0], a, &error),
            STATUS_OK);
        settings.observer = &observers[1];
        struct order_rule rule = {family, 2};
        assert_int_equal(order_retrieve(rule, patterns, &settings, TRIALS, by_order[0], b, &error),
                         STATUS_OK);
        assert_memory_equal(by_hebb, by_order, sizeof by_hebb);
        assert_memory_equal(&hebb, &order, sizeof hebb);
        for (size_t t = 0; t < TRIALS; t++) {
            assert_true(a[t].flips > 0);
            assert_int_equal(a[t].flips, b[t].flips);
            assert_int_equal(a[t].sweeps, b[t].sweeps);
        }
    }
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
}

/* --- the loops that decide speed ---------------------------------------------------------------------- */

static void check_kernels(const struct kernels *table) {
    enum { WORDS = 9, COUNT = 64 * WORDS };
    static int32_t values[COUNT], stepped[COUNT], out[COUNT];
    uint64_t bits[WORDS];
    const int32_t limit = INT32_MAX / 2; /* two of them fit */
    const int32_t coefficients[4] = {-5, 7, -11, 3};
    struct random_source source = random_source(8, RANDOM_INPUTS, 0);
    random_fill_bits(source, 0, WORDS, bits);
    for (size_t words = 1; words <= WORDS; words++) {
        int64_t sum = 0;
        for (size_t i = 0; i < 64 * words; i++) {
            bool set = bits[i / 64] >> i % 64 & 1;
            values[i] = set ? limit - (int32_t)random_below(source, WORDS + i, 1000) : INT32_MIN;
            stepped[i] = (int32_t)((uint32_t)values[i] + (uint32_t)(set ? 2 : -2));
            if (set) sum += values[i];
        }
        assert_true(table->sum_where_i32(words, bits, 2, values) == sum);
        table->step_where_i32(words, bits, 2, values);
        assert_memory_equal(values, stepped, 64 * words * sizeof *values);
    }
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (int32_t)i - COUNT / 2;
    table->cubic_i32(COUNT, coefficients, values, out);
    for (size_t i = 0; i < COUNT; i++) {
        int64_t x = values[i];
        assert_int_equal(out[i], -5 + 7 * x - 11 * x * x + 3 * x * x * x);
    }
}

static void sums_and_steps_over_bits_are_exact(void **state) {
    (void)state;
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        if ((*table)->supported()) check_kernels(*table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_flips_what_a_naive_loop_flips),
        cmocka_unit_test(the_largest_networks_are_exact),
        cmocka_unit_test(order_two_flips_what_the_hebbian_engine_flips),
        cmocka_unit_test(sums_and_steps_over_bits_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
