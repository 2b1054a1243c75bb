/* The pseudo-inverse or projection rule, J = (1/N) xi C^-1 xi^T with C = (1/N) xi^T xi: the projector onto
 * the span of the patterns (Personnaz, Guyon & Dreyfus 1985; Kanter & Sompolinsky 1987). The diagonal is set
 * to zero, which moves every field of a pattern by the same order and widens its basin. */
#include <cblas.h>
#include <float.h>

#include "core/associative/rule.h"
#include "core/base/blas.h"
#include "core/base/memory.h"

/* LAPACK: Cholesky factorisation with complete pivoting. Debian ships no C header with OpenBLAS. */
extern void dpstrf_(const char *triangle, const int *order, double *matrix, const int *leading, int *pivots,
                    int *rank, const double *tolerance, double *work, int *info, size_t triangle_length);

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    if (neurons > INT32_MAX / 2)
        return error_set(error, STATUS_UNSUPPORTED,
                         "pseudo_inverse: %zu neurons are more than LAPACK can count", neurons);
    if (patterns >= neurons)
        return error_set(
            error, STATUS_INVALID,
            "pseudo_inverse needs fewer patterns than neurons: %zu patterns span all of %zu neurons "
            "and leave no couplings off the diagonal",
            patterns, neurons);
    return STATUS_OK;
}

static double operations(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return n * p * p + p * p * p / 3 + n * p * p + n * n * p;
}

static double bytes(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return couplings_bytes(COUPLINGS_REAL, neurons) + sizeof(double) * (n * p + p * p + 2 * p) +
           sizeof(int) * p;
}

/* What learning holds besides the couplings. Matrices are column-major, as LAPACK wants them. */
struct workspace {
    double *basis; /* [count][neurons]: a column per pattern */
    double *gram;  /* [count][count]: xi^T xi, then its factor */
    double *work;  /* [2 count] */
    int *pivots;   /* [count]: from 1 */
};

static void workspace_clear(struct workspace *space) {
    memory_free(space->basis);
    memory_free(space->gram);
    memory_free(space->work);
    memory_free(space->pivots);
}

static enum status workspace_allocate(const struct patterns *patterns, struct workspace *space) {
    size_t count = patterns->count;
    space->basis = memory_allocate(patterns->neurons, count * sizeof(double));
    space->gram = memory_allocate(count, count * sizeof(double));
    space->work = memory_allocate(count, 2 * sizeof(double));
    space->pivots = memory_allocate(count, sizeof(int));
    if (space->basis && space->gram && space->work && space->pivots) return STATUS_OK;
    return STATUS_NO_MEMORY;
}

/* Column c of the basis = the pattern order[c] - 1, or c where order is NULL. */
static void fill_basis(const struct patterns *patterns, const int *order, size_t columns, double *basis) {
    for (size_t c = 0; c < columns; c++) {
        size_t index = order ? (size_t)order[c] - 1 : c;
        const uint64_t *row = patterns->by_pattern + index * patterns->words_per_pattern;
        for (size_t i = 0; i < patterns->neurons; i++)
            basis[c * patterns->neurons + i] = row[i / 64] >> i % 64 & 1 ? 1 : -1;
    }
}

/* An orthonormal basis of the span of the patterns; dependent patterns drop out at the pivots. */
static enum status orthonormalise(const struct patterns *patterns, struct workspace *space, int *rank,
                                  struct error *error) {
    int neurons = (int)patterns->neurons, count = (int)patterns->count, info;
    fill_basis(patterns, NULL, patterns->count, space->basis);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, count, neurons, 1, space->basis, neurons, 0,
                space->gram, count);
    const double tolerance = 16 * DBL_EPSILON * neurons * count;
    dpstrf_("L", &count, space->gram, &count, space->pivots, rank, &tolerance, space->work, &info, 1);
    if (info < 0) return error_set(error, STATUS_FAILED, "pseudo_inverse: dpstrf refused argument %d", -info);
    fill_basis(patterns, space->pivots, (size_t)*rank, space->basis);
    cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, neurons, *rank, 1,
                space->gram, count, space->basis, neurons);
    return STATUS_OK;
}

/* The entries of N times the projector right of the diagonal: the lower triangle by columns is the upper by
 * rows. */
static void project(const struct workspace *space, int rank, struct couplings *couplings) {
    int neurons = (int)couplings->neurons;
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, neurons, rank, neurons, space->basis, neurons, 0,
                couplings->reals, (int)couplings->stride);
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    struct workspace space = {0};
    enum status status = workspace_allocate(patterns, &space);
    if (status == STATUS_OK) status = couplings_create(COUPLINGS_REAL, patterns->neurons, couplings);
    if (status != STATUS_OK)
        error_set(error, status, "pseudo_inverse: no memory for %zu neurons and %zu patterns",
                  patterns->neurons, patterns->count);
    if (status == STATUS_OK) {
        int threads = blas_set_threads(1), rank = 0;
        status = orthonormalise(patterns, &space, &rank, error);
        if (status == STATUS_OK) project(&space, rank, *couplings);
        blas_set_threads(threads);
        if (status == STATUS_OK) couplings_complete_symmetric(*couplings);
    }
    workspace_clear(&space);
    if (status != STATUS_OK) couplings_destroy(couplings);
    return status;
}

const struct learning_rule rule_pseudo_inverse = {
    .name = "pseudo_inverse",
    .summary = "projector onto the span of the patterns, zero diagonal (Personnaz et al. 1985)",
    .kind = COUPLINGS_REAL,
    .symmetric = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn,
};
