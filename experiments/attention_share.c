#include "experiments/attention_share.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/random.h"
#include "experiments/layer.h"

enum { CHECK_ROWS = LAYER_ROWS_MAX - 2 };

/* Elements of a share's arrays. */
struct counts {
    size_t rows, width;               /* of the inputs: batch * share rows, heads * head_width */
    size_t query_columns, kv_columns; /* of the share's projections */
};

static struct counts count_elements(const struct attention_shape *shape,
                                    const struct attention_share *share) {
    return (struct counts){.rows = shape->batch * share->rows,
                           .width = shape->heads * shape->head_width,
                           .query_columns = share->heads * shape->head_width,
                           .kv_columns = share->kv_heads * shape->head_width};
}

/* Which part of a [batch][heads][length][head_width] array of the whole layer a share holds. */
struct slab {
    size_t heads_total, head_first, heads;
};

static struct slab query_slab(const struct attention_data *data) {
    return (struct slab){data->shape.heads, data->share.head_first, data->share.heads};
}

static struct slab kv_slab(const struct attention_data *data) {
    return (struct slab){data->shape.kv_heads, data->share.kv_head_first, data->share.kv_heads};
}

/* How many of the share's rows from `row` on follow each other in the sequence. */
static size_t run_length(const struct attention_data *data, size_t row) {
    size_t count = 1;
    while (row + count < data->share.rows && data->positions[row + count] == data->positions[row] + count)
        count++;
    return count;
}

/* The share's rows of an array [sequences][length][width] that is drawn by place: those of sequence
 * `sequence`. */
static void draw_rows(const struct attention_data *data, struct random_source source, size_t sequence,
                      size_t width, float *out) {
    for (size_t row = 0; row < data->share.rows;) {
        size_t count = run_length(data, row);
        uint64_t place = (uint64_t)sequence * data->shape.query_length + data->positions[row];
        random_fill_normal_f32(source, place * width, count * width, out + row * width);
        row += count;
    }
}

/* All rows of one head of the whole layer. */
static void draw_head(const struct attention_data *data, enum random_stream stream, size_t head_of_all,
                      float *out) {
    size_t elements = data->shape.query_length * data->shape.head_width;
    random_fill_normal_f32(random_source(data->key, stream, 0), (uint64_t)head_of_all * elements, elements,
                           out);
}

static void draw_slab(const struct attention_data *data, enum random_stream stream, struct slab slab,
                      float *out) {
    size_t of_head = data->share.rows * data->shape.head_width;
    for (size_t item = 0; item < data->shape.batch; item++)
        for (size_t head = 0; head < slab.heads; head++)
            draw_rows(data, random_source(data->key, stream, 0),
                      item * slab.heads_total + slab.head_first + head, data->shape.head_width,
                      out + (item * slab.heads + head) * of_head);
}

/* Columns first_column .. first_column + columns - 1 of a matrix that is total_columns wide. */
static void draw_columns(struct random_source source, size_t rows, size_t total_columns, size_t first_column,
                         size_t columns, float deviation, float *out) {
    for (size_t row = 0; row < rows; row++)
        random_fill_normal_f32(source, (uint64_t)row * total_columns + first_column, columns,
                               out + row * columns);
    for (size_t i = 0; i < rows * columns; i++)
        out[i] *= deviation;
}

