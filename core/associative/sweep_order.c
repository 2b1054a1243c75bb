/* Ranks are uniform, so their leading bits put neurons nearly where they belong, fewer than one into a
 * bucket; few steps of an insertion sort do the rest. */
#include "core/associative/sweep_order.h"

#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

struct sweep_order {
    size_t neurons;
    unsigned bits;    /* 2^bits buckets, at least two for each neuron */
    uint64_t *ranks;  /* [neurons] */
    uint32_t *starts; /* [2^bits] */
    uint32_t *order;  /* [neurons] */
};

static unsigned bits_for(size_t neurons) {
    unsigned bits = 1;
    while ((size_t)1 << bits < 2 * neurons)
        bits++;
    return bits;
}

enum status sweep_order_create(size_t neurons, struct sweep_order **order) {
    *order = NULL;
    struct sweep_order *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->neurons = neurons;
    made->bits = bits_for(neurons);
    made->ranks = memory_allocate(neurons, sizeof *made->ranks);
    made->starts = memory_allocate((size_t)1 << made->bits, sizeof *made->starts);
    made->order = memory_allocate(neurons, sizeof *made->order);
    if (!made->ranks || !made->starts || !made->order) {
        sweep_order_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *order = made;
    return STATUS_OK;
}

void sweep_order_destroy(struct sweep_order **order) {
    if (!*order) return;
    memory_free((*order)->ranks);
    memory_free((*order)->starts);
    memory_free((*order)->order);
    memory_free(*order);
    *order = NULL;
}

double sweep_order_bytes(size_t neurons) {
    double entries = (double)((size_t)1 << bits_for(neurons));
    return (double)sizeof(struct sweep_order) + (double)neurons * (sizeof(uint64_t) + sizeof(uint32_t)) +
           entries * sizeof(uint32_t);
}

static size_t bucket_of(const struct sweep_order *order, size_t neuron) {
    return (size_t)(order->ranks[neuron] >> (64 - order->bits));
}

/* Neurons into their buckets, in each in their own order. */
static void distribute(struct sweep_order *order) {
    uint32_t before = 0;
    memset(order->starts, 0, ((size_t)1 << order->bits) * sizeof *order->starts);
    for (size_t i = 0; i < order->neurons; i++)
        order->starts[bucket_of(order, i)]++;
    for (size_t bucket = 0; bucket < (size_t)1 << order->bits; bucket++) {
        uint32_t count = order->starts[bucket];
        order->starts[bucket] = before;
        before += count;
    }
    for (size_t i = 0; i < order->neurons; i++)
        order->order[order->starts[bucket_of(order, i)]++] = (uint32_t)i;
}

/* Stable, so that ties stay in the order of neurons. */
static void insertion_sort(struct sweep_order *order) {
    for (size_t n = 1; n < order->neurons; n++) {
        uint32_t neuron = order->order[n];
        size_t place = n;
        for (; place > 0 && order->ranks[order->order[place - 1]] > order->ranks[neuron]; place--)
            order->order[place] = order->order[place - 1];
        order->order[place] = neuron;
    }
}

const uint32_t *sweep_order_draw(struct sweep_order *order, struct random_source source, uint64_t sweep) {
    kernels()->random_fill_bits(source, sweep << 32, order->neurons, order->ranks);
    distribute(order);
    insertion_sort(order);
    return order->order;
}
