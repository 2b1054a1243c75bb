/* Products with a packed panel of weights: tiles of rows times vectors are summed in registers. */
#include "core/kernels/isa.h"
#include "core/kernels/panel.h"
#include "core/kernels/vector.h"

/* Rows of a tile of that many vectors: as many sums as there are registers for, less those for a row of the
 * panel and an input. */
#if VECTOR_MANY_REGISTERS
#define TILE_ROWS(vectors) ((vectors) == 4 ? 6 : 8)
#else
#define TILE_ROWS(vectors) ((vectors) == 4 ? 3 : 4)
#endif

enum {
    /* Panel vectors are cut into as many machine vectors. */
    PARTS = PANEL_LANES / VECTOR_LANES,
    TILE_ROWS_MAX = 8
};

/* With weights beyond the second-level cache a panel of three vectors comes a quarter faster than from the
 * loop as it is: each load then strides over 768 bytes instead of 384. */
#if defined(__clang__)
#define UNROLL_TWICE _Pragma("clang loop unroll_count(2)")
#else
#define UNROLL_TWICE _Pragma("GCC unroll 2")
#endif

/* A tile of one slice of the depth, and of one part of each panel vector. */
struct tile {
    size_t row, part, from, to;
    bool add;
};

VECTOR_INLINE void put_sum(float *out, vec_real sum, bool add) {
    if (add) sum += vec_load(out);
    vec_store(out, sum);
}

VECTOR_INLINE void multiply_tile(const struct panel_product *product, struct tile tile, int rows,
                                 int vectors) {
    const float *in[TILE_ROWS_MAX];
    float *out = product->out + tile.row * product->out_stride + tile.part * VECTOR_LANES;
    const size_t stride = product->out_stride, width = (size_t)vectors * PANEL_LANES;
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++)
        in[r] = product->in[tile.row + (size_t)r];
    const float *weights = product->panel + tile.from * width + tile.part * VECTOR_LANES;
    for (size_t k = tile.from; k < tile.to;) {
        const size_t end = tile.to - k < product->terms ? tile.to : k + product->terms;
        vec_real sums[TILE_ROWS_MAX][PANEL_VECTORS_MAX];
        VECTOR_UNROLL
        for (int r = 0; r < rows; r++) {
            VECTOR_UNROLL
            for (int v = 0; v < vectors; v++)
                sums[r][v] = (vec_real){0};
        }
        for (; k < end; k++, weights += width) {
            vec_real w[PANEL_VECTORS_MAX];
            VECTOR_UNROLL
            for (int v = 0; v < vectors; v++)
                w[v] = vec_load(weights + v * PANEL_LANES);
            VECTOR_UNROLL
            for (int r = 0; r < rows; r++) {
                const vec_real x = vec_set(in[r][k]);
                VECTOR_UNROLL
                for (int v = 0; v < vectors; v++)
                    sums[r][v] += x * w[v];
            }
        }
        VECTOR_UNROLL
        for (int r = 0; r < rows; r++) {
            VECTOR_UNROLL
            for (int v = 0; v < vectors; v++)
                put_sum(out + (size_t)r * stride + v * PANEL_LANES, sums[r][v], tile.add);
        }
        tile.add = true;
    }
}

