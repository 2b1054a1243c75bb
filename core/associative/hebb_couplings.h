/* The couplings of Hebb's rule from bits: N J_ij = P - 2 d_ij, d_ij the number of patterns in which neurons i
 * and j differ. */
#ifndef CORE_ASSOCIATIVE_HEBB_COUPLINGS_H
#define CORE_ASSOCIATIVE_HEBB_COUPLINGS_H

#include "core/associative/couplings.h"
#include "core/associative/patterns.h"

/* In 8 bits with exceptions, or in 16 where exceptions are too many; P <= INT16_MAX. Uses OpenMP threads, on
 * whose number nothing depends. STATUS_NO_MEMORY. */
enum status hebb_couplings_learn(const struct patterns *patterns, struct couplings **couplings,
                                 struct error *error);

/* Whether random patterns of that number will have few enough exceptions for 8 bits. */
enum couplings_kind hebb_couplings_kind(size_t patterns);

/* Bytes at the peak of learning random patterns, the couplings included. */
double hebb_couplings_bytes(size_t neurons, size_t patterns);

#endif
