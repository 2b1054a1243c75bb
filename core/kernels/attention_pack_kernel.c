/* Keys in the order in which the score product reads them. */
#include "core/kernels/attention_block.h"
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum { LANES = VECTOR_LANES, GROUP = ATTENTION_GROUP };

/* packed[c][0 .. LANES - 1] = factor * keys[0 .. LANES - 1][c] for as many columns c as a vector has lanes.
 */
VECTOR_INLINE void pack_square(size_t width, real factor, const real *keys, real *packed) {
    vec_real square[LANES];
    VECTOR_UNROLL
    for (int lane = 0; lane < LANES; lane++)
        square[lane] = factor * vec_load(keys + (size_t)lane * width);
    vec_transpose(square);
    VECTOR_UNROLL
    for (int column = 0; column < LANES; column++)
        vec_store(packed + column * GROUP, square[column]);
}

/* packed[width][GROUP] from keys[count][width]: squares, then what is left of columns and keys. */
static void pack_group(size_t count, size_t width, real factor, const real *keys, real *packed) {
    size_t whole_keys = count / LANES * LANES, whole_columns = width / LANES * LANES;
    for (size_t j = 0; j < whole_keys; j += LANES)
        for (size_t k = 0; k < whole_columns; k += LANES)
            pack_square(width, factor, keys + j * width + k, packed + k * GROUP + j);
    for (size_t k = 0; k < width; k++)
        for (size_t j = k < whole_columns ? whole_keys : 0; j < count; j++)
            packed[k * GROUP + j] = factor * keys[j * width + k];
}

void KERNEL(REAL(attention_pack_keys))(size_t count, size_t width, real factor, const real *keys,
                                       real *packed) {
    for (size_t first = 0; first < count; first += GROUP) {
        size_t left = count - first;
        pack_group(left < GROUP ? left : GROUP, width, factor, keys + first * width, packed + first * width);
    }
}
