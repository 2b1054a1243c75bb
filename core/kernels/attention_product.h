/* The products of attention: a tile of six rows by a few vectors of columns in registers, for scores of
 * packed keys and for weighted values, and dot products for keys that are read in place. Internal to this
 * folder. */
#ifndef CORE_KERNELS_ATTENTION_PRODUCT_H
#define CORE_KERNELS_ATTENTION_PRODUCT_H

#include "core/kernels/attention_block.h"
#include "core/kernels/vector.h"

enum {
    ROWS = ATTENTION_TILE_ROWS,
    KEYS = ATTENTION_PANEL_KEYS,
    GROUP = ATTENTION_GROUP,
    SLICE = ATTENTION_SLICE,
    GROUP_SLICES = GROUP / SLICE,
    SLICE_VECTORS = SLICE / VECTOR_LANES,
    /* Accumulators take 24 of 32 registers, or 12 of 16. */
    TILE_VECTORS = VECTOR_MANY_REGISTERS ? 4 : 2,
    TILE_COLUMNS = TILE_VECTORS * VECTOR_LANES
};

/* Keys and values that are used only once come from memory; what is prefetched now is used so many bytes of
 * keys, or so many rows of values, later: about as much as memory has under way at a time. */
enum { KEY_BYTES_AHEAD = 16384, VALUE_ROWS_AHEAD = 32 };

/* One cache line, which a slice fills, is asked for; past the end of an array that does nothing. */
VECTOR_INLINE void prefetch(const real *array, size_t index) {
    __builtin_prefetch((const void *)((uintptr_t)array + index * sizeof *array), 0, 3);
}

/* c[rows][vectors] = (factor ? factor[row] * c : 0) + a b over `depth` rows of b, in registers throughout;
 * a[rows][a_step]. */
VECTOR_INLINE void tile_product(const int rows, const int vectors, const bool ahead, size_t depth,
                                const real *a, size_t a_step, const real *b, size_t b_step,
                                const real *factor, real *c, size_t c_step) {
    vec_real sum[ROWS][TILE_VECTORS];
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            if (factor)
                sum[r][v] = factor[r] * vec_load(c + r * c_step + v * VECTOR_LANES);
            else
                sum[r][v] = vec_set(0);
    }
    for (size_t k = 0; k < depth; k++) {
        vec_real right[TILE_VECTORS];
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            right[v] = vec_load(b + k * b_step + v * VECTOR_LANES);
        VECTOR_UNROLL
        for (int v = 0; ahead && v < vectors; v += SLICE_VECTORS)
            prefetch(b, (k + VALUE_ROWS_AHEAD) * b_step + v * VECTOR_LANES);
        VECTOR_UNROLL
        for (int r = 0; r < rows; r++) {
            vec_real left = vec_set(a[r * a_step + k]);
            VECTOR_UNROLL
            for (int v = 0; v < vectors; v++)
                sum[r][v] += left * right[v];
        }
    }
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            vec_store(c + r * c_step + v * VECTOR_LANES, sum[r][v]);
    }
}

/* The same for any number of slices of columns. */
VECTOR_INLINE void panel_product(const int rows, const bool ahead, size_t slices, size_t depth, const real *a,
                                 size_t a_step, const real *b, size_t b_step, const real *factor, real *c,
                                 size_t c_step) {
    size_t columns = slices * SLICE, column = 0;
    for (; column + TILE_COLUMNS <= columns; column += TILE_COLUMNS)
        tile_product(rows, TILE_VECTORS, ahead, depth, a, a_step, b + column, b_step, factor, c + column,
                     c_step);
#if defined(__AVX512F__)
    switch ((columns - column) / SLICE) {
    case 3:
        tile_product(rows, 3, ahead, depth, a, a_step, b + column, b_step, factor, c + column, c_step);
        break;
    case 2:
        tile_product(rows, 2, ahead, depth, a, a_step, b + column, b_step, factor, c + column, c_step);
        break;
    case 1:
        tile_product(rows, 1, ahead, depth, a, a_step, b + column, b_step, factor, c + column, c_step);
        break;
    }
#endif
}

