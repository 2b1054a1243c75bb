#include "core/associative/block_retrieval.h"

#include <omp.h>
#include <string.h>

#include "core/associative/block_order.h"
#include "core/associative/narrow_overlaps.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum {
    WORD_BITS = 64,
    LINE_WORDS = 8,
    /* Rows handed to a kernel at a time: a multiple of what kernels take at once. */
    ROWS_TOGETHER = 8,
    COLUMN_ROWS = 60,
    /* Words of rows below which threads take longer to wake than to work. */
    PARALLEL_WORDS = 1 << 12
};

static const size_t NEURONS_MOST = (size_t)1 << 30; /* twice as many flips must fit 32 bits */

__extension__ typedef __int128 wide;

struct block_retrieval {
    const struct pattern_slice *slice;
    size_t block, blocks;
    struct block_order *order;
    int8_t *spins;                  /* [count] */
    uint8_t *flipped;               /* [count]: in the sweep before; only with one block of all */
    int32_t *overlaps;              /* [words * 64]: M_mu of the whole network; 0 past the last pattern */
    struct narrow_overlaps *narrow; /* the same, for sums */
    int32_t *counts;                /* [words * 64]: of the slice's rows, see count_agreeing */
    uint8_t *marks;                 /* [count]: unstable members of a block, by place */
    uint32_t *chosen;               /* [count]: and gathered */
    int64_t overlap_sum;
    const struct slice_exchange *exchange;
};

/* --- memory --------------------------------------------------------------------------------------------- */

static size_t blocks_for(size_t neurons, size_t block) {
    return (neurons + block - 1) / block;
}

/* Starts are a cut into two blocks. */
static size_t blocks_at_most(size_t neurons, size_t block) {
    size_t blocks = blocks_for(neurons, block);
    return blocks < 2 ? 2 : blocks;
}

static enum status allocate(struct block_retrieval *made) {
    const struct pattern_slice *slice = made->slice;
    size_t count = slice->count, entries = slice->words * WORD_BITS;
    made->spins = memory_allocate(count, sizeof *made->spins);
    made->flipped = memory_allocate(count, sizeof *made->flipped);
    made->marks = memory_allocate(count, sizeof *made->marks);
    made->chosen = memory_allocate(count, sizeof *made->chosen);
    made->overlaps = memory_allocate(entries, sizeof *made->overlaps);
    made->counts = memory_allocate(entries, sizeof *made->counts);
    if (!made->spins || !made->flipped || !made->marks || !made->chosen || !made->overlaps || !made->counts)
        return STATUS_NO_MEMORY;
    CHECK(narrow_overlaps_create(slice->words, &made->narrow));
    return block_order_create(slice->neurons, slice->first, count,
                              blocks_at_most(slice->neurons, made->block), &made->order);
}

enum status block_retrieval_create(const struct pattern_slice *slice, size_t block,
                                   struct block_retrieval **retrieval) {
    *retrieval = NULL;
    if (block == 0 || slice->neurons == 0 || slice->neurons > NEURONS_MOST) return STATUS_INVALID;
    struct block_retrieval *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->slice = slice;
    made->block = block < slice->neurons ? block : slice->neurons;
    made->blocks = blocks_for(slice->neurons, made->block);
    enum status status = allocate(made);
    if (status != STATUS_OK) block_retrieval_destroy(&made);
    *retrieval = made;
    return status;
}

void block_retrieval_destroy(struct block_retrieval **retrieval) {
    if (!*retrieval) return;
    block_order_destroy(&(*retrieval)->order);
    narrow_overlaps_destroy(&(*retrieval)->narrow);
    memory_free((*retrieval)->spins);
    memory_free((*retrieval)->flipped);
    memory_free((*retrieval)->marks);
    memory_free((*retrieval)->chosen);
    memory_free((*retrieval)->overlaps);
    memory_free((*retrieval)->counts);
    memory_free(*retrieval);
    *retrieval = NULL;
}

