/* Dense matrix products through BLAS, counted as executed work. */
#ifndef CORE_BASE_PRODUCT_H
#define CORE_BASE_PRODUCT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* What one BLAS call takes: no size and no row stride may be larger. */
enum { PRODUCT_SIZE_MAX = INT_MAX };

/* c = a b, or c += a b if `accumulate`, for row-major a[rows][inner], b[inner][columns], c[rows][columns]
 * whose rows lie a_stride >= inner, b_stride >= columns and c_stride >= columns elements apart. Adds
 * 2 * rows * columns * inner to the work counter; does nothing when rows or columns are 0. Uses the threads
 * that BLAS was given (blas.h). */
void product_f32(size_t rows, size_t columns, size_t inner, const float *a, size_t a_stride, const float *b,
                 size_t b_stride, bool accumulate, float *c, size_t c_stride);
void product_f64(size_t rows, size_t columns, size_t inner, const double *a, size_t a_stride, const double *b,
                 size_t b_stride, bool accumulate, double *c, size_t c_stride);

/* c = factor a b^T for row-major a[rows][inner], b[columns][inner], c[rows][columns]; a factor other than 1
 * counts rows * columns operations outside products. Otherwise as above. */
void product_transposed_f32(size_t rows, size_t columns, size_t inner, float factor, const float *a,
                            size_t a_stride, const float *b, size_t b_stride, float *c, size_t c_stride);

#endif
