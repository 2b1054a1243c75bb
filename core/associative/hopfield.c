#include "core/associative/hopfield.h"

#include <omp.h>
#include <stdlib.h>

#include "core/associative/batch_fields.h"
#include "core/associative/hebb_couplings.h"
#include "core/associative/rank_buckets.h"
#include "core/associative/thermal.h"
#include "core/associative/walker.h"
#include "core/base/memory.h"
#include "core/kernels/hopfield_row.h"

struct hopfield {
    const struct learning_rule *rule;
    const struct patterns *patterns;
    struct couplings *couplings;
    struct packed_patterns packed; /* of halves; else empty */
};

static enum status learn(struct hopfield *network, enum hopfield_engine engine, struct error *error) {
    const struct patterns *patterns = network->patterns;
    if (engine == HOPFIELD_PATTERNS) {
        if (couplings_of_patterns(patterns, &network->couplings) == STATUS_OK) return STATUS_OK;
        return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    }
    CHECK(network->rule->learn(patterns, &network->couplings, error));
    if (network->couplings->kind != COUPLINGS_HALF) return STATUS_OK;
    if (packed_patterns_fill(patterns, &network->packed) == STATUS_OK) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for a copy of the patterns");
}

/* Whether the engine can do the rule and its sizes. */
static enum status check_engine(const struct learning_rule *rule, const struct patterns *patterns,
                                enum hopfield_engine engine, struct error *error) {
    CHECK(rule->check(patterns->neurons, patterns->count, error));
    if (engine == HOPFIELD_PATTERNS && !rule->first_fields)
        return error_set(error, STATUS_UNSUPPORTED, "%s: needs couplings", rule->name);
    if (engine == HOPFIELD_COUPLINGS && rule->first_fields &&
        !engine_couplings_fit(patterns->neurons, patterns->count))
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: couplings of %zu neurons and %zu patterns may overflow", rule->name,
                         patterns->neurons, patterns->count);
    return STATUS_OK;
}

enum status hopfield_create_engine(const struct learning_rule *rule, const struct patterns *patterns,
                                   enum hopfield_engine engine, struct hopfield **network,
                                   struct error *error) {
    *network = NULL;
    CHECK(check_engine(rule, patterns, engine, error));
    struct hopfield *made = memory_allocate(1, sizeof *made);
    if (!made) return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    made->rule = rule;
    made->patterns = patterns;
    enum status status = learn(made, engine, error);
    if (status != STATUS_OK) hopfield_destroy(&made);
    *network = made;
    return status;
}

enum status hopfield_create(const struct learning_rule *rule, const struct patterns *patterns, size_t trials,
                            struct hopfield **network, struct error *error) {
    enum hopfield_engine engine = engine_choose(rule, patterns->neurons, patterns->count, trials);
    return hopfield_create_engine(rule, patterns, engine, network, error);
}

/* Couplings that no rule here has learned: their fields are sums of rows, and nothing else knows them. */
static const struct learning_rule given[] = {{.name = "given"}, {.name = "given", .symmetric = true}};

/* Whether no field of any state leaves 32 bits: |N h_i| <= (N - 1) max |N J|, which bounds all partial sums.
 */
static bool fields_fit(const struct couplings *couplings) {
    int32_t largest = 0;
    for (size_t j = 0; j < couplings->neurons; j++)
        for (size_t i = 0; i < couplings->neurons; i++) {
            int32_t entry = abs(couplings->integers[j * couplings->stride + i]);
            if (entry > largest) largest = entry;
        }
    return (uint64_t)largest * couplings->neurons <= INT32_MAX;
}

static enum status check_couplings(const struct patterns *patterns, const struct couplings *couplings,
                                   struct error *error) {
    if (couplings->kind != COUPLINGS_INTEGER && couplings->kind != COUPLINGS_REAL)
        return error_set(error, STATUS_UNSUPPORTED, "couplings must be 16-bit integers or float64");
    if (couplings->neurons != patterns->neurons)
        return error_set(error, STATUS_UNSUPPORTED, "couplings of %zu neurons do not fit patterns of %zu",
                         couplings->neurons, patterns->neurons);
    if (couplings->kind == COUPLINGS_INTEGER && !fields_fit(couplings))
        return error_set(error, STATUS_UNSUPPORTED, "fields of these couplings may leave 32 bits");
    return STATUS_OK;
}

