#include "core/associative/block_order.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum {
    /* Neurons a bin, on average: few, since bins that a cut falls into are sorted by insertion, and not
     * fewer, since counting wants the table of bins in the cache. */
    BIN_NEURONS = 4,
    RANK_BITS = 64,
    /* Random numbers drawn at a time. */
    DRAWN = 1 << 12
};

struct block_order {
    size_t neurons, first, count, blocks;
    unsigned shift;    /* from a random number to its bin */
    size_t bins;       /* by the leading bits of the random numbers */
    uint64_t *ranks;   /* [neurons]: random numbers */
    uint32_t *sorted;  /* [neurons]: neurons by bin */
    uint32_t *ends;    /* [bins]: where the bins end in `sorted` */
    uint32_t *members; /* [count]: the slice's, by block */
    uint32_t *starts;  /* [blocks + 1]: where the blocks start in `members` */
};

/* A power of two, at least 2. */
static size_t bins_for(size_t neurons, unsigned *shift) {
    size_t bins = 2;
    *shift = RANK_BITS - 1;
    while (bins * BIN_NEURONS < neurons)
        bins *= 2, --*shift;
    return bins;
}

enum status block_order_create(size_t neurons, size_t first, size_t count, size_t blocks,
                               struct block_order **order) {
    *order = NULL;
    struct block_order *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->neurons = neurons, made->first = first, made->count = count, made->blocks = blocks;
    made->bins = bins_for(neurons, &made->shift);
    made->ranks = memory_allocate(neurons, sizeof *made->ranks);
    made->sorted = memory_allocate(neurons, sizeof *made->sorted);
    made->ends = memory_allocate(made->bins, sizeof *made->ends);
    made->members = memory_allocate(count, sizeof *made->members);
    made->starts = memory_allocate(blocks + 1, sizeof *made->starts);
    if (!made->ranks || !made->sorted || !made->ends || !made->members || !made->starts) {
        block_order_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *order = made;
    return STATUS_OK;
}

void block_order_destroy(struct block_order **order) {
    if (!*order) return;
    memory_free((*order)->ranks);
    memory_free((*order)->sorted);
    memory_free((*order)->ends);
    memory_free((*order)->members);
    memory_free((*order)->starts);
    memory_free(*order);
    *order = NULL;
}

double block_order_bytes(size_t neurons, size_t count, size_t blocks) {
    unsigned shift;
    double words = 3.0 * (double)neurons + (double)bins_for(neurons, &shift) + (double)count + (double)blocks;
    return sizeof(struct block_order) + 4 * (words + 1);
}

static void draw_ranks(struct block_order *order, struct random_source source, uint64_t round) {
#pragma omp parallel for schedule(static) if (order->neurons > DRAWN)
    for (size_t i = 0; i < order->neurons; i += DRAWN) {
        size_t count = order->neurons - i < DRAWN ? order->neurons - i : DRAWN;
        kernels()->random_fill_bits(source, round << 32 | i, count, order->ranks + i);
    }
}

static size_t bin_of(const struct block_order *order, size_t neuron) {
    return order->ranks[neuron] >> order->shift;
}

/* Neurons of a bin stand in the order of their numbers. */
static void sort_into_bins(struct block_order *order) {
    uint32_t *ends = order->ends, before = 0;
    memset(ends, 0, order->bins * sizeof *ends);
    for (size_t i = 0; i < order->neurons; i++)
        ends[bin_of(order, i)]++;
    for (size_t bin = 0; bin < order->bins; bin++) {
        uint32_t count = ends[bin];
        ends[bin] = before;
        before += count;
    }
    for (size_t i = 0; i < order->neurons; i++)
        order->sorted[ends[bin_of(order, i)]++] = (uint32_t)i;
}

/* Sorts neurons that stand by number by their ranks, equal ones by number. */
static void sort_bin(const struct block_order *order, uint32_t start, uint32_t end) {
    uint32_t *sorted = order->sorted;
    for (uint32_t place = start + 1; place < end; place++) {
        uint32_t neuron = sorted[place], to = place;
        for (; to > start && order->ranks[sorted[to - 1]] > order->ranks[neuron]; to--)
            sorted[to] = sorted[to - 1];
        sorted[to] = neuron;
    }
}

/* Order within a block does not matter, so only the bins with a cut inside are sorted. */
static void sort_cut_bins(struct block_order *order, size_t size, size_t blocks) {
    size_t block = 1;
    uint32_t start = 0;
    for (size_t bin = 0; bin < order->bins && block < blocks; start = order->ends[bin++]) {
        while (block < blocks && block * size <= start)
            block++;
        if (block < blocks && block * size < order->ends[bin]) sort_bin(order, start, order->ends[bin]);
    }
}

void block_order_draw(struct block_order *order, struct random_source source, uint64_t round, size_t size,
                      size_t blocks) {
    draw_ranks(order, source, round);
    sort_into_bins(order);
    sort_cut_bins(order, size, blocks);
    size_t place = 0;
    uint32_t taken = 0;
    for (size_t block = 0; block < blocks; block++) {
        bool last = block + 1 == blocks || (block + 1) * size > order->neurons;
        size_t end = last ? order->neurons : (block + 1) * size;
        order->starts[block] = taken;
        for (; place < end; place++) {
            size_t own = (size_t)order->sorted[place] - order->first; /* huge when it lies before */
            if (own < order->count) order->members[taken++] = (uint32_t)own;
        }
    }
    order->starts[blocks] = taken;
}

const uint32_t *block_order_members(const struct block_order *order, size_t block, size_t *count) {
    *count = order->starts[block + 1] - order->starts[block];
    return order->members + order->starts[block];
}
