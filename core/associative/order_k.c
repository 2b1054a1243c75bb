/* One neuron after the other, walking the random order: unlike in order 2 a flip changes all fields through
 * all patterns, so none are kept up, and a neuron's costs a pass over the patterns when its turn comes. */
#include "core/associative/order_k.h"

#include <assert.h>
#include <omp.h>

#include "core/associative/order_k_state.h"
#include "core/base/memory.h"

/* What one thread needs. */
struct workspace {
    struct order_state state;
    struct rank_entry *entries; /* [neurons] */
    uint64_t *stable_since;     /* [neurons]: 1 + flips before the look that found the neuron stable, or 0 */
};

static void workspace_clear(struct workspace *space) {
    order_state_clear(&space->state);
    memory_free(space->entries);
    memory_free(space->stable_since);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(struct order_rule rule, const struct patterns *patterns,
                                      struct workspace *space) {
    *space = (struct workspace){
        .entries = memory_allocate(patterns->neurons, sizeof *space->entries),
        .stable_since = memory_allocate(patterns->neurons, sizeof *space->stable_since),
    };
    CHECK(order_state_allocate(rule, patterns, &space->state));
    return space->entries && space->stable_since ? STATUS_OK : STATUS_NO_MEMORY;
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

/* One retrieval in progress. */
struct walk {
    struct workspace *space;
    const struct hopfield_settings *settings;
    struct random_source order;
    struct outcome outcome;
    int64_t energy; /* scaled, kept up over the flips */
};

/* Whether the neuron is unstable, with the change of the energy that its flip makes. Neurons found stable are
 * not looked at again until something flips. */
static bool is_unstable(struct walk *walk, size_t neuron, int64_t *change) {
    uint64_t now = walk->outcome.flips + 1, *stable_since = &walk->space->stable_since[neuron];
    if (*stable_since == now) return false;
    const struct order_state *state = &walk->space->state;
    int64_t stability = order_state_stability(state, neuron);
    if (stability >= 0) *stable_since = now;
    *change = state->polynomials.step * stability;
    return stability < 0;
}

static void flip(struct walk *walk, size_t neuron, int64_t change) {
    order_state_flip(&walk->space->state, neuron);
    walk->energy += change;
    walk->outcome.flips++;
    assert(order_state_energy(&walk->space->state) == walk->energy);
    const struct flip_observer *observer = walk->settings->observer;
    if (observer) observer->flipped(observer->context, walk->order.part, neuron);
}

/* One sweep; returns whether anything flipped. */
static bool sweep(struct walk *walk) {
    size_t neurons = walk->space->state.patterns->neurons;
    struct rank_queue queue = {.entries = walk->space->entries};
    uint64_t before = walk->outcome.flips;
    for (size_t i = 0; i < neurons; i++) {
        uint64_t index = walk->outcome.sweeps << 32 | i;
        queue.entries[i] =
            (struct rank_entry){.rank = random_bits(walk->order, index), .neuron = (uint32_t)i};
    }
    rank_queue_arrange(&queue, neurons);
    while (queue.count > 0) {
        size_t neuron = rank_queue_pop(&queue).neuron;
        int64_t change;
        if (is_unstable(walk, neuron, &change)) flip(walk, neuron, change);
    }
    return walk->outcome.flips > before;
}

static bool any_unstable(struct walk *walk) {
    int64_t change;
    for (size_t i = 0; i < walk->space->state.patterns->neurons; i++)
        if (is_unstable(walk, i, &change)) return true;
    return false;
}

static void walk_to_the_end(struct walk *walk) {
    size_t cap = walk->settings->sweep_cap ? walk->settings->sweep_cap : HOPFIELD_SWEEP_CAP;
    int64_t before = order_state_energy(&walk->space->state);
    walk->energy = before;
    while (walk->outcome.sweeps < cap) {
        if (!sweep(walk)) return;
        walk->outcome.sweeps++;
        int64_t after = order_state_energy(&walk->space->state);
        walk->outcome.energy_checks++;
        walk->outcome.energy_rises += after > before;
        before = after;
    }
    walk->outcome.capped = any_unstable(walk);
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
    struct walk walk = {
        .space = space,
        .settings = batch->settings,
        .order = random_source(batch->settings->key, RANDOM_ORDER,
                               (uint32_t)(batch->settings->first_trial + trial)),
    };
    for (size_t i = 0; i < neurons; i++)
        space->stable_since[i] = 0;
    order_state_set(state, spins);
    walk_to_the_end(&walk);
    batch->outcomes[trial] = walk.outcome;
    for (size_t i = 0; i < neurons; i++)
        spins[i] = state->spins[i];
    order_state_set(state, spins);
    return order_state_energy(state) == walk.energy ? STATUS_OK : STATUS_FAILED;
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

/* Memory per thread is counted for at most so many: a plan does not know the machine it is for. */
enum { THREADS_COUNTED = 128 };

double order_bytes(size_t neurons, size_t patterns, size_t trials) {
    size_t threads = trials < THREADS_COUNTED ? trials : THREADS_COUNTED;
    double per_thread = order_state_bytes(neurons, patterns) +
                        (double)neurons * (sizeof(struct rank_entry) + sizeof(uint64_t));
    return patterns_bytes(neurons, patterns) + (double)trials * (double)neurons +
           (double)threads * per_thread;
}

double order_operations(size_t neurons, size_t patterns, size_t trials) {
    const double passes = 4; /* as stored, start to end, and most neurons again after the last flip */
    return passes * (double)trials * (double)neurons * (double)patterns;
}
