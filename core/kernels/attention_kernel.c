/* Fused attention of one block of queries with one panel of keys: scores, running softmax, weighted values.
 * Both products use one register tile; see core/attention/README.md for the algorithm. */
#include <math.h>
#include <stdbool.h>

#include "core/kernels/isa.h"
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
    const float *row[ROWS];
};

/* c[rows][vectors] = (factor ? factor[row] * c : 0) + a b over `depth` rows of b, in registers throughout. */
VECTOR_INLINE void tile_product(const int rows, const int vectors, size_t depth, struct left_factor a,
                                const float *b, size_t b_step, const float *factor, float *c, size_t c_step) {
    vec_f32 sum[ROWS][TILE_VECTORS];
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
        vec_f32 right[TILE_VECTORS];
        VECTOR_UNROLL
        for (int v = 0; v < vectors; v++)
            right[v] = vec_load(b + k * b_step + v * VECTOR_LANES);
        VECTOR_UNROLL
        for (int r = 0; r < rows; r++) {
            vec_f32 left = vec_set(a.row[r][k]);
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
                                 const float *b, size_t b_step, const float *factor, float *c,
                                 size_t c_step) {
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

/* A tile of queries with fewer rows than registers has room for computes a few rows of padding. */
#define FOR_ROWS(rows, call)                                                                                 \
    switch (rows) {                                                                                          \
    case 1:                                                                                                  \
        call(1);                                                                                             \
        break;                                                                                               \
    case 2:                                                                                                  \
    case 3:                                                                                                  \
        call(3);                                                                                             \
        break;                                                                                               \
    default:                                                                                                 \
        call(ROWS);                                                                                          \
    }

/* scores[6][KEYS] of a tile of queries against the packed keys of the slices first .. last - 1. */
static void score_product(size_t rows, size_t first, size_t last, size_t width, const float *queries,
                          const float *keys, float *scores) {
    struct left_factor a;
    for (size_t r = 0; r < ROWS; r++)
        a.row[r] = queries + (r < rows ? r : rows - 1) * width;
    while (first < last) {
        size_t group = first / GROUP_SLICES, group_end = (group + 1) * GROUP_SLICES;
        size_t slices = (last < group_end ? last : group_end) - first;
        const float *from = keys + group * GROUP * width + first % GROUP_SLICES * SLICE;
        float *to = scores + first * SLICE;
#define SCORES(r) panel_product(r, slices, width, a, from, GROUP, NULL, to, KEYS)
        FOR_ROWS(rows, SCORES)
#undef SCORES
        first += slices;
    }
}

/* output[6][step] = (factor ? factor[6] * output : 0) + weights[6][KEYS] values[keys][columns] for the slices
 * of one group of columns. */
static void value_product(size_t rows, size_t slices, size_t keys, const float *weights, const float *values,
                          const float *factor, float *output, size_t step) {
    struct left_factor a;
    for (size_t r = 0; r < ROWS; r++)
        a.row[r] = weights + r * KEYS;
#define VALUES(r) panel_product(r, slices, keys, a, values, slices *SLICE, factor, output, step)
    FOR_ROWS(rows, VALUES)
#undef VALUES
}

/* Up to six rows of the block, the keys that any of them sees, and the running state of the rows. */
struct tile {
    size_t rows;
    const struct attention_range *visible;
    struct attention_range keys; /* the union of what the rows see */
    size_t slice_first, slices;  /* that hold it */
    bool masked;                 /* some row does not see all of these slices */
    bool fresh;                  /* no row has seen a key before: sums and output hold nothing yet */
    float *maximum, *sums, *output;
};

static void find_visible(struct tile *tile) {
    struct attention_range all = {.begin = KEYS, .end = 0};
    bool masked = false, fresh = true;
    for (size_t r = 0; r < tile->rows; r++) {
        struct attention_range row = tile->visible[r];
        fresh = fresh && tile->maximum[r] == -INFINITY;
        masked = masked || row.begin != tile->visible[0].begin || row.end != tile->visible[0].end;
        if (row.begin >= row.end) continue;
        if (row.begin < all.begin) all.begin = row.begin;
        if (row.end > all.end) all.end = row.end;
    }
    tile->keys = all;
    tile->fresh = fresh;
    if (all.begin >= all.end) return;
    tile->slice_first = (size_t)all.begin / SLICE;
    tile->slices = ((size_t)all.end + SLICE - 1) / SLICE - tile->slice_first;
    tile->masked = masked || all.begin % SLICE || all.end % SLICE;
}

/* Lanes of the vector at `key` that the row sees. */
VECTOR_INLINE vec_i32 visible_lanes(struct attention_range row, size_t key) {
    vec_i32 index;
    VECTOR_UNROLL
    for (int lane = 0; lane < VECTOR_LANES; lane++)
        index[lane] = lane;
    index += (int32_t)key;
    return (index >= row.begin) & (index < row.end);
}

VECTOR_INLINE float largest_lane(vec_f32 v) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps((__m512)v);
#else
    float largest = v[0];
    VECTOR_UNROLL
    for (int lane = 1; lane < VECTOR_LANES; lane++)
        largest = v[lane] > largest ? v[lane] : largest;
    return largest;
#endif
}

/* The largest visible score of row r; sets its masked scores to -infinity. */
VECTOR_INLINE float row_maximum(const struct tile *tile, size_t r, const bool masked, float *row) {
    vec_f32 largest = vec_set(-INFINITY);
    for (size_t v = 0; v < tile->slices * SLICE_VECTORS; v++) {
        vec_f32 s = vec_load(row + v * VECTOR_LANES);
        if (masked) {
            vec_i32 seen = visible_lanes(tile->visible[r], tile->slice_first * SLICE + v * VECTOR_LANES);
            s = vec_select(seen, s, vec_set(-INFINITY));
            vec_store(row + v * VECTOR_LANES, s);
        }
        largest = vec_max(largest, s);
    }
    return largest_lane(largest);
}

/* Turns the scores of a row into weights exp2(score - reference) and adds them to the row's partial sums,
 * which first shrink by `factor`. Masked scores give exactly 0. */
VECTOR_INLINE void row_weights(const struct tile *tile, const bool masked, float reference, float factor,
                               float *row, float *sums) {
    vec_f32 sum[SLICE_VECTORS];
    VECTOR_UNROLL
    for (int v = 0; v < SLICE_VECTORS; v++) {
        sum[v] = vec_set(0);
        if (!tile->fresh) sum[v] = factor * vec_load(sums + v * VECTOR_LANES);
    }
    for (size_t slice = 0; slice < tile->slices; slice++) {
        VECTOR_UNROLL
        for (int v = 0; v < SLICE_VECTORS; v++) {
            float *at = row + slice * SLICE + v * VECTOR_LANES;
            vec_f32 s = vec_load(at);
            vec_f32 weight = vec_exp2_nonpositive(s - reference);
            if (masked) weight = vec_select(s > -INFINITY, weight, vec_set(0));
            sum[v] += weight;
            vec_store(at, weight);
        }
    }
    VECTOR_UNROLL
    for (int v = 0; v < SLICE_VECTORS; v++)
        vec_store(sums + v * VECTOR_LANES, sum[v]);
}

/* Replaces the scores[6][KEYS], from the first visible slice on, by weights relative to the new running
 * maxima; factor[6] is what older sums and outputs must be multiplied with. */
VECTOR_INLINE void softmax_tile(const struct tile *tile, const bool masked, float *scores, float *factor) {
    /* One vector holds a change of maximum for each row of the tile, or two where vectors are short. */
    float reference[2 * VECTOR_LANES] = {0}, change[2 * VECTOR_LANES] = {0};
    for (size_t r = 0; r < tile->rows; r++) {
        float before = tile->maximum[r], after = row_maximum(tile, r, masked, scores + r * KEYS);
        after = after > before ? after : before;
        tile->maximum[r] = after;
        /* A row that has seen nothing yet must not compute infinity - infinity. */
        reference[r] = after == -INFINITY ? 0 : after;
        change[r] = before - reference[r];
    }
    for (int first = 0; first < ROWS; first += VECTOR_LANES)
        vec_store(change + first, vec_exp2_nonpositive(vec_load(change + first)));
    for (size_t r = 0; r < ROWS; r++)
        factor[r] = r < tile->rows ? change[r] : 0;
    for (size_t r = 0; r < tile->rows; r++)
        row_weights(tile, masked, reference[r], factor[r], scores + r * KEYS, tile->sums + r * SLICE);
}

static size_t padded_slices(const struct attention_block *block) {
    return (block->width + SLICE - 1) / SLICE;
}

static void count_work(const struct attention_block *block, const struct tile *tile) {
    size_t first = tile->slice_first * SLICE, last = first + tile->slices * SLICE;
    size_t scored = (last < block->keys ? last : block->keys) - first;
    size_t weighted = (size_t)(tile->keys.end - tile->keys.begin);
    block->done->product += 2 * tile->rows * block->width * (scored + weighted);
    /* Comparison, difference and sum for each score; the output rescaled once. */
    block->done->elementwise += tile->rows * (3 * scored + block->width);
    block->done->transcendental += tile->rows * scored;
}

static void attend_tile(const struct attention_block *block, const struct tile *tile, const float *queries) {
    _Alignas(64) float scores[ROWS * KEYS];
    float factor[ROWS];
    size_t first = tile->slice_first, begin = (size_t)tile->keys.begin;
    score_product(tile->rows, first, first + tile->slices, block->width, queries, block->packed_keys, scores);
    if (tile->masked)
        softmax_tile(tile, true, scores + first * SLICE, factor);
    else
        softmax_tile(tile, false, scores + first * SLICE, factor);

    size_t slices = padded_slices(block);
    for (size_t slice = 0; slice < slices; slice += GROUP_SLICES) {
        size_t here = slices - slice < GROUP_SLICES ? slices - slice : GROUP_SLICES;
        const float *values = block->packed_values + slice * SLICE * KEYS + begin * here * SLICE;
        value_product(tile->rows, here, (size_t)tile->keys.end - begin, scores + begin, values,
                      tile->fresh ? NULL : factor, tile->output + slice * SLICE, slices * SLICE);
    }
    count_work(block, tile);
}

void KERNEL(attention_block)(const struct attention_block *block) {
    for (size_t row = 0; row < block->rows; row += ROWS) {
        struct tile tile = {
            .rows = block->rows - row < ROWS ? block->rows - row : ROWS,
            .visible = block->visible + row,
            .maximum = block->maximum + row,
            .sums = block->sums + row * SLICE,
            .output = block->output + row * padded_slices(block) * SLICE,
        };
        find_visible(&tile);
        if (tile.keys.begin < tile.keys.end) attend_tile(block, &tile, block->queries + row * block->width);
    }
}
