/* Fused attention of one block of queries with one panel of keys: scores, running softmax, weighted values.
 * Both products use one register tile; see core/attention/README.md for the algorithm. */
#include <math.h>
#include <stdbool.h>

#include "core/kernels/attention_product.h"
#include "core/kernels/isa.h"

/* Up to six rows of the block, the keys that any of them sees, and the running state of the rows. */
struct tile {
    size_t rows;
    const struct attention_range *visible;
    struct attention_range keys; /* the union of what the rows see */
    size_t slice_first, slices;  /* that hold it */
    bool masked;                 /* some row does not see all of these slices */
    bool fresh;                  /* no row has seen a key before: sums and output hold nothing yet */
    real *maximum, *sums, *output;
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
VECTOR_INLINE vec_int visible_lanes(struct attention_range row, int32_t key) {
    vec_int index;
    VECTOR_UNROLL
    for (int lane = 0; lane < VECTOR_LANES; lane++)
        index[lane] = lane;
    index += key;
    return (index >= row.begin) & (index < row.end);
}

/* The largest visible score of row r; sets its masked scores to -infinity. */
VECTOR_INLINE real row_maximum(const struct tile *tile, size_t r, const bool masked, real *row) {
    const struct attention_range seen = tile->visible[r];
    vec_real largest = vec_set(-INFINITY);
    for (size_t v = 0; v < tile->slices * SLICE_VECTORS; v++) {
        vec_real s = vec_load(row + v * VECTOR_LANES);
        int32_t key = (int32_t)(tile->slice_first * SLICE + v * VECTOR_LANES);
        if (masked && (key < seen.begin || key + VECTOR_LANES > seen.end)) {
            s = vec_select(visible_lanes(seen, key), s, vec_set(-INFINITY));
            vec_store(row + v * VECTOR_LANES, s);
        }
        largest = vec_max(largest, s);
    }
    return vec_largest_lane(largest);
}

/* Turns the scores of a row into weights exp2(score - reference) and adds them to the row's partial sums,
 * which first shrink by `factor`. Masked scores give exactly 0. */
VECTOR_INLINE void row_weights(const struct tile *tile, const bool masked, real reference, real factor,
                               real *row, real *sums) {
    vec_real sum[SLICE_VECTORS];
    VECTOR_UNROLL
    for (int v = 0; v < SLICE_VECTORS; v++) {
        sum[v] = vec_set(0);
        if (!tile->fresh) sum[v] = factor * vec_load(sums + v * VECTOR_LANES);
    }
    for (size_t slice = 0; slice < tile->slices; slice++) {
        VECTOR_UNROLL
        for (int v = 0; v < SLICE_VECTORS; v++) {
            real *at = row + slice * SLICE + v * VECTOR_LANES;
            vec_real s = vec_load(at);
            vec_real weight = vec_exp2_nonpositive(s - reference);
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
VECTOR_INLINE void softmax_tile(const struct tile *tile, const bool masked, real *scores, real *factor) {
    /* Whole vectors hold the changes of maximum of all rows. */
    enum { LANES = (ROWS + VECTOR_LANES - 1) / VECTOR_LANES * VECTOR_LANES };
    real reference[ROWS] = {0}, change[LANES] = {0};
    for (size_t r = 0; r < tile->rows; r++) {
        real before = tile->maximum[r], after = row_maximum(tile, r, masked, scores + r * KEYS);
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

static size_t padded_slices(const real_block *block) {
    return (block->width + SLICE - 1) / SLICE;
}

static void count_work(const real_block *block, const struct tile *tile) {
    size_t first = tile->slice_first * SLICE, last = first + tile->slices * SLICE;
    size_t scored = (last < block->keys ? last : block->keys) - first;
    size_t weighted = (size_t)(tile->keys.end - tile->keys.begin);
    block->done->product += 2 * tile->rows * block->width * (scored + weighted);
    /* Comparison, difference and sum for each score; the output rescaled once. */
    block->done->elementwise += tile->rows * (3 * scored + block->width);
    block->done->transcendental += tile->rows * scored;
}

/* Adds the weighted values of keys begin .. end - 1 to the output, which first shrinks by factor[6] or, if
 * that is NULL, holds nothing yet. Meanwhile as many bytes from `ahead` on are asked for, unless that is
 * NULL. */
static void weigh_values(const real_block *block, const struct tile *tile, size_t begin, size_t end,
                         const real *weights, const real *factor, const real *ahead) {
    size_t slices = padded_slices(block), keys = end - begin;
    for (size_t slice = 0; slice < slices; slice += GROUP_SLICES) {
        size_t here = slices - slice < GROUP_SLICES ? slices - slice : GROUP_SLICES;
        const real *values =
            block->value_panel + slice / GROUP_SLICES * block->value_group + begin * block->value_step;
        value_product(tile->rows, here, keys, weights + begin, values, block->value_step, factor,
                      tile->output + slice * SLICE, slices * SLICE,
                      ahead ? ahead + slice * SLICE * keys : NULL);
    }
}

/* The same for values in place, which come from memory: a few keys at a time, which stay in the first-level
 * cache for all groups of columns, while the next few are on their way. */
static void stream_values(const real_block *block, const struct tile *tile, const real *weights,
                          const real *factor) {
    static const real ONES[ROWS] = {1, 1, 1, 1, 1, 1};
    size_t begin = (size_t)tile->keys.begin, end = (size_t)tile->keys.end;
    size_t step = VALUE_BYTES_AHEAD / sizeof(real) / block->value_step + 1;
    for (size_t first = begin; first < end; first += step) {
        size_t last = end - first < step ? end : first + step;
        weigh_values(block, tile, first, last, weights,
                     first > begin ? ONES
                     : tile->fresh ? NULL
                                   : factor,
                     block->value_panel + last * block->value_step);
    }
}

static void attend_tile(const real_block *block, const struct tile *tile, const real *queries) {
    _Alignas(64) real scores[ROWS * KEYS];
    real factor[ROWS];
    size_t first = tile->slice_first, last = first + tile->slices, begin = (size_t)tile->keys.begin;
    if (block->keys_packed)
        score_product(tile->rows, first, last, block->width, queries, block->key_panel, scores);
    else
        score_dots(tile->rows, first, last, block->width, queries, block->keys, block->key_panel, scores);
    if (tile->masked)
        softmax_tile(tile, true, scores + first * SLICE, factor);
    else
        softmax_tile(tile, false, scores + first * SLICE, factor);

    if (block->keys_packed)
        weigh_values(block, tile, begin, (size_t)tile->keys.end, scores, tile->fresh ? NULL : factor, NULL);
    else
        stream_values(block, tile, scores, factor);
    count_work(block, tile);
}

void KERNEL(REAL(attention_block))(const real_block *block) {
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
