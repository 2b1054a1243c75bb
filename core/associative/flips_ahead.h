/* The flips of a sweep several at a time: each is right only if those before it make no neuron unstable whose
 * turn comes sooner, which is likely for neurons that follow each other closely. They are done as if it were
 * so, in one pass over the fields, and taken back where it was not. Flips and their order are those of one at
 * a time. */
#ifndef CORE_ASSOCIATIVE_FLIPS_AHEAD_H
#define CORE_ASSOCIATIVE_FLIPS_AHEAD_H

#include "core/associative/dynamics.h"
#include "core/kernels/kernels.h"

/* The ranks of neurons in the order of the sweep that is going on. */
static inline void ranks_in_sweep(const struct retrieval *retrieval, size_t count, const uint32_t *neurons,
                                  uint64_t *ranks) {
    kernels()->random_bits_at(retrieval->order, retrieval->outcome.sweeps << 32, count, neurons, ranks);
}

/* Does the next few flips of the queued neurons and queues those that become unstable and whose turn is still
 * to come; false when the queue is empty. For types of states that can plan. */
bool flips_ahead(struct retrieval *retrieval);

#endif
