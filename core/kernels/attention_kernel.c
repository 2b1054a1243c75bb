/* Fused attention of one block of queries with one panel of keys: scores, running softmax, weighted values.
 * Both products use one register tile; see core/attention/README.md for the algorithm. */
#include <math.h>
#include <stdbool.h>

#include "core/kernels/attention_product.h"
#include "core/kernels/isa.h"

/* Up to six rows of the block, the keys that any of them sees, and the running state of the rows. */
struct tile {
    size_t rows;
    const real *queries;
    const struct attention_range *visible;
    struct attention_range keys; /* the union of what the rows see */
    size_t slice_first, slices;  /* that hold it */
    bool masked;                 /* some row does not see all of these slices */
    bool fresh;                  /* no row has seen a key before: sums and output hold nothing yet */
    real *maximum, *sums, *output;
    real factor[ROWS]; /* what older sums and outputs must be multiplied with */
    real *scores;      /* [ROWS][KEYS], and then weights */
};

/* Tiles that share each group of keys and of values while it is in the first-level cache. With wide vectors a
 * tile does as much with a byte as several of narrow ones do. */
enum { BAND = VECTOR_BYTES == 64 ? 1 : 4 };

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

/* Replaces the scores, from the first visible slice on, by weights relative to the new running maxima. */
VECTOR_INLINE void softmax_tile(struct tile *tile, const bool masked) {
    /* Whole vectors hold the changes of maximum of all rows. */
    enum { LANES = (ROWS + VECTOR_LANES - 1) / VECTOR_LANES * VECTOR_LANES };
    real *scores = tile->scores + tile->slice_first * SLICE;
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
        tile->factor[r] = r < tile->rows ? change[r] : 0;
    for (size_t r = 0; r < tile->rows; r++)
        row_weights(tile, masked, reference[r], tile->factor[r], scores + r * KEYS, tile->sums + r * SLICE);
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

/* One group of columns, `slice` being its first slice: adds the weighted values of keys begin .. end - 1 to
 * the output, which first shrinks by factor[6] or, if that is NULL, holds nothing yet. Meanwhile as many
 * bytes from `ahead` on are asked for, unless that is NULL. */
static void weigh_values(const real_block *block, const struct tile *tile, size_t slice, size_t begin,
                         size_t end, const real *factor, const real *ahead) {
    size_t slices = padded_slices(block),
           here = slices - slice < GROUP_SLICES ? slices - slice : GROUP_SLICES;
    const real *values =
        block->value_panel + slice / GROUP_SLICES * block->value_group + begin * block->value_step;
    value_product(tile->rows, here, end - begin, tile->scores + begin, values, block->value_step, factor,
                  tile->output + slice * SLICE, slices * SLICE,
                  ahead ? ahead + slice * SLICE * (end - begin) : NULL);
}

/* The same for all columns of values in place, which come from memory: a few keys at a time, which stay in
 * the first-level cache for all groups, while the next few are on their way. */
static void stream_values(const real_block *block, const struct tile *tile) {
    static const real ONES[ROWS] = {1, 1, 1, 1, 1, 1};
    size_t begin = (size_t)tile->keys.begin, end = (size_t)tile->keys.end;
    size_t step = VALUE_BYTES_AHEAD / sizeof(real) / block->value_step + 1;
    for (size_t first = begin; first < end; first += step) {
        size_t last = end - first < step ? end : first + step;
        const real *factor = first > begin ? ONES : tile->fresh ? NULL : tile->factor;
        for (size_t slice = 0; slice < padded_slices(block); slice += GROUP_SLICES)
            weigh_values(block, tile, slice, first, last, factor,
                         block->value_panel + last * block->value_step);
    }
}

static void score_group(const real_block *block, const struct tile *tile, size_t group) {
    size_t begin = group * GROUP_SLICES, end = begin + GROUP_SLICES;
    size_t first = tile->slice_first, last = first + tile->slices;
    if (first < begin) first = begin;
    if (last > end) last = end;
    if (first < last)
        score_product(tile->rows, first, last, block->width, tile->queries, block->key_panel, tile->scores);
}

static void score_tiles(const real_block *block, size_t count, struct tile *tiles) {
    if (!block->keys_packed)
        for (struct tile *tile = tiles; tile < tiles + count; tile++)
            score_dots(tile->rows, tile->slice_first, tile->slice_first + tile->slices, block->width,
                       tile->queries, block->keys, block->key_panel, tile->scores);
    for (size_t group = 0; block->keys_packed && group < KEYS / GROUP; group++)
        for (size_t t = 0; t < count; t++)
            score_group(block, &tiles[t], group);
}

static void weigh_tiles(const real_block *block, size_t count, const struct tile *tiles) {
    if (!block->keys_packed)
        for (size_t t = 0; t < count; t++)
            stream_values(block, &tiles[t]);
    for (size_t slice = 0; block->keys_packed && slice < padded_slices(block); slice += GROUP_SLICES)
        for (const struct tile *tile = tiles; tile < tiles + count; tile++)
            weigh_values(block, tile, slice, (size_t)tile->keys.begin, (size_t)tile->keys.end,
                         tile->fresh ? NULL : tile->factor, NULL);
}

static void attend_tiles(const real_block *block, size_t count, struct tile *tiles) {
    score_tiles(block, count, tiles);
    for (struct tile *tile = tiles; tile < tiles + count; tile++)
        if (tile->masked)
            softmax_tile(tile, true);
        else
            softmax_tile(tile, false);
    weigh_tiles(block, count, tiles);
    for (size_t t = 0; t < count; t++)
        count_work(block, &tiles[t]);
}

static struct tile tile_at(const real_block *block, size_t row, real *scores) {
    struct tile tile = {
        .rows = block->rows - row < ROWS ? block->rows - row : ROWS,
        .queries = block->queries + row * block->width,
        .visible = block->visible + row,
        .maximum = block->maximum + row,
        .sums = block->sums + row * SLICE,
        .output = block->output + row * padded_slices(block) * SLICE,
        .scores = scores,
    };
    find_visible(&tile);
    return tile;
}

void KERNEL(REAL(attention_block))(const real_block *block) {
    _Alignas(64) real scores[BAND][ROWS * KEYS];
    struct tile tiles[BAND];
    for (size_t row = 0; row < block->rows;) {
        size_t count = 0;
        for (; count < BAND && row < block->rows; row += ROWS) {
            tiles[count] = tile_at(block, row, scores[count]);
            if (tiles[count].keys.begin < tiles[count].keys.end) count++;
        }
        attend_tiles(block, count, tiles);
    }
}
