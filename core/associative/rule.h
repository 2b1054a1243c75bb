/* Learning rules: how patterns become couplings. Adding one = a file rule_NAME.c and a line in the list. */
#ifndef CORE_ASSOCIATIVE_RULE_H
#define CORE_ASSOCIATIVE_RULE_H

#include <stdbool.h>

#include "core/associative/couplings.h"
#include "core/associative/patterns.h"

/* The rules by name: rule_NAME is defined in rule_NAME.c; variants of one rule share a file. */
#define LEARNING_RULES(X)                                                                                    \
    X(hebb)                                                                                                  \
    X(pseudo_inverse)                                                                                        \
    X(pseudo_inverse_diagonal)                                                                               \
    X(storkey)                                                                                               \
    X(perceptron)                                                                                            \
    X(perceptron_stable)                                                                                     \
    X(perceptron_symmetric)                                                                                  \
    X(dreaming_1)                                                                                            \
    X(dreaming_10)                                                                                           \
    X(dreaming_100)                                                                                          \
    X(minimum_probability_flow)

struct learning_rule {
    const char *name;
    const char *summary; /* with the source */
    enum couplings_kind kind;
    bool symmetric; /* J_ij = J_ji: the energy exists */
    bool diagonal;  /* the couplings keep theirs, which is not negative */
    bool ordered;   /* what is learned depends on the order of the patterns */

    /* STATUS_UNSUPPORTED or STATUS_INVALID with a sentence when sizes are beyond what the rule can do. */
    enum status (*check)(size_t neurons, size_t patterns, struct error *error);

    /* Operations of learning, of rules that run until they are done a guess; bytes at its peak, the couplings
     * included. */
    double (*operations)(size_t neurons, size_t patterns);
    double (*bytes)(size_t neurons, size_t patterns);

    /* The couplings of checked sizes. Same bits whatever the number of OpenMP threads. STATUS_NO_MEMORY. */
    enum status (*learn)(const struct patterns *patterns, struct couplings **couplings, struct error *error);

    /* Ways round the couplings, or all NULL. first_fields: the fields N h_i of a state; integer rules only.
     * alignment: sum_i s_i N h_i, exactly, from the patterns alone: the check on fields that were kept up
     * over many flips. They use scratch[first_fields_bytes] or [alignment_bytes] of the calling thread; that
     * of first_fields does for both. */
    size_t (*first_fields_bytes)(size_t neurons, size_t patterns);
    size_t (*alignment_bytes)(size_t neurons, size_t patterns);
    void (*first_fields)(const struct patterns *patterns, const int8_t *spins, void *scratch,
                         int32_t *fields);
    int64_t (*alignment)(const struct patterns *patterns, const int8_t *spins, void *scratch);
};

/* All rules in the order of the list, ended by NULL. */
const struct learning_rule *const *learning_rules(void);

/* By name, or NULL. */
const struct learning_rule *learning_rule_named(const char *name);

#define X(name) extern const struct learning_rule rule_##name;
LEARNING_RULES(X)
#undef X

#endif
