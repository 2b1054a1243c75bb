/* Boltzmann machines of visible units: spins +-1 with probability exp(sum_{i<j} J_ij s_i s_j + sum_i b_i s_i)
 * / Z (Ackley, Hinton & Sejnowski 1985), learned by gradient ascent of the patterns' likelihood; and recall
 * at temperature 0, of them and of any other couplings. For small networks. */
#ifndef CORE_ASSOCIATIVE_BOLTZMANN_H
#define CORE_ASSOCIATIVE_BOLTZMANN_H

#include <stdbool.h>

#include "core/associative/patterns.h"
#include "core/associative/rule.h"

enum {
    BOLTZMANN_EXACT_MOST = 20, /* neurons whose 2^N states are summed over */
    BOLTZMANN_NEURONS_MOST = 64,
    BOLTZMANN_CHAINS = 128 /* persistent Gibbs chains, each of one sweep per epoch */
};

struct boltzmann {
    size_t neurons;
    double *couplings; /* [neurons][neurons], symmetric, zero diagonal */
    double *biases;    /* [neurons] */
};

/* All couplings and biases 0. STATUS_INVALID: no neurons or more than BOLTZMANN_NEURONS_MOST.
 * STATUS_NO_MEMORY. */
enum status boltzmann_create(size_t neurons, struct boltzmann **machine);
void boltzmann_destroy(struct boltzmann **machine);

/* What the couplings climb. */
enum boltzmann_method {
    BOLTZMANN_EXACT, /* likelihood, its gradient from sums over all states */
    BOLTZMANN_GIBBS, /* likelihood, its gradient from persistent chains (Tieleman 2008; Younes 1989) */
    BOLTZMANN_FLOW   /* minus the probability flow to states one flip away (Sohl-Dickstein et al. 2011) */
};

struct boltzmann_learning {
    enum boltzmann_method method;
    double step; /* couplings and biases move by step times the gradient, per pattern, in each epoch */
    size_t epochs;
    bool biases;  /* learn them; else they stay 0 */
    uint64_t key; /* of the chains, stream RANDOM_NOISE */
};

/* Where learning ended. */
struct boltzmann_outcome {
    double log_likelihood; /* nats per pattern; NaN beyond BOLTZMANN_EXACT_MOST neurons */
    double gradient_norm;  /* Euclidean, over couplings i < j and biases; with chains their noise is in it */
};

/* Learns from all couplings and biases at 0, on one thread, always in the same order; the products of
 * BOLTZMANN_FLOW are BLAS's, which are on one thread within a parallel region. STATUS_INVALID with a
 * sentence: sizes beyond the method, or couplings that grew until nothing could be summed. STATUS_NO_MEMORY.
 */
enum status boltzmann_learn(const struct patterns *patterns, const struct boltzmann_learning *learning,
                            struct boltzmann *machine, struct boltzmann_outcome *outcome,
                            struct error *error);

/* Arithmetic operations of learning, an exponential as one. */
double boltzmann_operations(enum boltzmann_method method, size_t neurons, size_t patterns, size_t epochs);
double boltzmann_bytes(size_t neurons, size_t patterns);

/* Takes over N J_ij of a learning rule, biases 0. */
void boltzmann_take(const struct couplings *couplings, struct boltzmann *machine);

/* Patterns that are recalled: all `starts` that differ from the pattern in `flips` neurons, chosen at random
 * by key, end in exactly it. At one flip the starts flip neurons that differ, so that as many starts as
 * neurons are all there are. Random-order asynchronous updates at temperature 0; a field of zero keeps the
 * state. `kept`: so counted; `firm`: those of them none of whose neurons has a field of zero.
 * STATUS_NO_MEMORY. */
struct boltzmann_recall {
    size_t kept, firm;
};
enum status boltzmann_recall(const struct boltzmann *machine, const struct patterns *patterns, size_t flips,
                             size_t starts, uint64_t key, struct boltzmann_recall *recall);

#endif
