/* A priority queue of neurons by rank: the neurons of a sweep that may have to flip, next one first. */
#ifndef CORE_ASSOCIATIVE_RANK_QUEUE_H
#define CORE_ASSOCIATIVE_RANK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rank_entry {
    uint64_t rank; /* random; ties go by neuron */
    uint32_t neuron;
};

/* A binary heap in memory that the caller provides. */
struct rank_queue {
    size_t count;
    struct rank_entry *entries;
};

static inline bool rank_before(struct rank_entry a, struct rank_entry b) {
    return a.rank < b.rank || (a.rank == b.rank && a.neuron < b.neuron);
}

/* Makes a queue of the first `count` entries, which may stand in any order. */
void rank_queue_arrange(struct rank_queue *queue, size_t count);

/* Takes the first; the queue must not be empty. */
struct rank_entry rank_queue_pop(struct rank_queue *queue);

#endif
