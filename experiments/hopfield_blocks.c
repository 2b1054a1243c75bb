/* Retrieval of random patterns from Hebbian networks of up to millions of neurons: in pattern space, split
 * over ranks by neurons, with updates in blocks. */
#include <math.h>

#include "core/associative/patterns.h"
#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/retrievals.h"
#include "parallel/hopfield_blocks.h"

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 1e8, NULL, FIELD_DATA, "Number of neurons N"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"block", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 1e8, NULL, FIELD_AUTO,
     "Neurons that are updated together, in the random order of the sweep; 1: asynchronous, N: synchronous; "
     "auto: N/100, at least 1"},
    {"initial_overlap", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1, NULL, 0,
     "Overlap m0 of the start with the pattern: exactly round(N (1 - m0) / 2) random neurons are flipped"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 100000, NULL, 0,
     "Retrievals, one after the other: trial t starts from pattern floor(t P / trials)"},
    {"ranks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "0", 0, 1e6, NULL, FIELD_MAX,
     "Ranks that share out the neurons, all others asleep; 0: a single one beside others. Changes no result"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P stored"},
    {"successes", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials whose final overlap is above 0.9"},
    {"overlap", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, -1, 1, NULL, 0,
     "Overlap (1/N) sum_i xi_i s_i of the final state with the wanted pattern"},
    {"sweeps", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Passes over all neurons in which at least one flipped"},
    {"flips", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Flips of neurons, repeated ones included"},
    {"sweep_flips", FIELD_INTEGER, DIMENSION_SWEEP, "1", NULL, 0, 0, NULL, 0,
     "Flips in each of the first 256 sweeps, summed over trials"},
    {"unstable", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons of the final states that their field would flip, summed over trials; 0: fixed points"},
    {"cycles", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that ended in a 2-cycle, which is looked for in blocks of all neurons; their overlap is that of "
     "one of its states"},
    {"capped", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials cut off by the limit of 10000 sweeps"},
    {"energy_rises", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Sweeps after which the energy was higher than before, summed over trials"},
    {"changed_blocks", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Blocks in which a neuron flipped, after which ranks exchange overlaps, summed over trials"},
    {"additions", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Additions of overlaps where a bit is set that fields took: P for each neuron that was looked at"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    size_t neurons, patterns, block, trials;
    double initial_overlap;
    int ranks;
};

static struct setting setting_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return (struct setting){
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns < 1 ? 1 : (size_t)patterns,
        .block = (size_t)record_integer(values, "block"),
        .trials = (size_t)record_integer(values, "trials"),
        .initial_overlap = record_real(values, "initial_overlap"),
        .ranks = (int)record_integer(values, "ranks"),
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    int64_t neurons = record_integer(values, "neurons"), block = record_integer(values, "block");
    if (block == INT64_MIN) return record_set_integer(values, "block", neurons < 200 ? 1 : neurons / 100);
    if (block <= neurons) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "block: %lld neurons at a time of %lld", (long long)block,
                     (long long)neurons);
}

/* Starts at a stored pattern took 3 sweeps at load 0.10 and 22 at 0.13 with 100 000 and 200 000 neurons; at
 * the transition, 0.138, about 10 with a thousand and 66 with 400 000. */
static double sweeps_expected(double neurons, double load) {
    if (load <= 0.12) return 6;
    return load <= 0.135 ? 25 : fmax(12, 12 * pow(neurons / 1000, 0.3));
}

/* The place of a neuron in a sweep and a block's end, in additions that take as long. */
static const double PLACE_OPERATIONS = 800, BLOCK_OPERATIONS = 4000;

/* Additions a second beside the operations of a matrix product: 16 an instruction, but one at a time. */
static const double ADDITION_PACE = 0.3;

static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    double neurons = (double)s.neurons, blocks = ceil(neurons / (double)s.block);
    double load = (double)s.patterns / neurons;
    double sweep = neurons * (double)s.patterns + neurons * PLACE_OPERATIONS + blocks * BLOCK_OPERATIONS;
    return (struct estimate){
        .flops = (double)s.trials * (1 + sweeps_expected(neurons, load)) * sweep,
        .bytes_per_rank = hopfield_blocks_bytes(s.neurons, s.patterns, s.block, s.ranks > 0 ? s.ranks : 1) +
                          (double)s.trials * sizeof(struct block_outcome) +
                          (double)s.trials * (2 * sizeof(int64_t) + sizeof(double)) + 8192,
        .pace = ADDITION_PACE,
    };
}

/* What came out of all trials; the arrays are there to hand over columns. */
struct outcomes {
    size_t trials;
    struct block_outcome *each;
    double *overlaps;
    int64_t *sweeps, *flips;
};

static enum status outcomes_allocate(size_t trials, struct outcomes *made) {
    made->trials = trials;
    made->each = memory_allocate(trials, sizeof *made->each);
    made->overlaps = memory_allocate(trials, sizeof *made->overlaps);
    made->sweeps = memory_allocate(trials, sizeof *made->sweeps);
    made->flips = memory_allocate(trials, sizeof *made->flips);
    return made->each && made->overlaps && made->sweeps && made->flips ? STATUS_OK : STATUS_NO_MEMORY;
}

static void outcomes_free(struct outcomes *gone) {
    memory_free(gone->each);
    memory_free(gone->overlaps);
    memory_free(gone->sweeps);
    memory_free(gone->flips);
}

/* Totals over trials, and the flips of each sweep. */
struct totals {
    int64_t successes, unstable, cycles, capped, rises, changes;
    double looks;
    size_t kept;
    int64_t sweep_flips[BLOCK_SWEEPS_KEPT];
};

static void add_up(const struct outcomes *outcomes, struct totals *totals) {
    for (size_t t = 0; t < outcomes->trials; t++) {
        const struct block_outcome *outcome = &outcomes->each[t];
        totals->successes += outcome->overlap > RETRIEVAL_SUCCESS_OVERLAP;
        totals->unstable += (int64_t)outcome->unstable;
        totals->cycles += outcome->cycle;
        totals->capped += outcome->capped;
        totals->rises += (int64_t)outcome->rises;
        totals->changes += (int64_t)outcome->changes;
        totals->looks += (double)outcome->looks;
        if (outcome->kept > totals->kept) totals->kept = outcome->kept;
        for (size_t s = 0; s < outcome->kept; s++)
            totals->sweep_flips[s] += (int64_t)outcome->sweep_flips[s];
    }
}

static enum status record_trials(const struct outcomes *outcomes, struct record *record) {
    for (size_t t = 0; t < outcomes->trials; t++) {
        outcomes->overlaps[t] = outcomes->each[t].overlap;
        outcomes->sweeps[t] = (int64_t)outcomes->each[t].sweeps;
        outcomes->flips[t] = (int64_t)outcomes->each[t].flips;
    }
    CHECK(record_set_reals(record, "overlap", outcomes->trials, outcomes->overlaps));
    CHECK(record_set_integers(record, "sweeps", outcomes->trials, outcomes->sweeps));
    return record_set_integers(record, "flips", outcomes->trials, outcomes->flips);
}

static enum status record_outcomes(const struct setting *setting, const struct outcomes *outcomes,
                                   struct record *record) {
    struct totals totals = {0};
    add_up(outcomes, &totals);
    CHECK(record_trials(outcomes, record));
    CHECK(record_set_integer(record, "patterns", (int64_t)setting->patterns));
    CHECK(record_set_integer(record, "successes", totals.successes));
    CHECK(record_set_integers(record, "sweep_flips", totals.kept, totals.sweep_flips));
    CHECK(record_set_integer(record, "unstable", totals.unstable));
    CHECK(record_set_integer(record, "cycles", totals.cycles));
    CHECK(record_set_integer(record, "capped", totals.capped));
    CHECK(record_set_integer(record, "energy_rises", totals.rises));
    CHECK(record_set_integer(record, "changed_blocks", totals.changes));
    return record_set_real(record, "additions", totals.looks * (double)setting->patterns);
}

/* Collective; all ranks return the same. */
static enum status retrieve(const struct setting *setting, uint64_t key, struct hopfield_blocks *blocks,
                            struct outcomes *outcomes, struct error *error) {
    hopfield_blocks_draw(blocks, key);
    for (size_t t = 0; t < setting->trials; t++) {
        const struct block_settings how = {
            .key = key,
            .trial = (uint32_t)t,
            .pattern = retrieval_pattern(setting->patterns, setting->trials, t),
            .start_flips = patterns_flips_for(setting->neurons, setting->initial_overlap),
        };
        enum status status = hopfield_blocks_retrieve(blocks, &how, &outcomes->each[t]);
        if (status != STATUS_OK)
            return error_set(error, status, "overlaps kept up over flips do not belong to the final state");
    }
    return STATUS_OK;
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct setting setting = setting_of(point->values);
    struct outcomes outcomes = {0};
    struct hopfield_blocks *blocks = NULL;
    enum status status = team_agree(team, outcomes_allocate(setting.trials, &outcomes), NULL);
    if (status == STATUS_OK)
        status = hopfield_blocks_create(team, setting.neurons, setting.patterns, setting.block, &blocks);
    if (status == STATUS_OK)
        status = retrieve(&setting, point->data_key, blocks, &outcomes, error);
    else
        error_set(error, status, "no memory for this rank's share of %zu patterns of %zu neurons",
                  setting.patterns, setting.neurons);
    if (status == STATUS_OK) status = record_outcomes(&setting, &outcomes, record);
    hopfield_blocks_destroy(&blocks);
    outcomes_free(&outcomes);
    return status;
}

const struct experiment experiment_hopfield_blocks = {
    .schema = {.name = "hopfield_blocks",
               .summary = "Retrieval from large Hebbian networks, split over ranks, with updates in blocks",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
