/* Retrieval in blocks: single neurons are the asynchronous dynamics, one block of all is the synchronous one;
 * slices, threads and instruction sets change nothing; and its kernels. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/block_order.h"
#include "core/associative/block_retrieval.h"
#include "core/associative/narrow_overlaps.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "associative_case.h"

static struct pattern_slice *slice_of(const struct associative_case *c) {
    struct pattern_slice *slice;
    assert_int_equal(pattern_slice_create(c->neurons, c->patterns, 0, c->neurons, &slice), STATUS_OK);
    pattern_slice_draw(slice, c->key);
    return slice;
}

static struct block_settings settings_of(const struct associative_case *c, size_t trial) {
    return (struct block_settings){.key = c->key,
                                   .trial = (uint32_t)trial,
                                   .pattern = trial * c->patterns / c->trials,
                                   .start_flips = patterns_flips_for(c->neurons, c->initial_overlap)};
}

/* All trials of a case in blocks of that size. */
static void run_blocks(const struct associative_case *c, size_t block, int8_t *spins,
                       struct block_outcome *outcomes) {
    struct pattern_slice *slice = slice_of(c);
    struct block_retrieval *retrieval;
    assert_int_equal(block_retrieval_create(slice, block, &retrieval), STATUS_OK);
    for (size_t t = 0; t < c->trials; t++) {
        struct block_settings settings = settings_of(c, t);
        assert_int_equal(block_retrieval_run(retrieval, &settings, NULL, &outcomes[t]), STATUS_OK);
        memcpy(spins + t * c->neurons, block_retrieval_spins(retrieval), c->neurons);
    }
    block_retrieval_destroy(&retrieval);
    pattern_slice_destroy(&slice);
}

/* --- against the other engines -------------------------------------------------------------------------- */

enum { TRIALS = 6 };

/* Returns how many 2-cycles there were. */
static size_t compare_with_engine(const struct associative_case *c, size_t block) {
    static struct block_outcome outcomes[TRIALS];
    struct patterns *patterns = case_patterns(c);
    int8_t *starts = case_starts(c, patterns);
    struct associative_result result = case_run(c, patterns, starts, NULL);
    run_blocks(c, block, starts, outcomes);
    assert_memory_equal(starts, result.spins, c->trials * c->neurons);
    size_t cycles = 0;
    for (size_t t = 0; t < c->trials; t++) {
        const struct outcome *expected = &result.outcomes[t];
        const int8_t *spins = starts + t * c->neurons;
        double overlap = (double)patterns_overlap(patterns, t * c->patterns / c->trials, spins);
        uint64_t kept = 0;
        for (size_t s = 0; s < outcomes[t].kept; s++)
            kept += outcomes[t].sweep_flips[s];
        assert_true(outcomes[t].overlap == overlap / (double)c->neurons);
        assert_int_equal(outcomes[t].flips, expected->flips);
        assert_int_equal(outcomes[t].sweeps, expected->sweeps);
        assert_int_equal(outcomes[t].cycle, expected->cycle);
        assert_int_equal(kept, expected->flips);
        assert_int_equal(outcomes[t].unstable > 0, expected->cycle);
        assert_int_equal(outcomes[t].looks, (expected->sweeps + 1) * c->neurons);
        if (block == 1) assert_int_equal(outcomes[t].rises, 0);
        cycles += expected->cycle;
    }
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
    return cycles;
}

/* Loads near and above the transition, odd and even numbers of patterns, starts near and at random. */
static void single_neurons_are_the_asynchronous_dynamics(void **state) {
    (void)state;
    for (uint64_t key = 1; key <= 6; key++) {
        size_t patterns = key % 2 ? 45 : 70;
        double overlap = 0.2 * (double)(key % 6);
        struct associative_case c = {&rule_hebb, &dynamics_asynchronous, 331, patterns, TRIALS, overlap, key};
        compare_with_engine(&c, 1);
    }
}

