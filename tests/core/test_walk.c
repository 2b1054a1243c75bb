/* Walks over neurons from the patterns: every table of kernels against fields by their definition, and the
 * walker's bookkeeping against overlaps computed afresh. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/associative/patterns.h"
#include "core/associative/walker.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "core/kernels/pattern_walk.h"

enum { NEURONS = 203, PATTERNS = 150, WORDS = 3, PADDED = 64 * WORDS };

/* A walk whose overlaps are given numbers of any size, and what it must come to. */
struct walk_case {
    uint64_t rows[NEURONS][WORDS];
    int32_t balances[NEURONS];
    int16_t halves[PADDED];
    int8_t spins[NEURONS];
    uint32_t order[NEURONS];
    int64_t overlaps[PATTERNS];
};

static int xi(const struct walk_case *c, size_t neuron, size_t pattern) {
    return c->rows[neuron][pattern / 64] >> pattern % 64 & 1 ? 1 : -1;
}

static void draw(uint64_t key, int32_t parity, int32_t half_max, struct walk_case *c) {
    struct random_source source = random_source(key, RANDOM_INPUTS, (uint32_t)half_max);
    uint64_t at = 0;
    for (size_t i = 0; i < NEURONS; i++) {
        c->balances[i] = 0;
        for (size_t word = 0; word < WORDS; word++)
            c->rows[i][word] = random_bits(source, at++);
        c->rows[i][WORDS - 1] &= ~(uint64_t)0 >> (PADDED - PATTERNS);
        for (size_t p = 0; p < PATTERNS; p++)
            c->balances[i] += xi(c, i, p);
        c->spins[i] = random_bits(source, at++) & 1 ? 1 : -1;
        c->order[i] = (uint32_t)(i * 7 % NEURONS);
    }
    for (size_t p = 0; p < PADDED; p++)
        c->halves[p] = (int16_t)((int32_t)random_below(source, at++, 2U * (uint32_t)half_max + 1) - half_max);
    for (size_t p = 0; p < PATTERNS; p++)
        c->overlaps[p] = 2 * c->halves[p] + parity;
}

/* Flips by sum_mu xi_i M_mu - P s_i, one neuron after the other; returns how many. */
static size_t walk_by_definition(struct walk_case *c, uint32_t *flipped) {
    size_t flips = 0;
    for (size_t n = 0; n < NEURONS; n++) {
        size_t i = c->order[n];
        int64_t field = -(int64_t)PATTERNS * c->spins[i];
        for (size_t p = 0; p < PATTERNS; p++)
            field += xi(c, i, p) * c->overlaps[p];
        if (field * c->spins[i] >= 0) continue;
        c->spins[i] = (int8_t)-c->spins[i];
        for (size_t p = 0; p < PATTERNS; p++)
            c->overlaps[p] += 2 * xi(c, i, p) * c->spins[i];
        flipped[flips++] = (uint32_t)i;
    }
    return flips;
}

static void check_walk(const struct kernels *table, uint64_t key, int32_t parity, int32_t half_max) {
    static struct walk_case by_kernel, expected;
    uint32_t flipped[NEURONS], expected_flipped[NEURONS];
    draw(key, parity, half_max, &by_kernel);
    expected = by_kernel;
    struct pattern_walk walk = {PATTERNS,         WORDS, by_kernel.rows[0], by_kernel.balances, parity,
                                by_kernel.halves, 0,     by_kernel.spins};
    for (size_t p = 0; p < PATTERNS; p++)
        walk.sum += by_kernel.halves[p];
    size_t count = walk_by_definition(&expected, expected_flipped);
    assert_true(count > 0);
    assert_int_equal(table->walk_i16(&walk, NEURONS, by_kernel.order, flipped), count);
    assert_memory_equal(flipped, expected_flipped, count * sizeof *flipped);
    assert_memory_equal(by_kernel.spins, expected.spins, NEURONS);
    for (size_t p = 0; p < PATTERNS; p++) {
        assert_int_equal(2 * by_kernel.halves[p] + parity, expected.overlaps[p]);
        walk.sum -= by_kernel.halves[p];
    }
    assert_int_equal(walk.sum, 0);
}

/* All overlaps 65 532, with all of so many patterns: sums need more than 32 bits. The state is at rest. */
static void sums_of_many_patterns_do_not_overflow(void **state) {
    (void)state;
    enum { FEW = 9, MANY = 64 * 1100 };
    uint64_t *rows = memory_allocate(FEW * (MANY / 64), sizeof *rows);
    int16_t *halves = memory_allocate(MANY, sizeof *halves);
    int32_t balances[FEW];
    int8_t spins[FEW];
    uint32_t order[FEW], flipped[FEW];
    assert_true(rows && halves);
    memset(rows, 0xFF, FEW * (MANY / 64) * sizeof *rows);
    for (size_t p = 0; p < MANY; p++)
        halves[p] = INT16_MAX - 1;
    for (size_t i = 0; i < FEW; i++) {
        balances[i] = MANY;
        spins[i] = 1;
        order[i] = (uint32_t)i;
    }
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        struct pattern_walk walk = {
            MANY, MANY / 64, rows, balances, 0, halves, (int64_t)MANY * (INT16_MAX - 1), spins};
        if ((*table)->supported()) assert_int_equal((*table)->walk_i16(&walk, FEW, order, flipped), 0);
    }
    memory_free(rows);
    memory_free(halves);
}

