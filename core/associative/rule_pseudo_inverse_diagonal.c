/* The pseudo-inverse rule with the projector's diagonal, about P/N, as it is (Kanter & Sompolinsky 1987 study
 * both): a neuron's own state then counts among what its field follows, and basins are smaller. */
#include <math.h>

#include "core/associative/projection.h"
#include "core/associative/rule.h"

static const struct projection projection = {"pseudo_inverse_diagonal", INFINITY, true};

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    if (patterns >= neurons)
        return error_set(
            error, STATUS_INVALID,
            "pseudo_inverse_diagonal needs fewer patterns than neurons: %zu patterns span all of %zu "
            "neurons, and every state would be a fixed point",
            patterns, neurons);
    return projection_check(&projection, neurons, patterns, error);
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    return projection_learn(&projection, patterns, couplings, error);
}

const struct learning_rule rule_pseudo_inverse_diagonal = {
    .name = "pseudo_inverse_diagonal",
    .summary = "projector onto the span of the patterns, diagonal kept (Personnaz et al. 1985)",
    .kind = COUPLINGS_REAL,
    .symmetric = true,
    .diagonal = true,
    .check = check,
    .operations = projection_operations,
    .bytes = projection_bytes,
    .learn = learn,
};
