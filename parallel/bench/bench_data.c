#include "parallel/bench/bench_data.h"

#include <math.h>

#include "core/base/memory.h"
#include "core/base/random.h"

enum { KEY = 20260401, CHECKED_HEADS = 4, CHECKED_ROWS = 16 };

/* Rows of the share, of one head of the whole batch. */
static void draw_rows(const struct bench_data *data, enum random_stream stream, size_t head, float *out) {
    size_t width = data->shape.head_width, rows = data->share.rows, count;
    for (size_t row = 0; row < rows; row += count) {
        size_t position = data->positions[row];
        for (count = 1; row + count < rows && data->positions[row + count] == position + count;)
            count++;
        uint64_t place = ((uint64_t)head * data->shape.query_length + position) * width;
        random_fill_normal_f32(random_source(KEY, stream, 0), place, count * width, out + row * width);
    }
}

/* The share's heads out of `total`. */
static void draw_heads(const struct bench_data *data, enum random_stream stream, size_t total, size_t first,
                       size_t heads, float *out) {
    size_t floats = data->share.rows * data->shape.head_width;
    for (size_t item = 0; item < data->shape.batch; item++)
        for (size_t head = 0; head < heads; head++, out += floats)
            draw_rows(data, stream, item * total + first + head, out);
}

enum status bench_data_create(const struct attention_shape *shape, const struct attention_mask *mask,
                              struct attention_share share, struct bench_data *data) {
    size_t floats = shape->batch * share.rows * shape->head_width;
    *data = (struct bench_data){
        .shape = *shape,
        .mask = *mask,
        .share = share,
        .positions = memory_allocate(share.rows, sizeof(size_t)),
        .queries = memory_allocate(share.heads * floats, sizeof(float)),
        .keys = memory_allocate(share.kv_heads * floats, sizeof(float)),
        .values = memory_allocate(share.kv_heads * floats, sizeof(float)),
        .output = memory_allocate(share.heads * floats, sizeof(float)),
    };
    if (!data->positions || !data->queries || !data->keys || !data->values || !data->output)
        return STATUS_NO_MEMORY;
    sequence_positions(share.part, data->positions);
    draw_heads(data, RANDOM_QUERIES, shape->heads, share.head_first, share.heads, data->queries);
    draw_heads(data, RANDOM_KEYS, shape->kv_heads, share.kv_head_first, share.kv_heads, data->keys);
    draw_heads(data, RANDOM_VALUES, shape->kv_heads, share.kv_head_first, share.kv_heads, data->values);
    return STATUS_OK;
}

void bench_data_destroy(struct bench_data *data) {
    memory_free(data->positions);
    memory_free(data->queries);
    memory_free(data->keys);
    memory_free(data->values);
    memory_free(data->output);
    *data = (struct bench_data){.positions = NULL};
}

bool bench_data_holds(const struct bench_data *data, const struct attention_share *share) {
    const struct attention_share *held = &data->share;
    return held->head_first == share->head_first && held->heads == share->heads &&
           held->kv_head_first == share->kv_head_first && held->kv_heads == share->kv_heads &&
           held->rows == share->rows && held->part.layout == share->part.layout &&
           held->part.parts == share->part.parts && held->part.part == share->part.part;
}

/* Rows spread over one head, which is counted over the batch within the share. */
static double check_head(const struct bench_data *data, size_t head, const float *keys, const float *values) {
    size_t width = data->shape.head_width, rows = data->share.rows, first = head * rows * width;
    const struct attention_shape alone = {1, 1, 1, rows, data->shape.key_length, width};
    struct attention_mask mask = data->mask;
    mask.queries = (struct attention_rows){.positions = data->positions};
    double exact[ATTENTION_WIDTH_MAX], log_sum_exp, worst = 0;
    size_t checked = rows < CHECKED_ROWS ? rows : CHECKED_ROWS;
    for (size_t i = 0; i < checked; i++) {
        size_t row = checked > 1 ? i * (rows - 1) / (checked - 1) : 0;
        attention_reference_row(&alone, &mask, (double)attention_scale(&data->shape), data->queries + first,
                                keys, values, 0, 0, row, exact, &log_sum_exp);
        for (size_t k = 0; k < width; k++) {
            double error = fabs((double)data->output[first + row * width + k] - exact[k]);
            if (!(error <= worst)) worst = error; /* a NaN stays */
        }
    }
    return worst;
}

enum status bench_data_check(const struct bench_data *data, double *max_abs_error) {
    const struct attention_shape *shape = &data->shape;
    size_t floats = shape->key_length * shape->head_width, group = shape->heads / shape->kv_heads;
    size_t heads = shape->batch * data->share.heads;
    size_t checked = heads < CHECKED_HEADS ? heads : CHECKED_HEADS;
    float *keys = memory_allocate(floats, sizeof *keys), *values = memory_allocate(floats, sizeof *values);
    enum status status = keys && values ? STATUS_OK : STATUS_NO_MEMORY;
    *max_abs_error = 0;
    for (size_t i = 0; i < checked && status == STATUS_OK; i++) {
        size_t head = checked > 1 ? i * (heads - 1) / (checked - 1) : 0;
        size_t of_item = data->share.head_first + head % data->share.heads;
        uint64_t kv_head = head / data->share.heads * shape->kv_heads + of_item / group;
        random_fill_normal_f32(random_source(KEY, RANDOM_KEYS, 0), kv_head * floats, floats, keys);
        random_fill_normal_f32(random_source(KEY, RANDOM_VALUES, 0), kv_head * floats, floats, values);
        double error = check_head(data, head, keys, values);
        if (!(error <= *max_abs_error)) *max_abs_error = isnan(error) ? INFINITY : error;
    }
    memory_free(keys);
    memory_free(values);
    return status;
}