static void one_block_of_all_is_the_synchronous_dynamics(void **state) {
    (void)state;
    size_t cycles = 0;
    for (uint64_t key = 1; key <= 6; key++) {
        struct associative_case c = {&rule_hebb, &dynamics_synchronous, 200, 40, TRIALS, 0, key};
        cycles += compare_with_engine(&c, key % 2 ? 200 : 1000);
    }
    assert_in_range(cycles, 1, 6 * TRIALS - 1); /* both ends occur, so both were compared */
}

/* --- a loop as a textbook would write it ---------------------------------------------------------------- */

enum { NEURONS = 90, PATTERNS = 17 };

struct naive {
    const struct associative_case *c;
    int couplings[NEURONS][NEURONS];
    uint64_t ranks[NEURONS];
};

static struct naive naive;

static int by_rank(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    return (naive.ranks[i] > naive.ranks[j]) - (naive.ranks[i] < naive.ranks[j]);
}

static uint64_t naive_sweep(size_t trial, uint64_t sweep, size_t block, int8_t *spins) {
    uint32_t order[NEURONS];
    uint64_t flips = 0;
    struct random_source source = random_source(naive.c->key, RANDOM_ORDER, (uint32_t)trial);
    for (uint32_t i = 0; i < NEURONS; i++)
        naive.ranks[i] = random_bits(source, sweep << 32 | i), order[i] = i;
    qsort(order, NEURONS, sizeof *order, by_rank);
    for (size_t first = 0; first < NEURONS; first += block) {
        int8_t before[NEURONS];
        memcpy(before, spins, sizeof before);
        for (size_t n = first; n < first + block && n < NEURONS; n++) {
            int field = 0;
            for (size_t j = 0; j < NEURONS; j++)
                field += naive.couplings[order[n]][j] * before[j];
            if (field * before[order[n]] >= 0) continue;
            spins[order[n]] = (int8_t)-before[order[n]];
            flips++;
        }
    }
    return flips;
}

static void learn_naively(const struct patterns *patterns) {
    int8_t pattern[NEURONS];
    memset(naive.couplings, 0, sizeof naive.couplings);
    for (size_t p = 0; p < PATTERNS; p++) {
        patterns_spins(patterns, p, pattern);
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++)
                if (i != j) naive.couplings[i][j] += pattern[i] * pattern[j];
    }
}

static void blocks_flip_what_a_naive_loop_flips(void **state) {
    (void)state;
    static struct block_outcome outcomes[TRIALS];
    for (size_t block = 2; block < NEURONS; block = block * 2 + 1) {
        struct associative_case c = {&rule_hebb, NULL, NEURONS, PATTERNS, TRIALS, 0.3, block};
        struct patterns *patterns = case_patterns(&c);
        int8_t *starts = case_starts(&c, patterns), spins[TRIALS * NEURONS];
        naive.c = &c;
        learn_naively(patterns);
        run_blocks(&c, block, spins, outcomes);
        for (size_t t = 0; t < TRIALS; t++) {
            uint64_t flips, sweeps = 0;
            while ((flips = naive_sweep(t, sweeps, block, starts + t * NEURONS)) > 0) {
                assert_int_equal(flips, outcomes[t].sweep_flips[sweeps]);
                if (++sweeps == BLOCK_SWEEPS_KEPT) break;
            }
            assert_int_equal(sweeps, outcomes[t].kept);
            if (sweeps < BLOCK_SWEEPS_KEPT)
                assert_memory_equal(starts + t * NEURONS, spins + t * NEURONS, NEURONS);
        }
        memory_free(starts);
        patterns_destroy(&patterns);
    }
}

/* --- what must not matter ------------------------------------------------------------------------------- */

static void threads_and_instruction_sets_change_nothing(void **state) {
    (void)state;
    enum { SIZE = 777 };
    struct associative_case c = {&rule_hebb, NULL, SIZE, 590, 2, 0.4, 5};
    static struct block_outcome first[2], outcomes[2];
    int8_t expected[2 * SIZE], spins[2 * SIZE];
    int threads = omp_get_max_threads();
    const char *chosen = kernels()->name;
    run_blocks(&c, 100, expected, first);
    assert_true(first[0].flips > 50);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (!(*table)->supported()) continue;
        assert_int_equal(kernels_choose((*table)->name), STATUS_OK);
        for (int count = 1; count <= 3; count++) {
            omp_set_num_threads(count);
            run_blocks(&c, 100, spins, outcomes);
            assert_memory_equal(spins, expected, sizeof spins);
            assert_memory_equal(outcomes, first, sizeof first);
        }
    }
    omp_set_num_threads(threads);
    assert_int_equal(kernels_choose(chosen), STATUS_OK);
}

