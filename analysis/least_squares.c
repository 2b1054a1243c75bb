#include "analysis/least_squares.h"

#include <math.h>

#include <gsl/gsl_linalg.h>

void least_squares_add(struct least_squares *problem, const double *x, double y, double weight) {
    for (size_t a = 0; a < problem->terms; a++) {
        problem->right[a] += weight * x[a] * y;
        for (size_t b = 0; b < problem->terms; b++)
            problem->matrix[a * problem->terms + b] += weight * x[a] * x[b];
    }
}

bool least_squares_solve(const struct least_squares *problem, double *coefficients) {
    size_t order[LEAST_SQUARES_TERMS_MAX], terms = problem->terms;
    double matrix[LEAST_SQUARES_TERMS_MAX * LEAST_SQUARES_TERMS_MAX];
    for (size_t i = 0; i < terms * terms; i++)
        matrix[i] = problem->matrix[i];
    gsl_permutation permutation = {terms, order};
    gsl_matrix_view a = gsl_matrix_view_array(matrix, terms, terms);
    gsl_vector_const_view b = gsl_vector_const_view_array(problem->right, terms);
    gsl_vector_view x = gsl_vector_view_array(coefficients, terms);
    int sign;
    gsl_permutation_init(&permutation);
    gsl_linalg_LU_decomp(&a.matrix, &permutation, &sign);
    if (!isnormal(gsl_linalg_LU_det(&a.matrix, sign))) return false; /* GSL would call its error handler */
    gsl_linalg_LU_solve(&a.matrix, &permutation, &b.vector, &x.vector);
    return true;
}
