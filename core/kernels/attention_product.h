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
    GROUP = ATTENTION_GROUP_BYTES(VECTOR_BYTES) / (int)sizeof(real),
    SLICE = ATTENTION_SLICE,
    GROUP_SLICES = GROUP / SLICE,
    SLICE_VECTORS = SLICE / VECTOR_LANES,
    /* Accumulators take 24 of 32 registers, or 12 of 16. */
    TILE_VECTORS = VECTOR_MANY_REGISTERS ? 4 : 2,
    TILE_COLUMNS = TILE_VECTORS * VECTOR_LANES
};

/* Keys and values that are used once come from memory. While some are worked on, lines this far behind them
 * are asked for, in the order in which they lie, which the processor's own prefetching goes along with. */
enum { KEY_BYTES_AHEAD = 16384, VALUE_BYTES_AHEAD = 8192 };

/* Asks for one cache line, which a slice fills; past the end of an array nothing happens. Into the
 * second-level cache: it can wait for several times as many lines as the first (17 GB/s against 13 on one Zen
 * 4 core). */
VECTOR_INLINE void prefetch(const real *array, size_t index) {
    __builtin_prefetch((const void *)((uintptr_t)array + index * sizeof *array), 0, 2);
}

/* c[rows][vectors] = (factor ? factor[row] * c : 0) + a b over `depth` rows of b, in registers throughout;
 * a[rows][a_step]. The product is summed up before the old values are added: rounding then goes with `depth`
 * and the number of panels, not with all keys in one chain. */
VECTOR_INLINE void tile_product(const int rows, const int vectors, size_t depth, const real *a, size_t a_step,
                                const real *b, size_t b_step, const real *factor, real *c, size_t c_step,
                                const real *ahead) {
    vec_real sum[ROWS][TILE_VECTORS];
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[r][v] = vec_set(0);
    }
    for (size_t k = 0; k < depth; k++) {
        vec_real right[TILE_VECTORS];
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            right[v] = vec_load(b + k * b_step + v * VECTOR_LANES);
        VECTOR_UNROLL
        for (int v = 0; ahead && v < vectors; v += SLICE_VECTORS)
            prefetch(ahead, (k * (size_t)vectors + (size_t)v) * VECTOR_LANES);
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
        for (int v = 0; v < vectors; v++) {
            real *to = c + r * c_step + v * VECTOR_LANES;
            if (factor) sum[r][v] += factor[r] * vec_load(to);
            vec_store(to, sum[r][v]);
        }
    }
}

