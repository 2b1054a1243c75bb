/* Spins as bits and back, eight at a time: a bit is 1 where the spin is +1. */
#ifndef CORE_ASSOCIATIVE_SPIN_BITS_H
#define CORE_ASSOCIATIVE_SPIN_BITS_H

#include <stddef.h>
#include <stdint.h>

/* bits[ceil(neurons / 64)] of spins[neurons]; bits past the end become 0. */
void spin_bits_pack(size_t neurons, const int8_t *spins, uint64_t *bits);

/* The reverse. */
void spin_bits_unpack(size_t neurons, const uint64_t *bits, int8_t *spins);

#endif
