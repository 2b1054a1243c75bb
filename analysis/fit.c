#include "analysis/fit.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_min.h>

#include "analysis/least_squares.h"

enum { FIT_POINTS_MAX = 256, FIT_GRID = 24 };

static size_t distinct_values(size_t count, const double *x) {
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        size_t earlier = 0;
        while (earlier < i && x[earlier] != x[i])
            earlier++;
        distinct += earlier == i;
    }
    return distinct;
}

static bool all_positive(size_t count, const double *values) {
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0) || isinf(values[i])) return false;
    }
    return true;
}

enum status fit_power(size_t count, const double *x, const double *y, double *factor, double *exponent) {
    double log_x[FIT_POINTS_MAX], log_y[FIT_POINTS_MAX];
    if (count > FIT_POINTS_MAX || distinct_values(count, x) < 2) return STATUS_INVALID;
    if (!all_positive(count, x) || !all_positive(count, y)) return STATUS_INVALID;
    for (size_t i = 0; i < count; i++) {
        log_x[i] = log(x[i]);
        log_y[i] = log(y[i]);
    }
    double intercept, cov00, cov01, cov11, sum;
    gsl_fit_linear(log_x, 1, log_y, 1, count, &intercept, exponent, &cov00, &cov01, &cov11, &sum);
    *factor = exp(intercept);
    return STATUS_OK;
}

/* A model that is linear but for one exponent: y = a + b x^exponent. */
struct partly_linear {
    size_t count;
    const double *x, *y;
    double weights[FIT_POINTS_MAX];
    bool offset_not_negative;
    double constant, factor; /* of the last evaluation */
};

/* The least weighted sum of squares at this exponent. */
static double squares_at(double exponent, void *context) {
    struct partly_linear *model = context;
    double powers[FIT_POINTS_MAX];
    for (size_t i = 0; i < model->count; i++)
        powers[i] = pow(model->x[i], exponent);
    double cov00, cov01, cov11, sum;
    gsl_fit_wlinear(powers, 1, model->weights, 1, model->y, 1, model->count, &model->constant, &model->factor,
                    &cov00, &cov01, &cov11, &sum);
    if (model->offset_not_negative && model->constant < 0) {
        model->constant = 0;
        gsl_fit_wmul(powers, 1, model->weights, 1, model->y, 1, model->count, &model->factor, &cov11, &sum);
    }
    return sum;
}

/* Brent's method between two neighbours of the best place of a grid; at an end of the range, the end. */
static double best_exponent(struct partly_linear *model, double low, double high) {
    double step = (high - low) / FIT_GRID;
    int best = 0;
    double least = INFINITY;
    for (int i = 0; i <= FIT_GRID; i++) {
        double squares = squares_at(low + i * step, model);
        if (squares < least) {
            least = squares;
            best = i;
        }
    }
    if (best == 0 || best == FIT_GRID) return low + best * step;
    gsl_function function = {squares_at, model};
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    double middle = low + best * step, exponent = middle;
    if (minimizer == NULL) return exponent;
    if (gsl_min_fminimizer_set(minimizer, &function, middle, middle - step, middle + step) == GSL_SUCCESS) {
        for (int i = 0; i < 60 && gsl_min_fminimizer_iterate(minimizer) == GSL_SUCCESS; i++) {
            double width = gsl_min_fminimizer_x_upper(minimizer) - gsl_min_fminimizer_x_lower(minimizer);
            if (width < 1e-6) break;
        }
        exponent = gsl_min_fminimizer_x_minimum(minimizer);
    }
    gsl_min_fminimizer_free(minimizer);
    return exponent;
}

enum status fit_offset_power(size_t count, const double *x, const double *y, double low, double high,
                             double *offset, double *factor, double *exponent) {
    if (count > FIT_POINTS_MAX || distinct_values(count, x) < 4) return STATUS_INVALID;
    if (!all_positive(count, x) || !all_positive(count, y)) return STATUS_INVALID;
    struct partly_linear model = {.count = count, .x = x, .y = y, .offset_not_negative = true};
    for (size_t i = 0; i < count; i++)
        model.weights[i] = 1 / (y[i] * y[i]);
    *exponent = best_exponent(&model, low, high);
    squares_at(*exponent, &model);
    *offset = model.constant;
    *factor = model.factor;
    return STATUS_OK;
}

static enum status limit_model(size_t count, const double *sizes, const double *y, const double *weights,
                               size_t least, struct partly_linear *model) {
    if (count > FIT_POINTS_MAX || distinct_values(count, sizes) < least) return STATUS_INVALID;
    if (!all_positive(count, weights) || !all_positive(count, sizes)) return STATUS_INVALID;
    *model = (struct partly_linear){.count = count, .x = sizes, .y = y};
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(y[i])) return STATUS_INVALID;
        model->weights[i] = weights[i];
    }
    return STATUS_OK;
}

enum status fit_limit(size_t count, const double *sizes, const double *y, const double *weights,
                      double exponent, double *limit, double *amplitude) {
    struct partly_linear model;
    CHECK(limit_model(count, sizes, y, weights, 2, &model));
    squares_at(-exponent, &model);
    *limit = model.constant;
    *amplitude = model.factor;
    return STATUS_OK;
}

enum status fit_limit_orders(size_t count, const double *sizes, const double *y, const double *weights,
                             double exponent, double *limit, double *amplitudes) {
    struct partly_linear model;
    CHECK(limit_model(count, sizes, y, weights, 4, &model));
    struct least_squares problem = {.terms = 3};
    double most = weights[0], smallest = sizes[0], coefficients[3];
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, weights[i]);
        smallest = fmin(smallest, sizes[i]);
    }
    for (size_t i = 0; i < count; i++) {
        double power = pow(sizes[i] / smallest, -exponent), powers[3] = {1, power, power * power};
        least_squares_add(&problem, powers, y[i], weights[i] / most);
    }
    if (!least_squares_solve(&problem, coefficients)) return STATUS_INVALID;
    *limit = coefficients[0];
    amplitudes[0] = coefficients[1] * pow(smallest, exponent);
    amplitudes[1] = coefficients[2] * pow(smallest, 2 * exponent);
    return STATUS_OK;
}

enum status fit_limit_free(size_t count, const double *sizes, const double *y, const double *weights,
                           double low, double high, double *limit, double *amplitude, double *exponent) {
    struct partly_linear model;
    CHECK(limit_model(count, sizes, y, weights, 4, &model));
    *exponent = -best_exponent(&model, -high, -low);
    squares_at(-*exponent, &model);
    *limit = model.constant;
    *amplitude = model.factor;
    return STATUS_OK;
}
