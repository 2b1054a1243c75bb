#include "core/associative/order_k.h"

#include <assert.h>
#include <omp.h>
#include <string.h>

#include "core/associative/order_k_state.h"
#include "core/associative/order_k_walk.h"
#include "core/base/memory.h"

/* What one thread needs. */
struct workspace {
    struct order_state state;
    struct walk_space walk;
    bool looked;          /* at the energy, during this walk */
    int64_t energy, last; /* scaled: kept up over the flips, and when last looked at */
};

static void workspace_clear(struct workspace *space) {
    order_state_clear(&space->state);
    walk_space_clear(&space->walk);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(struct order_rule rule, const struct patterns *patterns,
                                      struct workspace *space) {
    *space = (struct workspace){.looked = false};
    CHECK(order_state_allocate(rule, patterns, &space->state));
    return walk_space_allocate(patterns->neurons, &space->walk);
}

/* Does `work` for items 0 .. count - 1, spread over threads with a workspace each. */
typedef enum status work_on_item(void *context, struct workspace *space, size_t item);

static enum status for_each(struct order_rule rule, const struct patterns *patterns, size_t count,
                            work_on_item *work, void *context) {
    enum status worst = STATUS_OK;
    int threads = omp_get_max_threads();
    if ((size_t)threads > count) threads = count > 0 ? (int)count : 1;
#pragma omp parallel num_threads(threads)
    {
        struct workspace space;
        enum status status = workspace_allocate(rule, patterns, &space);
#pragma omp for schedule(dynamic)
        for (size_t item = 0; item < count; item++)
            if (status == STATUS_OK) status = work(context, &space, item);
        workspace_clear(&space);
        if (status != STATUS_OK)
#pragma omp critical(order_worst_status)
            if (status > worst) worst = status;
    }
    return worst;
}

/* --- retrieval ------------------------------------------------------------------------------------ */

static bool update(void *context, size_t neuron, bool commit) {
    struct workspace *space = context;
    int64_t stability = order_state_stability(&space->state, neuron);
    if (stability >= 0) return false;
    if (!commit) return true;
    order_state_flip(&space->state, neuron);
    space->energy += space->state.polynomials.step * stability;
    assert(order_state_energy(&space->state) == space->energy);
    return true;
}

static bool energy_rose(void *context) {
    struct workspace *space = context;
    int64_t energy = order_state_energy(&space->state);
    bool rose = space->looked && energy > space->last;
    space->last = energy;
    space->looked = true;
    return rose;
}

struct retrieve_context {
    const struct hopfield_settings *settings;
    int8_t *spins;
    struct outcome *outcomes;
};

static enum status retrieve_one(void *context, struct workspace *space, size_t trial) {
    const struct retrieve_context *batch = context;
    struct order_state *state = &space->state;
    size_t neurons = state->patterns->neurons;
    int8_t *spins = batch->spins + trial * neurons;
    const struct walk_state walked = {neurons, space, update, energy_rose};
    order_state_set(state, spins);
    space->energy = order_state_energy(state);
    space->looked = false;
    batch->outcomes[trial] = walk(&walked, batch->settings, trial, &space->walk);
    memcpy(spins, state->spins, neurons);
    order_state_set(state, spins);
    return order_state_energy(state) == space->energy ? STATUS_OK : STATUS_FAILED;
}

enum status order_retrieve(struct order_rule rule, const struct patterns *patterns,
                           const struct hopfield_settings *settings, size_t trials, int8_t *spins,
                           struct outcome *outcomes, struct error *error) {
    CHECK(order_check(rule, patterns->neurons, patterns->count, error));
    struct retrieve_context context = {settings, spins, outcomes};
    enum status status = for_each(rule, patterns, trials, retrieve_one, &context);
    if (status == STATUS_NO_MEMORY) error_set(error, status, "no memory to retrieve in");
    if (status == STATUS_FAILED)
        error_set(error, status, "the energy kept up over flips is not that of the final state");
    return status;
}

struct count_context {
    const int8_t *spins;
    uint64_t *counts;
};

static enum status count_one(void *context, struct workspace *space, size_t item) {
    const struct count_context *batch = context;
    size_t neurons = space->state.patterns->neurons;
    uint64_t count = 0;
    order_state_set(&space->state, batch->spins + item * neurons);
    for (size_t i = 0; i < neurons; i++)
        count += order_state_stability(&space->state, i) < 0;
    batch->counts[item] = count;
    return STATUS_OK;
}

enum status order_count_unstable(struct order_rule rule, const struct patterns *patterns, size_t states,
                                 const int8_t *spins, uint64_t *counts, struct error *error) {
    CHECK(order_check(rule, patterns->neurons, patterns->count, error));
    struct count_context context = {spins, counts};
    enum status status = for_each(rule, patterns, states, count_one, &context);
    if (status != STATUS_OK) error_set(error, status, "no memory to weigh patterns in");
    return status;
}

/* --- cost ----------------------------------------------------------------------------------------- */

double order_bytes(size_t neurons, size_t patterns, size_t trials) {
    size_t threads = trials < MEMORY_THREADS_PLANNED ? trials : MEMORY_THREADS_PLANNED;
    double per_thread = order_state_bytes(neurons, patterns) + walk_space_bytes(neurons);
    return patterns_bytes(neurons, patterns) + (double)trials * (double)neurons +
           (double)threads * per_thread;
}

double order_operations(size_t neurons, size_t patterns, size_t trials) {
    const double passes = 4; /* as stored, start to end, and most neurons again after the last flip */
    return passes * (double)trials * (double)neurons * (double)patterns;
}
