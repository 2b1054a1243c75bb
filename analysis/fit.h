/* Fits by least squares and by likelihood (GSL inside). All points weigh as stated; none is left out here. */
#ifndef ANALYSIS_FIT_H
#define ANALYSIS_FIT_H

#include <stddef.h>

#include "core/base/status.h"

/* Least squares ln y = ln factor + exponent ln x, every point with weight 1. STATUS_INVALID: a value that is
 * not positive, or fewer than two distinct x. */
enum status fit_power(size_t count, const double *x, const double *y, double *factor, double *exponent);

/* y = offset + factor x^exponent with the smallest sum of squared relative residuals, offset >= 0 (a fixed
 * cost is no gain) and exponent within [low, high]. STATUS_INVALID: a value that is not positive, or fewer
 * than four distinct x. */
enum status fit_offset_power(size_t count, const double *x, const double *y, double low, double high,
                             double *offset, double *factor, double *exponent);

/* Maximum likelihood of successes[i] of trials[i] with probability Phi(intercept + slope x[i]) (probit).
 * Starts anywhere. STATUS_INVALID: fewer than two distinct x with trials, or all successes, or none, or
 * successes and failures so separated in x that the slope is not bounded. */
enum status fit_probit(size_t count, const double *x, const double *successes, const double *trials,
                       double *intercept, double *slope);

/* y = limit + amplitude size^-exponent by weighted least squares: the value at infinite size. STATUS_INVALID:
 * fewer than two distinct sizes or a weight that is not positive. */
enum status fit_limit(size_t count, const double *sizes, const double *y, const double *weights,
                      double exponent, double *limit, double *amplitude);

/* The same with the exponent within [low, high] that fits best. STATUS_INVALID: fewer than four distinct
 * sizes. */
enum status fit_limit_free(size_t count, const double *sizes, const double *y, const double *weights,
                           double low, double high, double *limit, double *amplitude, double *exponent);

#endif
