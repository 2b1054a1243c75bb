/* Weighted linear least squares with a few terms, by normal equations: for fits that are made thousands of
 * times and whose variables are scaled. */
#ifndef ANALYSIS_LEAST_SQUARES_H
#define ANALYSIS_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

enum { LEAST_SQUARES_TERMS_MAX = 3 };

/* Set terms (1 to 3) and the rest to 0. */
struct least_squares {
    size_t terms;
    double matrix[LEAST_SQUARES_TERMS_MAX * LEAST_SQUARES_TERMS_MAX];
    double right[LEAST_SQUARES_TERMS_MAX];
};

/* Adds an observation y of the sum of coefficient[k] x[k]. */
void least_squares_add(struct least_squares *problem, const double *x, double y, double weight);

/* coefficients[terms]; false: the observations do not determine them. */
bool least_squares_solve(const struct least_squares *problem, double *coefficients);

#endif