enum status hopfield_create_couplings(const struct patterns *patterns, struct couplings **couplings,
                                      bool symmetric, struct hopfield **network, struct error *error) {
    *network = NULL;
    CHECK(check_couplings(patterns, *couplings, error));
    struct hopfield *made = memory_allocate(1, sizeof *made);
    if (!made) return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    made->rule = &given[symmetric];
    made->patterns = patterns;
    made->couplings = *couplings;
    *couplings = NULL;
    *network = made;
    return STATUS_OK;
}

void hopfield_destroy(struct hopfield **network) {
    if (!*network) return;
    packed_patterns_clear(&(*network)->packed);
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
    struct batch_fields *batch;      /* of halves; else NULL */
    struct walker *walker;           /* of halves and patterns, where it fits; else NULL */
    uint32_t *lists;                 /* [2][neurons] */
    uint64_t *ranks;                 /* [neurons] */
    struct hopfield_unstable *found; /* [neurons] */
    struct rank_buckets *queue;
    void *scratch;           /* of the rule */
    struct thermal *thermal; /* made for the first trial in a heat bath */
};

static void workspace_clear(struct workspace *space) {
    state_destroy(&space->state);
    batch_fields_destroy(&space->batch);
    walker_destroy(&space->walker);
    rank_buckets_destroy(&space->queue);
    memory_free(space->lists);
    memory_free(space->ranks);
    memory_free(space->found);
    memory_free(space->scratch);
    thermal_destroy(&space->thermal);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(const struct hopfield *network, struct workspace *space) {
    size_t neurons = network->patterns->neurons;
    enum couplings_kind kind = network->couplings->kind;
    *space = (struct workspace){0};
    CHECK(state_create(network->couplings, &space->state));
    CHECK(rank_buckets_create(neurons, &space->queue));
    if (kind == COUPLINGS_HALF) CHECK(batch_fields_create(&network->packed, &space->batch));
    if ((kind == COUPLINGS_HALF || kind == COUPLINGS_PATTERN) && walker_fits(neurons))
        CHECK(walker_create(network->patterns, &space->walker));
    space->lists = memory_allocate(neurons, 2 * sizeof *space->lists);
    space->ranks = memory_allocate(neurons, sizeof *space->ranks);
    space->found = memory_allocate(neurons, sizeof *space->found);
    space->scratch = memory_allocate(
        network->rule->scratch_bytes ? network->rule->scratch_bytes(network->patterns) : 0, 1);
    return space->lists && space->ranks && space->found && space->scratch ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Puts spins into the workspace's state and computes their fields by themselves. */
static enum status take_alone(const struct hopfield *network, struct workspace *space, const int8_t *spins) {
    struct state *state = space->state;
    state->type->set(state, spins);
    if (!network->rule->first_fields || !state->type->adopt) {
        state->type->sum_fields(state);
        return STATUS_OK;
    }
    int32_t *fields = memory_allocate(network->patterns->neurons, sizeof *fields);
    if (!fields) return STATUS_NO_MEMORY;
    network->rule->first_fields(network->patterns, spins, space->scratch, fields);
    state->type->adopt(state, fields);
    memory_free(fields);
    return STATUS_OK;
}

/* The same for number `item` of a batch whose fields were computed together where that is possible. */
static enum status take_from_batch(const struct hopfield *network, struct workspace *space, size_t item,
                                   const int8_t *spins) {
    int32_t largest;
    const int16_t *halves = space->batch ? batch_fields_halves(space->batch, item, &largest) : NULL;
    if (!halves) return take_alone(network, space, spins);
    space->state->type->set(space->state, spins);
    state_half_adopt(space->state, halves, largest);
    return STATUS_OK;
}

/* Does `work` for items first .. first + count - 1, count <= HOPFIELD_LANES. */
typedef enum status work_on_batch(void *context, struct workspace *space, size_t first, size_t count);

/* Takes the next batch of `count` items for one of `threads` threads; returns its size, 0 when none is left.
 */
static size_t next_batch(size_t *taken, size_t count, size_t threads, size_t *first) {
    size_t size;
#pragma omp critical(hopfield_next_batch)
    {
        size_t left = count - *taken;
        size = left / (2 * threads) + 1;
        if (threads == 1 || size > HOPFIELD_LANES) size = HOPFIELD_LANES;
        if (size < HOPFIELD_BATCH_LEAST) size = HOPFIELD_BATCH_LEAST;
        if (size > left) size = left;
        *first = *taken;
        *taken += size;
    }
    return size;
}

/* Batches of all items, spread over threads with a workspace each. */
static enum status for_each_batch(const struct hopfield *network, size_t count, work_on_batch *work,
                                  void *context) {
    enum status worst = STATUS_OK;
    int threads = omp_get_max_threads();
    size_t useful = (count + HOPFIELD_BATCH_LEAST - 1) / HOPFIELD_BATCH_LEAST, taken = 0;
    if ((size_t)threads > useful) threads = useful > 0 ? (int)useful : 1;
#pragma omp parallel num_threads(threads)
    {
        struct workspace space;
        enum status status = workspace_allocate(network, &space);
        size_t first, size;
        while (status == STATUS_OK && (size = next_batch(&taken, count, (size_t)threads, &first)) > 0)
            status = work(context, &space, first, size);
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

/* The trial as far as its outcome says. */
static struct retrieval retrieval_of(const struct retrieve_context *context, struct workspace *space,
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
static double run_trial(const struct retrieve_context *context, struct workspace *space, size_t trial,
                        int8_t *spins) {
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
static bool walk_ahead(const struct retrieve_context *context, struct workspace *space, size_t trial,
                       size_t worth) {
    struct retrieval retrieval = retrieval_of(context, space, trial);
    bool rests = context->dynamics->walk_ahead(&retrieval, space->walker, worth);
    context->outcomes[trial] = retrieval.outcome;
    return rests;
}

static bool has_walks(const struct retrieve_context *context, const struct workspace *space) {
    return space->walker && context->dynamics->walk_ahead;
}

/* First sweeps of a batch, of those trials that are expected to flip much in them. */
static void walk_batch(const struct retrieve_context *context, struct workspace *space, size_t first,
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
static double walk_through(const struct retrieve_context *context, struct workspace *space, size_t trial,
                           int8_t *spins) {
    walker_begin(space->walker, spins, space->state->fields, HOPFIELD_TILE);
    if (walk_ahead(context, space, trial, 0)) return (double)walker_alignment(space->walker);
    space->state->type->set(space->state, spins);
    space->state->type->sum_fields(space->state);
    return run_trial(context, space, trial, spins);
}

/* Fields that were kept up must still be those of the final states. */
static bool fields_are_right(const struct hopfield *network, struct workspace *space, size_t count,
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

static enum status retrieve_batch(void *batch_context, struct workspace *space, size_t first, size_t count) {
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
        CHECK(take_from_batch(context->network, space, t, spins + t * neurons));
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
    enum status status = for_each_batch(network, trials, retrieve_batch, &context);
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

static enum status count_batch(void *batch_context, struct workspace *space, size_t first, size_t count) {
    const struct count_context *context = batch_context;
    size_t neurons = context->network->patterns->neurons;
    const int8_t *spins = context->spins + first * neurons;
    if (space->batch) {
        batch_fields_begin(space->batch, count, spins);
        batch_fields_compute(space->batch, count);
    }
    for (size_t t = 0; t < count; t++) {
        CHECK(take_from_batch(context->network, space, t, spins + t * neurons));
        context->counts[first + t] = space->state->type->unstable(space->state, space->lists);
    }
    return STATUS_OK;
}

enum status hopfield_count_unstable(const struct hopfield *network, size_t states, const int8_t *spins,
                                    uint64_t *counts, struct error *error) {
    struct count_context context = {network, spins, counts};
    enum status status = for_each_batch(network, states, count_batch, &context);
    if (status != STATUS_OK) error_set(error, status, "no memory to compute fields in");
    return status;
}
