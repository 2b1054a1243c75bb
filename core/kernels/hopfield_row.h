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

/* Where a column of a row of such couplings stands: in each tile columns c and c + 32 side by side, as the
 * even and the odd bytes that vectors of 16-bit lanes take apart. */
static inline size_t hopfield_place(size_t column) {
    size_t in_tile = column % HOPFIELD_TILE;
    return column - in_tile + in_tile % 32 * 2 + in_tile / 32;
}

/* The neurons that are looked at. One of spin +1 is unstable when its field is negative, one of spin -1 when
 * it is not: the states see to it that this serves both. */
struct hopfield_spins {
    size_t tiles;         /* words of the two arrays; fields and rows have tiles * HOPFIELD_TILE entries */
    const uint64_t *up;   /* a bit of 1: spin +1 */
    const uint64_t *open; /* a bit of 1: is looked at */
};

/* As many flips one pass over the fields can do. */
enum { HOPFIELD_FLIPS = 8 };

/* Flips of closed neurons, one after the other: flip f changes the field of column i by signs[f] times
 * 2 rows[f][hopfield_place(i)] + parity. */
struct hopfield_flips {
    size_t count;   /* 1 to HOPFIELD_FLIPS */
    int32_t parity; /* 0 or 1 */
    int32_t signs[HOPFIELD_FLIPS];
    const int8_t *rows[HOPFIELD_FLIPS];
    const int8_t *next_rows[HOPFIELD_FLIPS]; /* [count]: are fetched meanwhile */
};

/* An open neuron that is unstable, and the first flip after which it is. */
struct hopfield_unstable {
    uint32_t neuron, flip;
};

#endif
