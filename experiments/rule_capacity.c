/* What a learning rule makes of random patterns: retrieval at and near them, how many are fixed points, what
 * learning took. One criterion for all rules (claims HC5). The first rank of a team does the unit, on all its
 * threads. */
#include <math.h>

#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/retrievals.h"

/* Asymmetric couplings need not come to rest: a generous number of sweeps for those that do. */
enum { SWEEP_CAP = 500 };

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 8000, NULL, FIELD_DATA, "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0.01, 3, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"rule", FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, hopfield_rules, 0, "Learning rule"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern: exactly round(N (1 - m0) / 2) random neurons are flipped"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 100000, NULL, 0,
     "Asynchronous retrievals: trial t starts from pattern floor(t P / trials)"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose final overlap is above 0.9"},
    {"exact", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that end in the pattern itself"},
    {"overlap", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, -1, 1, NULL, 0,
     "Overlap of the final state with the wanted pattern, mean over the trials"},
    {"capped", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials cut off by the limit of 500 sweeps, not at a fixed point"},
    {"fixed_patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Of all P patterns, those that are fixed points"},
    {"perfect", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, 0, "1 if all of them are, else 0"},
    {"sets", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1, NULL, 0, "Pattern sets of the unit: 1"},
    {"unlearned_neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons that a rule which corrects itself left with an unstable pattern when it gave up"},
    {"learning_operations", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Operations that learning took: of 64 bits for Hebb's rule, of numbers for the others"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, trials;
    double initial_overlap;
    const struct learning_rule *rule;
};

static struct setting setting_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns < 1 ? 1 : (size_t)patterns,
        .trials = (size_t)record_integer(values, "trials"),
        .initial_overlap = record_real(values, "initial_overlap"),
        .rule = learning_rule_named(record_string(values, "rule")),
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct setting setting = setting_of(values);
    return setting.rule->check(setting.neurons, setting.patterns, error);
}

static size_t states_of(const struct setting *setting) {
    return setting->patterns > setting->trials ? setting->patterns : setting->trials;
}

/* Looking at a pattern costs about what a retrieval does. */
static size_t retrievals_of(const struct setting *setting) {
    return setting->patterns + setting->trials;
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    return (struct estimate){
        .flops = hopfield_operations(s.rule, s.neurons, s.patterns, retrievals_of(&s)),
        .bytes_per_rank = hopfield_bytes(s.rule, s.neurons, s.patterns, retrievals_of(&s)) +
                          (double)s.patterns * sizeof(uint64_t) + (double)s.trials * sizeof(struct outcome),
    };
}

static const char *method(const struct point *point) {
    struct setting s = setting_of(point->values);
    return hopfield_engine_name(s.rule, s.neurons, s.patterns, retrievals_of(&s));
}

/* Everything a unit holds. */
struct unit_memory {
    struct patterns *patterns;
    struct hopfield *network;
    int8_t *spins;      /* [states][neurons]: all patterns, then the trials */
    uint64_t *unstable; /* [patterns] */
    struct outcome *outcomes;
};

static void unit_clear(struct unit_memory *unit) {
    hopfield_destroy(&unit->network);
    patterns_destroy(&unit->patterns);
    memory_free(unit->spins);
    memory_free(unit->unstable);
    memory_free(unit->outcomes);
}

static enum status unit_allocate(const struct setting *setting, struct unit_memory *unit) {
    CHECK(patterns_create(setting->neurons, setting->patterns, &unit->patterns));
    unit->spins = memory_allocate(states_of(setting), setting->neurons);
    unit->unstable = memory_allocate(setting->patterns, sizeof *unit->unstable);
    unit->outcomes = memory_allocate(setting->trials, sizeof *unit->outcomes);
    return unit->spins && unit->unstable && unit->outcomes ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Learns, and counts the fixed points among all patterns. */
static enum status learn(const struct setting *setting, uint64_t key, struct unit_memory *unit,
                         struct record *record, struct error *error) {
    patterns_draw(unit->patterns, key);
    CHECK(hopfield_create(setting->rule, unit->patterns, retrievals_of(setting), &unit->network, error));
    for (size_t p = 0; p < setting->patterns; p++)
        patterns_spins(unit->patterns, p, unit->spins + p * setting->neurons);
    CHECK(hopfield_count_unstable(unit->network, setting->patterns, unit->spins, unit->unstable, error));
    size_t fixed = 0;
    for (size_t p = 0; p < setting->patterns; p++)
        fixed += unit->unstable[p] == 0;
    const struct couplings *couplings = hopfield_couplings(unit->network);
    double operations = couplings->operations;
    if (operations == 0) operations = setting->rule->operations(setting->neurons, setting->patterns);
    CHECK(record_set_integer(record, "patterns", (int64_t)setting->patterns));
    CHECK(record_set_integer(record, "fixed_patterns", (int64_t)fixed));
    CHECK(record_set_integer(record, "perfect", fixed == setting->patterns));
    CHECK(record_set_integer(record, "sets", 1));
    CHECK(record_set_integer(record, "unlearned_neurons", (int64_t)couplings->unlearned));
    return record_set_integer(record, "learning_operations", llround(operations));
}

static enum status retrieve(const struct setting *setting, uint64_t key, struct unit_memory *unit,
                            struct record *record, struct error *error) {
    retrieval_set_patterns(unit->patterns, setting->trials, unit->spins);
    CHECK(retrieval_disturb(setting->neurons, setting->initial_overlap, key, setting->trials, unit->spins,
                            error));
    struct hopfield_settings how = {.key = key, .sweep_cap = SWEEP_CAP};
    CHECK(hopfield_retrieve(unit->network, &dynamics_asynchronous, &how, setting->trials, unit->spins,
                            unit->outcomes, error));
    int64_t successes = 0, exact = 0, capped = 0, neurons = (int64_t)setting->neurons, sum = 0;
    for (size_t t = 0; t < setting->trials; t++) {
        int64_t overlap =
            patterns_overlap(unit->patterns, retrieval_pattern(setting->patterns, setting->trials, t),
                             unit->spins + t * setting->neurons);
        successes += (double)overlap / (double)neurons > RETRIEVAL_SUCCESS_OVERLAP;
        exact += overlap == neurons;
        capped += unit->outcomes[t].capped;
        sum += overlap;
    }
    CHECK(record_set_integer(record, "successes", successes));
    CHECK(record_set_integer(record, "exact", exact));
    CHECK(record_set_integer(record, "capped", capped));
    return record_set_real(record, "overlap", (double)sum / ((double)neurons * (double)setting->trials));
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct unit_memory unit = {0};
    enum status status = unit_allocate(&setting, &unit);
    if (status != STATUS_OK)
        error_set(error, status, "no memory for %zu patterns of %zu neurons", setting.patterns,
                  setting.neurons);
    if (status == STATUS_OK) status = learn(&setting, point->data_key, &unit, record, error);
    if (status == STATUS_OK) status = retrieve(&setting, point->data_key, &unit, record, error);
    unit_clear(&unit);
    return status;
}

const struct experiment experiment_rule_capacity = {
    .schema = {.name = "rule_capacity",
               .summary = "Learning rules on random patterns: retrieval, perfect recall, cost of learning",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .method = method,
    .run = run,
};
