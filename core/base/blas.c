#include "core/base/blas.h"

#include <cblas.h>

const char *blas_description(void) {
    return openblas_get_config();
}

int blas_set_threads(int threads) {
    int before = openblas_get_num_threads();
    openblas_set_num_threads(threads);
    return before;
}
