/* A state of a network of order K: spins, their overlaps with all patterns, and what these weigh. Private to
 * order_k*.c. */
#ifndef CORE_ASSOCIATIVE_ORDER_K_STATE_H
#define CORE_ASSOCIATIVE_ORDER_K_STATE_H

#include "core/associative/order_k_polynomial.h"

struct order_state {
    const struct patterns *patterns;
    struct order_polynomials polynomials;
    size_t run;        /* weights that can be added up in 32 bits */
    int8_t *spins;     /* [neurons] */
    int32_t *overlaps; /* [64 words_per_neuron]: M_p; past the last pattern anything */
    int32_t *weights;  /* [64 words_per_neuron]: weight(M_p) */
    uint64_t *all;     /* [words_per_neuron]: a bit for each pattern */
    uint64_t *bits;    /* [words_per_pattern]: scratch */
    int64_t weight_sum, overlap_sum, square_sum; /* over patterns: of weight(M), M and M^2 */
};

/* A state without contents, for a checked size. STATUS_NO_MEMORY: clear it all the same. */
enum status order_state_allocate(struct order_rule rule, const struct patterns *patterns,
                                 struct order_state *state);
void order_state_clear(struct order_state *state);

/* Bytes of a state. */
double order_state_bytes(size_t neurons, size_t patterns);

/* Takes over spins[neurons] and computes their overlaps. */
void order_state_set(struct order_state *state, const int8_t *spins);

/* D_i: the change of the scaled energy if the neuron flipped, in units of polynomials.step. */
int64_t order_state_stability(const struct order_state *state, size_t neuron);

/* Flips the neuron. */
void order_state_flip(struct order_state *state, size_t neuron);

/* The scaled energy, from the overlaps. */
int64_t order_state_energy(const struct order_state *state);

#endif
