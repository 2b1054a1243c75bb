/* Products with a packed panel of weights: tiles of rows times vectors are summed in registers. Where machine
 * vectors are as wide as the panel's, a tile takes all of them; narrower ones with fewer registers have one
 * panel vector for up to six rows at a time. */
#include "core/kernels/isa.h"
#include "core/kernels/panel.h"
#include "core/kernels/vector.h"

enum {
    /* Panel vectors are cut into as many machine vectors. */
    PARTS = PANEL_LANES / VECTOR_LANES,
    /* As many sums as there are registers for, less those for a row of the panel and an input. */
    TILE_SUMS = VECTOR_MANY_REGISTERS ? 24 : 12,
    TILE_ROWS_MAX = 8,
    TILE_WIDTH_MAX = PANEL_VECTORS_MAX * PARTS
};

/* Rows of a tile of that many panel vectors, with all parts of each: a tile takes whole cache lines. */
#define TILE_ROWS(vectors)                                                                                   \
    (TILE_SUMS / (PARTS * (vectors)) < TILE_ROWS_MAX ? TILE_SUMS / (PARTS * (vectors)) : TILE_ROWS_MAX)

/* With weights beyond the second-level cache a panel of three vectors comes a quarter faster than from the
 * loop as it is: each load then strides over 768 bytes instead of 384. */
#if defined(__clang__)
#define UNROLL_TWICE _Pragma("clang loop unroll_count(2)")
#else
#define UNROLL_TWICE _Pragma("GCC unroll 2")
#endif

/* Loops over narrow vectors spend a sixth of their instructions on counting. */
#if VECTOR_MANY_REGISTERS
#define UNROLL_DEPTH
#elif defined(__clang__)
#define UNROLL_DEPTH _Pragma("clang loop unroll_count(4)")
#else
#define UNROLL_DEPTH _Pragma("GCC unroll 4")
#endif

/* A tile of one slice of the depth, from one panel vector on. */
struct tile {
    size_t row, vector, from, to;
    bool add;
};

VECTOR_INLINE void put_sum(float *out, vec_real sum, bool add) {
    if (add) sum += vec_load(out);
    vec_store(out, sum);
}

/* Floats between rows of the panel; known when this is compiled where a tile takes all vectors at once. */
VECTOR_INLINE size_t panel_step(const struct panel_product *product, int vectors) {
    return (PARTS == 1 ? (size_t)vectors : product->vectors) * PANEL_LANES;
}

/* Adds one row of the panel times depth `k` of each input. The fewer of the two stay in registers while the
 * others pass by. */
VECTOR_INLINE void add_depth(const float *const in[TILE_ROWS_MAX], size_t k, const float *weights, int rows,
                             int width, vec_real sums[TILE_ROWS_MAX][TILE_WIDTH_MAX]) {
    if (rows < width) {
        vec_real x[TILE_ROWS_MAX];
        VECTOR_UNROLL
        for (int r = 0; r < rows; r++)
            x[r] = vec_set(in[r][k]);
        VECTOR_UNROLL
        for (int v = 0; v < width; v++) {
            const vec_real w = vec_load(weights + v * VECTOR_LANES);
            VECTOR_UNROLL
            for (int r = 0; r < rows; r++)
                sums[r][v] += x[r] * w;
        }
        return;
    }
    vec_real w[TILE_WIDTH_MAX];
    VECTOR_UNROLL
    for (int v = 0; v < width; v++)
        w[v] = vec_load(weights + v * VECTOR_LANES);
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        const vec_real x = vec_set(in[r][k]);
        VECTOR_UNROLL
        for (int v = 0; v < width; v++)
            sums[r][v] += x * w[v];
    }
}

VECTOR_INLINE void clear(int rows, int width, vec_real sums[TILE_ROWS_MAX][TILE_WIDTH_MAX]) {
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < width; v++)
            sums[r][v] = (vec_real){0};
    }
}

VECTOR_INLINE void add_sums(int rows, int width, vec_real sums[TILE_ROWS_MAX][TILE_WIDTH_MAX],
                            vec_real total[TILE_ROWS_MAX][TILE_WIDTH_MAX]) {
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < width; v++)
            total[r][v] += sums[r][v];
    }
}

VECTOR_INLINE void put_sums(int rows, int width, vec_real sums[TILE_ROWS_MAX][TILE_WIDTH_MAX], float *out,
                            size_t stride, bool add) {
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++) {
        VECTOR_UNROLL
        for (int v = 0; v < width; v++)
            put_sum(out + (size_t)r * stride + v * VECTOR_LANES, sums[r][v], add);
    }
}