static void draw_projections(struct attention_data *data, const struct counts *counts) {
    const struct attention_shape *shape = &data->shape;
    size_t of_item = data->share.rows * counts->width, kv_width = shape->kv_heads * shape->head_width;
    size_t query_first = data->share.head_first * shape->head_width;
    size_t kv_first = data->share.kv_head_first * shape->head_width;
    float deviation = 1.0F / sqrtf((float)counts->width);
    struct random_source inputs = random_source(data->key, RANDOM_INPUTS, 0), weights[4];
    for (uint32_t i = 0; i < 4; i++)
        weights[i] = random_source(data->key, RANDOM_WEIGHTS, i);
    for (size_t item = 0; item < shape->batch; item++)
        draw_rows(data, inputs, item, counts->width, data->inputs + item * of_item);
    draw_columns(weights[0], counts->width, counts->width, query_first, counts->query_columns, deviation,
                 data->query_weights);
    draw_columns(weights[1], counts->width, kv_width, kv_first, counts->kv_columns, deviation,
                 data->key_weights);
    draw_columns(weights[2], counts->width, kv_width, kv_first, counts->kv_columns, deviation,
                 data->value_weights);
    random_fill_normal_f32(weights[3], (uint64_t)query_first * counts->width,
                           counts->query_columns * counts->width, data->output_weights);
    for (size_t i = 0; i < counts->query_columns * counts->width; i++)
        data->output_weights[i] *= deviation;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof **floats);
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status allocate(struct attention_data *data, const struct counts *counts) {
    data->positions = memory_allocate(data->share.rows, sizeof *data->positions);
    if (!data->positions) return STATUS_NO_MEMORY;
    CHECK(allocate_floats(counts->rows * counts->query_columns, &data->queries));
    CHECK(allocate_floats(counts->rows * counts->query_columns, &data->output));
    CHECK(allocate_floats(counts->rows * counts->kv_columns, &data->keys));
    CHECK(allocate_floats(counts->rows * counts->kv_columns, &data->values));
    CHECK(allocate_floats(counts->rows * data->share.heads, &data->log_sum_exp));
    CHECK(allocate_floats(counts->rows * counts->width, &data->inputs));
    CHECK(allocate_floats(counts->width * counts->query_columns, &data->query_weights));
    CHECK(allocate_floats(counts->width * counts->kv_columns, &data->key_weights));
    CHECK(allocate_floats(counts->width * counts->kv_columns, &data->value_weights));
    CHECK(allocate_floats(counts->width * counts->query_columns, &data->output_weights));
    return allocate_floats(counts->rows * counts->width, &data->projected);
}

enum status attention_data_create(struct attention_data *data) {
    struct counts counts = count_elements(&data->shape, &data->share);
    enum status status = allocate(data, &counts);
    if (status != STATUS_OK) {
        attention_data_destroy(data);
        return status;
    }
    sequence_positions(data->share.part, data->positions);
    draw_slab(data, RANDOM_QUERIES, query_slab(data), data->queries);
    draw_slab(data, RANDOM_KEYS, kv_slab(data), data->keys);
    draw_slab(data, RANDOM_VALUES, kv_slab(data), data->values);
    draw_projections(data, &counts);
    return STATUS_OK;
}

void attention_data_destroy(struct attention_data *data) {
    float **const arrays[] = {&data->queries,        &data->output,      &data->keys,
                              &data->values,         &data->log_sum_exp, &data->inputs,
                              &data->query_weights,  &data->key_weights, &data->value_weights,
                              &data->output_weights, &data->projected};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        memory_free(*arrays[i]);
        *arrays[i] = NULL;
    }
    memory_free(data->positions);
    data->positions = NULL;
}

double attention_data_bytes(const struct attention_shape *shape, const struct attention_share *share) {
    struct counts counts = count_elements(shape, share);
    double rows = (double)counts.rows, width = (double)counts.width;
    double columns = (double)(counts.query_columns + counts.kv_columns);
    double floats = 2 * rows * columns + rows * (double)share->heads + 2 * rows * width + 2 * width * columns;
    /* The check: keys and values of one head whole, and its reference rows. */
    floats += 2 * (double)shape->key_length * (double)shape->head_width;
    return floats * sizeof(float) + (double)share->rows * sizeof(size_t) +
           LAYER_ROWS_MAX * (double)shape->head_width * sizeof(double);
}

double attention_projection_flops(const struct attention_shape *shape, const struct attention_share *share) {
    struct counts counts = count_elements(shape, share);
    return 2.0 * (double)counts.rows * (double)counts.width *
           (2.0 * (double)counts.query_columns + 2.0 * (double)counts.kv_columns);
}

/* One projection of the inputs. */
static void project(struct attention_data *data, const struct counts *counts, const float *weights,
                    size_t columns) {
    product_f32(counts->rows, columns, counts->width, data->inputs, counts->width, weights, columns, false,
                data->projected, columns);
}

