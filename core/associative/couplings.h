/* Coupling matrices: what a rule has learned. Entries are N J_ij, N the number of neurons: exact integers for
 * Hebb's rule; only the sign of a field matters, so the factor changes no state. */
#ifndef CORE_ASSOCIATIVE_COUPLINGS_H
#define CORE_ASSOCIATIVE_COUPLINGS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "core/kernels/hopfield_row.h"

enum couplings_kind {
    COUPLINGS_INTEGER,
    COUPLINGS_REAL,
    COUPLINGS_HALF,
    COUPLINGS_PATTERN,
    COUPLINGS_KIND_COUNT
};

/* Integers N J_ij that all have one parity p are 2 k_ij + p with k_ij in 8 bits, but for the rare ones that
 * are larger: those have an exception that is to be added to k_ij, in the order of rows and columns. */
enum { COUPLING_HALF_MAX = INT8_MAX };

struct coupling_exception {
    uint32_t column;
    int32_t extra;
};

struct coupling_halves {
    int8_t *entries;          /* k_ij at hopfield_place(j) of row i, [neurons][stride] */
    int32_t parity;           /* p: 0 or 1 */
    int32_t largest;          /* of all |N J_ij| */
    size_t *first_exceptions; /* [neurons + 1]: where each row's begin */
    struct coupling_exception *exceptions;
};

/* Row j holds what neuron j adds to each field, N J_ij for all i: the memory that a flip of j reads. Padding
 * columns are 0; so is the diagonal, but for rules that keep it. */
struct patterns;
struct couplings {
    enum couplings_kind kind;
    size_t neurons;
    size_t stride; /* entries from row to row: whole cache lines, an odd number of them, against conflicts */
    union {
        int16_t *integers;               /* COUPLINGS_INTEGER: [neurons][stride] */
        double *reals;                   /* COUPLINGS_REAL: [neurons][stride] */
        struct coupling_halves halves;   /* COUPLINGS_HALF */
        const struct patterns *patterns; /* COUPLINGS_PATTERN: Hebb's couplings of these, never written out */
    };
    double zero_field; /* fields of at most this magnitude count as zero: 0, or what rounding can leave */
    double operations; /* that learning executed, where the rule counts as it goes; else 0 */
    size_t unlearned;  /* neurons that some pattern leaves unstable though the rule would not have it so */
};

/* Zero couplings, not of COUPLINGS_PATTERN; halves have parity 0 and no exceptions. STATUS_NO_MEMORY. */
enum status couplings_create(enum couplings_kind kind, size_t neurons, struct couplings **couplings);
/* Hebb's couplings of patterns that stay as they are, without memory for them. STATUS_NO_MEMORY. */
enum status couplings_of_patterns(const struct patterns *patterns, struct couplings **couplings);
void couplings_destroy(struct couplings **couplings);

/* k_ij of halves without what an exception adds. */
static inline int32_t couplings_half(const struct couplings *couplings, size_t row, size_t column) {
    return couplings->halves.entries[row * couplings->stride + hopfield_place(column)];
}

/* N J_ij of one pair, for pictures and tests; 0 on the diagonal. */
double couplings_entry(const struct couplings *couplings, size_t row, size_t column);

/* Bytes that such a matrix takes without exceptions, and the stride it would have. */
double couplings_bytes(enum couplings_kind kind, size_t neurons);
size_t couplings_stride(enum couplings_kind kind, size_t neurons);

/* Completes real couplings of which the entries right of the diagonal are set: mirrors them, clears the
 * diagonal and sets zero_field. Uses OpenMP threads. */
void couplings_complete_symmetric(struct couplings *couplings);

/* The same for couplings whose diagonal is set too and stays. */
void couplings_complete_with_diagonal(struct couplings *couplings);

/* Couplings from exact integers N J_ij = entries[i * stride + j], of which the diagonal is passed over:
 * 16-bit integers where all fit, else float64, which holds them as exactly. Uses OpenMP threads.
 * STATUS_NO_MEMORY. */
enum status couplings_of_integers(size_t neurons, size_t stride, const int32_t *entries,
                                  struct couplings **couplings);

/* A copy of integers or halves as 16-bit integers; the diagonal is 0. Uses OpenMP threads.
 * STATUS_UNSUPPORTED: other kinds, or halves that 16 bits do not hold. STATUS_NO_MEMORY. */
enum status couplings_widen(const struct couplings *couplings, struct couplings **integers);

#endif
