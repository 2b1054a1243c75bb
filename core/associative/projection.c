/* One factorisation serves both rules: with w = t / (1 + t), a part that is 1 for the pseudo-inverse,
 * N J = N xi G^-1 xi^T for G = w xi^T xi + (1 - w) N I. */
#include "core/associative/projection.h"

#include <cblas.h>
#include <float.h>
#include <math.h>

#include "core/base/blas.h"
#include "core/base/memory.h"

/* LAPACK: Cholesky factorisation with complete pivoting. Debian ships no C header with OpenBLAS. */
extern void dpstrf_(const char *triangle, const int *order, double *matrix, const int *leading, int *pivots,
                    int *rank, const double *tolerance, double *work, int *info, size_t triangle_length);

enum status projection_check(const struct projection *projection, size_t neurons, size_t patterns,
                             struct error *error) {
    const size_t most = INT32_MAX / 2;
    if (neurons > most || patterns > most)
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: %zu neurons and %zu patterns are more than LAPACK can count", projection->name,
                         neurons, patterns);
    return STATUS_OK;
}

double projection_operations(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return n * p * p + p * p * p / 3 + n * p * p + n * n * p;
}

double projection_bytes(size_t neurons, size_t patterns) {
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

/* G as LAPACK wants it, the lower triangle. */
static void correlate(const struct patterns *patterns, double dream_time, struct workspace *space) {
    int neurons = (int)patterns->neurons, count = (int)patterns->count;
    double part = isinf(dream_time) ? 1 : dream_time / (1 + dream_time);
    fill_basis(patterns, NULL, patterns->count, space->basis);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, count, neurons, part, space->basis, neurons, 0,
                space->gram, count);
    for (size_t p = 0; p < patterns->count; p++)
        space->gram[p * (patterns->count + 1)] += (1 - part) * neurons;
}

/* A basis B of the span of the patterns with B B^T = xi G^-1 xi^T, orthonormal for the pseudo-inverse;
 * dependent patterns drop out at the pivots. */
static enum status factorise(const struct projection *projection, const struct patterns *patterns,
                             struct workspace *space, int *rank, struct error *error) {
    int neurons = (int)patterns->neurons, count = (int)patterns->count, info;
    correlate(patterns, projection->dream_time, space);
    const double tolerance = 16 * DBL_EPSILON * neurons * count;
    dpstrf_("L", &count, space->gram, &count, space->pivots, rank, &tolerance, space->work, &info, 1);
    if (info < 0)
        return error_set(error, STATUS_FAILED, "%s: dpstrf refused argument %d", projection->name, -info);
    fill_basis(patterns, space->pivots, (size_t)*rank, space->basis);
    cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, neurons, *rank, 1,
                space->gram, count, space->basis, neurons);
    return STATUS_OK;
}

/* The entries of N B B^T on the diagonal and right of it: the lower triangle by columns is the upper by rows.
 */
static void project(const struct workspace *space, int rank, struct couplings *couplings) {
    int neurons = (int)couplings->neurons;
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, neurons, rank, neurons, space->basis, neurons, 0,
                couplings->reals, (int)couplings->stride);
}

static enum status compute(const struct projection *projection, const struct patterns *patterns,
                           struct workspace *space, struct couplings *couplings, struct error *error) {
    int threads = blas_set_threads(1), rank = 0;
    enum status status = factorise(projection, patterns, space, &rank, error);
    if (status == STATUS_OK) project(space, rank, couplings);
    blas_set_threads(threads);
    if (status != STATUS_OK) return status;
    if (projection->keeps_diagonal)
        couplings_complete_with_diagonal(couplings);
    else
        couplings_complete_symmetric(couplings);
    return STATUS_OK;
}

enum status projection_learn(const struct projection *projection, const struct patterns *patterns,
                             struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    struct workspace space = {0};
    enum status status = workspace_allocate(patterns, &space);
    if (status == STATUS_OK) status = couplings_create(COUPLINGS_REAL, patterns->neurons, couplings);
    if (status == STATUS_OK)
        status = compute(projection, patterns, &space, *couplings, error);
    else
        error_set(error, status, "%s: no memory for %zu neurons and %zu patterns", projection->name,
                  patterns->neurons, patterns->count);
    workspace_clear(&space);
    if (status != STATUS_OK) couplings_destroy(couplings);
    return status;
}
