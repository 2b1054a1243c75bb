/* Statistics over samples and the bootstrap (GSL inside). */
#ifndef ANALYSIS_STATISTICS_H
#define ANALYSIS_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* A value with its 95 % and 99.9 % intervals. Limits that the data cannot bound are infinite. */
struct interval {
    double value, low, high, low_999, high_999;
    size_t n;
};

/* NaN for no values. */
double statistics_mean(size_t count, const double *values);
double statistics_median(size_t count, const double *values);

/* The median of count >= 1 values, which are reordered. */
double statistics_median_in_place(size_t count, double *values);

/* A value without an interval: all limits infinite, NaN as the value if there is none. */
struct interval interval_unknown(double value, size_t n);

/* A counted value: all limits are the value. */
struct interval interval_exact(double value, size_t n);

/* Value and limits times a positive factor. */
struct interval interval_scaled(struct interval interval, double factor);

/* The smallest interval that holds both, with the mean of their values: two estimators whose spread is part
 * of the uncertainty. Unknown in any of them: unknown. */
struct interval interval_union(struct interval a, struct interval b);

/* Wilson score interval of a proportion (Wilson 1927); unknown for no trials. */
struct interval interval_of_proportion(size_t successes, size_t trials);

/* Interval of bootstrap replicates around a value that was estimated from `groups` resampled groups:
 * percentiles, at levels widened for few groups (Hesterberg 2015, "expanded percentile": sqrt(g/(g-1)) and
 * Student's t), and where `count` replicates cannot resolve the level, the same multiple of their standard
 * deviation. A replicate that is NaN could have been anything: it counts as minus and as plus infinity. Fewer
 * than two groups: unknown. Replicates are reordered. n: samples behind the value. */
struct interval interval_from_replicates(double value, size_t count, double *replicates, size_t groups,
                                         size_t n);

/* --- bootstrap ---------------------------------------------------------------------------------------- */

enum { BOOTSTRAP_REPLICATES = 4000 };

enum { RESAMPLER_WORDS = 16 };

/* Draws the groups of one replicate. The replicate "the data themselves" draws every group once. */
struct resampler {
    struct random_source source;
    uint64_t next; /* word of the source */
    int identity;
    uint64_t words[RESAMPLER_WORDS]; /* those of the source around `next`, drawn ahead */
};

/* The group that takes the place of group `index` of `count`. */
size_t resample_one(struct resampler *resampler, size_t count, size_t index);

/* picks[count]: indices in [0, count), with replacement. */
void resample(struct resampler *resampler, size_t count, size_t *picks);

/* The same, drawn anew until at least `distinct` (<= count) different indices are among them: fits need that
 * many places to stand on. */
void resample_distinct(struct resampler *resampler, size_t count, size_t distinct, size_t *picks);

/* Computes the statistics of one replicate into values[outputs], drawing every level of groups that varies
 * (sizes, sets, samples) through the resampler; NaN where they cannot be computed. */
typedef void bootstrap_statistic(const void *context, struct resampler *resampler, double *values);

/* values[outputs] of the data themselves and replicates[outputs][count]; counter-based, so that the same key
 * always gives the same numbers. STATUS_NO_MEMORY. */
enum status bootstrap(bootstrap_statistic *statistic, const void *context, size_t outputs, uint64_t key,
                      size_t count, double *values, double *replicates);

/* The same with BOOTSTRAP_REPLICATES for one statistic, as an interval. */
enum status bootstrap_interval(bootstrap_statistic *statistic, const void *context, uint64_t key,
                               size_t groups, size_t n, struct interval *interval);

#endif
