#include "core/associative/patterns.h"

#include <math.h>

#include "core/associative/rank_queue.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { WORD_BITS = 64 };

/* Fewer words than this are drawn faster than threads wake. */
enum { PARALLEL_MINIMUM = 1 << 13 };

static size_t words_for(size_t bits) {
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

enum status patterns_create(size_t neurons, size_t count, struct patterns **patterns) {
    *patterns = NULL;
    if (neurons == 0 || count == 0) return STATUS_INVALID;
    struct patterns *set = memory_allocate(1, sizeof *set);
    if (!set) return STATUS_NO_MEMORY;
    set->neurons = neurons;
    set->count = count;
    set->words_per_neuron = words_for(count);
    set->words_per_pattern = words_for(neurons);
    set->by_neuron = memory_allocate(neurons, set->words_per_neuron * sizeof *set->by_neuron);
    set->by_pattern = memory_allocate(count, set->words_per_pattern * sizeof *set->by_pattern);
    if (!set->by_neuron || !set->by_pattern) {
        patterns_destroy(&set);
        return STATUS_NO_MEMORY;
    }
    *patterns = set;
    return STATUS_OK;
}

void patterns_destroy(struct patterns **patterns) {
    if (!*patterns) return;
    memory_free((*patterns)->by_neuron);
    memory_free((*patterns)->by_pattern);
    memory_free(*patterns);
    *patterns = NULL;
}

double patterns_bytes(size_t neurons, size_t count) {
    return 8.0 * ((double)neurons * (double)words_for(count) + (double)count * (double)words_for(neurons));
}

/* Transposes 64 x 64 bits by exchanging ever smaller off-diagonal squares. */
static void transpose_bits(uint64_t rows[WORD_BITS]) {
    uint64_t mask = 0x00000000ffffffffU;
    for (unsigned half = WORD_BITS / 2; half > 0; half /= 2, mask ^= mask << half) {
        for (unsigned row = 0; row < WORD_BITS; row = (row + half + 1) & ~half) {
            uint64_t exchanged = ((rows[row] >> half) ^ rows[row + half]) & mask;
            rows[row] ^= exchanged << half;
            rows[row + half] ^= exchanged;
        }
    }
}

/* Fills word `block` of every pattern's row from the rows of the 64 neurons of that block. */
static void transpose_block(struct patterns *set, size_t block) {
    size_t first = block * WORD_BITS;
    size_t neurons = set->neurons - first < WORD_BITS ? set->neurons - first : WORD_BITS;
    for (size_t word = 0; word < set->words_per_neuron; word++) {
        uint64_t square[WORD_BITS] = {0};
        for (size_t i = 0; i < neurons; i++)
            square[i] = set->by_neuron[(first + i) * set->words_per_neuron + word];
        transpose_bits(square);
        for (size_t bit = 0; bit < WORD_BITS && word * WORD_BITS + bit < set->count; bit++)
            set->by_pattern[(word * WORD_BITS + bit) * set->words_per_pattern + block] = square[bit];
    }
}

void patterns_draw(struct patterns *patterns, uint64_t key) {
    size_t words = patterns->words_per_neuron;
    unsigned spare = (unsigned)(words * WORD_BITS - patterns->count);
#pragma omp parallel for schedule(static) if (patterns->neurons * words >= PARALLEL_MINIMUM)
    for (size_t block = 0; block < patterns->words_per_pattern; block++) {
        for (size_t i = block * WORD_BITS; i < (block + 1) * WORD_BITS && i < patterns->neurons; i++) {
            uint64_t *row = patterns->by_neuron + i * words;
            kernels()->random_fill_bits(random_source(key, RANDOM_PATTERNS, (uint32_t)i), 0, words, row);
            row[words - 1] &= ~(uint64_t)0 >> spare;
        }
        transpose_block(patterns, block);
    }
}

void patterns_pack(const struct patterns *patterns, const int8_t *spins, uint64_t *bits) {
    kernels()->pack_spins(patterns->neurons, spins, bits);
}

void patterns_set(struct patterns *patterns, size_t index, const int8_t *spins) {
    patterns_pack(patterns, spins, patterns->by_pattern + index * patterns->words_per_pattern);
    uint64_t bit = (uint64_t)1 << index % WORD_BITS;
    for (size_t i = 0; i < patterns->neurons; i++) {
        uint64_t *word = patterns->by_neuron + i * patterns->words_per_neuron + index / WORD_BITS;
        *word = spins[i] > 0 ? *word | bit : *word & ~bit;
    }
}

void patterns_spins(const struct patterns *patterns, size_t index, int8_t *spins) {
    kernels()->unpack_spins(patterns->neurons, patterns->by_pattern + index * patterns->words_per_pattern,
                            spins);
}

int64_t patterns_overlap(const struct patterns *patterns, size_t index, const int8_t *spins) {
    const uint64_t *row = patterns->by_pattern + index * patterns->words_per_pattern;
    int64_t agreeing = 0;
    for (size_t i = 0; i < patterns->neurons; i++)
        agreeing += (row[i / WORD_BITS] >> i % WORD_BITS & 1) == (uint64_t)(spins[i] > 0);
    return 2 * agreeing - (int64_t)patterns->neurons;
}

size_t patterns_flips_for(size_t neurons, double overlap) {
    return (size_t)llround((double)neurons * (1 - overlap) / 2);
}

enum status patterns_disturb(size_t neurons, size_t flips, struct random_source source, int8_t *spins) {
    if (flips == 0) return STATUS_OK;
    struct rank_queue queue = {.entries = memory_allocate(neurons, sizeof *queue.entries)};
    if (!queue.entries) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < neurons; i++)
        queue.entries[i] = (struct rank_entry){.rank = random_bits(source, i), .neuron = (uint32_t)i};
    rank_queue_arrange(&queue, neurons);
    for (size_t n = 0; n < flips; n++) {
        uint32_t neuron = rank_queue_pop(&queue).neuron;
        spins[neuron] = (int8_t)-spins[neuron];
    }
    memory_free(queue.entries);
    return STATUS_OK;
}