/* Calls with the number of rows as a constant, so that what is held in registers is known. */
#define FOR_ROWS(rows, call)                                                                                 \
    switch (rows) {                                                                                          \
    case 1:                                                                                                  \
        call(1);                                                                                             \
        break;                                                                                               \
    case 2:                                                                                                  \
        call(2);                                                                                             \
        break;                                                                                               \
    case 3:                                                                                                  \
        call(3);                                                                                             \
        break;                                                                                               \
    case 4:                                                                                                  \
        call(4);                                                                                             \
        break;                                                                                               \
    case 5:                                                                                                  \
        call(5);                                                                                             \
        break;                                                                                               \
    default:                                                                                                 \
        call(ROWS);                                                                                          \
    }

/* scores[6][KEYS] of a tile of queries against the packed keys of the slices first .. last - 1. */
static void score_product(size_t rows, size_t first, size_t last, size_t width, const real *queries,
                          const real *keys, real *scores) {
    while (first < last) {
        size_t group = first / GROUP_SLICES, group_end = (group + 1) * GROUP_SLICES;
        size_t slices = (last < group_end ? last : group_end) - first;
        const real *from = keys + group * GROUP * width + first % GROUP_SLICES * SLICE;
        real *to = scores + first * SLICE;
#define SCORES(r) panel_product(r, false, slices, width, queries, width, from, GROUP, NULL, to, KEYS)
        FOR_ROWS(rows, SCORES)
#undef SCORES
        first += slices;
    }
}

/* The same against keys[count][width] in place, as many keys at a time as a vector has lanes: the first row
 * of queries brings them from memory, the others find them in the cache. Width is a multiple of the lanes. */
static void score_dots(size_t rows, size_t first, size_t last, size_t width, const real *queries,
                       size_t count, const real *keys, real *scores) {
    for (size_t key = first * SLICE; key < last * SLICE; key += VECTOR_LANES) {
        const real *key_row[VECTOR_LANES];
        for (size_t lane = 0; lane < VECTOR_LANES; lane++)
            key_row[lane] = keys + (key + lane < count ? key + lane : count - 1) * width;
        for (size_t r = 0; r < rows; r++) {
            vec_real sum[VECTOR_LANES];
            VECTOR_UNROLL
            for (int lane = 0; lane < VECTOR_LANES; lane++)
                sum[lane] = vec_set(0);
            for (size_t k = 0; k < width; k += VECTOR_LANES) {
                for (size_t lane = r; k % SLICE == 0 && lane < VECTOR_LANES; lane += rows)
                    prefetch(key_row[lane], k + KEY_BYTES_AHEAD / sizeof(real));
                vec_real query = vec_load(queries + r * width + k);
                VECTOR_UNROLL
                for (int lane = 0; lane < VECTOR_LANES; lane++)
                    sum[lane] += query * vec_load(key_row[lane] + k);
            }
            vec_store(scores + r * KEYS + key, vec_sum_each(sum));
        }
    }
}

/* output[6][columns] = (factor ? factor[6] * output : 0) + weights[6][KEYS] values[keys][step] for some
 * slices of columns; rows of output are padded columns apart. `ahead`: the values come from memory. */
static void value_product(size_t rows, bool ahead, size_t slices, size_t keys, const real *weights,
                          const real *values, size_t step, const real *factor, real *output, size_t padded) {
#define VALUES(r)                                                                                            \
    if (ahead)                                                                                               \
        panel_product(r, true, slices, keys, weights, KEYS, values, step, factor, output, padded);           \
    else                                                                                                     \
        panel_product(r, false, slices, keys, weights, KEYS, values, step, factor, output, padded)
    FOR_ROWS(rows, VALUES)
#undef VALUES
}

#endif