double block_retrieval_bytes(size_t neurons, size_t patterns, size_t count, size_t block) {
    double of_neurons = (double)count * (sizeof(int8_t) + 2 * sizeof(uint8_t) + sizeof(uint32_t));
    size_t words = (patterns + WORD_BITS - 1) / WORD_BITS;
    double of_patterns = (double)words * WORD_BITS * 2 * sizeof(int32_t) + narrow_overlaps_bytes(words);
    return (double)sizeof(struct block_retrieval) + of_neurons + of_patterns +
           block_order_bytes(neurons, count, blocks_at_most(neurons, block));
}

const int8_t *block_retrieval_spins(const struct block_retrieval *retrieval) {
    return retrieval->spins;
}

/* --- overlaps ------------------------------------------------------------------------------------------- */

static void sum_over_slices(const struct block_retrieval *r, size_t count, uint64_t *values) {
    if (r->exchange) r->exchange->sum_u64(r->exchange->context, count, values);
}

/* Columns of the words first .. first + words - 1. */
static void count_columns(struct block_retrieval *r, size_t first, size_t words, size_t count,
                          const uint32_t *members) {
    memset(r->counts + first * WORD_BITS, 0, words * WORD_BITS * sizeof *r->counts);
    for (size_t done = 0; done < count; done += COLUMN_ROWS) {
        const uint64_t *rows[COLUMN_ROWS];
        uint64_t inverted[COLUMN_ROWS];
        size_t some = count - done < COLUMN_ROWS ? count - done : COLUMN_ROWS;
        for (size_t i = 0; i < some; i++) {
            size_t neuron = members ? members[done + i] : done + i;
            rows[i] = pattern_slice_row(r->slice, neuron) + first;
            inverted[i] = r->spins[neuron] > 0 ? 0 : ~(uint64_t)0;
        }
        kernels()->count_columns_i32(words, some, rows, inverted, r->counts + first * WORD_BITS);
    }
}

/* counts[p] = how many of the members (NULL: of the slice's first `count` neurons) have spins as pattern p
 * has. Threads share out the patterns, a cache line of bits at the least. */
static void count_agreeing(struct block_retrieval *r, size_t count, const uint32_t *members) {
    size_t words = r->slice->words, lines = (words + LINE_WORDS - 1) / LINE_WORDS;
#pragma omp parallel if (count * r->slice->words >= PARALLEL_WORDS)
    {
        size_t threads = (size_t)omp_get_num_threads(), thread = (size_t)omp_get_thread_num();
        size_t first = lines * thread / threads * LINE_WORDS;
        size_t end = lines * (thread + 1) / threads * LINE_WORDS;
        if (end > words) end = words;
        if (end > first) count_columns(r, first, end - first, count, members);
    }
}

/* overlaps += step times the sum of xi_i s_i over those neurons, of all slices `total`. */
static void add_overlaps(struct block_retrieval *r, int64_t step, size_t count, const uint32_t *members,
                         uint64_t total) {
    size_t patterns = r->slice->patterns;
    count_agreeing(r, count, members);
    if (r->exchange) r->exchange->sum_i32(r->exchange->context, patterns, r->counts);
    int64_t sum = 0;
    for (size_t p = 0; p < patterns; p++) {
        r->overlaps[p] += (int32_t)(step * (2 * (int64_t)r->counts[p] - (int64_t)total));
        sum += r->overlaps[p];
    }
    r->overlap_sum = sum;
    narrow_overlaps_set(r->narrow, r->overlaps);
}

/* Sum of M^2: minus 2 N times the energy, but for a constant. */
static wide sum_of_squares(const struct block_retrieval *r) {
    wide sum = 0;
    for (size_t p = 0; p < r->slice->patterns; p++)
        sum += (int64_t)r->overlaps[p] * r->overlaps[p];
    return sum;
}

/* --- start ---------------------------------------------------------------------------------------------- */

