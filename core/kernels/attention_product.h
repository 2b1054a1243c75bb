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

/* The left factor of a product: element (r, k) is row[r][k]. */
struct left_factor {
    const real *row[ROWS];
};

/* c[rows][vectors] = (factor ? factor[row] * c : 0) + a b over `depth` rows of b, in registers throughout. */
VECTOR_INLINE void tile_product(const int rows, const int vectors, size_t depth, struct left_factor a,
                                const real *b, size_t b_step, const real *factor, real *c, size_t c_step) {
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
        for (int r = 0; r < rows; r++) {
            vec_real left = vec_set(a.row[r][k]);
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
VECTOR_INLINE void panel_product(const int rows, size_t slices, size_t depth, struct left_factor a,
                                 const real *b, size_t b_step, const real *factor, real *c, size_t c_step) {
    size_t columns = slices * SLICE, column = 0;
    for (; column + TILE_COLUMNS <= columns; column += TILE_COLUMNS)
        tile_product(rows, TILE_VECTORS, depth, a, b + column, b_step, factor, c + column, c_step);
#if defined(__AVX512F__)
    switch ((columns - column) / SLICE) {
    case 3:
        tile_product(rows, 3, depth, a, b + column, b_step, factor, c + column, c_step);
        break;
    case 2:
        tile_product(rows, 2, depth, a, b + column, b_step, factor, c + column, c_step);
        break;
    case 1:
        tile_product(rows, 1, depth, a, b + column, b_step, factor, c + column, c_step);
        break;
    }
#endif
}

/* A tile of five rows computes a row of padding. */
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
    default:                                                                                                 \
        call(ROWS);                                                                                          \
    }

/* scores[6][KEYS] of a tile of queries against the packed keys of the slices first .. last - 1. */
static void score_product(size_t rows, size_t first, size_t last, size_t width, const real *queries,
                          const real *keys, real *scores) {
    struct left_factor a;
    for (size_t r = 0; r < ROWS; r++)
        a.row[r] = queries + (r < rows ? r : rows - 1) * width;
    while (first < last) {
        size_t group = first / GROUP_SLICES, group_end = (group + 1) * GROUP_SLICES;
        size_t slices = (last < group_end ? last : group_end) - first;
        const real *from = keys + group * GROUP * width + first % GROUP_SLICES * SLICE;
        real *to = scores + first * SLICE;
#define SCORES(r) panel_product(r, slices, width, a, from, GROUP, NULL, to, KEYS)
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
                vec_real query = vec_load(queries + r * width + k);
                VECTOR_UNROLL
                for (int lane = 0; lane < VECTOR_LANES; lane++)
                    sum[lane] += query * vec_load(key_row[lane] + k);
            }
            vec_store(scores + r * KEYS + key, vec_sum_each(sum));
        }
    }
}

/* output[6][step] = (factor ? factor[6] * output : 0) + weights[6][KEYS] values[keys][step], all columns. */
static void value_product(size_t rows, size_t keys, const real *weights, const real *values,
                          const real *factor, real *output, size_t step) {
    struct left_factor a;
    for (size_t r = 0; r < ROWS; r++)
        a.row[r] = weights + r * KEYS;
#define VALUES(r) panel_product(r, step / SLICE, keys, a, values, step, factor, output, step)
    FOR_ROWS(rows, VALUES)
#undef VALUES
}

#endif
