/* What the kernels of Hopfield networks work on: neurons in tiles of 64, a bit of a word for each. */
#ifndef CORE_KERNELS_HOPFIELD_ROW_H
#define CORE_KERNELS_HOPFIELD_ROW_H

#include <stddef.h>
#include <stdint.h>

/* Neurons or patterns whose words stand side by side: packed[words][HOPFIELD_TILE]. */
enum { HOPFIELD_TILE = 64 };

/* Trials whose first fields are computed at once: 16-bit lanes of the widest vector. */
enum { HOPFIELD_LANES = 32 };

/* Of five patterns all 32 combinations of signs; 13 such groups cover a word of 64 patterns. */
enum { HOPFIELD_GROUP_BITS = 5, HOPFIELD_GROUP_VALUES = 32, HOPFIELD_WORD_GROUPS = 13 };

/* Which neurons are unstable: those of `up` (open, with spin +1) with a field below `low`, and those of
 * `down` (open, with spin -1) with a field above `high`. */
struct hopfield_spins {
    size_t tiles; /* words of the two arrays; fields and rows have tiles * HOPFIELD_TILE entries */
    const uint64_t *up, *down;
    int32_t low, high; /* within the type of the fields */
};

#endif
