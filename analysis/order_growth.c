#include "analysis/order_growth.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multifit.h>

#include "analysis/fit.h"
#include "core/base/memory.h"

/* Sizes with loads on both sides, and what is asked of them. */
struct problem {
    enum growth_error error;
    double share;
    size_t count;
    const struct size_group *sizes[GROWTH_SIZES_MAX];
};

double growth_error_share(const struct load_cell *cell, enum growth_error error,
                          struct resampler *resampler) {
    struct pattern_set total = cell_total(cell, resampler);
    double neurons = total.trials * total.neurons;
    double wrong = error == GROWTH_FIRST_STEP ? total.first_step_errors
                                              : 0.5 * total.neurons * (total.trials - total.overlap);
    return fmax(wrong, 0.5) / neurons;
}

/* The largest P whose share of wrong neurons is not above the one asked for: between the last load at which
 * it is not and the next. Gaussian crosstalk makes the normal quantile of the share go as 1 / sqrt(P), in
 * which it is interpolated; NaN without loads on both sides. */
static double largest_count(const struct size_group *size, const struct problem *problem,
                            struct resampler *resampler) {
    double asked = gsl_cdf_ugaussian_Qinv(problem->share), found = NAN;
    double x_before = NAN, z_before = NAN;
    for (size_t i = 0; i < size->count; i++) {
        if (size->cells[i].count < RETRIEVAL_SETS_LEAST) continue;
        double share = growth_error_share(&size->cells[i], problem->error, resampler);
        double x = 1 / sqrt(size->cells[i].patterns), z = gsl_cdf_ugaussian_Qinv(share);
        if (z < asked && z_before >= asked) {
            double root = x_before + (x - x_before) * (z_before - asked) / (z_before - z);
            found = 1 / (root * root);
        }
        if (z >= asked) found = NAN; /* not above here either: what was found before was not the last */
        x_before = x, z_before = z;
    }
    return found;
}

/* Least squares of ln y = a + exponent ln x + c / x; NaN where that is not determined. */
static double corrected_exponent(size_t count, const double *x, const double *y) {
    enum { TERMS = 3 };
    double exponent = NAN, chisq;
    gsl_matrix *design = gsl_matrix_alloc(count, TERMS), *covariance = gsl_matrix_alloc(TERMS, TERMS);
    gsl_vector *target = gsl_vector_alloc(count), *solution = gsl_vector_alloc(TERMS);
    gsl_multifit_linear_workspace *workspace = gsl_multifit_linear_alloc(count, TERMS);
    if (design && covariance && target && solution && workspace) {
        for (size_t i = 0; i < count; i++) {
            gsl_matrix_set(design, i, 0, 1);
            gsl_matrix_set(design, i, 1, log(x[i]));
            gsl_matrix_set(design, i, 2, 1 / x[i]);
            gsl_vector_set(target, i, log(y[i]));
        }
        if (gsl_multifit_linear(design, target, solution, covariance, &chisq, workspace) == 0)
            exponent = gsl_vector_get(solution, 1);
    }
    gsl_matrix_free(design);
    gsl_matrix_free(covariance);
    gsl_vector_free(target);
    gsl_vector_free(solution);
    gsl_multifit_linear_free(workspace);
    return exponent;
}

/* Outputs of a replicate: P of every size, the exponent, the corrected exponent. */
static void growth_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct problem *problem = context;
    size_t count = problem->count, picks[GROWTH_SIZES_MAX];
    double x[GROWTH_SIZES_MAX], y[GROWTH_SIZES_MAX], factor;
    bool whole = true;
    for (size_t i = 0; i < count; i++) {
        values[i] = largest_count(problem->sizes[i], problem, resampler);
        whole = whole && isfinite(values[i]);
    }
    values[count] = values[count + 1] = NAN;
    if (!whole || count < GROWTH_SIZES_LEAST) return;
    resample_distinct(resampler, count, GROWTH_SIZES_LEAST, picks);
    for (size_t i = 0; i < count; i++) {
        x[i] = problem->sizes[picks[i]]->neurons;
        y[i] = values[picks[i]];
    }
    if (fit_power(count, x, y, &factor, &values[count]) != STATUS_OK) values[count] = NAN;
    values[count + 1] = corrected_exponent(count, x, y);
}

static struct problem problem_of(const struct retrieval *retrieval, enum growth_error error, double share) {
    struct problem problem = {.error = error, .share = share};
    struct resampler themselves = {.identity = 1};
    for (size_t i = 0; i < retrieval->size_count && problem.count < GROWTH_SIZES_MAX; i++)
        if (isfinite(largest_count(&retrieval->sizes[i], &problem, &themselves)))
            problem.sizes[problem.count++] = &retrieval->sizes[i];
    return problem;
}

static void count_sets(const struct problem *problem, struct growth *growth) {
    growth->fewest_sets = problem->count > 0 ? SIZE_MAX : 0;
    for (size_t i = 0; i < problem->count; i++) {
        for (size_t k = 0; k < problem->sizes[i]->count; k++) {
            size_t sets = problem->sizes[i]->cells[k].count;
            if (sets < RETRIEVAL_SETS_LEAST) continue;
            growth->sets += sets;
            if (sets < growth->fewest_sets) growth->fewest_sets = sets;
        }
    }
}

static void take_intervals(const struct problem *problem, const double *values, double *replicates,
                           struct growth *growth) {
    size_t count = problem->count;
    double x[GROWTH_SIZES_MAX], exponent;
    for (size_t i = 0; i < count; i++) {
        growth->neurons[i] = x[i] = problem->sizes[i]->neurons;
        growth->patterns[i] =
            interval_from_replicates(values[i], BOOTSTRAP_REPLICATES, replicates + i * BOOTSTRAP_REPLICATES,
                                     growth->fewest_sets, growth->sets);
    }
    if (count < GROWTH_SIZES_LEAST || x[count - 1] < GROWTH_RATIO_LEAST * x[0]) return;
    /* A line takes two of the sizes' degrees of freedom where a mean takes one: one group fewer; the
     * correction takes one more. */
    replicates += count * BOOTSTRAP_REPLICATES;
    growth->exponent =
        interval_from_replicates(values[count], BOOTSTRAP_REPLICATES, replicates, count - 1, growth->sets);
    growth->corrected = interval_from_replicates(values[count + 1], BOOTSTRAP_REPLICATES,
                                                 replicates + BOOTSTRAP_REPLICATES, count - 2, growth->sets);
    fit_power(count, x, values, &growth->factor, &exponent);
}

enum status growth_measure(const struct retrieval *retrieval, enum growth_error error, double share,
                           uint64_t key, struct growth *growth) {
    struct problem problem = problem_of(retrieval, error, share);
    *growth = (struct growth){.count = problem.count,
                              .exponent = interval_unknown(NAN, 0),
                              .corrected = interval_unknown(NAN, 0),
                              .factor = NAN};
    count_sets(&problem, growth);
    double values[GROWTH_SIZES_MAX + 2];
    size_t outputs = problem.count + 2;
    double *replicates = memory_allocate(outputs * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    enum status status =
        bootstrap(growth_statistic, &problem, outputs, key, BOOTSTRAP_REPLICATES, values, replicates);
    if (status == STATUS_OK) take_intervals(&problem, values, replicates, growth);
    memory_free(replicates);
    return status;
}
