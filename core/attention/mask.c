/* Which keys a row sees. */
#include <math.h>
#include <stdbool.h>

#include "core/attention/internal.h"

struct attention_mask attention_mask_none(void) {
    return (struct attention_mask){.kind = ATTENTION_FULL, .queries = {.step = 1}, .keys = {.step = 1}};
}

static size_t position_of(struct attention_rows rows, size_t row) {
    if (rows.positions) return rows.positions[row];
    return rows.first + row * (rows.step ? rows.step : 1);
}

/* The first of positions[count] that is not below `position`. */
static size_t search(size_t count, const size_t *positions, size_t position) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (positions[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many of the rows 0 .. length - 1 stand at positions below `position`. */
static size_t rows_before(struct attention_rows rows, size_t length, size_t position) {
    if (rows.positions) return search(length, rows.positions, position);
    if (position <= rows.first) return 0;
    size_t step = rows.step ? rows.step : 1;
    size_t count = (position - rows.first - 1) / step + 1;
    return count < length ? count : length;
}

struct key_range attention_visible_keys(const struct attention_mask *mask, size_t key_length,
                                        size_t batch_index, size_t row) {
    struct key_range seen = {.begin = 0, .end = key_length};
    if (mask->kind != ATTENTION_FULL) {
        size_t next = position_of(mask->queries, row) + 1; /* the first position in the row's future */
        seen.end = rows_before(mask->keys, key_length, next);
        if (mask->kind == ATTENTION_WINDOW && next > mask->window)
            seen.begin = rows_before(mask->keys, key_length, next - mask->window);
    }
    if (mask->key_lengths) {
        size_t end = rows_before(mask->keys, key_length, mask->key_lengths[batch_index]);
        if (end < seen.end) seen.end = end;
    }
    if (seen.begin > seen.end) seen.begin = seen.end;
    return seen;
}

/* Sum over r = 0 .. count - 1 of offset + r, kept within 0 .. limit. */
static double sum_of_clamped_ramp(double offset, double count, double limit) {
    double first = fmin(fmax(-offset, 0), count);           /* rows before it see nothing */
    double full = fmin(fmax(limit - offset, first), count); /* rows from it on see everything */
    double growing = full - first;
    return growing * (offset + first) + growing * (growing - 1) / 2 + (count - full) * limit;
}

/* Visible pairs of one head and batch item, row by row. */
static double count_pairs(const struct attention_shape *shape, const struct attention_mask *mask,
                          size_t batch) {
    double pairs = 0;
    for (size_t row = 0; row < shape->query_length; row++) {
        struct key_range seen = attention_visible_keys(mask, shape->key_length, batch, row);
        pairs += (double)(seen.end - seen.begin);
    }
    return pairs;
}

double attention_flops(const struct attention_shape *shape, const struct attention_mask *mask) {
    double queries = (double)shape->query_length, keys = (double)shape->key_length, pairs = 0;
    bool contiguous =
        mask->queries.step <= 1 && mask->keys.step <= 1 && !mask->queries.positions && !mask->keys.positions;
    if (mask->key_lengths) {
        for (size_t b = 0; b < shape->batch; b++)
            pairs += count_pairs(shape, mask, b);
    } else if (mask->kind == ATTENTION_FULL) {
        pairs = (double)shape->batch * queries * keys;
    } else if (mask->kind == ATTENTION_CAUSAL && contiguous) {
        double offset = (double)mask->queries.first + 1 - (double)mask->keys.first;
        pairs = (double)shape->batch * sum_of_clamped_ramp(offset, queries, keys);
    } else {
        pairs = (double)shape->batch * count_pairs(shape, mask, 0);
    }
    return 4 * pairs * (double)shape->heads * (double)shape->head_width;
}

float attention_scale(const struct attention_shape *shape) {
    return 1.0F / sqrtf((float)shape->head_width);
}
