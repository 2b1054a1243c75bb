#include "core/associative/hopfield_workspace.h"

#include <omp.h>

#include "core/associative/rank_buckets.h"
#include "core/associative/thermal.h"
#include "core/associative/walker.h"
#include "core/base/memory.h"

static void workspace_clear(struct hopfield_workspace *space) {
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

/* Where there are no couplings, no first fields are asked of the rule. */
static size_t scratch_bytes(const struct hopfield *network) {
    const struct learning_rule *rule = network->rule;
    size_t neurons = network->patterns->neurons, patterns = network->patterns->count;
    if (!rule->alignment) return 0;
    bool from_patterns = network->couplings->kind == COUPLINGS_PATTERN;
    return (from_patterns ? rule->alignment_bytes : rule->first_fields_bytes)(neurons, patterns);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(const struct hopfield *network, struct hopfield_workspace *space) {
    size_t neurons = network->patterns->neurons;
    enum couplings_kind kind = network->couplings->kind;
    *space = (struct hopfield_workspace){0};
    CHECK(state_create(network->couplings, &space->state));
    CHECK(rank_buckets_create(neurons, &space->queue));
    if (kind == COUPLINGS_HALF) CHECK(batch_fields_create(&network->packed, &space->batch));
    if ((kind == COUPLINGS_HALF || kind == COUPLINGS_PATTERN) && walker_fits(neurons))
        CHECK(walker_create(network->patterns, &space->walker));
    space->lists = memory_allocate(neurons, 2 * sizeof *space->lists);
    space->ranks = memory_allocate(neurons, sizeof *space->ranks);
    space->found = memory_allocate(neurons, sizeof *space->found);
    space->scratch = memory_allocate(scratch_bytes(network), 1);
    return space->lists && space->ranks && space->found && space->scratch ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Puts spins into the workspace's state and computes their fields by themselves. */
static enum status take_alone(const struct hopfield *network, struct hopfield_workspace *space,
                              const int8_t *spins) {
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

enum status hopfield_take(const struct hopfield *network, struct hopfield_workspace *space, size_t item,
                          const int8_t *spins) {
    int32_t largest;
    const int16_t *halves = space->batch ? batch_fields_halves(space->batch, item, &largest) : NULL;
    if (!halves) return take_alone(network, space, spins);
    space->state->type->set(space->state, spins);
    state_half_adopt(space->state, halves, largest);
    return STATUS_OK;
}

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

enum status hopfield_for_each_batch(const struct hopfield *network, size_t count, hopfield_work *work,
                                    void *context) {
    enum status worst = STATUS_OK;
    int threads = omp_get_max_threads();
    size_t useful = (count + HOPFIELD_BATCH_LEAST - 1) / HOPFIELD_BATCH_LEAST, taken = 0;
    if ((size_t)threads > useful) threads = useful > 0 ? (int)useful : 1;
#pragma omp parallel num_threads(threads)
    {
        struct hopfield_workspace space;
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