static void the_cap_on_sweeps_is_reported(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, 200, 60, 1, 0, 9};
    struct pattern_slice *slice = slice_of(&c);
    struct block_retrieval *retrieval;
    struct block_outcome outcome;
    struct block_settings settings = settings_of(&c, 0);
    settings.sweep_cap = 1;
    assert_int_equal(block_retrieval_create(slice, 10, &retrieval), STATUS_OK);
    assert_int_equal(block_retrieval_run(retrieval, &settings, NULL, &outcome), STATUS_OK);
    assert_true(outcome.capped && outcome.unstable > 0);
    assert_int_equal(outcome.sweeps, 1);
    block_retrieval_destroy(&retrieval);
    pattern_slice_destroy(&slice);
}

/* --- parts ---------------------------------------------------------------------------------------------- */

static void slices_are_parts_of_the_patterns(void **state) {
    (void)state;
    struct patterns *patterns;
    assert_int_equal(patterns_create(50, 130, &patterns), STATUS_OK);
    patterns_draw(patterns, 3);
    for (size_t first = 0; first < 50; first += 7) {
        struct pattern_slice *slice;
        size_t count = 50 - first < 7 ? 50 - first : 7;
        assert_int_equal(pattern_slice_create(50, 130, first, count, &slice), STATUS_OK);
        pattern_slice_draw(slice, 3);
        for (size_t i = 0; i < count; i++) {
            const uint64_t *row = pattern_slice_row(slice, i);
            size_t words = patterns->words_per_neuron;
            assert_memory_equal(row, patterns->by_neuron + (first + i) * words, words * sizeof *row);
            for (size_t w = words; w < slice->stride; w++)
                assert_int_equal(row[w], 0);
        }
        pattern_slice_destroy(&slice);
    }
    patterns_destroy(&patterns);
}

/* Each neuron in one block of one slice, that of its place. */
static void check_cut(size_t neurons, size_t size, size_t slices) {
    struct random_source source = random_source(neurons * 31 + size, RANDOM_ORDER, 4);
    size_t blocks = (neurons + size - 1) / size, seen = 0;
    for (size_t s = 0; s < slices; s++) {
        struct block_order *order;
        size_t first = neurons * s / slices, end = neurons * (s + 1) / slices;
        assert_int_equal(block_order_create(neurons, first, end - first, blocks, &order), STATUS_OK);
        block_order_draw(order, source, 2, size, blocks);
        for (size_t block = 0; block < blocks; block++) {
            size_t count;
            const uint32_t *members = block_order_members(order, block, &count);
            for (size_t n = 0; n < count; n++, seen++) {
                size_t place = 0;
                uint64_t rank = random_bits(source, (uint64_t)2 << 32 | (first + members[n]));
                for (size_t i = 0; i < neurons; i++)
                    place += random_bits(source, (uint64_t)2 << 32 | i) < rank;
                assert_int_equal(place / size, block);
            }
        }
        block_order_destroy(&order);
    }
    assert_int_equal(seen, neurons);
}

static void orders_are_cut_by_rank_whatever_the_slices(void **state) {
    (void)state;
    for (size_t neurons = 1; neurons < 300; neurons = neurons * 2 + 3)
        for (size_t size = 1; size <= neurons; size = size * 3 + 1)
            for (size_t slices = 1; slices <= 4; slices += 3)
                check_cut(neurons, size, slices);
}

/* Sums over all of the set bits one by one. */
static int64_t sum_bit_by_bit(size_t words, const uint64_t *bits, const int32_t *values) {
    int64_t sum = 0;
    for (size_t i = 0; i < words * 64; i++)
        sum += bits[i / 64] >> i % 64 & 1 ? values[i] : 0;
    return sum;
}

