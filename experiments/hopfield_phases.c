/* A Hopfield network with Hebb's couplings in a heat bath: what is left of a stored pattern at a temperature,
 * and what a random state comes to. The first rank of a team does the unit, on all its threads. */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/retrievals.h"

static const char *const starts[] = {"pattern", "random", NULL};

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 200000, NULL, FIELD_DATA,
     "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"temperature", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 100, NULL, 0,
     "Temperature T, in units in which a single pattern is lost at T = 1"},
    {"start", FIELD_CHOICE, DIMENSION_SCALAR, "1", "pattern", 0, 0, starts, 0,
     "A trial starts from its pattern as stored, or from random spins"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 1000000, NULL, 0,
     "Runs: the pattern of trial t is floor(t P / trials), distinct ones as long as they last"},
    {"equilibration", FIELD_INTEGER, DIMENSION_SCALAR, "1", "100", 0, 1000000000, NULL, 0,
     "Sweeps over all neurons before anything is measured"},
    {"measurement", FIELD_INTEGER, DIMENSION_SCALAR, "1", "100", 2, 1000000000, NULL, 0,
     "Sweeps over which averages are taken"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"overlap", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, -1, 1, NULL, 0,
     "Overlap (1/N) sum_i xi_i s_i with the trial's pattern, average over the measured sweeps"},
    {"overlap_deviation", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 1, NULL, 0,
     "Standard deviation of that overlap over the measured sweeps"},
    {"order", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, -1, 1, NULL, 0,
     "q = (1/N) sum_i a_i b_i, averages of s_i over the first and over the second half of the measured sweeps"},
    {"energy", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Energy per neuron -(1/2N) sum_ij J_ij s_i s_j, average over the measured sweeps"},
    {"largest_overlap", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 1, NULL, 0,
     "Largest magnitude of the final state's overlaps with all stored patterns"},
    {"flips", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Flips of neurons in all sweeps, repeated ones included"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, trials, equilibration, measurement;
    double temperature;
    bool random_start;
};

static struct setting setting_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns < 1 ? 1 : (size_t)patterns,
        .trials = (size_t)record_integer(values, "trials"),
        .equilibration = (size_t)record_integer(values, "equilibration"),
        .measurement = (size_t)record_integer(values, "measurement"),
        .temperature = record_real(values, "temperature"),
        .random_start = strcmp(record_string(values, "start"), "random") == 0,
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct setting setting = setting_of(values);
    return rule_hebb.check(setting.neurons, setting.patterns, error);
}

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    size_t sweeps = s.equilibration + s.measurement;
    /* Of the numbers two are arrays of the unit, six columns of the record. */
    double trial_bytes = sizeof(struct outcome) + sizeof(struct thermal_averages) + 8 * sizeof(double);
    return (struct estimate){
        .flops = hopfield_glauber_operations(&rule_hebb, s.neurons, s.patterns, s.trials, sweeps),
        .bytes_per_rank = hopfield_glauber_bytes(&rule_hebb, s.neurons, s.patterns, s.trials, s.temperature) +
                          (double)s.trials * trial_bytes,
    };
}

/* Everything a unit holds. */
struct unit_memory {
    struct patterns *patterns;
    struct hopfield *network;
    struct heat_bath *bath;
    int8_t *references, *spins; /* [trials][neurons] */
    struct outcome *outcomes;
    struct thermal_averages *averages;
    double *column; /* [trials] */
};

static void unit_clear(struct unit_memory *unit) {
    heat_bath_destroy(&unit->bath);
    hopfield_destroy(&unit->network);
    patterns_destroy(&unit->patterns);
    memory_free(unit->references);
    memory_free(unit->spins);
    memory_free(unit->outcomes);
    memory_free(unit->averages);
    memory_free(unit->column);
}

static enum status allocate(const struct setting *setting, struct unit_memory *unit) {
    CHECK(patterns_create(setting->neurons, setting->patterns, &unit->patterns));
    unit->references = memory_allocate(setting->trials, setting->neurons);
    unit->spins = memory_allocate(setting->trials, setting->neurons);
    unit->outcomes = memory_allocate(setting->trials, sizeof *unit->outcomes);
    unit->averages = memory_allocate(setting->trials, sizeof *unit->averages);
    unit->column = memory_allocate(setting->trials, sizeof *unit->column);
    if (!unit->references || !unit->spins || !unit->outcomes || !unit->averages || !unit->column)
        return STATUS_NO_MEMORY;
    struct heat_bath_settings bath = {setting->temperature, setting->equilibration, setting->measurement,
                                      unit->references, unit->averages};
    return heat_bath_create(&bath, setting->neurons, &unit->bath);
}

