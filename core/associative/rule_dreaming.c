/* Dreaming, J = (1/N) xi (1 + t) (I + t C)^-1 xi^T with C = (1/N) xi^T xi and zero diagonal (Fachechi,
 * Agliari & Barra 2019): t = 0 is Hebb's rule, and unlearning spurious states for a time t leads towards the
 * pseudo-inverse. Three times stand for the way. */
#include "core/associative/projection.h"
#include "core/associative/rule.h"

/* A rule is a table without parameters, so that each time is one of its own. */
#define DREAMING(time)                                                                                       \
    static const struct projection projection_##time = {"dreaming_" #time, time, false};                     \
    static enum status check_##time(size_t neurons, size_t patterns, struct error *error) {                  \
        return projection_check(&projection_##time, neurons, patterns, error);                               \
    }                                                                                                        \
    static enum status learn_##time(const struct patterns *patterns, struct couplings **couplings,           \
                                    struct error *error) {                                                   \
        return projection_learn(&projection_##time, patterns, couplings, error);                             \
    }                                                                                                        \
    const struct learning_rule rule_dreaming_##time = {                                                      \
        .name = "dreaming_" #time,                                                                           \
        .summary = "unlearning for a time t = " #time ", zero diagonal (Fachechi et al. 2019)",              \
        .kind = COUPLINGS_REAL,                                                                              \
        .symmetric = true,                                                                                   \
        .check = check_##time,                                                                               \
        .operations = projection_operations,                                                                 \
        .bytes = projection_bytes,                                                                           \
        .learn = learn_##time,                                                                               \
    }

DREAMING(1);
DREAMING(10);
DREAMING(100);
