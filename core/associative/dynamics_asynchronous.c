/* One neuron after the other, in a fresh uniform order each sweep: neuron i comes at the rank of a random
 * number of (key, trial, sweep, i). The order is not walked. Only neurons that are unstable can flip, so a
 * sweep is a queue of those that are, by rank; a flip adds the neurons it makes unstable whose turn is still
 * to come. */
#include <assert.h>

#include "core/associative/dynamics.h"

static struct rank_entry place_in_sweep(const struct retrieval *retrieval, uint32_t neuron) {
    uint64_t index = retrieval->outcome.sweeps << 32 | neuron;
    return (struct rank_entry){.rank = random_bits(retrieval->order, index), .neuron = neuron};
}

/* Settles the listed neurons for this sweep and queues those whose turn comes after `now`. */
static void enqueue(struct retrieval *retrieval, struct rank_queue *queue, size_t count,
                    struct rank_entry now) {
    for (size_t n = 0; n < count; n++) {
        struct rank_entry entry = place_in_sweep(retrieval, retrieval->list[n]);
        retrieval->state->type->settle(retrieval->state, entry.neuron);
        if (rank_before(now, entry)) rank_queue_push(queue, entry);
    }
}

static double energy(const struct state *state) {
    return -state->type->alignment(state) / 2;
}

/* Flips a neuron; debug builds look at the energy each time. */
static void flip(struct retrieval *retrieval, size_t neuron) {
#ifdef NDEBUG
    retrieval_flip(retrieval, neuron);
#else
    double before = energy(retrieval->state);
    retrieval_flip(retrieval, neuron);
    assert(!retrieval_energy_rose(retrieval, before, energy(retrieval->state)));
#endif
}

static void sweep(struct retrieval *retrieval, size_t unstable) {
    struct state *state = retrieval->state;
    struct rank_queue queue = {.entries = retrieval->entries};
    for (size_t n = 0; n < unstable; n++) {
        queue.entries[n] = place_in_sweep(retrieval, retrieval->list[n]);
        state->type->settle(state, retrieval->list[n]);
    }
    rank_queue_arrange(&queue, unstable);
    while (queue.count > 0) {
        struct rank_entry now = rank_queue_pop(&queue);
        if (!state->type->is_unstable(state, now.neuron)) continue;
        flip(retrieval, now.neuron);
        enqueue(retrieval, &queue, state->type->unstable(state, retrieval->list), now);
    }
}

static void run(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    double before = energy(state);
    size_t unstable;
    while ((unstable = state->type->unstable(state, retrieval->list)) > 0) {
        if (retrieval->outcome.sweeps == retrieval->sweep_cap) {
            retrieval->outcome.capped = true;
            return;
        }
        sweep(retrieval, unstable);
        retrieval->outcome.sweeps++;
        state->type->reopen(state);
        double after = energy(state);
        retrieval_check_energy(retrieval, before, after);
        before = after;
    }
}

const struct dynamics dynamics_asynchronous = {
    .name = "asynchronous",
    .summary = "one neuron after the other, in a fresh random order each sweep",
    .run = run,
};