/* Fair coins, a stream for each trial. */
static void draw_start(size_t neurons, uint64_t key, size_t trial, int8_t *spins) {
    struct random_source source = random_source(key, RANDOM_START, (uint32_t)trial);
    for (size_t i = 0; i < neurons; i++)
        spins[i] = random_bits(source, i) >> 63 ? 1 : -1;
}

static enum status simulate(const struct setting *setting, uint64_t key, struct unit_memory *unit,
                            struct error *error) {
    patterns_draw(unit->patterns, key);
    CHECK(hopfield_create(&rule_hebb, unit->patterns, HOPFIELD_MANY_TRIALS, &unit->network, error));
    retrieval_set_patterns(unit->patterns, setting->trials, unit->references);
    memcpy(unit->spins, unit->references, setting->trials * setting->neurons);
    for (size_t t = 0; setting->random_start && t < setting->trials; t++)
        draw_start(setting->neurons, key, t, unit->spins + t * setting->neurons);
    struct hopfield_settings how = {.key = key, .heat_bath = unit->bath};
    return hopfield_retrieve(unit->network, &dynamics_glauber, &how, setting->trials, unit->spins,
                             unit->outcomes, error);
}

/* --- record ------------------------------------------------------------------------------------------- */

static double largest_overlap(const struct patterns *patterns, const int8_t *spins) {
    int64_t largest = 0;
    for (size_t p = 0; p < patterns->count; p++) {
        int64_t overlap = patterns_overlap(patterns, p, spins);
        if (overlap < 0) overlap = -overlap;
        if (overlap > largest) largest = overlap;
    }
    return (double)largest / (double)patterns->neurons;
}

static enum status record_column(const struct setting *setting, const struct unit_memory *unit,
                                 const char *name, double (*value)(const struct unit_memory *, size_t),
                                 struct record *record) {
    for (size_t t = 0; t < setting->trials; t++)
        unit->column[t] = value(unit, t);
    return record_set_reals(record, name, setting->trials, unit->column);
}

static double overlap_of(const struct unit_memory *unit, size_t trial) {
    return unit->averages[trial].overlap;
}

static double deviation_of(const struct unit_memory *unit, size_t trial) {
    return unit->averages[trial].overlap_deviation;
}

static double order_of(const struct unit_memory *unit, size_t trial) {
    return unit->averages[trial].order;
}

static double energy_of(const struct unit_memory *unit, size_t trial) {
    return -unit->averages[trial].alignment / 2;
}

static double largest_of(const struct unit_memory *unit, size_t trial) {
    return largest_overlap(unit->patterns, unit->spins + trial * unit->patterns->neurons);
}

static enum status record_flips(const struct setting *setting, const struct unit_memory *unit,
                                struct record *record) {
    int64_t *flips = memory_allocate(setting->trials, sizeof *flips);
    if (!flips) return STATUS_NO_MEMORY;
    for (size_t t = 0; t < setting->trials; t++)
        flips[t] = (int64_t)unit->outcomes[t].flips;
    enum status status = record_set_integers(record, "flips", setting->trials, flips);
    memory_free(flips);
    return status;
}

static enum status record_unit(const struct setting *setting, const struct unit_memory *unit,
                               struct record *record) {
    CHECK(record_set_integer(record, "patterns", (int64_t)setting->patterns));
    CHECK(record_column(setting, unit, "overlap", overlap_of, record));
    CHECK(record_column(setting, unit, "overlap_deviation", deviation_of, record));
    CHECK(record_column(setting, unit, "order", order_of, record));
    CHECK(record_column(setting, unit, "energy", energy_of, record));
    CHECK(record_column(setting, unit, "largest_overlap", largest_of, record));
    return record_flips(setting, unit, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct unit_memory unit = {0};
    enum status status = allocate(&setting, &unit);
    if (status != STATUS_OK)
        error_set(error, status, "no memory for %zu patterns and %zu trials of %zu neurons", setting.patterns,
                  setting.trials, setting.neurons);
    else
        status = simulate(&setting, point->data_key, &unit, error);
    if (status == STATUS_OK) status = record_unit(&setting, &unit, record);
    unit_clear(&unit);
    return status;
}

const struct experiment experiment_hopfield_phases = {
    .schema = {.name = "hopfield_phases",
               .summary = "A Hopfield network at a temperature: overlap, order, energy over time",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
