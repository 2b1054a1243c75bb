/* The BLAS library under the program. */
#ifndef CORE_BASE_BLAS_H
#define CORE_BASE_BLAS_H

/* Name, version and build of the library, such as "OpenBLAS 0.3.21 ... OPENMP"; a constant string. */
const char *blas_description(void);

/* Threads of BLAS calls and of OpenMP's parallel regions: the OpenMP flavour of OpenBLAS has one number for
 * both. Setting gives the former one. A call on one thread gives the same bits wherever it runs on one
 * instruction set. */
int blas_set_threads(int threads);

#endif
