#include "core/associative/order_k_walk.h"

#include <string.h>

#include "core/base/memory.h"

enum status walk_space_allocate(size_t neurons, struct walk_space *space) {
    space->entries = memory_allocate(neurons, sizeof *space->entries);
    space->stable_since = memory_allocate(neurons, sizeof *space->stable_since);
    return space->entries && space->stable_since ? STATUS_OK : STATUS_NO_MEMORY;
}

void walk_space_clear(struct walk_space *space) {
    memory_free(space->entries);
    memory_free(space->stable_since);
}

double walk_space_bytes(size_t neurons) {
    return (double)neurons * (sizeof(struct rank_entry) + sizeof(uint64_t));
}

/* One in progress. */
struct walker {
    const struct walk_state *state;
    const struct flip_observer *observer;
    struct walk_space *space;
    struct random_source order;
    struct outcome outcome;
};

static bool update(struct walker *walker, size_t neuron, bool commit) {
    uint64_t now = walker->outcome.flips + 1, *stable_since = &walker->space->stable_since[neuron];
    if (*stable_since == now) return false;
    if (walker->state->update(walker->state->state, neuron, commit)) return true;
    *stable_since = now;
    return false;
}

/* One sweep; returns whether anything changed. */
static bool sweep(struct walker *walker) {
    struct rank_queue queue = {.entries = walker->space->entries};
    uint64_t before = walker->outcome.flips;
    for (size_t i = 0; i < walker->state->neurons; i++) {
        uint64_t index = walker->outcome.sweeps << 32 | i;
        queue.entries[i] =
            (struct rank_entry){.rank = random_bits(walker->order, index), .neuron = (uint32_t)i};
    }
    rank_queue_arrange(&queue, walker->state->neurons);
    while (queue.count > 0) {
        size_t neuron = rank_queue_pop(&queue).neuron;
        if (!update(walker, neuron, true)) continue;
        walker->outcome.flips++;
        if (walker->observer)
            walker->observer->flipped(walker->observer->context, walker->order.part, neuron);
    }
    return walker->outcome.flips > before;
}

static bool any_unstable(struct walker *walker) {
    for (size_t i = 0; i < walker->state->neurons; i++)
        if (update(walker, i, false)) return true;
    return false;
}

struct outcome walk(const struct walk_state *state, const struct hopfield_settings *settings, size_t trial,
                    struct walk_space *space) {
    size_t cap = settings->sweep_cap ? settings->sweep_cap : HOPFIELD_SWEEP_CAP;
    struct walker walker = {
        .state = state,
        .observer = settings->observer,
        .space = space,
        .order = random_source(settings->key, RANDOM_ORDER, (uint32_t)(settings->first_trial + trial)),
    };
    memset(space->stable_since, 0, state->neurons * sizeof *space->stable_since);
    state->energy_rose(state->state);
    while (walker.outcome.sweeps < cap) {
        if (!sweep(&walker)) return walker.outcome;
        walker.outcome.sweeps++;
        walker.outcome.energy_checks++;
        walker.outcome.energy_rises += state->energy_rose(state->state);
    }
    walker.outcome.capped = any_unstable(&walker);
    return walker.outcome;
}
