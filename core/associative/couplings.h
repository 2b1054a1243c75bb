/* Coupling matrices: what a rule has learned. Entries are N J_ij, N the number of neurons: exact integers for
 * Hebb's rule; only the sign of a field matters, so the factor changes no state. */
#ifndef CORE_ASSOCIATIVE_COUPLINGS_H
#define CORE_ASSOCIATIVE_COUPLINGS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

enum couplings_kind { COUPLINGS_INTEGER, COUPLINGS_REAL, COUPLINGS_KIND_COUNT };

/* Row j holds what neuron j adds to each field, N J_ij for all i: the memory that a flip of j reads. Padding
 * columns and the diagonal are 0. */
struct couplings {
    enum couplings_kind kind;
    size_t neurons;
    size_t stride; /* entries from row to row: whole cache lines, an odd number of them, against conflicts */
    union {
        int16_t *integers; /* COUPLINGS_INTEGER: [neurons][stride] */
        double *reals;     /* COUPLINGS_REAL: [neurons][stride] */
    };
    double zero_field; /* fields of at most this magnitude count as zero: 0, or what rounding can leave */
};

/* Zero couplings. STATUS_NO_MEMORY. */
enum status couplings_create(enum couplings_kind kind, size_t neurons, struct couplings **couplings);
void couplings_destroy(struct couplings **couplings);

/* Bytes that such a matrix takes, and the stride it would have. */
double couplings_bytes(enum couplings_kind kind, size_t neurons);
size_t couplings_stride(enum couplings_kind kind, size_t neurons);

/* Completes real couplings of which the entries right of the diagonal are set: mirrors them, clears the
 * diagonal and sets zero_field. Uses OpenMP threads. */
void couplings_complete_symmetric(struct couplings *couplings);

#endif