static void start(struct block_retrieval *r, const struct block_settings *settings) {
    const struct pattern_slice *slice = r->slice;
    size_t word = settings->pattern / WORD_BITS, bit = settings->pattern % WORD_BITS;
    for (size_t i = 0; i < slice->count; i++)
        r->spins[i] = pattern_slice_row(slice, i)[word] >> bit & 1 ? 1 : -1;
    if (settings->start_flips > 0) {
        size_t count;
        struct random_source source = random_source(settings->key, RANDOM_START, settings->trial);
        block_order_draw(r->order, source, 0, settings->start_flips, 2);
        const uint32_t *members = block_order_members(r->order, 0, &count);
        for (size_t n = 0; n < count; n++)
            r->spins[members[n]] = (int8_t)-r->spins[members[n]];
    }
    memset(r->flipped, 0, slice->count);
    memset(r->overlaps, 0, slice->words * WORD_BITS * sizeof *r->overlaps);
    add_overlaps(r, 1, slice->count, NULL, slice->neurons);
}

/* --- a block -------------------------------------------------------------------------------------------- */

/* What a sweep found. */
struct sweep {
    uint64_t unstable;  /* when looked at */
    uint64_t changes;   /* blocks with some */
    uint64_t alignment; /* sum of s_i N h_i of this slice as the neurons were looked at, modulo 2^64 */
    bool repeats;       /* the same neurons as in the sweep before: a 2-cycle */
};

/* s_i N h_i of up to ROWS_TOGETHER members: s_i (2 (sum of M where xi_i = 1) - sum of M) - P. */
static void align(const struct block_retrieval *r, size_t count, const uint32_t *members, int64_t *aligned) {
    const uint64_t *rows[ROWS_TOGETHER] = {NULL};
    for (size_t i = 0; i < count; i++)
        rows[i] = pattern_slice_row(r->slice, members[i]);
    narrow_overlaps_sum(r->narrow, count, rows, aligned);
    for (size_t i = 0; i < count; i++)
        aligned[i] = r->spins[members[i]] * (2 * aligned[i] - r->overlap_sum) - (int64_t)r->slice->patterns;
}

