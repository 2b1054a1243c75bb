/* Probit regression by Fisher scoring: each step is a weighted linear fit (McCullagh & Nelder 1989, ch. 2).
 */
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_randist.h>

#include "analysis/fit.h"

enum { PROBIT_POINTS_MAX = 256, PROBIT_STEPS = 60 };

/* Places are scaled to mean 0 and deviation 1, so that steps and limits are in natural units. */
struct probit_data {
    size_t count;
    double x[PROBIT_POINTS_MAX], successes[PROBIT_POINTS_MAX], trials[PROBIT_POINTS_MAX];
    double centre, width;
};

static enum status scale_places(size_t count, const double *x, const double *successes, const double *trials,
                                struct probit_data *data) {
    double sum = 0, squares = 0, all = 0, won = 0;
    data->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(trials[i] > 0)) continue;
        if (data->count == PROBIT_POINTS_MAX || !isfinite(x[i]) || !(successes[i] >= 0))
            return STATUS_INVALID;
        data->x[data->count] = x[i];
        data->successes[data->count] = successes[i];
        data->trials[data->count++] = trials[i];
        sum += trials[i] * x[i];
        squares += trials[i] * x[i] * x[i];
        all += trials[i];
        won += successes[i];
    }
    if (!(won > 0) || !(won < all)) return STATUS_INVALID;
    data->centre = sum / all;
    data->width = sqrt(squares / all - data->centre * data->centre);
    if (!(data->width > 1e-12 * fabs(data->centre))) return STATUS_INVALID;
    for (size_t i = 0; i < data->count; i++)
        data->x[i] = (data->x[i] - data->centre) / data->width;
    return STATUS_OK;
}

/* Whether every success lies at or below (above) every failure: then the likelihood grows with the slope for
 * ever. */
static bool separated(const struct probit_data *data) {
    double success_low = INFINITY, success_high = -INFINITY, failure_low = INFINITY, failure_high = -INFINITY;
    for (size_t i = 0; i < data->count; i++) {
        if (data->successes[i] > 0) {
            success_low = fmin(success_low, data->x[i]);
            success_high = fmax(success_high, data->x[i]);
        }
        if (data->successes[i] < data->trials[i]) {
            failure_low = fmin(failure_low, data->x[i]);
            failure_high = fmax(failure_high, data->x[i]);
        }
    }
    return success_high <= failure_low || success_low >= failure_high;
}

static double log_likelihood(const struct probit_data *data, double intercept, double slope) {
    double sum = 0;
    for (size_t i = 0; i < data->count; i++) {
        double eta = intercept + slope * data->x[i], failures = data->trials[i] - data->successes[i];
        if (data->successes[i] > 0) sum += data->successes[i] * log(gsl_cdf_ugaussian_P(eta));
        if (failures > 0) sum += failures * log(gsl_cdf_ugaussian_Q(eta));
    }
    return sum;
}

/* One scoring step from (intercept, slope), halved until the likelihood, given and left in *likelihood, does
 * not fall. Returns the change. */
static double scoring_step(const struct probit_data *data, double *intercept, double *slope,
                           double *likelihood) {
    double response[PROBIT_POINTS_MAX], weights[PROBIT_POINTS_MAX];
    for (size_t i = 0; i < data->count; i++) {
        /* Beyond 6 deviations the density underflows against p(1-p); the likelihood is flat there anyway. */
        double eta = fmax(-6, fmin(6, *intercept + *slope * data->x[i]));
        double p = gsl_cdf_ugaussian_P(eta), q = gsl_cdf_ugaussian_Q(eta),
               density = gsl_ran_ugaussian_pdf(eta);
        response[i] = eta + (data->successes[i] / data->trials[i] - p) / density;
        weights[i] = data->trials[i] * density * density / (p * q);
    }
    double a, b, cov00, cov01, cov11, sum;
    gsl_fit_wlinear(data->x, 1, weights, 1, response, 1, data->count, &a, &b, &cov00, &cov01, &cov11, &sum);
    double part = 1, new_a = a, new_b = b, after = log_likelihood(data, a, b);
    while (part > 1e-4 && !(after >= *likelihood)) {
        part /= 2;
        new_a = *intercept + part * (a - *intercept);
        new_b = *slope + part * (b - *slope);
        after = log_likelihood(data, new_a, new_b);
    }
    if (part <= 1e-4) return 0;
    double change = fmax(fabs(new_a - *intercept), fabs(new_b - *slope));
    *intercept = new_a;
    *slope = new_b;
    *likelihood = after;
    return change;
}

enum status fit_probit(size_t count, const double *x, const double *successes, const double *trials,
                       double *intercept, double *slope) {
    struct probit_data data;
    CHECK(scale_places(count, x, successes, trials, &data));
    if (separated(&data)) return STATUS_INVALID;
    /* Around the centre the start is intercept + slope (centre + width x). */
    double a = *intercept + *slope * data.centre, b = *slope * data.width;
    double likelihood = log_likelihood(&data, a, b), flat = log_likelihood(&data, 0, 0);
    if (!(likelihood > flat)) {
        a = b = 0;
        likelihood = flat;
    }
    int step = 0;
    while (step < PROBIT_STEPS && scoring_step(&data, &a, &b, &likelihood) > 1e-8)
        step++;
    if (step == PROBIT_STEPS || !isfinite(a) || !isfinite(b)) return STATUS_INVALID;
    *slope = b / data.width;
    *intercept = a - *slope * data.centre;
    return STATUS_OK;
}
