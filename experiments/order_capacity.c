/* How many random patterns an associative memory of order K holds: retrievals that start at or near stored
 * patterns. The first rank of a team does the unit, on all its threads. */
#include <math.h>

#include "core/associative/order_k.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/retrievals.h"

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 200000, NULL, FIELD_DATA,
     "Number of neurons N"},
    {"order", FIELD_INTEGER, DIMENSION_SCALAR, "1", "3", ORDER_LEAST, ORDER_MOST, NULL, FIELD_DATA,
     "Order K of the energy: the power of the overlaps"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per N^(K-1); the number of patterns is round(load N^(K-1)), at least 1"},
    {"family", FIELD_CHOICE, DIMENSION_SCALAR, "1", "full", 0, 0, order_family_names, 0,
     "Energy -sum over patterns: of (sum_i xi_i s_i)^K (full), or of the products over K distinct neurons "
     "(distinct)"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern: exactly round(N (1 - m0) / 2) random neurons are flipped"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 1000000, NULL, 0,
     "Retrievals: trial t starts from pattern floor(t P / trials), distinct ones as long as they last"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose final overlap is above 0.9"},
    {"first_step_errors", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons of the trials' patterns, as stored, whose flip would lower the energy; summed over trials"},
    {"fixed_patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose pattern, as stored, is a fixed point"},
    HOPFIELD_FIELDS,
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, trials;
    double initial_overlap;
    struct order_rule rule;
};

/* What is beyond all memory counts as so many, to be refused. */
static const double PATTERNS_MOST = 1e15;

static size_t patterns_of(const struct record *values) {
    double power = pow(record_real(values, "neurons"), record_real(values, "order") - 1);
    double patterns = round(record_real(values, "load") * power);
    return (size_t)fmin(fmax(patterns, 1), PATTERNS_MOST);
}

static struct setting setting_of(const struct record *values) {
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns_of(values),
        .trials = (size_t)record_integer(values, "trials"),
        .initial_overlap = record_real(values, "initial_overlap"),
        .rule = {order_family_named(record_string(values, "family")), (int)record_integer(values, "order")},
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct setting setting = setting_of(values);
    return order_check(setting.rule, setting.neurons, setting.patterns, error);
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    return (struct estimate){.flops = order_operations(s.neurons, s.patterns, s.trials),
                             .bytes_per_rank =
                                 order_bytes(s.neurons, s.patterns, s.trials) + retrievals_bytes(s.trials)};
}

static enum status retrieve(const struct setting *setting, uint64_t key, struct retrieval_unit *unit,
                            struct error *error) {
    const struct hopfield_settings how = {.key = key};
    patterns_draw(unit->patterns, key);
    retrieval_set_patterns(unit->patterns, setting->trials, unit->spins);
    CHECK(order_count_unstable(setting->rule, unit->patterns, setting->trials, unit->spins,
                               unit->retrievals.unstable, error));
    CHECK(retrieval_disturb(setting->neurons, setting->initial_overlap, key, setting->trials, unit->spins,
                            error));
    CHECK(order_retrieve(setting->rule, unit->patterns, &how, setting->trials, unit->spins,
                         unit->retrievals.outcomes, error));
    retrievals_measure(unit->patterns, unit->spins, &unit->retrievals);
    return STATUS_OK;
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

const struct experiment experiment_order_capacity = {
    .schema = {.name = "order_capacity",
               .summary = "Retrieval of random patterns from an associative memory of order K",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
