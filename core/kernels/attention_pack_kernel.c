/* Keys in the order in which the score product reads them. */
#include "core/kernels/attention_block.h"
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum { LANES = VECTOR_LANES, GROUP = ATTENTION_GROUP_BYTES(VECTOR_BYTES) / (int)sizeof(real) };

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

/* Where element `column` of key `key` goes. */
static size_t packed_index(size_t width, size_t key, size_t column) {
    return (key / GROUP * width + column) * GROUP + key % GROUP;
}

/* Squares, then what is left of columns and keys. */
void KERNEL(REAL(attention_pack_keys))(size_t count, size_t width, real factor, const real *keys,
                                       real *packed) {
    size_t whole_keys = count / LANES * LANES, whole_columns = width / LANES * LANES;
    for (size_t j = 0; j < whole_keys; j += LANES)
        for (size_t k = 0; k < whole_columns; k += LANES) {
            for (size_t lane = 0; lane < LANES && j + 2 * LANES <= whole_keys; lane++)
                __builtin_prefetch(keys + (j + LANES + lane) * width + k, 0, 2);
            pack_square(width, factor, keys + j * width + k, packed + packed_index(width, j, k));
        }
    for (size_t k = 0; k < width; k++)
        for (size_t j = k < whole_columns ? whole_keys : 0; j < count; j++)
            packed[packed_index(width, j, k)] = factor * keys[j * width + k];
}
