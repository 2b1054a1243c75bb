/* Sets of binary patterns as bits: what a network is to remember, and where retrieval starts from.
 * A state is an array of int8_t spins, +1 or -1; a bit is 1 where the spin is +1. */
#ifndef CORE_ASSOCIATIVE_PATTERNS_H
#define CORE_ASSOCIATIVE_PATTERNS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* `count` patterns of `neurons` bits, in both orders since learning walks one and overlaps the other. Bits
 * past the end of a row are 0. */
struct patterns {
    size_t neurons, count;
    size_t words_per_neuron, words_per_pattern;
    uint64_t *by_neuron;  /* [neurons][words_per_neuron]: bit p of row i is pattern p at neuron i */
    uint64_t *by_pattern; /* [count][words_per_pattern]: bit i of row p, the same */
};

/* Patterns whose spins are all -1. STATUS_INVALID: no neurons or no patterns. STATUS_NO_MEMORY. */
enum status patterns_create(size_t neurons, size_t count, struct patterns **patterns);
void patterns_destroy(struct patterns **patterns);

/* Independent fair bits: those of neuron i are words 0, 1, ... of (key, RANDOM_PATTERNS, i), so that the
 * first patterns of a larger set are those of a smaller one. Uses OpenMP threads. */
void patterns_draw(struct patterns *patterns, uint64_t key);

/* Makes spins[neurons] the pattern of that index. */
void patterns_set(struct patterns *patterns, size_t index, const int8_t *spins);

/* The pattern as spins[neurons]. */
void patterns_spins(const struct patterns *patterns, size_t index, int8_t *spins);

/* Sum over i of pattern_i spin_i (N times the overlap m), exact. */
int64_t patterns_overlap(const struct patterns *patterns, size_t index, const int8_t *spins);

/* The bits of a state into bits[words_per_pattern]. */
void patterns_pack(const struct patterns *patterns, const int8_t *spins, uint64_t *bits);

/* Neurons that differ from a pattern at overlap m0: round(N (1 - m0) / 2). */
size_t patterns_flips_for(size_t neurons, double overlap);

/* Flips exactly `flips` <= neurons of the spins, those whose random_bits(source, neuron) are smallest.
 * STATUS_NO_MEMORY. */
enum status patterns_disturb(size_t neurons, size_t flips, struct random_source source, int8_t *spins);

/* Bytes a set of that size takes. */
double patterns_bytes(size_t neurons, size_t count);

#endif