void attention_project_inputs(struct attention_data *data) {
    struct counts counts = count_elements(&data->shape, &data->share);
    project(data, &counts, data->query_weights, counts.query_columns);
    project(data, &counts, data->key_weights, counts.kv_columns);
    project(data, &counts, data->value_weights, counts.kv_columns);
}

void attention_project_output(struct attention_data *data) {
    struct counts counts = count_elements(&data->shape, &data->share);
    product_f32(counts.rows, counts.width, counts.query_columns, data->output, counts.query_columns,
                data->output_weights, counts.width, false, data->projected, counts.width);
}

/* Keys and values of one key/value head over the whole sequence, and room for the reference. */
struct witness {
    float *keys, *values; /* [length][head_width] */
    double *rows;         /* [LAYER_ROWS_MAX][head_width] */
};

static int compare_sizes(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Keeps the rows of the sequence that are in the share, as rows of the share; returns their number. */
static size_t keep_own_rows(const struct attention_data *data, size_t count, size_t *rows) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t *found =
            bsearch(&rows[i], data->positions, data->share.rows, sizeof *found, compare_sizes);
        if (found) rows[kept++] = (size_t)(found - data->positions);
    }
    return kept;
}

/* Compares rows of one head of one batch item; `head` counts from the share's first. */
static void check_head(const struct attention_data *data, const struct witness *witness, size_t item,
                       size_t head, double *worst, size_t *checked) {
    const struct attention_share *share = &data->share;
    size_t width = data->shape.head_width, rows[LAYER_ROWS_MAX];
    size_t head_of_all = item * data->shape.heads + share->head_first + head;
    struct random_source choice = random_source(data->key, RANDOM_CHOICE, (uint32_t)head_of_all);
    size_t count = layer_choose_rows(choice, data->shape.query_length, CHECK_ROWS, rows);
    size_t mine = keep_own_rows(data, count, rows);
    const struct attention_shape alone = {1, 1, 1, share->rows, data->shape.key_length, width};
    struct attention_mask mask = data->mask;
    mask.queries.positions = data->positions;
    size_t first = (item * share->heads + head) * share->rows * width;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < mine; i++) {
        double log_sum_exp;
        attention_reference_row(&alone, &mask, 1 / sqrt((double)width), data->queries + first, witness->keys,
                                witness->values, 0, 0, rows[i], witness->rows + i * width, &log_sum_exp);
    }
    for (size_t i = 0; i < mine; i++)
        for (size_t k = 0; k < width; k++)
            *worst = layer_worse(*worst, (double)data->output[first + rows[i] * width + k] -
                                             witness->rows[i * width + k]);
    *checked += mine;
}

static void check_heads(const struct attention_data *data, const struct witness *witness, double *worst,
                        size_t *checked) {
    const struct attention_shape *shape = &data->shape;
    size_t group = shape->heads / shape->kv_heads, drawn = SIZE_MAX;
    for (size_t item = 0; item < shape->batch; item++)
        for (size_t head = 0; head < data->share.heads; head++) {
            size_t kv_head = item * shape->kv_heads + (data->share.head_first + head) / group;
            if (kv_head != drawn) {
                draw_head(data, RANDOM_KEYS, kv_head, witness->keys);
                draw_head(data, RANDOM_VALUES, kv_head, witness->values);
                drawn = kv_head;
            }
            check_head(data, witness, item, head, worst, checked);
        }
}

enum status attention_data_check(const struct attention_data *data, double *max_abs_error,
                                 size_t *rows_checked) {
    size_t width = data->shape.head_width, elements = data->shape.key_length * width;
    struct witness witness = {.keys = memory_allocate(elements, sizeof(float)),
                              .values = memory_allocate(elements, sizeof(float)),
                              .rows = memory_allocate(LAYER_ROWS_MAX * width, sizeof(double))};
    *max_abs_error = 0;
    *rows_checked = 0;
    bool complete = witness.keys && witness.values && witness.rows;
    if (complete) check_heads(data, &witness, max_abs_error, rows_checked);
    memory_free(witness.keys);
    memory_free(witness.values);
    memory_free(witness.rows);
    return complete ? STATUS_OK : STATUS_NO_MEMORY;
}
