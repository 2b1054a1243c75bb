/* Hebbian networks of which only some connections are kept, in both directions or each by itself: whether
 * updates still come to rest. The first rank of a team does the unit, on all its threads. */
#include <math.h>

#include "core/associative/dilution.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/retrievals.h"

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 30000, NULL, FIELD_DATA,
     "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"dynamics", FIELD_CHOICE, DIMENSION_SCALAR, "1", "asynchronous", 0, 0, hopfield_dynamics, 0,
     "Order of updates; a field of zero keeps the state"},
    {"kept", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0.001, 1, NULL, 0,
     "Probability that a connection from one neuron to another is kept"},
    {"asymmetry", FIELD_REAL, DIMENSION_SCALAR, "1", "0", 0, 1, NULL, 0,
     "Probability that the two directions of a pair are decided independently; 0: both or none is kept"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern: exactly round(N (1 - m0) / 2) random neurons are flipped"},
    {"sweep_cap", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1000", 1, 10000000, NULL, 0,
     "Sweeps within which a run must come to rest or (synchronous) reach a 2-cycle"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 100000, NULL, 0,
     "Retrievals: trial t starts from pattern floor(t P / trials)"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose final overlap is above 0.9"},
    {"first_step_errors", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons of the trials' patterns, as stored, that their field would flip; summed over trials"},
    {"fixed_patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose pattern, as stored, is a fixed point"},
    {"converged", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that came to rest: all but those counted under cycles and capped"},
    HOPFIELD_FIELDS,
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, trials, sweep_cap;
    double kept, asymmetry, initial_overlap;
    const struct dynamics *dynamics;
};

static struct setting setting_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns < 1 ? 1 : (size_t)patterns,
        .trials = (size_t)record_integer(values, "trials"),
        .sweep_cap = (size_t)record_integer(values, "sweep_cap"),
        .kept = record_real(values, "kept"),
        .asymmetry = record_real(values, "asymmetry"),
        .initial_overlap = record_real(values, "initial_overlap"),
        .dynamics = dynamics_named(record_string(values, "dynamics")),
    };
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    return (struct estimate){
        .flops = hopfield_diluted_operations(&rule_hebb, s.neurons, s.patterns, s.trials),
        .bytes_per_rank =
            hopfield_diluted_bytes(&rule_hebb, s.neurons, s.patterns, s.trials) + retrievals_bytes(s.trials),
    };
}

static enum status retrieve(const struct setting *setting, uint64_t key, struct retrieval_unit *unit,
                            struct error *error) {
    struct dilution dilution = {key, setting->kept, setting->asymmetry};
    patterns_draw(unit->patterns, key);
    CHECK(hopfield_create_diluted(&rule_hebb, unit->patterns, &dilution, &unit->network, error));
    struct hopfield_settings how = {.key = key, .sweep_cap = setting->sweep_cap};
    return retrieval_unit_retrieve(unit, setting->dynamics, &how, setting->initial_overlap, error);
}

static enum status record_unit(const struct setting *setting, const struct retrievals *retrievals,
                               struct record *record) {
    int64_t converged = 0;
    for (size_t t = 0; t < setting->trials; t++)
        converged += !retrievals->outcomes[t].cycle && !retrievals->outcomes[t].capped;
    CHECK(record_set_integer(record, "converged", converged));
    return retrievals_record(setting->patterns, RETRIEVAL_SUCCESS_OVERLAP, retrievals, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct retrieval_unit unit = {0};
    enum status status =
        retrieval_unit_allocate(setting.neurons, setting.patterns, setting.trials, &unit, error);
    if (status == STATUS_OK) status = retrieve(&setting, point->data_key, &unit, error);
    if (status == STATUS_OK) status = record_unit(&setting, &unit.retrievals, record);
    retrieval_unit_clear(&unit);
    return status;
}

const struct experiment experiment_hopfield_dilution = {
    .schema =
        {.name = "hopfield_dilution",
         .summary =
             "Retrieval from a Hebbian network of which some connections are kept: rest, 2-cycles, or neither",
         .version = 1,
         .parameters = parameters,
         .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .estimate = estimate,
    .run = run,
};
