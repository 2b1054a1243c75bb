/* How many random patterns a Hopfield network holds: retrievals that start at or near stored patterns.
 * The first rank of a team does the unit, on all its threads. */
#include <math.h>

#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/retrievals.h"

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 200000, NULL, FIELD_DATA,
     "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"rule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "hebb", 0, 0, hopfield_rules, 0,
     "Learning rule; the diagonal of the couplings is zero, but for pseudo_inverse_diagonal, which keeps it"},
    {"dynamics", FIELD_CHOICE, DIMENSION_SCALAR, "1", "asynchronous", 0, 0, hopfield_dynamics, 0,
     "Order of updates; a field of zero keeps the state"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern: exactly round(N (1 - m0) / 2) random neurons are flipped"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "8", 1, 1000000, NULL, FIELD_AUTO,
     "Retrievals: trial t starts from pattern floor(t P / trials), distinct ones as long as they last; "
     "auto: one for each pattern"},
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
    HOPFIELD_FIELDS,
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, trials;
    double initial_overlap;
    const struct learning_rule *rule;
    const struct dynamics *dynamics;
};

static size_t patterns_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return patterns < 1 ? 1 : (size_t)patterns;
}

static struct setting setting_of(const struct record *values) {
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns_of(values),
        .trials = (size_t)record_integer(values, "trials"),
        .initial_overlap = record_real(values, "initial_overlap"),
        .rule = learning_rule_named(record_string(values, "rule")),
        .dynamics = dynamics_named(record_string(values, "dynamics")),
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    size_t patterns = patterns_of(values);
    if (record_integer(values, "trials") == INT64_MIN)
        CHECK(record_set_integer(values, "trials", (int64_t)patterns));
    struct setting setting = setting_of(values);
    return setting.rule->check(setting.neurons, patterns, error);
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    return (struct estimate){
        .flops = hopfield_operations(s.rule, s.neurons, s.patterns, s.trials),
        .bytes_per_rank =
            hopfield_bytes(s.rule, s.neurons, s.patterns, s.trials) + retrievals_bytes(s.trials),
    };
}

static const char *method(const struct point *point) {
    struct setting s = setting_of(point->values);
    return hopfield_engine_name(s.rule, s.neurons, s.patterns, s.trials);
}

static enum status retrieve(const struct setting *setting, uint64_t key, struct retrieval_unit *unit,
                            struct error *error) {
    patterns_draw(unit->patterns, key);
    CHECK(hopfield_create(setting->rule, unit->patterns, setting->trials, &unit->network, error));
    struct hopfield_settings how = {.key = key};
    return retrieval_unit_retrieve(unit, setting->dynamics, &how, setting->initial_overlap, error);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct retrieval_unit unit = {0};
    enum status status =
        retrieval_unit_allocate(setting.neurons, setting.patterns, setting.trials, &unit, error);
    if (status == STATUS_OK) status = retrieve(&setting, point->data_key, &unit, error);
    if (status == STATUS_OK)
        status = retrievals_record(setting.patterns, RETRIEVAL_SUCCESS_OVERLAP, &unit.retrievals, record);
    retrieval_unit_clear(&unit);
    return status;
}

const struct experiment experiment_hopfield_capacity = {
    .schema = {.name = "hopfield_capacity",
               .summary = "Retrieval of random patterns from a Hopfield network: overlap, flips, energy",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .method = method,
    .run = run,
};
