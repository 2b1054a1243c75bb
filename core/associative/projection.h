/* Couplings through the inverse of the patterns' correlations: the pseudo-inverse rule, and dreaming, which
 * goes from Hebb's rule to it. */
#ifndef CORE_ASSOCIATIVE_PROJECTION_H
#define CORE_ASSOCIATIVE_PROJECTION_H

#include <stdbool.h>

#include "core/associative/couplings.h"
#include "core/associative/patterns.h"

struct projection {
    const char *name;    /* of the rule, for messages */
    double dream_time;   /* t >= 0; INFINITY: the pseudo-inverse */
    bool keeps_diagonal; /* else it is set to zero */
};

/* STATUS_UNSUPPORTED: more neurons or patterns than LAPACK can count. */
enum status projection_check(const struct projection *projection, size_t neurons, size_t patterns,
                             struct error *error);

/* N J = xi (1 + t) (I + t C)^-1 xi^T with C = (1/N) xi^T xi, or N J = xi C^-1 xi^T: then patterns that depend
 * on others drop out. Same bits whatever the number of OpenMP threads. STATUS_NO_MEMORY. */
enum status projection_learn(const struct projection *projection, const struct patterns *patterns,
                             struct couplings **couplings, struct error *error);

/* Operations of learning and bytes at its peak. */
double projection_operations(size_t neurons, size_t patterns);
double projection_bytes(size_t neurons, size_t patterns);

#endif