/* Marks the unstable ones of the members first .. first + count - 1; returns the sum of s_i N h_i. */
static uint64_t mark_unstable(struct block_retrieval *r, size_t first, size_t count,
                              const uint32_t *members) {
    int64_t aligned[ROWS_TOGETHER];
    uint64_t sum = 0;
    align(r, count, members + first, aligned);
    for (size_t i = 0; i < count; i++) {
        r->marks[first + i] = aligned[i] < 0;
        sum += (uint64_t)aligned[i];
    }
    return sum;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Lists the unstable members in `chosen`; returns how many. Adds to the alignment. */
static size_t choose_unstable(struct block_retrieval *r, size_t count, const uint32_t *members,
                              uint64_t *alignment) {
    uint64_t sum = 0;
    if (count * r->slice->words < PARALLEL_WORDS) {
        for (size_t first = 0; first < count; first += ROWS_TOGETHER)
            sum += mark_unstable(r, first, smaller(count - first, ROWS_TOGETHER), members);
    } else {
#pragma omp parallel for schedule(static) reduction(+ : sum)
        for (size_t first = 0; first < count; first += ROWS_TOGETHER)
            sum += mark_unstable(r, first, smaller(count - first, ROWS_TOGETHER), members);
    }
    *alignment += sum;
    size_t unstable = 0;
    for (size_t n = 0; n < count; n++)
        if (r->marks[n]) r->chosen[unstable++] = members[n];
    return unstable;
}

/* Whether all slices' unstable neurons are those that flipped in the sweep before, `before` of them. */
static bool same_as_before(const struct block_retrieval *r, size_t unstable, uint64_t total,
                           uint64_t before) {
    uint64_t others = 0;
    for (size_t n = 0; n < unstable; n++)
        others += !r->flipped[r->chosen[n]];
    sum_over_slices(r, 1, &others);
    return total == before && others == 0;
}

static void remember_flips(struct block_retrieval *r, size_t count) {
    memset(r->flipped, 0, r->slice->count);
    for (size_t n = 0; n < count; n++)
        r->flipped[r->chosen[n]] = 1;
}

/* Flips the `count` chosen neurons of this slice, `total` of all. */
static void flip_chosen(struct block_retrieval *r, size_t count, uint64_t total) {
    for (size_t n = 0; n < count; n++)
        r->spins[r->chosen[n]] = (int8_t)-r->spins[r->chosen[n]];
    if (r->blocks == 1) remember_flips(r, count);
    add_overlaps(r, 2, count, r->chosen, total);
}

/* All blocks in the order of sweep number `number`; only_look: nothing flips. `before`: flips of the sweep
 * before. */
static struct sweep sweep_blocks(struct block_retrieval *r, struct random_source source, uint64_t number,
                                 bool only_look, uint64_t before) {
    struct sweep sweep = {0};
    block_order_draw(r->order, source, number, r->block, r->blocks);
    for (size_t block = 0; block < r->blocks; block++) {
        size_t count;
        const uint32_t *members = block_order_members(r->order, block, &count);
        size_t unstable = choose_unstable(r, count, members, &sweep.alignment);
        uint64_t total = unstable;
        sum_over_slices(r, 1, &total);
        sweep.unstable += total;
        if (total == 0 || only_look) continue;
        sweep.changes++;
        sweep.repeats = r->blocks == 1 && same_as_before(r, unstable, total, before);
        if (!sweep.repeats) flip_chosen(r, unstable, total);
    }
    return sweep;
}

/* --- a retrieval ---------------------------------------------------------------------------------------- */

static void note_sweep(struct block_outcome *outcome, const struct sweep *sweep) {
    if (outcome->kept < BLOCK_SWEEPS_KEPT) outcome->sweep_flips[outcome->kept++] = sweep->unstable;
    outcome->sweeps++;
    outcome->flips += sweep->unstable;
    outcome->changes += sweep->changes;
}

/* Sweeps until nothing flips; the last sweep looked at the final state alone. */
static struct sweep sweep_to_the_end(struct block_retrieval *r, const struct block_settings *settings,
                                     struct block_outcome *outcome) {
    struct random_source source = random_source(settings->key, RANDOM_ORDER, settings->trial);
    size_t cap = settings->sweep_cap ? settings->sweep_cap : BLOCK_SWEEP_CAP;
    wide energy = -sum_of_squares(r);
    for (uint64_t before = 0;;) {
        bool only_look = outcome->sweeps == cap;
        struct sweep sweep = sweep_blocks(r, source, outcome->sweeps, only_look, before);
        outcome->looks += r->slice->neurons;
        outcome->cycle = sweep.repeats;
        outcome->capped = only_look && sweep.unstable > 0;
        if (only_look || sweep.repeats || sweep.unstable == 0) return sweep;
        note_sweep(outcome, &sweep);
        before = sweep.unstable;
        wide after = -sum_of_squares(r);
        outcome->rises += after > energy;
        energy = after;
    }
}

enum status block_retrieval_run(struct block_retrieval *r, const struct block_settings *settings,
                                const struct slice_exchange *exchange, struct block_outcome *outcome) {
    const struct pattern_slice *slice = r->slice;
    *outcome = (struct block_outcome){0};
    r->exchange = exchange;
    start(r, settings);
    struct sweep last = sweep_to_the_end(r, settings, outcome);
    outcome->unstable = last.unstable;
    outcome->overlap = (double)r->overlaps[settings->pattern] / (double)slice->neurons;
    sum_over_slices(r, 1, &last.alignment);
    uint64_t expected = (uint64_t)sum_of_squares(r) - (uint64_t)slice->patterns * slice->neurons;
    return last.alignment == expected ? STATUS_OK : STATUS_FAILED;
}
