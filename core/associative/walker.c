#include "core/associative/walker.h"

#include <stdlib.h>

#include "core/associative/sweep_order.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "core/kernels/pattern_walk.h"

enum { WORD_BITS = 64 };

struct walker {
    const struct patterns *patterns;
    struct pattern_walk walk;
    int32_t *balances;
    struct sweep_order *order;
    uint32_t *flipped; /* [neurons] */
};

/* With room for a spin more, and for the sign that halves may be kept with. */
bool walker_fits(size_t neurons) {
    return (neurons + 1) / 2 < INT16_MAX;
}

static void fill_balances(const struct patterns *patterns, int32_t *balances) {
    size_t words = patterns->words_per_neuron;
    for (size_t i = 0; i < patterns->neurons; i++) {
        size_t ones = kernels()->count_ones(words, patterns->by_neuron + i * words);
        balances[i] = 2 * (int32_t)ones - (int32_t)patterns->count;
    }
}

enum status walker_create(const struct patterns *patterns, struct walker **walker) {
    size_t neurons = patterns->neurons, words = patterns->words_per_neuron;
    *walker = NULL;
    struct walker *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->patterns = patterns;
    made->balances = memory_allocate(neurons, sizeof *made->balances);
    made->flipped = memory_allocate(neurons, sizeof *made->flipped);
    made->walk = (struct pattern_walk){
        .patterns = patterns->count,
        .words = words,
        .rows = patterns->by_neuron,
        .balances = made->balances,
        .parity = (int32_t)(neurons & 1),
        .halves = memory_allocate(words, WORD_BITS * sizeof *made->walk.halves),
    };
    enum status status = sweep_order_create(neurons, &made->order);
    if (!made->balances || !made->flipped || !made->walk.halves) status = STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        fill_balances(patterns, made->balances);
    else
        walker_destroy(&made);
    *walker = made;
    return status;
}

void walker_destroy(struct walker **walker) {
    if (!*walker) return;
    sweep_order_destroy(&(*walker)->order);
    memory_free((*walker)->balances);
    memory_free((*walker)->flipped);
    memory_free((*walker)->walk.halves);
    memory_free(*walker);
    *walker = NULL;
}

double walker_bytes(size_t neurons, size_t patterns) {
    return (double)sizeof(struct walker) + sweep_order_bytes(neurons) +
           (double)neurons * (sizeof(int32_t) + sizeof(uint32_t)) +
           ((double)patterns + WORD_BITS) * sizeof(int16_t);
}

void walker_begin(struct walker *walker, int8_t *spins, const int32_t *overlaps, size_t tile_stride) {
    struct pattern_walk *walk = &walker->walk;
    walk->spins = spins;
    walk->sum = 0;
    for (size_t p = 0; p < walk->words * WORD_BITS; p++) {
        int32_t overlap = p < walk->patterns ? overlaps[p / WORD_BITS * tile_stride + p % WORD_BITS] : 0;
        walk->halves[p] = (int16_t)((overlap - walk->parity) / 2);
        walk->sum += p < walk->patterns ? walk->halves[p] : 0;
    }
}

static int32_t overlap(const struct walker *walker, size_t pattern) {
    return 2 * walker->walk.halves[pattern] + walker->walk.parity;
}

void walker_overlaps(const struct walker *walker, int32_t *overlaps, size_t tile_stride) {
    for (size_t p = 0; p < walker->walk.patterns; p++)
        overlaps[p / WORD_BITS * tile_stride + p % WORD_BITS] = overlap(walker, p);
}

size_t walker_sweep(struct walker *walker, struct random_source order, uint64_t sweep,
                    const uint32_t **flipped) {
    const uint32_t *neurons = sweep_order_draw(walker->order, order, sweep);
    *flipped = walker->flipped;
    return kernels()->walk_i16(&walker->walk, walker->patterns->neurons, neurons, walker->flipped);
}

size_t walker_distance(const struct walker *walker) {
    int32_t largest = 0;
    for (size_t p = 0; p < walker->walk.patterns; p++) {
        int32_t magnitude = abs(overlap(walker, p));
        largest = magnitude > largest ? magnitude : largest;
    }
    return (walker->patterns->neurons - (size_t)largest) / 2;
}

int64_t walker_alignment(const struct walker *walker) {
    int64_t sum = -(int64_t)walker->walk.patterns * (int64_t)walker->patterns->neurons;
    for (size_t p = 0; p < walker->walk.patterns; p++)
        sum += (int64_t)overlap(walker, p) * overlap(walker, p);
    return sum;
}
