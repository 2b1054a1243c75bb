/* Statistics over samples and fits with their uncertainty (GSL inside). */
#ifndef ANALYSIS_STATISTICS_H
#define ANALYSIS_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* A value with its 95 % and 99.9 % intervals. */
struct interval {
    double value, low, high, low_999, high_999;
    size_t n;
};

double statistics_median(size_t count, const double *values);
double statistics_mean(size_t count, const double *values);

/* Quantile-interval of bootstrap replicates around a value (percentile method). Replicates are reordered. */
struct interval interval_from_replicates(double value, size_t count, double *replicates, size_t n);

/* Wilson score interval of a proportion. */
struct interval interval_of_proportion(size_t successes, size_t trials);

/* A statistic of a resampled set of groups: `picks` holds `count` indices into the groups. NaN when it cannot be
 * computed. */
typedef double bootstrap_statistic(const void *context, size_t count, const size_t *picks);

/* Bootstrap over `groups` groups (pattern sets, sizes, samples), `replicates` times; counter-based, so that it
 * always gives the same interval. The value is the statistic of the groups themselves. */
struct interval bootstrap(bootstrap_statistic *statistic, const void *context, size_t groups,
                          size_t replicates, uint64_t key);

/* Least squares ln y = ln a + b ln x over points with weight 1. STATUS_INVALID: fewer than two distinct x. */
enum status fit_power(size_t count, const double *x, const double *y, double *factor, double *exponent);

#endif
