/* One neuron after the other, in a fresh uniform order each sweep: neuron i comes at the rank of a random
 * number of (key, trial, sweep, i). The order is not walked. Only neurons that are unstable can flip, so a
 * sweep is a queue of those that are, by rank; a flip adds the neurons it makes unstable whose turn is still
 * to come. */
#include <assert.h>

#include "core/associative/flips_ahead.h"
#include "core/associative/rank_buckets.h"
#include "core/associative/walker.h"

/* Settles the listed neurons for this sweep and queues those whose turn comes after `now`. */
static void enqueue(struct retrieval *retrieval, size_t count, struct rank_entry now) {
    ranks_in_sweep(retrieval, count, retrieval->list, retrieval->ranks);
    for (size_t n = 0; n < count; n++) {
        struct rank_entry entry = {.rank = retrieval->ranks[n], .neuron = retrieval->list[n]};
        retrieval->state->type->settle(retrieval->state, entry.neuron);
        if (rank_before(now, entry)) rank_buckets_push(retrieval->queue, entry);
    }
}

static double energy(const struct state *state) {
    return -state->type->alignment(state) / 2;
}

/* Does the next flip of the queue; false when it is empty. */
static bool flip_next(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    struct rank_entry now;
    while (rank_buckets_pop(retrieval->queue, &now)) {
        if (!state->type->is_unstable(state, now.neuron)) continue;
        retrieval_flip(retrieval, now.neuron);
        if (!state->type->walks) enqueue(retrieval, state->type->unstable(state, retrieval->list), now);
        return true;
    }
    return false;
}

/* Flips until the queue is empty; debug builds look at the energy after each pass, of one flip or
 * several. */
static void empty_queue(struct retrieval *retrieval) {
    bool (*flip)(struct retrieval *) = retrieval->state->type->plan ? flips_ahead : flip_next;
#ifdef NDEBUG
    while (flip(retrieval)) {
    }
#else
    double before = energy(retrieval->state);
    while (flip(retrieval)) {
        double after = energy(retrieval->state);
        assert(!retrieval_energy_rose(retrieval, before, after));
        before = after;
    }
#endif
}

static void sweep(struct retrieval *retrieval, size_t unstable) {
    struct state *state = retrieval->state;
    ranks_in_sweep(retrieval, unstable, retrieval->list, retrieval->ranks);
    for (size_t n = 0; n < unstable; n++) {
        struct rank_entry entry = {.rank = retrieval->ranks[n], .neuron = retrieval->list[n]};
        rank_buckets_push(retrieval->queue, entry);
        state->type->settle(state, entry.neuron);
    }
    empty_queue(retrieval);
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

/* Of so many neurons that flip in a sweep, about one does in the next. */
static const size_t FEWER_EACH_SWEEP = 3;

static bool walk_ahead(struct retrieval *retrieval, struct walker *walker, size_t worth) {
    struct outcome *outcome = &retrieval->outcome;
    double before = -(double)walker_alignment(walker) / 2;
    size_t expected = walker_distance(walker);
    while (expected >= worth && outcome->sweeps < retrieval->sweep_cap) {
        const uint32_t *flipped;
        size_t flips = walker_sweep(walker, retrieval->order, outcome->sweeps, &flipped);
        if (flips == 0) return true;
        for (size_t n = 0; n < flips; n++)
            retrieval_count_flip(retrieval, flipped[n]);
        outcome->sweeps++;
        double after = -(double)walker_alignment(walker) / 2;
        assert(!retrieval_energy_rose(retrieval, before, after));
        retrieval_check_energy(retrieval, before, after);
        before = after;
        expected = flips / FEWER_EACH_SWEEP;
    }
    return false;
}

const struct dynamics dynamics_asynchronous = {
    .name = "asynchronous",
    .summary = "one neuron after the other, in a fresh random order each sweep",
    .run = run,
    .walk_ahead = walk_ahead,
};
