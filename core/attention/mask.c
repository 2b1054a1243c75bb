/* Which keys a row sees. */
#include "core/attention/internal.h"

struct attention_mask attention_mask_none(void) {
    return (struct attention_mask){.kind = ATTENTION_FULL, .queries = {.step = 1}, .keys = {.step = 1}};
}

/* How many of the rows 0 .. length - 1 stand at positions below `position`. */
static size_t rows_before(struct attention_rows rows, size_t length, size_t position) {
    if (position <= rows.first) return 0;
    size_t step = rows.step ? rows.step : 1;
    size_t count = (position - rows.first - 1) / step + 1;
    return count < length ? count : length;
}

struct key_range attention_visible_keys(const struct attention_mask *mask, size_t key_length,
                                        size_t batch_index, size_t row) {
    struct key_range seen = {.begin = 0, .end = key_length};
    if (mask->kind != ATTENTION_FULL) {
        size_t step = mask->queries.step ? mask->queries.step : 1;
        size_t next = mask->queries.first + row * step + 1; /* the first position in the row's future */
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

double attention_flops(const struct attention_shape *shape, const struct attention_mask *mask) {
    double pairs = 0;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t row = 0; row < shape->query_length; row++) {
            struct key_range seen = attention_visible_keys(mask, shape->key_length, b, row);
            pairs += (double)(seen.end - seen.begin);
        }
    return 4 * pairs * (double)shape->heads * (double)shape->head_width;
}