/* The same for any number of slices of columns. */
VECTOR_INLINE void panel_product(const int rows, size_t slices, size_t depth, const real *a, size_t a_step,
                                 const real *b, size_t b_step, const real *factor, real *c, size_t c_step,
                                 const real *ahead) {
    size_t columns = slices * SLICE, column = 0;
    for (; column + TILE_COLUMNS <= columns; column += TILE_COLUMNS)
        tile_product(rows, TILE_VECTORS, depth, a, a_step, b + column, b_step, factor, c + column, c_step,
                     ahead ? ahead + depth * column : NULL);
#if defined(__AVX512F__)
    switch ((columns - column) / SLICE) {
    case 3:
        tile_product(rows, 3, depth, a, a_step, b + column, b_step, factor, c + column, c_step,
                     ahead ? ahead + depth * column : NULL);
        break;
    case 2:
        tile_product(rows, 2, depth, a, a_step, b + column, b_step, factor, c + column, c_step,
                     ahead ? ahead + depth * column : NULL);
        break;
    case 1:
        tile_product(rows, 1, depth, a, a_step, b + column, b_step, factor, c + column, c_step,
                     ahead ? ahead + depth * column : NULL);
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

/* scores[6][KEYS] of a tile of queries against the packed keys of the slices first .. last - 1 of one group.
 */
static void score_product(size_t rows, size_t first, size_t last, size_t width, const real *queries,
                          const real *keys, real *scores) {
    const real *from = keys + first / GROUP_SLICES * GROUP * width + first % GROUP_SLICES * SLICE;
    real *to = scores + first * SLICE;
#define SCORES(r) panel_product(r, last - first, width, queries, width, from, GROUP, NULL, to, KEYS, NULL)
    FOR_ROWS(rows, SCORES)
#undef SCORES
}

/* scores[rows][LANES / rows keys] by dot products with keys[count][width] from key `first` on. As many sums
 * as a vector has lanes; one transposition adds them all up. `ahead`: the keys come from memory. */
VECTOR_INLINE void dot_tile(const int rows, const bool ahead, size_t first, size_t width, const real *queries,
                            size_t count, const real *keys, real *scores) {
    const int columns = VECTOR_LANES / rows;
    const real *key[VECTOR_LANES];
    vec_real sum[VECTOR_LANES];
    for (int j = 0; j < columns; j++) /* beyond the last key it stands in; those scores count as masked */
        key[j] = keys + (first + (size_t)j < count ? first + (size_t)j : count - 1) * width;
    VECTOR_UNROLL
    for (int i = 0; i < VECTOR_LANES; i++)
        sum[i] = vec_set(0);
    for (size_t k = 0; k < width; k += VECTOR_LANES) {
        VECTOR_UNROLL
        for (int j = 0; j < columns; j++) {
            vec_real right = vec_load(key[j] + k);
            if (ahead && (k * columns + j * VECTOR_LANES) % SLICE == 0)
                prefetch(key[0], KEY_BYTES_AHEAD / sizeof(real) + k * columns + j * VECTOR_LANES);
            VECTOR_UNROLL
            for (int r = 0; r < rows; r++)
                sum[r * columns + j] += vec_load(queries + (size_t)r * width + k) * right;
        }
    }
    real all[VECTOR_LANES];
    vec_store(all, vec_sum_each(sum));
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++)
        memcpy(scores + r * KEYS + first, all + r * columns, (size_t)columns * sizeof *all);
}

/* Some rows against the keys of one slice. */
VECTOR_INLINE void dot_slice(const int rows, const bool ahead, size_t slice, size_t width,
                             const real *queries, size_t count, const real *keys, real *scores) {
    for (size_t key = slice * SLICE; key < (slice + 1) * SLICE; key += (size_t)(VECTOR_LANES / rows))
        dot_tile(rows, ahead, key, width, queries, count, keys, scores);
}

enum { DOT_ROWS = VECTOR_LANES < 4 ? VECTOR_LANES : 4 };

/* scores[6][KEYS] against keys in place, slice by slice: the first few rows of queries bring it from memory,
 * the others find it in the cache. Width is a multiple of the lanes. */
static void score_dots(size_t rows, size_t first, size_t last, size_t width, const real *queries,
                       size_t count, const real *keys, real *scores) {
    for (size_t slice = first; slice < last; slice++) {
        size_t row = 0;
#define DOTS(r)                                                                                              \
    for (; row + (r) <= rows; row += (r))                                                                    \
        if (row == 0)                                                                                        \
            dot_slice(r, true, slice, width, queries, count, keys, scores);                                  \
        else                                                                                                 \
            dot_slice(r, false, slice, width, queries + row * width, count, keys, scores + row * KEYS)
        DOTS(DOT_ROWS);
        DOTS(2);
        DOTS(1);
#undef DOTS
    }
}

/* output[6][columns] = (factor ? factor[6] * output : 0) + weights[6][KEYS] values[keys][step] for some
 * slices of columns; rows of output are padded columns apart. `ahead`: as above. */
static void value_product(size_t rows, size_t slices, size_t keys, const real *weights, const real *values,
                          size_t step, const real *factor, real *output, size_t padded, const real *ahead) {
#define VALUES(r)                                                                                            \
    if (ahead)                                                                                               \
        panel_product(r, slices, keys, weights, KEYS, values, step, factor, output, padded, ahead);          \
    else                                                                                                     \
        panel_product(r, slices, keys, weights, KEYS, values, step, factor, output, padded, NULL)
    FOR_ROWS(rows, VALUES)
#undef VALUES
}

#endif
