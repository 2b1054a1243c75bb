#include "analysis/theory.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>

/* sqrt(2 load) as a function of y: rises from 0 to one maximum near y = 1.5, then falls as 1/y. */
static double root_of_twice_load(double y) {
    return erf(y) / y - M_2_SQRTPI * exp(-y * y);
}

static double negated(double y, void *unused) {
    (void)unused;
    return -root_of_twice_load(y);
}

/* The y of the largest load, to 1e-12. */
static double capacity_root(void) {
    gsl_function function = {negated, NULL};
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    if (minimizer == NULL) return NAN;
    gsl_min_fminimizer_set(minimizer, &function, 1.5, 0.5, 4.0);
    for (int step = 0; step < 200; step++) {
        if (gsl_min_fminimizer_iterate(minimizer) != GSL_SUCCESS) break;
        double low = gsl_min_fminimizer_x_lower(minimizer), high = gsl_min_fminimizer_x_upper(minimizer);
        if (gsl_min_test_interval(low, high, 1e-9, 0) == GSL_SUCCESS) break;
    }
    double y = gsl_min_fminimizer_x_minimum(minimizer);
    gsl_min_fminimizer_free(minimizer);
    return y;
}

double theory_capacity(double *overlap) {
    double y = capacity_root();
    if (overlap != NULL) *overlap = erf(y);
    return 0.5 * gsl_pow_2(root_of_twice_load(y));
}

static double excess(double y, void *target) {
    return root_of_twice_load(y) - *(const double *)target;
}

/* The root of root_of_twice_load(y) = target between low (above it) and high (below it). */
static double larger_root(double target, double low, double high) {
    gsl_function function = {excess, &target};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL) return NAN;
    gsl_root_fsolver_set(solver, &function, low, high);
    for (int step = 0; step < 200; step++) {
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
        double below = gsl_root_fsolver_x_lower(solver), above = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(below, above, 1e-13, 0) == GSL_SUCCESS) break;
    }
    double root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return root;
}

double theory_overlap(double load) {
    if (!(load >= 0)) return NAN;
    double target = sqrt(2 * load);
    if (target < 0.05) return 1; /* 1 - erf(20) is below the resolution of a double */
    double peak = capacity_root();
    if (target > root_of_twice_load(peak)) return 0;
    /* erf(y)/y < 1/y, so the function is below the target at y = 1/target. */
    return erf(larger_root(target, peak, 1 / target));
}

double theory_first_step_error(double load) {
    return load > 0 ? 0.5 * erfc(1 / sqrt(2 * load)) : 0;
}

/* ln of the probability that a pattern (all: that each of P patterns) is a fixed point. */
static double log_perfect(double neurons, double patterns, int all) {
    double error = 0.5 * erfc((neurons - 0.5) / sqrt(2 * (patterns - 1) * (neurons - 1)));
    return neurons * (all ? patterns : 1) * log1p(-error);
}

double theory_perfect_patterns(double neurons, double share, int all) {
    if (!(neurons >= 4) || !(share > 0 && share < 1)) return NAN;
    double low = 1, high = 4 * neurons; /* the probability falls with the patterns */
    for (int step = 0; step < 100; step++) {
        double middle = (low + high) / 2;
        if (log_perfect(neurons, middle, all) > log(share))
            low = middle;
        else
            high = middle;
    }
    return low;
}

double theory_perfect_law(double neurons, int all) {
    return neurons / ((all ? 4 : 2) * log(neurons));
}

const char *theory_rival_name(enum theory_rival rival) {
    static const char *const names[RIVAL_COUNT] = {"rnn", "gru", "lstm", "convolution"};
    return names[rival];
}

double theory_rival_work(enum theory_rival rival, double length, double width, double kernel_size) {
    /* Per L d^2: input and recurrent product of each gate, or one product per tap. */
    const double factors[RIVAL_COUNT] = {4, 12, 16, 2 * kernel_size};
    return factors[rival] * length * width * width;
}

double theory_core_work(double length, double width, int causal) {
    return 4 * width * (causal ? length * (length + 1) / 2 : length * length);
}

double theory_projection_work(double length, double width, double kv_width) {
    return 4 * length * width * (width + kv_width);
}

double theory_crossover(enum theory_rival rival, double width, double kernel_size, int with_projections) {
    double linear = theory_rival_work(rival, 1, 1, kernel_size);
    if (with_projections) linear -= theory_projection_work(1, 1, 1);
    return linear * width / 4;
}

double theory_crossover_order(enum theory_rival rival, double width, double kernel_size) {
    return rival == RIVAL_CONVOLUTION ? kernel_size * width : width;
}
