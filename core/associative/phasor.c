#include "core/associative/phasor.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/associative/order_k_walk.h"
#include "core/associative/phasor_state.h"
#include "core/base/memory.h"

/* What one thread needs. */
struct workspace {
    struct phasor_state state;
    struct walk_space walk;
    double last; /* alignment when the energy was last looked at */
};

static void workspace_clear(struct workspace *space) {
    phasor_state_clear(&space->state);
    walk_space_clear(&space->walk);
}

/* What was allocated before a failure is left to workspace_clear. */
static enum status workspace_allocate(const struct phasor_patterns *patterns, struct workspace *space) {
    *space = (struct workspace){.last = 0};
    CHECK(phasor_state_allocate(patterns, &space->state));
    return walk_space_allocate(patterns->neurons, &space->walk);
}

/* Does `work` for items 0 .. count - 1, spread over threads with a workspace each. */
typedef enum status work_on_item(void *context, struct workspace *space, size_t item);

static enum status for_each(const struct phasor_patterns *patterns, size_t count, work_on_item *work,
                            void *context) {
    enum status worst = STATUS_OK;
    int threads = omp_get_max_threads();
    if ((size_t)threads > count) threads = count > 0 ? (int)count : 1;
#pragma omp parallel num_threads(threads)
    {
        struct workspace space;
        enum status status = workspace_allocate(patterns, &space);
#pragma omp for schedule(dynamic)
        for (size_t item = 0; item < count; item++)
            if (status == STATUS_OK) status = work(context, &space, item);
        workspace_clear(&space);
        if (status != STATUS_OK)
#pragma omp critical(phasor_worst_status)
            if (status > worst) worst = status;
    }
    return worst;
}

/* --- retrieval ------------------------------------------------------------------------------------ */

static bool update(void *context, size_t neuron, bool commit) {
    struct phasor_state *state = &((struct workspace *)context)->state;
    double complex wanted = phasor_state_wanted(state, neuron);
    if (wanted == state->spins[neuron]) return false;
    if (commit) phasor_state_change(state, neuron, wanted);
    return true;
}

/* Every change gains more alignment than rounding can take, which is far below `zero` for each neuron. */
static bool energy_rose(void *context) {
    struct workspace *space = context;
    double alignment = phasor_state_alignment(&space->state);
    bool rose = alignment < space->last - space->state.zero * (double)space->state.patterns->neurons;
    space->last = alignment;
    return rose;
}

struct retrieve_context {
    const struct hopfield_settings *settings;
    double complex *spins;
    struct outcome *outcomes;
};

/* Overlaps that were kept up must still be those of the final state, to far below what could turn a field. */
static bool overlaps_are_right(struct workspace *space, const double complex *spins) {
    double kept = phasor_state_alignment(&space->state), neurons = (double)space->state.patterns->neurons;
    phasor_state_set(&space->state, spins);
    return fabs(phasor_state_alignment(&space->state) - kept) <= space->state.zero * neurons;
}

static enum status retrieve_one(void *context, struct workspace *space, size_t trial) {
    const struct retrieve_context *batch = context;
    size_t neurons = space->state.patterns->neurons;
    double complex *spins = batch->spins + trial * neurons;
    const struct walk_state walked = {neurons, space, update, energy_rose};
    phasor_state_set(&space->state, spins);
    space->last = 0;
    batch->outcomes[trial] = walk(&walked, batch->settings, trial, &space->walk);
    memcpy(spins, space->state.spins, neurons * sizeof *spins);
    return overlaps_are_right(space, spins) ? STATUS_OK : STATUS_FAILED;
}

enum status phasor_retrieve(const struct phasor_patterns *patterns, const struct hopfield_settings *settings,
                            size_t trials, double complex *spins, struct outcome *outcomes,
                            struct error *error) {
    struct retrieve_context context = {settings, spins, outcomes};
    enum status status = for_each(patterns, trials, retrieve_one, &context);
    if (status == STATUS_NO_MEMORY) error_set(error, status, "no memory to retrieve in");
    if (status == STATUS_FAILED)
        error_set(error, status, "overlaps kept up over updates are not those of the final state");
    return status;
}

struct count_context {
    const double complex *spins;
    uint64_t *counts;
};

static enum status count_one(void *context, struct workspace *space, size_t item) {
    const struct count_context *batch = context;
    size_t neurons = space->state.patterns->neurons;
    phasor_state_set(&space->state, batch->spins + item * neurons);
    batch->counts[item] = 0;
    for (size_t i = 0; i < neurons; i++)
        batch->counts[item] += update(space, i, false);
    return STATUS_OK;
}

enum status phasor_count_unstable(const struct phasor_patterns *patterns, size_t states,
                                  const double complex *spins, uint64_t *counts, struct error *error) {
    struct count_context context = {spins, counts};
    enum status status = for_each(patterns, states, count_one, &context);
    if (status != STATUS_OK) error_set(error, status, "no memory to compute fields in");
    return status;
}

/* --- cost ----------------------------------------------------------------------------------------- */

double phasor_bytes(size_t neurons, size_t patterns, size_t trials) {
    size_t threads = trials < MEMORY_THREADS_PLANNED ? trials : MEMORY_THREADS_PLANNED;
    double per_thread = phasor_state_bytes(neurons, patterns) + walk_space_bytes(neurons);
    return 16.0 * (double)neurons * (double)(patterns + 7) + 16.0 * (double)trials * (double)neurons +
           (double)threads * per_thread;
}

double phasor_operations(size_t neurons, size_t patterns, size_t trials) {
    const double passes = 20, operations = 8; /* sweeps near the transition; of a complex multiply-add */
    return passes * operations * (double)trials * (double)neurons * (double)patterns;
}