VECTOR_INLINE void multiply_tile(const struct panel_product *product, struct tile tile, int rows,
                                 int vectors) {
    const float *in[TILE_ROWS_MAX];
    const int width = vectors * PARTS;
    float *out = product->out + tile.row * product->out_stride + tile.vector * PANEL_LANES;
    const size_t stride = product->out_stride, step = panel_step(product, vectors);
    VECTOR_UNROLL
    for (int r = 0; r < rows; r++)
        in[r] = product->in[tile.row + (size_t)r];
    const float *weights = product->panel + tile.from * step + tile.vector * PANEL_LANES;
    vec_real total[TILE_ROWS_MAX][TILE_WIDTH_MAX];
    clear(rows, width, total);
    for (size_t k = tile.from; k < tile.to;) {
        const size_t end = tile.to - k < product->terms ? tile.to : k + product->terms;
        vec_real sums[TILE_ROWS_MAX][TILE_WIDTH_MAX];
        clear(rows, width, sums);
        UNROLL_DEPTH
        for (; k < end; k++, weights += step)
            add_depth(in, k, weights, rows, width, sums);
        add_sums(rows, width, sums, total);
    }
    put_sums(rows, width, total, out, stride, tile.add);
}

/* A single row of whole vectors has too few sums to keep the multipliers busy: two chains for each. */
VECTOR_INLINE void multiply_row(const struct panel_product *product, struct tile tile, int vectors) {
    const float *in = product->in[tile.row];
    const size_t terms = 2 * product->terms;
    float *out = product->out + tile.row * product->out_stride;
    const size_t width = (size_t)vectors * PANEL_LANES;
    const float *weights = product->panel + tile.from * width;
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

/* One slice of the depth and so many panel vectors, for `rows` rows from tile.row on, at most
 * TILE_ROWS(vectors). */
#define TILE_CASE(count, vectors)                                                                            \
    case count:                                                                                              \
        if (TILE_ROWS(vectors) >= (count)) multiply_tile(product, tile, count, vectors);                     \
        break
#define DEFINE_TILES(vectors)                                                                                \
    static void tiles_of_##vectors(const struct panel_product *product, struct tile tile, size_t rows) {     \
        switch (rows) {                                                                                      \
        case 1:                                                                                              \
            if (PARTS > 1 || product->alike)                                                                 \
                multiply_tile(product, tile, 1, vectors);                                                    \
            else                                                                                             \
                multiply_row(product, tile, vectors);                                                        \
            break;                                                                                           \
            TILE_CASE(2, vectors);                                                                           \
            TILE_CASE(3, vectors);                                                                           \
            TILE_CASE(4, vectors);                                                                           \
            TILE_CASE(5, vectors);                                                                           \
            TILE_CASE(6, vectors);                                                                           \
            TILE_CASE(7, vectors);                                                                           \
            TILE_CASE(8, vectors);                                                                           \
        }                                                                                                    \
    }
DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)

/* How many vectors a tile takes: all, where they are machine vectors. Else one for many rows, and more where
 * few rows leave registers: one row that takes whole rows of the panel reads it twice as fast as in quarters.
 */
static size_t vectors_at_once(const struct panel_product *product) {
    size_t turns = 1;
    while (PARTS > 1 && turns < product->vectors &&
           (size_t)TILE_ROWS((product->vectors + turns - 1) / turns) < product->rows)
        turns++;
    return (product->vectors + turns - 1) / turns;
}

void KERNEL(panel_multiply)(const struct panel_product *product) {
    static void (*const tiles_of[])(const struct panel_product *, struct tile,
                                    size_t) = {tiles_of_1, tiles_of_2, tiles_of_3, tiles_of_4};
    const size_t at_once = vectors_at_once(product), most = TILE_ROWS(at_once);
    const size_t tiles = (product->rows + most - 1) / most;
    for (size_t from = 0; from < product->depth; from += PANEL_DEPTH) {
        const size_t left = product->depth - from, depth = left < PANEL_DEPTH ? left : PANEL_DEPTH;
        for (size_t i = 0; i < tiles; i++) {
            /* Tiles as even as can be: 16 rows are 6, 5 and 5, not 6, 6 and 4. */
            const size_t row = product->rows * i / tiles, next = product->rows * (i + 1) / tiles;
            for (size_t vector = 0; vector < product->vectors; vector += at_once) {
                const size_t rest = product->vectors - vector;
                const struct tile tile = {row, vector, from, from + depth, product->accumulate || from > 0};
                tiles_of[(rest < at_once ? rest : at_once) - 1](product, tile, next - row);
            }
        }
    }
}
