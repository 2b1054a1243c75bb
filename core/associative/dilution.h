/* Dilution: learned couplings of which only some are kept, both directions of a pair or each by itself. */
#ifndef CORE_ASSOCIATIVE_DILUTION_H
#define CORE_ASSOCIATIVE_DILUTION_H

#include "core/associative/hopfield.h"

/* Every direction i -> j is kept with probability `kept`. With probability 1 - asymmetry a pair is decided
 * once for both of its directions (symmetric dilution: Sompolinsky 1986), else for each by itself (Derrida,
 * Gardner & Zippelius 1987, there in the limit of few connections). So 1 - asymmetry is the correlation of
 * the two decisions, and of the directions that are kept a share 1 - asymmetry (1 - kept) has its opposite:
 * that share is also the symmetry <J_ij J_ji> / <J_ij^2> of what is left of symmetric couplings. */
struct dilution {
    uint64_t key; /* of the decisions, stream RANDOM_DILUTION; those of a pair depend on key and pair alone */
    double kept, asymmetry; /* in [0, 1] */
};

/* The couplings as 16-bit integers, of which some are kept as they are and the others are 0. With one key,
 * what is kept at one `kept` is kept at every larger one. Uses OpenMP threads, on whose number nothing
 * depends. STATUS_INVALID: a probability outside [0, 1]. STATUS_UNSUPPORTED: couplings that are no integers
 * of 16 bits. STATUS_NO_MEMORY. */
enum status couplings_dilute(const struct couplings *couplings, const struct dilution *dilution,
                             struct couplings **diluted);

/* Learns the patterns by a rule with integer couplings, and dilutes what was learned. The patterns must stay
 * as they are while the network lives. On failure a sentence is in *error: STATUS_UNSUPPORTED,
 * STATUS_INVALID, STATUS_NO_MEMORY. */
enum status hopfield_create_diluted(const struct learning_rule *rule, const struct patterns *patterns,
                                    const struct dilution *dilution, struct hopfield **network,
                                    struct error *error);

/* Bytes of learning, diluting and retrieving, operations of the same, counted as hopfield_bytes and
 * hopfield_operations do; couplings are learned however few the trials. */
double hopfield_diluted_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns,
                              size_t trials);
double hopfield_diluted_operations(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials);

#endif
