/* The pseudo-inverse or projection rule, J = (1/N) xi C^-1 xi^T with C = (1/N) xi^T xi: the projector onto
 * the span of the patterns (Personnaz, Guyon & Dreyfus 1985; Kanter & Sompolinsky 1987). The diagonal is set
 * to zero, which moves every field of a pattern by the same order and widens its basin. */
#include <math.h>

#include "core/associative/projection.h"
#include "core/associative/rule.h"

static const struct projection projection = {"pseudo_inverse", INFINITY, false};

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    if (patterns >= neurons)
        return error_set(
            error, STATUS_INVALID,
            "pseudo_inverse needs fewer patterns than neurons: %zu patterns span all of %zu neurons "
            "and leave no couplings off the diagonal",
            patterns, neurons);
    return projection_check(&projection, neurons, patterns, error);
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    return projection_learn(&projection, patterns, couplings, error);
}

const struct learning_rule rule_pseudo_inverse = {
    .name = "pseudo_inverse",
    .summary = "projector onto the span of the patterns, zero diagonal (Personnaz et al. 1985)",
    .kind = COUPLINGS_REAL,
    .symmetric = true,
    .check = check,
    .operations = projection_operations,
    .bytes = projection_bytes,
    .learn = learn,
};
