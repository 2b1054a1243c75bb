/* What a Hopfield network holds: for its own sources. */
#ifndef CORE_ASSOCIATIVE_HOPFIELD_MODEL_H
#define CORE_ASSOCIATIVE_HOPFIELD_MODEL_H

#include "core/associative/batch_fields.h"
#include "core/associative/hopfield.h"

struct hopfield {
    const struct learning_rule *rule;
    const struct patterns *patterns;
    struct couplings *couplings;
    struct packed_patterns packed; /* of halves; else empty */
};

#endif
