#include "analysis/statistics.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

double statistics_mean(size_t count, const double *values) {
    return count == 0 ? NAN : gsl_stats_mean(values, 1, count);
}

double statistics_median(size_t count, const double *values) {
    if (count == 0) return NAN;
    double *sorted = memory_allocate(count, sizeof *sorted);
    if (sorted == NULL) return NAN;
    for (size_t i = 0; i < count; i++)
        sorted[i] = values[i];
    double median = statistics_median_in_place(count, sorted);
    memory_free(sorted);
    return median;
}

double statistics_median_in_place(size_t count, double *values) {
    return gsl_stats_median(values, 1, count);
}

struct interval interval_unknown(double value, size_t n) {
    return (struct interval){value, -INFINITY, INFINITY, -INFINITY, INFINITY, n};
}

struct interval interval_exact(double value, size_t n) {
    return (struct interval){value, value, value, value, value, n};
}

struct interval interval_scaled(struct interval interval, double factor) {
    interval.value *= factor, interval.low *= factor, interval.high *= factor;
    interval.low_999 *= factor, interval.high_999 *= factor;
    return interval;
}

struct interval interval_union(struct interval a, struct interval b) {
    size_t n = a.n > b.n ? a.n : b.n;
    if (isnan(a.value) || isnan(b.value)) return interval_unknown(NAN, n);
    return (struct interval){.value = 0.5 * (a.value + b.value),
                             .low = fmin(a.low, b.low),
                             .high = fmax(a.high, b.high),
                             .low_999 = fmin(a.low_999, b.low_999),
                             .high_999 = fmax(a.high_999, b.high_999),
                             .n = n};
}

static void wilson(double p, double n, double level, double *low, double *high) {
    double z = gsl_cdf_ugaussian_Qinv(0.5 * level);
    double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    /* At p of 0 and 1 an end is p itself, which rounding must not miss. */
    *low = p == 0 ? 0 : fmax(0, centre - half);
    *high = p == 1 ? 1 : fmin(1, centre + half);
}

struct interval interval_of_proportion(size_t successes, size_t trials) {
    if (trials == 0) return interval_unknown(NAN, 0);
    struct interval interval = {.value = (double)successes / (double)trials, .n = trials};
    wilson(interval.value, (double)trials, 0.05, &interval.low, &interval.high);
    wilson(interval.value, (double)trials, 0.001, &interval.low_999, &interval.high_999);
    return interval;
}

/* How many standard deviations of the replicates the interval of that level spans to each side. */
static double expanded_deviations(double level, size_t groups) {
    double g = (double)groups;
    return gsl_cdf_tdist_Qinv(0.5 * level, g - 1) * sqrt(g / (g - 1));
}

/* Sorted finite replicates with `failed` more that could be anywhere. */
struct replicates {
    size_t finite, failed;
    const double *sorted;
};

/* The quantile of all replicates with the failed ones below (or above) every finite one. */
static double pessimistic_quantile(const struct replicates *replicates, double fraction, int failed_below) {
    double all = (double)(replicates->finite + replicates->failed);
    double rank = fraction * (all - 1) - (failed_below ? (double)replicates->failed : 0);
    if (rank < 0) return -INFINITY;
    if (rank > (double)replicates->finite - 1) return INFINITY;
    size_t below = (size_t)rank;
    size_t above = below + 1 < replicates->finite ? below + 1 : below;
    double part = rank - (double)below;
    return (1 - part) * replicates->sorted[below] + part * replicates->sorted[above];
}

static void limits(const struct replicates *replicates, double value, double level, size_t groups,
                   double *low, double *high) {
    double deviations = expanded_deviations(level, groups);
    double tail = gsl_cdf_ugaussian_Q(deviations);
    if (tail * (double)(replicates->finite + replicates->failed) >= 1) {
        *low = pessimistic_quantile(replicates, tail, 1);
        *high = pessimistic_quantile(replicates, 1 - tail, 0);
    } else if (replicates->failed > 0) {
        *low = -INFINITY;
        *high = INFINITY;
    } else {
        double half = deviations * gsl_stats_sd(replicates->sorted, 1, replicates->finite);
        *low = fmin(value - half, replicates->sorted[0]);
        *high = fmax(value + half, replicates->sorted[replicates->finite - 1]);
    }
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

struct interval interval_from_replicates(double value, size_t count, double *replicates, size_t groups,
                                         size_t n) {
    size_t finite = 0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(replicates[i])) replicates[finite++] = replicates[i];
    }
    if (groups < 2 || finite < 2 || !isfinite(value))
        return interval_unknown(isfinite(value) ? value : NAN, n);
    gsl_sort(replicates, 1, finite);
    struct replicates sorted = {finite, count - finite, replicates};
    struct interval interval = {.value = value, .n = n};
    limits(&sorted, value, 0.05, groups, &interval.low, &interval.high);
    limits(&sorted, value, 0.001, groups, &interval.low_999, &interval.high_999);
    interval.low_999 = fmin(interval.low_999, interval.low);
    interval.high_999 = fmax(interval.high_999, interval.high);
    return interval;
}

size_t resample_one(struct resampler *resampler, size_t count, size_t index) {
    if (resampler->identity) return index;
    size_t place = resampler->next % RESAMPLER_WORDS;
    if (place == 0)
        kernels()->random_fill_bits(resampler->source, resampler->next, RESAMPLER_WORDS, resampler->words);
    resampler->next++;
    return random_bits_below(resampler->words[place], count);
}

void resample(struct resampler *resampler, size_t count, size_t *picks) {
    for (size_t i = 0; i < count; i++)
        picks[i] = resample_one(resampler, count, i);
}

static size_t distinct_picks(size_t count, const size_t *picks) {
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        size_t earlier = 0;
        while (earlier < i && picks[earlier] != picks[i])
            earlier++;
        distinct += earlier == i;
    }
    return distinct;
}

void resample_distinct(struct resampler *resampler, size_t count, size_t distinct, size_t *picks) {
    do {
        resample(resampler, count, picks);
    } while (distinct_picks(count, picks) < distinct && distinct <= count);
}

enum status bootstrap(bootstrap_statistic *statistic, const void *context, size_t outputs, uint64_t key,
                      size_t count, double *values, double *replicates) {
    double *row = memory_allocate(outputs, sizeof *row);
    if (row == NULL) return STATUS_NO_MEMORY;
    struct resampler resampler = {.identity = 1};
    statistic(context, &resampler, values);
    for (size_t i = 0; i < count; i++) {
        resampler = (struct resampler){.source = random_source(key, RANDOM_BOOTSTRAP, (uint32_t)i)};
        statistic(context, &resampler, row);
        for (size_t output = 0; output < outputs; output++)
            replicates[output * count + i] = row[output];
    }
    memory_free(row);
    return STATUS_OK;
}

enum status bootstrap_interval(bootstrap_statistic *statistic, const void *context, uint64_t key,
                               size_t groups, size_t n, struct interval *interval) {
    /* Fewer than two groups give no interval, whatever their replicates are. */
    size_t count = groups < 2 ? 0 : BOOTSTRAP_REPLICATES;
    double *replicates = memory_allocate(count, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    double value;
    enum status status = bootstrap(statistic, context, 1, key, count, &value, replicates);
    if (status == STATUS_OK) *interval = interval_from_replicates(value, count, replicates, groups, n);
    memory_free(replicates);
    return status;
}