/* The most neurons that fit, opposed to a pattern wherever its half can stand: |M| = N. The state is at rest.
 */
static void overlaps_as_large_as_the_network_are_kept(void **state) {
    (void)state;
    enum { LARGE = UINT16_MAX - 3, COUNT = 17 };
    struct patterns *patterns;
    int8_t *spins = memory_allocate(LARGE, 1);
    int32_t overlaps[64];
    const char *chosen = kernels()->name;
    assert_true(spins && walker_fits(LARGE) && !walker_fits(LARGE + 1));
    assert_int_equal(patterns_create(LARGE, COUNT, &patterns), STATUS_OK);
    patterns_draw(patterns, 5);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        struct walker *walker;
        const uint32_t *flipped;
        if (!(*table)->supported()) continue;
        assert_int_equal(kernels_choose((*table)->name), STATUS_OK);
        assert_int_equal(walker_create(patterns, &walker), STATUS_OK);
        for (size_t start = 0; start < COUNT; start++) {
            patterns_spins(patterns, start, spins);
            for (size_t i = 0; i < LARGE; i++)
                spins[i] = (int8_t)-spins[i];
            spins[start] = (int8_t)-spins[start]; /* the one that is to flip */
            for (size_t p = 0; p < COUNT; p++)
                overlaps[p] = (int32_t)patterns_overlap(patterns, p, spins);
            walker_begin(walker, spins, overlaps, 64);
            assert_int_equal(walker_sweep(walker, random_source(1, RANDOM_ORDER, 0), 0, &flipped), 1);
            assert_int_equal(flipped[0], start);
            walker_overlaps(walker, overlaps, 64);
            assert_int_equal(overlaps[start], -LARGE);
        }
        walker_destroy(&walker);
    }
    assert_int_equal(kernels_choose(chosen), STATUS_OK);
    patterns_destroy(&patterns);
    memory_free(spins);
}

/* Halves up to 5000 leave a lane's sum room for some flips, after which it is looked at again; up to 30 000
 * they do not fit 16 bits. */
static void a_walk_flips_what_the_fields_say(void **state) {
    (void)state;
    static const int32_t HALVES_MAX[] = {3, 40, 1500, 5000, 30000};
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        for (size_t n = 0; (*table)->supported() && n < sizeof HALVES_MAX / sizeof *HALVES_MAX; n++)
            for (int32_t parity = 0; parity < 2; parity++)
                check_walk(*table, n, parity, HALVES_MAX[n]);
}

static void check_walker(size_t neurons) {
    enum { FEW = 40, TILES = 1 };
    struct patterns *patterns;
    struct walker *walker;
    int8_t spins[NEURONS];
    int32_t overlaps[64 * TILES];
    const uint32_t *flipped;
    assert_int_equal(patterns_create(neurons, FEW, &patterns), STATUS_OK);
    patterns_draw(patterns, 5);
    assert_int_equal(walker_create(patterns, &walker), STATUS_OK);
    patterns_spins(patterns, 3, spins);
    assert_int_equal(patterns_disturb(neurons, neurons / 5, random_source(1, RANDOM_START, 0), spins),
                     STATUS_OK);
    for (size_t p = 0; p < FEW; p++)
        overlaps[p] = (int32_t)patterns_overlap(patterns, p, spins);
    walker_begin(walker, spins, overlaps, 64);
    assert_int_equal(walker_distance(walker), neurons / 5);
    assert_true(walker_sweep(walker, random_source(1, RANDOM_ORDER, 0), 0, &flipped) > 0);
    walker_overlaps(walker, overlaps, 64);
    int64_t alignment = -(int64_t)FEW * (int64_t)neurons;
    for (size_t p = 0; p < FEW; p++) {
        assert_int_equal(overlaps[p], patterns_overlap(patterns, p, spins));
        alignment += (int64_t)overlaps[p] * overlaps[p];
    }
    assert_int_equal(walker_alignment(walker), alignment);
    walker_destroy(&walker);
    patterns_destroy(&patterns);
}

static void a_walker_keeps_overlaps_of_the_spins_it_leaves(void **state) {
    (void)state;
    check_walker(NEURONS);
    check_walker(NEURONS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_flips_what_the_fields_say),
        cmocka_unit_test(sums_of_many_patterns_do_not_overflow),
        cmocka_unit_test(overlaps_as_large_as_the_network_are_kept),
        cmocka_unit_test(a_walker_keeps_overlaps_of_the_spins_it_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
