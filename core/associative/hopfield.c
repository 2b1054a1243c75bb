#include "core/associative/hopfield.h"

#include <omp.h>

#include "core/base/memory.h"

struct hopfield {
    const struct learning_rule *rule;
    const struct patterns *patterns;
    struct couplings *couplings;
};

enum status hopfield_create(const struct learning_rule *rule, const struct patterns *patterns,
                            struct hopfield **network, struct error *error) {
    *network = NULL;
    CHECK(rule->check(patterns->neurons, patterns->count, error));
    struct hopfield *made = memory_allocate(1, sizeof *made);
    if (!made) return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    made->rule = rule;
    made->patterns = patterns;
    enum status status = rule->learn(patterns, &made->couplings, error);
    if (status != STATUS_OK) {
        memory_free(made);
        return status;
    }
    *network = made;
    return STATUS_OK;
}

void hopfield_destroy(struct hopfield **network) {
    if (!*network) return;
    couplings_destroy(&(*network)->couplings);
    memory_free(*network);
    *network = NULL;
}

const struct couplings *hopfield_couplings(const struct hopfield *network) {
    return network->couplings;
}

/* --- what one thread needs ------------------------------------------------------------------------ */

struct workspace {
    struct state *state;
    uint32_t *lists; /* [2][neurons] */
    struct rank_entry *entries;
    void *scratch; /* of the rule */
};

static void workspace_clear(struct workspace *space) {
    state_destroy(&space->state);
    memory_free(space->lists);
    memory_free(space->entries);
    memory_free(space->scratch);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(const struct hopfield *network, struct workspace *space) {
    size_t neurons = network->patterns->neurons;
    *space = (struct workspace){0};
    CHECK(state_create(network->couplings, &space->state));
    space->lists = memory_allocate(neurons, 2 * sizeof *space->lists);
    space->entries = memory_allocate(neurons, sizeof *space->entries);
    space->scratch = memory_allocate(
        network->rule->scratch_bytes ? network->rule->scratch_bytes(network->patterns) : 0, 1);
    return space->lists && space->entries && space->scratch ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Puts spins into the workspace's state and computes their fields, by the rule's short way if it has one. */
static void take_state(const struct hopfield *network, struct workspace *space, const int8_t *spins) {
    struct state *state = space->state;
    state->type->set(state, spins);
    if (network->rule->first_fields)
        network->rule->first_fields(network->patterns, spins, space->scratch, state->fields);
    else
        state->type->sum_fields(state);
}

/* Does `work` for items 0 .. count - 1, spread over threads with a workspace each. */
typedef enum status work_on_item(void *context, struct workspace *space, size_t item);

static enum status for_each(const struct hopfield *network, size_t count, work_on_item *work, void *context) {
    enum status worst = STATUS_OK;
    int threads = omp_get_max_threads();
    if ((size_t)threads > count) threads = count > 0 ? (int)count : 1;
#pragma omp parallel num_threads(threads)
    {
        struct workspace space;
        enum status status = workspace_allocate(network, &space);
#pragma omp for schedule(dynamic)
        for (size_t item = 0; item < count; item++)
            if (status == STATUS_OK) status = work(context, &space, item);
        workspace_clear(&space);
        if (status != STATUS_OK)
#pragma omp critical(hopfield_worst_status)
            if (status > worst) worst = status;
    }
    return worst;
}

/* --- retrieval ------------------------------------------------------------------------------------ */

struct retrieve_context {
    const struct hopfield *network;
    const struct dynamics *dynamics;
    const struct hopfield_settings *settings;
    int8_t *spins;
    struct outcome *outcomes;
};

/* Fields that were kept up must still be those of the final state. */
static bool fields_are_right(const struct hopfield *network, const struct workspace *space,
                             const int8_t *spins) {
    if (!network->rule->alignment) return true;
    return space->state->type->alignment(space->state) ==
           (double)network->rule->alignment(network->patterns, spins, space->scratch);
}

static enum status retrieve_one(void *context, struct workspace *space, size_t trial) {
    const struct retrieve_context *batch = context;
    const struct hopfield *network = batch->network;
    const struct hopfield_settings *settings = batch->settings;
    size_t neurons = network->patterns->neurons;
    int8_t *spins = batch->spins + trial * neurons;
    take_state(network, space, spins);
    struct retrieval retrieval = {
        .state = space->state,
        .has_energy = network->rule->symmetric,
        .order = random_source(settings->key, RANDOM_ORDER, (uint32_t)(settings->first_trial + trial)),
        .sweep_cap = settings->sweep_cap ? settings->sweep_cap : HOPFIELD_SWEEP_CAP,
        .observer = settings->observer,
        .list = space->lists,
        .previous_list = space->lists + neurons,
        .entries = space->entries,
    };
    batch->dynamics->run(&retrieval);
    batch->outcomes[trial] = retrieval.outcome;
    space->state->type->spins(space->state, spins);
    return fields_are_right(network, space, spins) ? STATUS_OK : STATUS_FAILED;
}

enum status hopfield_retrieve(const struct hopfield *network, const struct dynamics *dynamics,
                              const struct hopfield_settings *settings, size_t trials, int8_t *spins,
                              struct outcome *outcomes, struct error *error) {
    struct retrieve_context context = {network, dynamics, settings, spins, outcomes};
    enum status status = for_each(network, trials, retrieve_one, &context);
    if (status == STATUS_NO_MEMORY) error_set(error, status, "no memory to retrieve in");
    if (status == STATUS_FAILED)
        error_set(error, status,
                  "fields kept up over flips do not add up to sum M^2 - P N of the final state");
    return status;
}

struct count_context {
    const struct hopfield *network;
    const int8_t *spins;
    uint64_t *counts;
};

static enum status count_one(void *context, struct workspace *space, size_t item) {
    const struct count_context *batch = context;
    take_state(batch->network, space, batch->spins + item * batch->network->patterns->neurons);
    batch->counts[item] = space->state->type->unstable(space->state, space->lists);
    return STATUS_OK;
}

enum status hopfield_count_unstable(const struct hopfield *network, size_t states, const int8_t *spins,
                                    uint64_t *counts, struct error *error) {
    struct count_context context = {network, spins, counts};
    enum status status = for_each(network, states, count_one, &context);
    if (status != STATUS_OK) error_set(error, status, "no memory to compute fields in");
    return status;
}

/* --- cost ----------------------------------------------------------------------------------------- */

/* Memory per thread is counted for at most so many: a plan does not know the machine it is for. */
enum { THREADS_COUNTED = 128 };

double hopfield_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    size_t threads = trials < THREADS_COUNTED ? trials : THREADS_COUNTED;
    double n = (double)neurons, per_thread = state_bytes(rule->kind, neurons);
    per_thread += n * (2 * sizeof(uint32_t) + sizeof(struct rank_entry));
    if (rule->first_fields) per_thread += 256.0 / 8 * sizeof(int32_t) * (double)(patterns + 64) + n / 8;
    return patterns_bytes(neurons, patterns) + rule->bytes(neurons, patterns) + (double)trials * n +
           (double)threads * per_thread;
}

double hopfield_operations(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    const double part_flipped = 0.05, operations_per_entry = 3;
    double n = (double)neurons;
    double first_fields = rule->first_fields ? n * (double)patterns / 4 : 2 * n * n;
    double flips = part_flipped * n * n * operations_per_entry;
    return rule->operations(neurons, patterns) + (double)trials * (first_fields + flips);
}
