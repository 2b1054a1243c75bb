/* hopfield_bench [SECONDS [NEURONS LOAD OVERLAP [TRIALS [patterns]]]]: retrievals from random patterns,
 * microseconds a trial with learning included, beside the engine without couplings (in turns, few trials) and
 * the loop that goes over all neurons; one JSON line per case. TRIALS 0: one for each pattern; `patterns`:
 * without couplings. Threads: OMP_NUM_THREADS. Built on demand, for people: ninja hopfield_bench. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/associative/hopfield.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { SAMPLES_MAX = 32, PATTERN_TRIALS = 4, KEY = 1 };

struct bench_case {
    size_t neurons;
    double load, overlap;
    size_t trials;
    enum hopfield_engine engine;
};

static const struct bench_case CASES[] = {
    {1000, .138, 1, 0, HOPFIELD_COUPLINGS},   {1000, .138, .8, 0, HOPFIELD_COUPLINGS},
    {4000, .138, 1, 0, HOPFIELD_COUPLINGS},   {4000, .138, .8, 0, HOPFIELD_COUPLINGS},
    {10000, .10, 1, 0, HOPFIELD_COUPLINGS},   {10000, .138, 1, 0, HOPFIELD_COUPLINGS},
    {10000, .138, .8, 0, HOPFIELD_COUPLINGS}, {10000, .15, 1, 0, HOPFIELD_COUPLINGS},
};

/* Patterns and where retrievals start, shared by all samples, and where they ended. */
struct problem {
    struct patterns *patterns;
    size_t trials;
    int8_t *starts, *spins; /* [trials][neurons] */
    struct outcome *outcomes;
};

static void problem_clear(struct problem *problem) {
    patterns_destroy(&problem->patterns);
    memory_free(problem->starts);
    memory_free(problem->spins);
    memory_free(problem->outcomes);
}

static enum status problem_create(const struct bench_case *bench, struct problem *problem) {
    size_t count = (size_t)(bench->load * (double)bench->neurons + 0.5), neurons = bench->neurons;
    *problem = (struct problem){.trials = bench->trials ? bench->trials : count};
    CHECK(patterns_create(neurons, count, &problem->patterns));
    patterns_draw(problem->patterns, KEY);
    problem->starts = memory_allocate(problem->trials, neurons);
    problem->spins = memory_allocate(problem->trials, neurons);
    problem->outcomes = memory_allocate(problem->trials, sizeof *problem->outcomes);
    if (!problem->starts || !problem->spins || !problem->outcomes) return STATUS_NO_MEMORY;
    size_t flips = patterns_flips_for(neurons, bench->overlap);
    for (size_t t = 0; t < problem->trials; t++) {
        int8_t *start = problem->starts + t * neurons;
        patterns_spins(problem->patterns, t * count / problem->trials, start);
        CHECK(patterns_disturb(neurons, flips, random_source(KEY, RANDOM_START, (uint32_t)t), start));
    }
    return STATUS_OK;
}

/* --- two ways to the same final states --------------------------------------------------------------- */

/* Seconds of learning and of all retrievals together by the clock and of the processor, of learning alone,
 * and of all retrievals without couplings as the first few tell.
 */
struct sample {
    double seconds, processor, learning, without_couplings;
};

static double processor_seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static enum status run_engine(struct problem *problem, enum hopfield_engine engine, size_t trials,
                              struct sample *sample) {
    struct error error;
    struct hopfield *network;
    struct hopfield_settings settings = {.key = KEY};
    memcpy(problem->spins, problem->starts, trials * problem->patterns->neurons);
    double start = omp_get_wtime(), processor = processor_seconds();
    CHECK(hopfield_create_engine(&rule_hebb, problem->patterns, engine, &network, &error));
    sample->learning = processor_seconds() - processor;
    enum status status = hopfield_retrieve(network, &dynamics_asynchronous, &settings, trials, problem->spins,
                                           problem->outcomes, &error);
    hopfield_destroy(&network);
    sample->seconds = omp_get_wtime() - start;
    sample->processor = processor_seconds() - processor;
    return status;
}

static enum status run_both(struct problem *problem, enum hopfield_engine engine, struct sample *sample) {
    struct sample few;
    size_t trials = problem->trials < PATTERN_TRIALS ? problem->trials : PATTERN_TRIALS;
    CHECK(run_engine(problem, HOPFIELD_PATTERNS, trials, &few));
    CHECK(run_engine(problem, engine, problem->trials, sample));
    sample->without_couplings = few.processor * (double)problem->trials / (double)trials;
    return STATUS_OK;
}

/* Neurons in the order of their ranks in one sweep. */
static int compare_ranks(const void *a, const void *b) {
    const struct rank_entry *x = a, *y = b;
    return rank_before(*x, *y) ? -1 : rank_before(*y, *x);
}

static int64_t field_of(const struct patterns *patterns, const int32_t *overlaps, size_t neuron,
                        int8_t spin) {
    const uint64_t *row = patterns->by_neuron + neuron * patterns->words_per_neuron;
    int64_t field = -(int64_t)patterns->count * spin;
    for (size_t p = 0; p < patterns->count; p++)
        field += row[p / 64] >> p % 64 & 1 ? overlaps[p] : -overlaps[p];
    return field;
}

static void flip_overlaps(const struct patterns *patterns, size_t neuron, int8_t spin, int32_t *overlaps) {
    const uint64_t *row = patterns->by_neuron + neuron * patterns->words_per_neuron;
    for (size_t p = 0; p < patterns->count; p++)
        overlaps[p] += row[p / 64] >> p % 64 & 1 ? 2 * spin : -2 * spin;
}

