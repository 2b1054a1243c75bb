/* How many random patterns a phasor network holds: retrievals that start at or near stored patterns. The
 * first rank of a team does the unit, on all its threads. */
#include <math.h>

#include "core/associative/phasor.h"
#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/retrievals.h"

/* Below the branch for any number of states, which ends at 0.90 for phases; above what is left beyond it. */
static const double SUCCESS_OVERLAP = 0.75;

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 200000, NULL, FIELD_DATA,
     "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"states", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, PHASOR_ANY, PHASOR_STATES_MOST, NULL, FIELD_DATA,
     "Number q of states of a neuron, the q-th roots of unity; 0 stands for any phase"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern, on average: round(N (1 - m0)) random neurons are in random "
     "states"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 1000000, NULL, 0,
     "Retrievals: trial t starts from pattern floor(t P / trials), distinct ones as long as they last"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose final overlap is above 0.75"},
    {"first_step_errors", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons of the trials' patterns, as stored, that would change; summed over trials. Any phase: those that "
     "would move by 1e-5"},
    {"fixed_patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose pattern, as stored, is a fixed point"},
    {"overlap", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 1, NULL, 0,
     "Overlap (1/N) |sum_i xi_i^* s_i| of the final state with the wanted pattern"},
    {"sweeps", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Passes over all neurons in which at least one changed"},
    {"flips", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Changes of neurons, repeated ones included"},
    {"cycles", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that ended in a 2-cycle; none, since updates are asynchronous"},
    {"capped", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials cut off by the limit of 10000 sweeps"},
    {"energy_checks", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Sweeps before and after which the energy was compared"},
    {"energy_rises", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Comparisons that found it risen"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    int states;
    size_t neurons, patterns, trials;
    double initial_overlap;
};

static struct setting setting_of(const struct record *values) {
    double patterns = round(record_real(values, "load") * record_real(values, "neurons"));
    return (struct setting){
        .states = (int)record_integer(values, "states"),
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = (size_t)fmax(patterns, 1),
        .trials = (size_t)record_integer(values, "trials"),
        .initial_overlap = record_real(values, "initial_overlap"),
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    if (record_integer(values, "states") == 1)
        return error_set(error, STATUS_INVALID, "states: 1, must be 0 (any phase) or at least 2");
    return STATUS_OK;
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    return (struct estimate){.flops = phasor_operations(s.neurons, s.patterns, s.trials),
                             .bytes_per_rank =
                                 phasor_bytes(s.neurons, s.patterns, s.trials) + retrievals_bytes(s.trials)};
}

/* Everything a unit holds. */
struct unit_memory {
    struct phasor_patterns *patterns;
    double complex *spins; /* [trials][neurons] */
    struct retrievals retrievals;
};

static void unit_clear(struct unit_memory *unit) {
    phasor_patterns_destroy(&unit->patterns);
    memory_free(unit->spins);
    retrievals_free(&unit->retrievals);
}

static enum status unit_allocate(const struct setting *setting, struct unit_memory *unit,
                                 struct error *error) {
    enum status status =
        phasor_patterns_create(setting->states, setting->neurons, setting->patterns, &unit->patterns);
    unit->spins = memory_allocate(setting->trials, setting->neurons * sizeof *unit->spins);
    unit->retrievals.trials = setting->trials;
    if (status == STATUS_OK) status = retrievals_allocate(&unit->retrievals);
    if (status == STATUS_OK && unit->spins) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu patterns and %zu trials of %zu neurons",
                     setting->patterns, setting->trials, setting->neurons);
}

static enum status retrieve(const struct setting *setting, uint64_t key, struct unit_memory *unit,
                            struct error *error) {
    const struct hopfield_settings how = {.key = key};
    size_t trials = setting->trials, neurons = setting->neurons;
    phasor_patterns_draw(unit->patterns, key);
    for (size_t t = 0; t < trials; t++)
        phasor_patterns_spins(unit->patterns, retrieval_pattern(setting->patterns, trials, t),
                              unit->spins + t * neurons);
    CHECK(phasor_count_unstable(unit->patterns, trials, unit->spins, unit->retrievals.unstable, error));
    for (size_t t = 0; t < trials; t++)
        if (phasor_disturb(setting->states, neurons, setting->initial_overlap,
                           random_source(key, RANDOM_START, (uint32_t)t),
                           unit->spins + t * neurons) != STATUS_OK)
            return error_set(error, STATUS_NO_MEMORY, "no memory to choose the neurons to change");
    CHECK(phasor_retrieve(unit->patterns, &how, trials, unit->spins, unit->retrievals.outcomes, error));
    for (size_t t = 0; t < trials; t++)
        unit->retrievals.overlaps[t] =
            fmin(1, phasor_overlap(unit->patterns, retrieval_pattern(setting->patterns, trials, t),
                                   unit->spins + t * neurons));
    return STATUS_OK;
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct unit_memory unit = {0};
    enum status status = unit_allocate(&setting, &unit, error);
    if (status == STATUS_OK) status = retrieve(&setting, point->data_key, &unit, error);
    if (status == STATUS_OK)
        status = retrievals_record(setting.patterns, SUCCESS_OVERLAP, &unit.retrievals, record);
    unit_clear(&unit);
    return status;
}

const struct experiment experiment_phasor_capacity = {
    .schema =
        {.name = "phasor_capacity",
         .summary =
             "Retrieval of random patterns from a network of complex neurons: q-th roots of unity, or any phase",
         .version = 1,
         .parameters = parameters,
         .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
