/* Walking the random order of dynamics_asynchronous neuron by neuron: for memories whose fields are not kept
 * up over flips, because a flip changes all of them through all patterns. Private to order_k*.c, phasor*.c.
 */
#ifndef CORE_ASSOCIATIVE_ORDER_K_WALK_H
#define CORE_ASSOCIATIVE_ORDER_K_WALK_H

#include "core/associative/hopfield.h"

/* A state that is walked over. */
struct walk_state {
    size_t neurons;
    void *state;

    /* Whether the neuron would change now; `commit`: then it does. */
    bool (*update)(void *state, size_t neuron, bool commit);

    /* Whether the energy is above that of the call before; false the first time. */
    bool (*energy_rose)(void *state);
};

/* Memory for a walk. */
struct walk_space {
    struct rank_entry *entries; /* [neurons] */
    uint64_t *stable_since; /* [neurons]: 1 + changes before the look that found the neuron stable, or 0 */
};

/* STATUS_NO_MEMORY: clear it all the same. */
enum status walk_space_allocate(size_t neurons, struct walk_space *space);
void walk_space_clear(struct walk_space *space);
double walk_space_bytes(size_t neurons);

/* Updates one neuron after the other, in a fresh uniform order each sweep, to a state in which nothing
 * changes or to the cap on sweeps. Neurons found stable are passed over until something changes. `trial`
 * counts from the settings' first. */
struct outcome walk(const struct walk_state *state, const struct hopfield_settings *settings, size_t trial,
                    struct walk_space *space);

#endif