static void check_narrow_sums(size_t words, size_t rows_count, const uint64_t *const *rows,
                              const int32_t *overlaps) {
    struct narrow_overlaps *narrow;
    int64_t sums[16];
    assert_int_equal(narrow_overlaps_create(words, &narrow), STATUS_OK);
    narrow_overlaps_set(narrow, overlaps);
    for (size_t count = 0; count <= rows_count; count++) {
        narrow_overlaps_sum(narrow, count, rows, sums);
        for (size_t r = 0; r < count; r++)
            assert_int_equal(sums[r], sum_bit_by_bit(words, rows[r], overlaps));
    }
    narrow_overlaps_destroy(&narrow);
}

/* With every kernel: all bits and all overlaps as large as 16 bits bear, larger ones, and random ones. */
static void narrow_sums_are_exact_whatever_the_overlaps(void **state) {
    (void)state;
    enum { WORDS = 4100, ROWS = 11 }; /* more than are summed in 32 bits at once */
    static int32_t overlaps[WORDS * 64];
    static uint64_t bits[ROWS][WORDS];
    const int32_t spreads[] = {1, 300, SUM_ROWS_LARGEST, 1000000};
    const uint64_t *rows[ROWS];
    const char *best = kernels()->name;
    for (size_t r = 0; r < ROWS; r++) {
        random_fill_bits(random_source(13, RANDOM_PATTERNS, (uint32_t)r), 0, WORDS, bits[r]);
        rows[r] = bits[r];
    }
    memset(bits[0], 0xFF, sizeof bits[0]);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        for (size_t s = 0; s < sizeof spreads / sizeof *spreads; s++) {
            struct random_source source = random_source(14, RANDOM_PATTERNS, (uint32_t)s);
            for (size_t i = 0; i < WORDS * 64; i++)
                overlaps[i] = (int32_t)random_below(source, i, 2 * (uint64_t)spreads[s] + 1) - spreads[s];
            check_narrow_sums(WORDS, ROWS, rows, overlaps);
            for (size_t i = 0; i < WORDS * 64; i++)
                overlaps[i] = s % 2 ? spreads[s] : -spreads[s];
            check_narrow_sums(WORDS, ROWS, rows, overlaps);
        }
    }
    assert_int_equal(kernels_choose(best), STATUS_OK);
}

static void kernels_agree_with_counting_bit_by_bit(void **state) {
    (void)state;
    enum { WORDS = 19, ROWS = 37 };
    static int32_t counts[WORDS * 64];
    static uint64_t bits[ROWS][WORDS];
    const uint64_t *rows[ROWS];
    uint64_t inverted[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        random_fill_bits(random_source(12, RANDOM_PATTERNS, (uint32_t)r), 0, WORDS, bits[r]);
        rows[r] = bits[r], inverted[r] = r % 3 ? 0 : ~(uint64_t)0;
    }
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        for (size_t count = 0; (*table)->supported() && count <= ROWS; count++) {
            for (size_t i = 0; i < WORDS * 64; i++)
                counts[i] = (int32_t)i;
            (*table)->count_columns_i32(WORDS, count, rows, inverted, counts);
            for (size_t r = 0; r < count; r++)
                for (size_t i = 0; i < WORDS * 64; i++) {
                    int64_t bit = bits[r][i / 64] >> i % 64 & 1;
                    counts[i] -= (int32_t)(inverted[r] ? !bit : bit);
                }
            for (size_t i = 0; i < WORDS * 64; i++)
                assert_int_equal(counts[i], i);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow_sums_are_exact_whatever_the_overlaps),
        cmocka_unit_test(kernels_agree_with_counting_bit_by_bit),
        cmocka_unit_test(slices_are_parts_of_the_patterns),
        cmocka_unit_test(orders_are_cut_by_rank_whatever_the_slices),
        cmocka_unit_test(single_neurons_are_the_asynchronous_dynamics),
        cmocka_unit_test(one_block_of_all_is_the_synchronous_dynamics),
        cmocka_unit_test(blocks_flip_what_a_naive_loop_flips),
        cmocka_unit_test(threads_and_instruction_sets_change_nothing),
        cmocka_unit_test(the_cap_on_sweeps_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
