#include "core/base/product.h"

#include <cblas.h>

#include "core/base/work.h"

/* A single row goes through the matrix-vector product: the matrix product would copy all of b to use each
 * element once. */
#define DEFINE_PRODUCT(name, real, matrix_matrix, matrix_vector)                                             \
    void name(size_t rows, size_t columns, size_t inner, const real *a, size_t a_stride, const real *b,      \
              size_t b_stride, bool accumulate, real *c, size_t c_stride) {                                  \
        if (rows == 0 || columns == 0) return;                                                               \
        real beta = accumulate ? 1 : 0;                                                                      \
        if (rows == 1)                                                                                       \
            matrix_vector(CblasRowMajor, CblasTrans, (blasint)inner, (blasint)columns, 1, b,                 \
                          (blasint)b_stride, a, 1, beta, c, 1);                                              \
        else                                                                                                 \
            matrix_matrix(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)rows, (blasint)columns,        \
                          (blasint)inner, 1, a, (blasint)a_stride, b, (blasint)b_stride, beta, c,            \
                          (blasint)c_stride);                                                                \
        work_add((struct work){.product = 2 * (uint64_t)rows * columns * inner});                            \
    }

DEFINE_PRODUCT(product_f32, float, cblas_sgemm, cblas_sgemv)
DEFINE_PRODUCT(product_f64, double, cblas_dgemm, cblas_dgemv)

void product_transposed_f32(size_t rows, size_t columns, size_t inner, float factor, const float *a,
                            size_t a_stride, const float *b, size_t b_stride, float *c, size_t c_stride) {
    if (rows == 0 || columns == 0) return;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns, (blasint)inner,
                factor, a, (blasint)a_stride, b, (blasint)b_stride, 0, c, (blasint)c_stride);
    uint64_t pairs = (uint64_t)rows * columns;
    work_add((struct work){.product = 2 * pairs * inner, .elementwise = factor == 1 ? 0 : pairs});
}
