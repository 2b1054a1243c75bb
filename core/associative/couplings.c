#include "core/associative/couplings.h"

#include <math.h>

#include "core/base/memory.h"

/* Part of the largest possible field that counts as zero. An update changes a field by at most a part 2^-53
 * of that in error, so 2^20 updates leave a true zero within the limit. */
static const double ZERO_PART = 0x1p-32;

enum { MIRROR_TILE = 32 };

static size_t entry_size(enum couplings_kind kind) {
    return kind == COUPLINGS_INTEGER ? sizeof(int16_t) : sizeof(double);
}

size_t couplings_stride(enum couplings_kind kind, size_t neurons) {
    size_t line = MEMORY_ALIGNMENT / entry_size(kind);
    return ((neurons + line - 1) / line | 1) * line;
}

double couplings_bytes(enum couplings_kind kind, size_t neurons) {
    return (double)neurons * (double)couplings_stride(kind, neurons) * (double)entry_size(kind);
}

enum status couplings_create(enum couplings_kind kind, size_t neurons, struct couplings **couplings) {
    *couplings = NULL;
    struct couplings *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->kind = kind;
    made->neurons = neurons;
    made->stride = couplings_stride(kind, neurons);
    void *entries = memory_allocate(neurons, made->stride * entry_size(kind));
    if (!entries) {
        memory_free(made);
        return STATUS_NO_MEMORY;
    }
    if (kind == COUPLINGS_INTEGER)
        made->integers = entries;
    else
        made->reals = entries;
    *couplings = made;
    return STATUS_OK;
}

void couplings_destroy(struct couplings **couplings) {
    if (!*couplings) return;
    if ((*couplings)->kind == COUPLINGS_INTEGER)
        memory_free((*couplings)->integers);
    else
        memory_free((*couplings)->reals);
    memory_free(*couplings);
    *couplings = NULL;
}

/* Copies the entries of one square tile right of the diagonal to their mirror images. */
static void mirror_tile(struct couplings *couplings, size_t first_row, size_t first_column) {
    size_t last_row = first_row + MIRROR_TILE, last_column = first_column + MIRROR_TILE;
    if (last_row > couplings->neurons) last_row = couplings->neurons;
    if (last_column > couplings->neurons) last_column = couplings->neurons;
    for (size_t j = first_column; j < last_column; j++)
        for (size_t i = first_row; i < last_row && i < j; i++)
            couplings->reals[j * couplings->stride + i] = couplings->reals[i * couplings->stride + j];
}

/* The largest field that any state can have. */
static double largest_field(const struct couplings *couplings) {
    double largest = 0;
#pragma omp parallel for reduction(max : largest) schedule(static)
    for (size_t i = 0; i < couplings->neurons; i++) {
        double sum = 0;
        for (size_t j = 0; j < couplings->neurons; j++)
            sum += fabs(couplings->reals[i * couplings->stride + j]);
        if (sum > largest) largest = sum;
    }
    return largest;
}

void couplings_complete_symmetric(struct couplings *couplings) {
    size_t neurons = couplings->neurons;
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < neurons; row += MIRROR_TILE) {
        for (size_t column = row; column < neurons; column += MIRROR_TILE)
            mirror_tile(couplings, row, column);
        for (size_t i = row; i < row + MIRROR_TILE && i < neurons; i++)
            couplings->reals[i * couplings->stride + i] = 0;
    }
    couplings->zero_field = ZERO_PART * largest_field(couplings);
}
