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

/* The same with probability Phi(c[0] + c[1] x) for 2 terms, Phi(c[0] + c[1] x + c[2] x^2) for 3; starts from
 * the coefficients given. Scale x so that it is of order 1. STATUS_INVALID also for fewer distinct x than
 * terms. */
enum status fit_probit_terms(size_t count, const double *x, const double *successes, const double *trials,
                             size_t terms, double *coefficients);

/* y = limit + amplitude size^-exponent by weighted least squares: the value at infinite size. STATUS_INVALID:
 * fewer than two distinct sizes or a weight that is not positive. */
enum status fit_limit(size_t count, const double *sizes, const double *y, const double *weights,
                      double exponent, double *limit, double *amplitude);

/* y = limit + amplitudes[0] size^-exponent + amplitudes[1] size^-(2 exponent): a correction and its next
 * order. STATUS_INVALID: fewer than four distinct sizes or a weight that is not positive. */
enum status fit_limit_orders(size_t count, const double *sizes, const double *y, const double *weights,
                             double exponent, double *limit, double *amplitudes);

/* y = limit + amplitude size^-exponent with the exponent within [low, high] that fits best. STATUS_INVALID:
 * fewer than four distinct sizes. */
enum status fit_limit_free(size_t count, const double *sizes, const double *y, const double *weights,
                           double low, double high, double *limit, double *amplitude, double *exponent);

#endif