/* A single row has too few sums to keep the multipliers busy: two chains for each. */
VECTOR_INLINE void multiply_row(const struct panel_product *product, struct tile tile, int vectors) {
    const float *in = product->in[tile.row];
    const size_t terms = 2 * product->terms;
    float *out = product->out + tile.row * product->out_stride + tile.part * VECTOR_LANES;
    const size_t width = (size_t)vectors * PANEL_LANES;
    const float *weights = product->panel + tile.from * width + tile.part * VECTOR_LANES;
    vec_real total[PANEL_VECTORS_MAX];
    VECTOR_UNROLL
    for (int v = 0; v < vectors; v++)
        total[v] = tile.add ? vec_load(out + v * PANEL_LANES) : (vec_real){0};
    for (size_t k = tile.from; k < tile.to;) {
        const size_t end = tile.to - k < terms ? tile.to : k + terms;
        vec_real even[PANEL_VECTORS_MAX], odd[PANEL_VECTORS_MAX];
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            even[v] = odd[v] = (vec_real){0};
        UNROLL_TWICE
        for (; k + 1 < end; k += 2, weights += 2 * width) {
            const vec_real first = vec_set(in[k]), second = vec_set(in[k + 1]);
            VECTOR_UNROLL
            for (int v = 0; v < vectors; v++) {
                even[v] += first * vec_load(weights + v * PANEL_LANES);
                odd[v] += second * vec_load(weights + width + v * PANEL_LANES);
            }
        }
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++) {
            if (k < end) even[v] += vec_set(in[k]) * vec_load(weights + v * PANEL_LANES);
            total[v] += even[v] + odd[v];
        }
        k = end;
    }
    VECTOR_UNROLL
    for (int v = 0; v < vectors; v++)
        vec_store(out + v * PANEL_LANES, total[v]);
}

/* One slice of the depth and one part, for `rows` rows from tile.row on, at most TILE_ROWS(vectors). */
#define DEFINE_TILES(vectors)                                                                                \
    static void tiles_of_##vectors(const struct panel_product *product, struct tile tile, size_t rows) {     \
        switch (rows) {                                                                                      \
        case 1:                                                                                              \
            if (product->alike)                                                                              \
                multiply_tile(product, tile, 1, vectors);                                                    \
            else                                                                                             \
                multiply_row(product, tile, vectors);                                                        \
            break;                                                                                           \
        case 2:                                                                                              \
            multiply_tile(product, tile, 2, vectors);                                                        \
            break;                                                                                           \
        case 3:                                                                                              \
            multiply_tile(product, tile, 3, vectors);                                                        \
            break;                                                                                           \
        case 4:                                                                                              \
            multiply_tile(product, tile, TILE_ROWS(vectors) < 4 ? 1 : 4, vectors);                           \
            break;                                                                                           \
        case 5:                                                                                              \
            multiply_tile(product, tile, TILE_ROWS(vectors) < 5 ? 1 : 5, vectors);                           \
            break;                                                                                           \
        case 6:                                                                                              \
            multiply_tile(product, tile, TILE_ROWS(vectors) < 6 ? 1 : 6, vectors);                           \
            break;                                                                                           \
        case 7:                                                                                              \
            multiply_tile(product, tile, TILE_ROWS(vectors) < 7 ? 1 : 7, vectors);                           \
            break;                                                                                           \
        default:                                                                                             \
            multiply_tile(product, tile, TILE_ROWS(vectors) < 8 ? 1 : 8, vectors);                           \
            break;                                                                                           \
        }                                                                                                    \
    }
DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)

void KERNEL(panel_multiply)(const struct panel_product *product) {
    static void (*const tiles_of[])(const struct panel_product *, struct tile,
                                    size_t) = {tiles_of_1, tiles_of_2, tiles_of_3, tiles_of_4};
    void (*const multiply)(const struct panel_product *, struct tile, size_t) =
        tiles_of[product->vectors - 1];
    const size_t most = TILE_ROWS(product->vectors), tiles = (product->rows + most - 1) / most;
    for (size_t from = 0; from < product->depth; from += PANEL_DEPTH) {
        const size_t left = product->depth - from, depth = left < PANEL_DEPTH ? left : PANEL_DEPTH;
        for (size_t i = 0; i < tiles; i++) {
            /* Tiles as even as can be: 16 rows are 6, 5 and 5, not 6, 6 and 4. */
            const size_t row = product->rows * i / tiles, next = product->rows * (i + 1) / tiles;
            for (size_t part = 0; part < PARTS; part++)
                multiply(product,
                         (struct tile){row, part, from, from + depth, product->accumulate || from > 0},
                         next - row);
        }
    }
}
