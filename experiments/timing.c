#include "experiments/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels/rates.h"

enum {
    REFERENCE_ROUNDS = 500 * 1000, /* about 2 ms on processors of today */
    REPEATS_MAX = 10000
};

static const double SHORT_PASS = 0.05; /* seconds: below that a second warm-up costs nothing */
static const double DISTURBED_DIFFERENCE = 0.1;

/* What timing_limit changes. */
static double seconds_most = TIMING_SECONDS;
static int reference_runs = 10;

void timing_limit(double seconds) {
    seconds_most = seconds;
    reference_runs = 1;
}

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of an array that is sorted. */
static double median(size_t count, const double *sorted) {
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* Seconds of the reference kernel: mean of runs that together outlast the time slices in which a neighbour
 * takes its share; of the slowest rank. Collective. */
static double time_reference(struct team *team) {
    rates_fma_f32(REFERENCE_ROUNDS); /* wakes the threads and settles the clock rate */
    team_barrier(team);
    double start = parallel_seconds();
    for (int run = 0; run < reference_runs; run++)
        rates_fma_f32(REFERENCE_ROUNDS);
    double seconds = (parallel_seconds() - start) / reference_runs;
    team_maximum(team, 1, &seconds);
    return seconds;
}

/* The order statistics `rank` from below and from above enclose the median with at least 95 %: the largest
 * rank whose binomial tails sum to 5 % at most; 0 when there are too few samples. */
static size_t interval_rank(size_t samples) {
    double term = pow(0.5, (double)samples), tail = 0;
    for (size_t below = 0; below < samples; below++) {
        tail += term; /* P(at most `below` of the samples lie below the median) */
        if (2 * tail > 0.05) return below;
        term *= (double)(samples - below) / (double)(below + 1);
    }
    return 0;
}

static bool is_tight(size_t samples, const double *seconds) {
    size_t rank = interval_rank(samples);
    if (rank == 0) return false;
    double sorted[TIMING_SAMPLES_MAX];
    memcpy(sorted, seconds, samples * sizeof *seconds);
    qsort(sorted, samples, sizeof *sorted, compare_reals);
    double half_width = (sorted[samples - rank] - sorted[rank - 1]) / 2;
    return half_width <= TIMING_PRECISION * median(samples, sorted);
}

struct sampler {
    struct team *team;
    size_t channels, repeats;
    timing_pass *pass;
    void *context;
};

/* One sample: seconds[channels] of a pass and, after them, of the whole sample; all maxima over the ranks, so
 * that every rank decides alike from them. Collective. */
static void take_sample(const struct sampler *sampler, double seconds[TIMING_CHANNELS_MAX + 1]) {
    for (size_t i = 0; i < sampler->channels; i++)
        seconds[i] = 0;
    team_barrier(sampler->team);
    double start = parallel_seconds();
    for (size_t repeat = 0; repeat < sampler->repeats; repeat++)
        sampler->pass(sampler->context, seconds);
    seconds[sampler->channels] = parallel_seconds() - start;
    for (size_t i = 0; i < sampler->channels; i++)
        seconds[i] /= (double)sampler->repeats;
    team_maximum(sampler->team, sampler->channels + 1, seconds);
}

/* Touches all memory once, and finds how many passes make a sample that the clock resolves. Returns the
 * seconds of a sample. Collective. */
static double warm_up(struct sampler *sampler) {
    double seconds[TIMING_CHANNELS_MAX + 1];
    sampler->repeats = 1;
    take_sample(sampler, seconds);
    if (seconds[sampler->channels] < SHORT_PASS) take_sample(sampler, seconds);
    double pass = seconds[sampler->channels];
    if (pass * REPEATS_MAX < TIMING_SAMPLE_LEAST)
        sampler->repeats = REPEATS_MAX;
    else if (pass < TIMING_SAMPLE_LEAST)
        sampler->repeats = (size_t)ceil(TIMING_SAMPLE_LEAST / pass);
    return pass * (double)sampler->repeats;
}

void timing_collect(struct team *team, size_t channels, timing_pass *pass, void *context,
                    struct timing *timing) {
    struct sampler sampler = {.team = team, .channels = channels, .pass = pass, .context = context};
    bool is_long = warm_up(&sampler) > seconds_most / 4;
    size_t least = is_long ? TIMING_SAMPLES_OF_LONG_PASSES : TIMING_SAMPLES_MIN;
    timing->samples = 0;
    timing->reference_before = time_reference(team);
    double spent = 0;
    while (timing->samples < least || (timing->samples < TIMING_SAMPLES_MAX && spent < seconds_most &&
                                       !is_tight(timing->samples, timing->seconds[0]))) {
        double seconds[TIMING_CHANNELS_MAX + 1];
        take_sample(&sampler, seconds);
        for (size_t i = 0; i < channels; i++)
            timing->seconds[i][timing->samples] = seconds[i];
        timing->samples++;
        spent += seconds[channels];
    }
    timing->reference_after = time_reference(team);
    double ratio = timing->reference_after / timing->reference_before;
    timing->disturbed = fmax(ratio, 1 / ratio) > 1 + DISTURBED_DIFFERENCE;
}

enum status timing_record(const struct timing *timing, struct record *record) {
    CHECK(record_set_real(record, "reference_before", timing->reference_before));
    CHECK(record_set_real(record, "reference_after", timing->reference_after));
    return record_set_integer(record, "disturbed", timing->disturbed);
}
