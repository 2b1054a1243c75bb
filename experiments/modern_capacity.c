/* How many random patterns a modern continuous Hopfield network holds: one update from or near stored
 * patterns, and if asked for updates until states rest. The first rank of a team does the unit, on all its
 * threads. */
#include <math.h>
#include <string.h>

#include "core/associative/modern.h"
#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "experiments/experiment.h"
#include "experiments/modern_layer.h"

/* One update retrieves a pattern when it ends so near to it (claims HC8). */
static const double SUCCESS_ERROR = 0.1;

/* Fixed points that mix at most so many patterns hold a single one; that mix at least this share of all, the
 * global average; those between are metastable. */
static const double SINGLE_MOST = 1.5, GLOBAL_LEAST = 0.5;

static const char *const scalings[] = {"one", "inverse_sqrt", "given", NULL};

static const struct field parameters[] = {
    {"dimension", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, ATTENTION_WIDTH_MAX, NULL, FIELD_DATA,
     "Dimension d of states and patterns"},
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 100000000, NULL, FIELD_DATA,
     "Number P of patterns: independent normal entries, scaled to norm sqrt(d)"},
    {"scaling", FIELD_CHOICE, DIMENSION_SCALAR, "1", "inverse_sqrt", 0, 0, scalings, 0,
     "Inverse temperature: 1, 1/sqrt(d) as in attention, or the one given as beta"},
    {"beta", FIELD_REAL, DIMENSION_SCALAR, "1", "auto", 0, 1e4, NULL, FIELD_AUTO,
     "Inverse temperature of an update X softmax(beta X^T xi); auto: as scaling says"},
    {"initial_error", FIELD_REAL, DIMENSION_SCALAR, "1", "0", 0, 10, NULL, 0,
     "Normal noise added to the start, its root mean square relative to the pattern's norm"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 1000000, NULL, 0,
     "States: trial t starts from pattern floor(t P / trials), distinct ones as long as they last"},
    {"updates", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1000000, NULL, 0,
     "Updates at most; above 1 the states are followed until they rest, to within 1e-5 of a pattern's norm"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose state after one update is within a relative error of 0.1 of its pattern"},
    {"attention_differences", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Numbers of the updated states that differ in any bit from an attention layer's of two heads, in which the "
     "same keys and values stand in arrays of their own"},
    {"reference_difference", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Largest relative difference of updated states from the formula in float64, over the first two trials"},
    {"single_states", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that come to rest where 1 / sum p^2, the number of patterns mixed, is at most 1.5; missing when "
     "updates is 1"},
    {"metastable_states", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that come to rest where it is above 1.5 and below half of the patterns"},
    {"global_states", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that come to rest where it is at least half of the patterns, above 1.5"},
    {"unsettled_states", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that do not come to rest within the updates allowed"},
    {"relative_error", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Distance of the state after one update from its pattern, over the pattern's norm"},
    {"mixed_patterns", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "1 / sum p^2 over the weights p of the patterns at the last state"},
    {"updates_taken", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Updates up to the one that found the state at rest; one more than allowed if none did"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t dimension, patterns, trials, updates;
    double beta, initial_error;
};

static struct setting setting_of(const struct record *values) {
    return (struct setting){
        .dimension = (size_t)record_integer(values, "dimension"),
        .patterns = (size_t)record_integer(values, "patterns"),
        .trials = (size_t)record_integer(values, "trials"),
        .updates = (size_t)record_integer(values, "updates"),
        .beta = record_real(values, "beta"),
        .initial_error = record_real(values, "initial_error"),
    };
}

/* The float that attention scales by, so that a record holds the beta that was used. */
static double attention_beta(size_t dimension) {
    struct attention_shape shape = {.head_width = dimension};
    return attention_scale(&shape);
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    const char *scaling = record_string(values, "scaling");
    bool has_beta = !isnan(record_real(values, "beta"));
    if ((strcmp(scaling, "given") == 0) != has_beta)
        return error_set(error, STATUS_INVALID, "beta goes with scaling: given, and with no other scaling");
    if (has_beta) return STATUS_OK;
    size_t dimension = (size_t)record_integer(values, "dimension");
    return record_set_real(values, "beta", strcmp(scaling, "one") == 0 ? 1 : attention_beta(dimension));
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    /* Updates until rest are mostly some tens; comparing with the layer of two heads is two more. */
    double passes = 3 + (s.updates > 1 ? 2 + fmin((double)s.updates, 50) : 0);
    return (struct estimate){
        .flops = passes * modern_operations(s.dimension, s.patterns, s.trials),
        .bytes_per_rank = 4 * modern_bytes(s.dimension, s.patterns, s.trials, MEMORY_THREADS_PLANNED),
    };
}

/* Everything a unit holds. */
struct unit_memory {
    float *patterns; /* [patterns][dimension] */
    float *states;   /* [trials][dimension] */
    float *updated;  /* [trials][dimension] */
    struct modern *network;
    double *errors, *mixed; /* [trials] */
    size_t *updates;        /* [trials] */
    int64_t differences;
    double reference_difference;
};

static void unit_clear(struct unit_memory *unit) {
    modern_destroy(&unit->network);
    memory_free(unit->patterns);
    memory_free(unit->states);
    memory_free(unit->updated);
    memory_free(unit->errors);
    memory_free(unit->mixed);
    memory_free(unit->updates);
}

static enum status no_memory(const struct setting *s, struct error *error) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu patterns and %zu trials of dimension %zu",
                     s->patterns, s->trials, s->dimension);
}

static enum status unit_allocate(const struct setting *s, struct unit_memory *unit, struct error *error) {
    unit->patterns = memory_allocate(s->patterns, s->dimension * sizeof(float));
    unit->states = memory_allocate(s->trials, s->dimension * sizeof(float));
    unit->updated = memory_allocate(s->trials, s->dimension * sizeof(float));
    unit->errors = memory_allocate(s->trials, sizeof *unit->errors);
    unit->mixed = memory_allocate(s->trials, sizeof *unit->mixed);
    unit->updates = memory_allocate(s->trials, sizeof *unit->updates);
    if (unit->patterns && unit->states && unit->updated && unit->errors && unit->mixed && unit->updates &&
        modern_create(s->dimension, s->patterns, unit->patterns, s->trials, &unit->network) == STATUS_OK)
        return STATUS_OK;
    return no_memory(s, error);
}

static const float *pattern_of_trial(const struct setting *s, const struct unit_memory *unit, size_t trial) {
    return unit->patterns + trial * s->patterns / s->trials * s->dimension;
}

/* The patterns of the trials, with noise. */
static void start(const struct setting *s, uint64_t key, struct unit_memory *unit) {
    random_fill_normal_f32(random_source(key, RANDOM_START, 0), 0, s->trials * s->dimension, unit->states);
    for (size_t t = 0; t < s->trials; t++) {
        const float *pattern = pattern_of_trial(s, unit, t);
        float *state = unit->states + t * s->dimension;
        for (size_t k = 0; k < s->dimension; k++)
            state[k] = pattern[k] + (float)s->initial_error * state[k];
    }
}

/* --- the unit ----------------------------------------------------------------------------------------- */

static enum status retrieve(const struct setting *s, uint64_t key, struct unit_memory *unit,
                            struct error *error) {
    float beta = (float)s->beta;
    modern_draw(s->dimension, s->patterns, key, unit->patterns);
    start(s, key, unit);
    modern_update(unit->network, beta, unit->states, unit->updated);
    for (size_t t = 0; t < s->trials; t++)
        unit->errors[t] = modern_relative_error(s->dimension, unit->updated + t * s->dimension,
                                                pattern_of_trial(s, unit, t));
    const struct modern_update update = {s->dimension,   s->patterns,  s->trials,    s->beta,
                                         unit->patterns, unit->states, unit->updated};
    if (modern_layer_compare(&update, &unit->differences, &unit->reference_difference) != STATUS_OK)
        return no_memory(s, error);
    modern_settle(unit->network, beta, s->updates, unit->states, unit->updates);
    modern_mixed(unit->network, beta, unit->states, unit->mixed);
    return STATUS_OK;
}

enum regime { SINGLE, METASTABLE, GLOBAL, UNSETTLED, REGIME_COUNT };

static enum regime regime_of(const struct setting *s, size_t updates, double mixed) {
    if (updates > s->updates) return UNSETTLED;
    if (mixed <= SINGLE_MOST) return SINGLE;
    return mixed >= GLOBAL_LEAST * (double)s->patterns ? GLOBAL : METASTABLE;
}

static enum status fill_regimes(const struct setting *s, const struct unit_memory *unit,
                                struct record *record) {
    static const char *const names[REGIME_COUNT] = {"single_states", "metastable_states", "global_states",
                                                    "unsettled_states"};
    int64_t counts[REGIME_COUNT] = {0};
    for (size_t t = 0; t < s->trials; t++)
        counts[regime_of(s, unit->updates[t], unit->mixed[t])]++;
    for (int regime = 0; regime < REGIME_COUNT; regime++)
        CHECK(record_set_integer(record, names[regime], s->updates > 1 ? counts[regime] : INT64_MIN));
    return STATUS_OK;
}

static enum status fill(const struct setting *s, const struct unit_memory *unit, struct record *record) {
    int64_t successes = 0;
    for (size_t t = 0; t < s->trials; t++)
        successes += unit->errors[t] <= SUCCESS_ERROR;
    int64_t *updates = memory_allocate(s->trials, sizeof *updates);
    if (updates == NULL) return STATUS_NO_MEMORY;
    for (size_t t = 0; t < s->trials; t++)
        updates[t] = (int64_t)unit->updates[t];
    enum status status = record_set_integers(record, "updates_taken", s->trials, updates);
    memory_free(updates);
    CHECK(status);
    CHECK(record_set_integer(record, "successes", successes));
    CHECK(record_set_integer(record, "attention_differences", unit->differences));
    CHECK(record_set_real(record, "reference_difference", unit->reference_difference));
    CHECK(record_set_reals(record, "relative_error", s->trials, unit->errors));
    CHECK(record_set_reals(record, "mixed_patterns", s->trials, unit->mixed));
    return fill_regimes(s, unit, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct unit_memory unit = {0};
    enum status status = unit_allocate(&setting, &unit, error);
    if (status == STATUS_OK) status = retrieve(&setting, point->data_key, &unit, error);
    if (status == STATUS_OK) status = fill(&setting, &unit, record);
    unit_clear(&unit);
    return status;
}

const struct experiment experiment_modern_capacity = {
    .schema = {.name = "modern_capacity",
               .summary =
                   "Retrieval of random patterns from a modern continuous Hopfield network, as attention",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
