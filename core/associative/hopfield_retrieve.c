/* Retrievals: trials in batches, first sweeps by walks where many neurons flip, the rest from couplings; and
 * the check that the fields that were kept up are those of the final states. */
#include "core/associative/hopfield_workspace.h"
#include "core/associative/thermal.h"
#include "core/associative/walker.h"

struct retrieve_context {
    const struct hopfield *network;
    const struct dynamics *dynamics;
    const struct hopfield_settings *settings;
    int8_t *spins;
    struct outcome *outcomes;
};

/* The trial as far as its outcome says. */
static struct retrieval retrieval_of(const struct retrieve_context *context, struct hopfield_workspace *space,
                                     size_t trial) {
    const struct hopfield_settings *settings = context->settings;
    return (struct retrieval){
        .state = space->state,
        .has_energy = context->network->rule->symmetric,
        .order = random_source(settings->key, RANDOM_ORDER, (uint32_t)(settings->first_trial + trial)),
        .sweep_cap = settings->sweep_cap ? settings->sweep_cap : HOPFIELD_SWEEP_CAP,
        .observer = settings->observer,
        .list = space->lists,
        .previous_list = space->lists + context->network->patterns->neurons,
        .ranks = space->ranks,
        .found = space->found,
        .queue = space->queue,
        .outcome = context->outcomes[trial],
    };
}

/* Runs the state in the workspace as a trial; its final spins go to spins[neurons], and the sum of s_i N h_i
 * by the fields that were kept up is returned. */
static double run_trial(const struct retrieve_context *context, struct hopfield_workspace *space,
                        size_t trial, int8_t *spins) {
    const struct hopfield_settings *settings = context->settings;
    struct retrieval retrieval = retrieval_of(context, space, trial);
    if (settings->heat_bath) {
        retrieval.thermal = space->thermal;
        thermal_begin(space->thermal, settings->heat_bath, space->state, trial, settings->key,
                      retrieval.order.part);
    }
    context->dynamics->run(&retrieval);
    context->outcomes[trial] = retrieval.outcome;
    space->state->type->spins(space->state, spins);
    return space->state->type->alignment(space->state);
}

/* The walker's sweeps of a trial, from spins[neurons] and their overlaps; whether it came to rest. */
static bool walk_ahead(const struct retrieve_context *context, struct hopfield_workspace *space, size_t trial,
                       size_t worth) {
    struct retrieval retrieval = retrieval_of(context, space, trial);
    bool rests = context->dynamics->walk_ahead(&retrieval, space->walker, worth);
    context->outcomes[trial] = retrieval.outcome;
    return rests;
}

static bool has_walks(const struct retrieve_context *context, const struct hopfield_workspace *space) {
    return space->walker && context->dynamics->walk_ahead;
}

/* First sweeps of a batch, of those trials that are expected to flip much in them. */
static void walk_batch(const struct retrieve_context *context, struct hopfield_workspace *space, size_t first,
                       size_t count, int8_t *spins) {
    const struct patterns *patterns = context->network->patterns;
    size_t worth = engine_flips_worth_walk(patterns->neurons, patterns->count);
    for (size_t t = 0; t < count; t++) {
        int8_t *state = spins + t * patterns->neurons;
        int32_t *overlaps = batch_fields_overlaps(space->batch, t);
        walker_begin(space->walker, state, overlaps, BATCH_FIELDS_STRIDE);
        if (walker_distance(space->walker) < worth) continue;
        walk_ahead(context, space, first + t, worth);
        walker_overlaps(space->walker, overlaps, BATCH_FIELDS_STRIDE);
        batch_fields_change(space->batch, t, state);
    }
}

/* A trial without couplings, whose overlaps stand in the workspace's state; as run_trial. */
static double walk_through(const struct retrieve_context *context, struct hopfield_workspace *space,
                           size_t trial, int8_t *spins) {
    walker_begin(space->walker, spins, space->state->fields, HOPFIELD_TILE);
    if (walk_ahead(context, space, trial, 0)) return (double)walker_alignment(space->walker);
    space->state->type->set(space->state, spins);
    space->state->type->sum_fields(space->state);
    return run_trial(context, space, trial, spins);
}

/* Fields that were kept up must still be those of the final states. */
static bool fields_are_right(const struct hopfield *network, struct hopfield_workspace *space, size_t count,
                             const int8_t *spins, const double *kept) {
    int64_t expected[HOPFIELD_LANES];
    if (!network->rule->alignment) return true;
    if (space->batch)
        batch_fields_alignments(space->batch, count, spins, expected);
    else
        for (size_t t = 0; t < count; t++)
            expected[t] = network->rule->alignment(network->patterns, spins + t * network->patterns->neurons,
                                                   space->scratch);
    for (size_t t = 0; t < count; t++)
        if (kept[t] != (double)expected[t]) return false;
    return true;
}

static enum status retrieve_batch(void *batch_context, struct hopfield_workspace *space, size_t first,
                                  size_t count) {
    const struct retrieve_context *context = batch_context;
    size_t neurons = context->network->patterns->neurons;
    int8_t *spins = context->spins + first * neurons;
    double kept[HOPFIELD_LANES];
    if (context->settings->heat_bath && !space->thermal) CHECK(thermal_create(neurons, &space->thermal));
    for (size_t t = 0; t < count; t++)
        context->outcomes[first + t] = (struct outcome){0};
    if (space->batch) {
        batch_fields_begin(space->batch, count, spins);
        if (has_walks(context, space)) walk_batch(context, space, first, count, spins);
        batch_fields_compute(space->batch, count);
    }
    for (size_t t = 0; t < count; t++) {
        CHECK(hopfield_take(context->network, space, t, spins + t * neurons));
        bool walks = has_walks(context, space) && space->state->type->walks;
        kept[t] = (walks ? walk_through : run_trial)(context, space, first + t, spins + t * neurons);
    }
    return fields_are_right(context->network, space, count, spins, kept) ? STATUS_OK : STATUS_FAILED;
}

enum status hopfield_retrieve(const struct hopfield *network, const struct dynamics *dynamics,
                              const struct hopfield_settings *settings, size_t trials, int8_t *spins,
                              struct outcome *outcomes, struct error *error) {
    struct retrieve_context context = {network, dynamics, settings, spins, outcomes};
    if ((dynamics == &dynamics_glauber) != (settings->heat_bath != NULL))
        return error_set(error, STATUS_INVALID, "%s: a heat bath is for glauber, and glauber needs one",
                         dynamics->name);
    enum status status = hopfield_for_each_batch(network, trials, retrieve_batch, &context);
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

static enum status count_batch(void *batch_context, struct hopfield_workspace *space, size_t first,
                               size_t count) {
    const struct count_context *context = batch_context;
    size_t neurons = context->network->patterns->neurons;
    const int8_t *spins = context->spins + first * neurons;
    if (space->batch) {
        batch_fields_begin(space->batch, count, spins);
        batch_fields_compute(space->batch, count);
    }
    for (size_t t = 0; t < count; t++) {
        CHECK(hopfield_take(context->network, space, t, spins + t * neurons));
        context->counts[first + t] = space->state->type->unstable(space->state, space->lists);
    }
    return STATUS_OK;
}

enum status hopfield_count_unstable(const struct hopfield *network, size_t states, const int8_t *spins,
                                    uint64_t *counts, struct error *error) {
    struct count_context context = {network, spins, counts};
    enum status status = hopfield_for_each_batch(network, states, count_batch, &context);
    if (status != STATUS_OK) error_set(error, status, "no memory to compute fields in");
    return status;
}