/* One trial neuron by neuron: sweeps in random order until none flips. */
static void walk(const struct patterns *patterns, size_t trial, int8_t *spins, int32_t *overlaps,
                 struct rank_entry *order) {
    struct random_source source = random_source(KEY, RANDOM_ORDER, (uint32_t)trial);
    for (size_t p = 0; p < patterns->count; p++)
        overlaps[p] = (int32_t)patterns_overlap(patterns, p, spins);
    size_t flipped = 1;
    for (uint64_t sweep = 0; flipped > 0; sweep++) {
        for (uint32_t i = 0; i < patterns->neurons; i++)
            order[i] = (struct rank_entry){random_bits(source, sweep << 32 | i), i};
        qsort(order, patterns->neurons, sizeof *order, compare_ranks);
        flipped = 0;
        for (size_t n = 0; n < patterns->neurons; n++) {
            uint32_t i = order[n].neuron;
            if (spins[i] * field_of(patterns, overlaps, i, spins[i]) >= 0) continue;
            spins[i] = (int8_t)-spins[i];
            flip_overlaps(patterns, i, spins[i], overlaps);
            flipped++;
        }
    }
}

/* Seconds a trial of the walk over the first `trials`; *same: whether they end where the engine's did. */
static enum status run_walk(const struct problem *problem, size_t trials, double *seconds, bool *same) {
    const struct patterns *patterns = problem->patterns;
    int8_t *spins = memory_allocate(patterns->neurons, 1);
    int32_t *overlaps = memory_allocate(patterns->count, sizeof *overlaps);
    struct rank_entry *order = memory_allocate(patterns->neurons, sizeof *order);
    enum status status = spins && overlaps && order ? STATUS_OK : STATUS_NO_MEMORY;
    double start = omp_get_wtime();
    *same = true;
    for (size_t t = 0; t < trials && status == STATUS_OK; t++) {
        memcpy(spins, problem->starts + t * patterns->neurons, patterns->neurons);
        walk(patterns, t, spins, overlaps, order);
        *same &= memcmp(spins, problem->spins + t * patterns->neurons, patterns->neurons) == 0;
    }
    *seconds = (omp_get_wtime() - start) / (double)trials;
    memory_free(spins);
    memory_free(overlaps);
    memory_free(order);
    return status;
}

/* --- samples ----------------------------------------------------------------------------------------- */

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of one of the doubles of the samples, in microseconds a trial; sorts by it. */
static double median(size_t count, const double *first, double trials) {
    double values[SAMPLES_MAX];
    for (size_t n = 0; n < count; n++)
        values[n] = 1e6 / trials * first[n * (sizeof(struct sample) / sizeof *first)];
    qsort(values, count, sizeof *values, compare_reals);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static double mean_flips(const struct problem *problem) {
    double flips = 0;
    for (size_t t = 0; t < problem->trials; t++)
        flips += (double)problem->outcomes[t].flips;
    return flips / (double)problem->trials;
}

static void print(const struct bench_case *bench, const struct problem *problem, size_t count,
                  const struct sample *samples, double walk_seconds, bool same) {
    double trials = (double)problem->trials;
    printf(
        "{\"neurons\": %zu, \"patterns\": %zu, \"initial_overlap\": %g, \"trials\": %zu, \"threads\": %d, "
        "\"kernels\": \"%s\", \"flips\": %.1f, \"microseconds\": %.2f, \"processor\": %.2f, "
        "\"learning\": %.2f, \"without_couplings\": %.1f, \"walk_microseconds\": %.0f, \"same_states\": %s, \"samples\": %zu}\n",
        bench->neurons, problem->patterns->count, bench->overlap, problem->trials, omp_get_max_threads(),
        kernels()->name, mean_flips(problem), median(count, &samples->seconds, trials),
        median(count, &samples->processor, trials), median(count, &samples->learning, trials),
        median(count, &samples->without_couplings, trials), 1e6 * walk_seconds, same ? "true" : "false",
        count);
    fflush(stdout);
}

static enum status measure(const struct bench_case *bench, double budget) {
    struct problem problem;
    struct sample samples[SAMPLES_MAX];
    double walk_seconds = 0, start = omp_get_wtime();
    bool same = false;
    size_t count = 0;
    enum status status = problem_create(bench, &problem);
    while (status == STATUS_OK && count < SAMPLES_MAX && (count < 3 || omp_get_wtime() - start < budget))
        status = run_both(&problem, bench->engine, &samples[count++]);
    if (status == STATUS_OK)
        status = run_walk(&problem, problem.trials < 3 ? problem.trials : 3, &walk_seconds, &same);
    if (status == STATUS_OK) print(bench, &problem, count, samples, walk_seconds, same);
    problem_clear(&problem);
    return status;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    enum status status = STATUS_OK;
    if (argc > 4) {
        struct bench_case only = {strtoul(argv[2], NULL, 10), atof(argv[3]), atof(argv[4]),
                                  argc > 5 ? strtoul(argv[5], NULL, 10) : 0,
                                  argc > 6 ? HOPFIELD_PATTERNS : HOPFIELD_COUPLINGS};
        status = measure(&only, seconds);
    } else
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES && status == STATUS_OK; i++)
            status = measure(&CASES[i], seconds);
    if (status != STATUS_OK) fprintf(stderr, "hopfield_bench: %s\n", status_text(status));
    return status != STATUS_OK;
}
