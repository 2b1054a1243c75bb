/* Probit regression by Fisher scoring: each step is a weighted linear fit (McCullagh & Nelder 1989, ch. 2).
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "analysis/fit.h"
#include "analysis/least_squares.h"

enum { PROBIT_POINTS_MAX = 256, PROBIT_STEPS = 60 };

/* Probability Phi(c[0] + c[1] x + c[2] x^2), the last term only with terms = 3. */
struct probit_data {
    size_t count, terms;
    double x[PROBIT_POINTS_MAX], successes[PROBIT_POINTS_MAX], trials[PROBIT_POINTS_MAX];
};

/* Takes over the places with trials. */
static enum status fill_data(size_t count, const double *x, const double *successes, const double *trials,
                             struct probit_data *data) {
    double all = 0, won = 0;
    data->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(trials[i] > 0)) continue;
        if (data->count == PROBIT_POINTS_MAX || !isfinite(x[i]) || !(successes[i] >= 0))
            return STATUS_INVALID;
        data->x[data->count] = x[i];
        data->successes[data->count] = successes[i];
        data->trials[data->count++] = trials[i];
        all += trials[i];
        won += successes[i];
    }
    return won > 0 && won < all ? STATUS_OK : STATUS_INVALID;
}

/* Scales the places to mean 0 and deviation 1, so that steps and limits are in natural units. */
static enum status scale_places(struct probit_data *data, double *centre, double *width) {
    double sum = 0, squares = 0, all = 0;
    for (size_t i = 0; i < data->count; i++) {
        sum += data->trials[i] * data->x[i];
        squares += data->trials[i] * data->x[i] * data->x[i];
        all += data->trials[i];
    }
    *centre = sum / all;
    *width = sqrt(squares / all - *centre * *centre);
    if (!(*width > 1e-12 * fabs(*centre))) return STATUS_INVALID;
    for (size_t i = 0; i < data->count; i++)
        data->x[i] = (data->x[i] - *centre) / *width;
    return STATUS_OK;
}

static size_t distinct_places(const struct probit_data *data) {
    size_t distinct = 0;
    for (size_t i = 0; i < data->count; i++) {
        size_t earlier = 0;
        while (earlier < i && data->x[earlier] != data->x[i])
            earlier++;
        distinct += earlier == i;
    }
    return distinct;
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

static double quantile_at(const struct probit_data *data, const double *c, double x) {
    return c[0] + x * (c[1] + (data->terms == 3 ? x * c[2] : 0));
}

static double log_likelihood(const struct probit_data *data, const double *c) {
    double sum = 0;
    for (size_t i = 0; i < data->count; i++) {
        double eta = quantile_at(data, c, data->x[i]), failures = data->trials[i] - data->successes[i];
        if (data->successes[i] > 0) sum += data->successes[i] * log(gsl_cdf_ugaussian_P(eta));
        if (failures > 0) sum += failures * log(gsl_cdf_ugaussian_Q(eta));
    }
    return sum;
}

/* The weighted least-squares problem of a step. */
static struct least_squares step_problem(const struct probit_data *data, const double *c) {
    struct least_squares problem = {.terms = data->terms};
    for (size_t i = 0; i < data->count; i++) {
        /* Beyond 6 deviations the density underflows against p(1-p); the likelihood is flat there anyway. */
        double eta = fmax(-6, fmin(6, quantile_at(data, c, data->x[i])));
        double p = gsl_cdf_ugaussian_P(eta), q = gsl_cdf_ugaussian_Q(eta),
               density = gsl_ran_ugaussian_pdf(eta);
        double response = eta + (data->successes[i] / data->trials[i] - p) / density;
        double powers[3] = {1, data->x[i], data->x[i] * data->x[i]};
        least_squares_add(&problem, powers, response, data->trials[i] * density * density / (p * q));
    }
    return problem;
}

/* One scoring step from c, halved until the likelihood, given and left in *likelihood, does not fall. Returns
 * the largest change of a coefficient. */
static double scoring_step(const struct probit_data *data, double *c, double *likelihood) {
    struct least_squares problem = step_problem(data, c);
    double target[3] = {0}, next[3];
    if (!least_squares_solve(&problem, target)) return 0;
    double part = 1, after = log_likelihood(data, target);
    memcpy(next, target, sizeof next);
    while (part > 1e-4 && !(after >= *likelihood)) {
        part /= 2;
        for (size_t k = 0; k < data->terms; k++)
            next[k] = c[k] + part * (target[k] - c[k]);
        after = log_likelihood(data, next);
    }
    if (part <= 1e-4) return 0;
    double change = 0;
    for (size_t k = 0; k < data->terms; k++) {
        change = fmax(change, fabs(next[k] - c[k]));
        c[k] = next[k];
    }
    *likelihood = after;
    return change;
}

/* From the given coefficients, or from flat where those are worse. */
static enum status maximise(const struct probit_data *data, double *c) {
    static const double flat[3] = {0};
    double likelihood = log_likelihood(data, c);
    if (!(likelihood > log_likelihood(data, flat))) {
        memcpy(c, flat, data->terms * sizeof *c);
        likelihood = log_likelihood(data, c);
    }
    int step = 0;
    while (step < PROBIT_STEPS && scoring_step(data, c, &likelihood) > 1e-6)
        step++;
    bool finite = isfinite(c[0]) && isfinite(c[1]) && (data->terms < 3 || isfinite(c[2]));
    return step < PROBIT_STEPS && finite ? STATUS_OK : STATUS_INVALID;
}

enum status fit_probit(size_t count, const double *x, const double *successes, const double *trials,
                       double *intercept, double *slope) {
    struct probit_data data = {.terms = 2};
    double centre, width;
    CHECK(fill_data(count, x, successes, trials, &data));
    CHECK(scale_places(&data, &centre, &width));
    if (separated(&data)) return STATUS_INVALID;
    /* Around the centre the start is intercept + slope (centre + width x). */
    double c[3] = {*intercept + *slope * centre, *slope * width};
    CHECK(maximise(&data, c));
    *slope = c[1] / width;
    *intercept = c[0] - *slope * centre;
    return STATUS_OK;
}

enum status fit_probit_terms(size_t count, const double *x, const double *successes, const double *trials,
                             size_t terms, double *coefficients) {
    struct probit_data data = {.terms = terms};
    CHECK(fill_data(count, x, successes, trials, &data));
    if (terms < 2 || terms > 3 || distinct_places(&data) < terms || separated(&data)) return STATUS_INVALID;
    return maximise(&data, coefficients);
}
