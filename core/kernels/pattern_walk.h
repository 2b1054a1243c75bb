/* What the kernel works on that walks a Hopfield network without couplings: patterns as bits, and the
 * overlaps M_mu = sum_j xi_j s_j of the state. */
#ifndef CORE_KERNELS_PATTERN_WALK_H
#define CORE_KERNELS_PATTERN_WALK_H

#include <stddef.h>
#include <stdint.h>

/* All M have the parity r of N: they are 2 m + r, m in 16 bits. With b_i = sum_mu xi_i the field is
 *
 *     N h_i = sum_mu xi_i M_mu - P s_i = 4 (sum of m where xi_i = 1) - 2 (sum of all m) + r b_i - P s_i. */
struct pattern_walk {
    size_t patterns, words;  /* of 64 patterns each */
    const uint64_t *rows;    /* [neurons][words]: bit mu of row i is 1: xi_i = 1; 0 past the last pattern */
    const int32_t *balances; /* [neurons]: b_i */
    int32_t parity;          /* r */
    int16_t *halves; /* [64 words]: |m| < 32767; past the last pattern anything: no bit is set there */
    int64_t sum;     /* of all m */
    int8_t *spins;   /* [neurons] */
};

#endif
