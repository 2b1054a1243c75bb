#include "core/base/blas.h"

#include <cblas.h>
#include <omp.h>

const char *blas_description(void) {
    return openblas_get_config();
}

int blas_set_threads(int threads) {
    int before = omp_get_max_threads();
    openblas_set_num_threads(threads);
    omp_set_num_threads(threads);
    return before;
}
