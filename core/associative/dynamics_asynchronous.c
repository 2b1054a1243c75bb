/* One neuron after the other, in a fresh uniform order each sweep: neuron i comes at the rank of a random
 * number of (key, trial, sweep, i). The order is not walked. Only neurons that are unstable can flip, so a
 * sweep is a queue of those that are, by rank; a flip adds the neurons it makes unstable whose turn is still
 * to come. */
#include <assert.h>

#include "core/associative/dynamics.h"
#include "core/associative/rank_buckets.h"

static struct rank_entry place_in_sweep(const struct retrieval *retrieval, uint32_t neuron) {
    uint64_t index = retrieval->outcome.sweeps << 32 | neuron;
    return (struct rank_entry){.rank = random_bits(retrieval->order, index), .neuron = neuron};
}

/* Settles the listed neurons for this sweep and queues those whose turn comes after `now`. */
static void enqueue(struct retrieval *retrieval, size_t count, struct rank_entry now) {
    for (size_t n = 0; n < count; n++) {
        struct rank_entry entry = place_in_sweep(retrieval, retrieval->list[n]);
        retrieval->state->type->settle(retrieval->state, entry.neuron);
        if (rank_before(now, entry)) rank_buckets_push(retrieval->queue, entry);
    }
}

static double energy(const struct state *state) {
    return -state->type->alignment(state) / 2;
}

/* The first of the queue's next few that is unstable now, so that its row can be fetched ahead; `otherwise`
 * if none is. */
static size_t likely_next(const struct retrieval *retrieval, uint32_t otherwise) {
    enum { AHEAD = 6 };
    const struct state *state = retrieval->state;
    uint32_t neurons[AHEAD];
    if (state->type->walks) return otherwise;
    size_t count = rank_buckets_next(retrieval->queue, AHEAD, neurons);
    for (size_t n = 0; n < count; n++)
        if (state->type->is_unstable(state, neurons[n])) return neurons[n];
    return otherwise;
}

/* Flips a neuron and lists what is unstable then; debug builds look at the energy each time. */
static size_t flip(struct retrieval *retrieval, uint32_t neuron) {
    size_t next = likely_next(retrieval, neuron);
#ifdef NDEBUG
    return retrieval_flip_and_list(retrieval, neuron, next);
#else
    double before = energy(retrieval->state);
    size_t count = retrieval_flip_and_list(retrieval, neuron, next);
    assert(!retrieval_energy_rose(retrieval, before, energy(retrieval->state)));
    return count;
#endif
}

static void sweep(struct retrieval *retrieval, size_t unstable) {
    struct state *state = retrieval->state;
    struct rank_entry now;
    rank_buckets_restart(retrieval->queue);
    for (size_t n = 0; n < unstable; n++) {
        rank_buckets_push(retrieval->queue, place_in_sweep(retrieval, retrieval->list[n]));
        state->type->settle(state, retrieval->list[n]);
    }
    while (rank_buckets_pop(retrieval->queue, &now))
        if (state->type->is_unstable(state, now.neuron)) enqueue(retrieval, flip(retrieval, now.neuron), now);
}

/* Ends a sweep in which a neuron flipped. */
static void end_sweep(struct retrieval *retrieval, double *before) {
    retrieval->outcome.sweeps++;
    retrieval->state->type->reopen(retrieval->state);
    double after = energy(retrieval->state);
    retrieval_check_energy(retrieval, *before, after);
    *before = after;
}

/* Where fields are found when looked at: all neurons queue, and the queue is the walk. */
static void walk(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    size_t neurons = state->couplings->neurons;
    double before = energy(state);
    for (;;) {
        uint64_t flips = retrieval->outcome.flips;
        if (retrieval->outcome.sweeps == retrieval->sweep_cap) {
            retrieval->outcome.capped = state->type->unstable(state, retrieval->list) > 0;
            return;
        }
        for (size_t i = 0; i < neurons; i++)
            retrieval->list[i] = (uint32_t)i;
        sweep(retrieval, neurons);
        if (retrieval->outcome.flips == flips) return;
        end_sweep(retrieval, &before);
    }
}

static void run(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    if (state->type->walks) {
        walk(retrieval);
        return;
    }
    double before = energy(state);
    size_t unstable;
    while ((unstable = state->type->unstable(state, retrieval->list)) > 0) {
        if (retrieval->outcome.sweeps == retrieval->sweep_cap) {
            retrieval->outcome.capped = true;
            return;
        }
        sweep(retrieval, unstable);
        end_sweep(retrieval, &before);
    }
}

const struct dynamics dynamics_asynchronous = {
    .name = "asynchronous",
    .summary = "one neuron after the other, in a fresh random order each sweep",
    .run = run,
};
