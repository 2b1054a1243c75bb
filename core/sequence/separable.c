/* Depthwise-separable convolution: each channel by itself, then one product that mixes the channels. */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/sequence/panels.h"
#include "core/sequence/taps.h"

enum { DEPTHWISE_ROWS = 16 }; /* rows that a thread convolves at a time */

struct separable {
    struct convolution_shape shape;
    float *channels;      /* [kernel_size][width] */
    struct panels mixing; /* [width in][width out] */
    float *convolved;     /* [batch][rows of a window][width] */
};

static enum status fill(struct separable *layer, size_t rows, struct random_source weights) {
    const struct convolution_shape *shape = &layer->shape;
    size_t count = shape->kernel_size * shape->width;
    uint64_t next;
    layer->channels = memory_allocate(count, sizeof *layer->channels);
    layer->convolved = memory_allocate(shape->batch * rows * shape->width, sizeof(float));
    if (!layer->channels || !layer->convolved) return STATUS_NO_MEMORY;
    random_fill_normal_f32(weights, 0, count, layer->channels);
    for (size_t i = 0; i < count; i++)
        layer->channels[i] /= sqrtf((float)shape->kernel_size);
    CHECK(panels_create(shape->width, 1, shape->width, &layer->mixing));
    return panels_draw(&layer->mixing, weights, count, 1.0F / sqrtf((float)shape->width), &next);
}

enum status separable_create_part(const struct convolution_shape *shape, size_t rows,
                                  struct random_source weights, struct separable **layer) {
    *layer = NULL;
    if (!convolution_shape_is_valid(shape) || rows == 0 || rows > shape->length) return STATUS_INVALID;
    struct separable *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->shape = *shape;
    enum status status = fill(created, rows, weights);
    if (status == STATUS_OK)
        *layer = created;
    else
        separable_destroy(&created);
    return status;
}

enum status separable_create(const struct convolution_shape *shape, struct random_source weights,
                             struct separable **layer) {
    return separable_create_part(shape, shape->length, weights, layer);
}

void separable_destroy(struct separable **layer) {
    if (!*layer) return;
    memory_free((*layer)->channels);
    memory_free((*layer)->convolved);
    panels_destroy(&(*layer)->mixing);
    memory_free(*layer);
    *layer = NULL;
}

/* Rows of a window that are computed in one call. */
struct range {
    const struct convolution_window *window;
    size_t from, count;
};

/* Adds what the taps reach of one row of the channels' convolutions; returns how many taps that are. */
static size_t convolve_row(const struct separable *layer, const struct convolution_window *window,
                           size_t item, size_t position, float *output) {
    size_t width = layer->shape.width, taps = 0;
    memset(output, 0, width * sizeof *output);
    for (size_t index = 0; index < layer->shape.kernel_size; index++) {
        struct tap tap = convolution_tap(&layer->shape, index);
        if (position < tap.first || position >= tap.first + tap.rows) continue;
        const float *weights = layer->channels + index * width;
        const float *read =
            convolution_window_row(window, width, item, (size_t)((ptrdiff_t)position - tap.shift));
        for (size_t i = 0; i < width; i++)
            output[i] += weights[i] * read[i];
        taps++;
    }
    return taps;
}

/* The rows first .. first + DEPTHWISE_ROWS - 1 of the range, all sequences taken as one list. */
static void convolve_rows(const struct separable *layer, const struct range *range, size_t first) {
    size_t width = layer->shape.width, left = layer->shape.batch * range->count - first, taps = 0;
    size_t rows = left < DEPTHWISE_ROWS ? left : DEPTHWISE_ROWS;
    for (size_t row = first; row < first + rows; row++)
        taps += convolve_row(layer, range->window, row / range->count, range->from + row % range->count,
                             layer->convolved + row * width);
    work_add((struct work){.product = 2 * taps * width});
}

static void mix_piece(const struct separable *layer, const struct range *range, struct piece piece,
                      float *output) {
    size_t width = layer->shape.width, skipped = range->from - range->window->first;
    struct panel panel = panels_at(&layer->mixing, piece.panel);
    float sums[PANELS_ROWS_MAX * PANEL_VECTORS_MAX * PANEL_LANES];
    const float *rows[PANELS_ROWS_MAX];
    for (size_t row = 0; row < piece.rows; row++)
        rows[row] = layer->convolved + (piece.row + row) * width;
    kernels()->panel_multiply(&(struct panel_product){.rows = piece.rows,
                                                      .depth = width,
                                                      .vectors = panel.vectors,
                                                      .terms = CONVOLUTION_TERMS,
                                                      .in = rows,
                                                      .panel = panel.weights,
                                                      .out = sums,
                                                      .out_stride = panel.vectors * PANEL_LANES,
                                                      .alike = true});
    for (size_t i = 0; i < piece.rows; i++) {
        size_t row = piece.row + i;
        size_t at = row / range->count * range->window->rows + skipped + row % range->count;
        memcpy(output + at * width + panel.unit, sums + i * panel.vectors * PANEL_LANES,
               panel.units * sizeof *sums);
    }
    work_add((struct work){.product = 2 * piece.rows * width * panel.units});
}

void separable_forward_window(struct separable *layer, const struct convolution_window *window, size_t from,
                              size_t count, float *output) {
    if (count == 0) return;
    const struct range range = {window, from, count};
    size_t rows = layer->shape.batch * count;
    struct pieces pieces = panels_pieces(&layer->mixing, rows);
#pragma omp parallel
    {
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < rows; first += DEPTHWISE_ROWS)
            convolve_rows(layer, &range, first);
#pragma omp for schedule(dynamic, 1)
        for (size_t index = 0; index < pieces_count(pieces); index++)
            mix_piece(layer, &range, pieces_at(pieces, index), output);
    }
}

void separable_forward(struct separable *layer, const float *input, float *output) {
    size_t length = layer->shape.length;
    const struct convolution_window whole = {.rows = length, .input = input};
    separable_forward_window(layer, &whole, 0, length, output);
}

enum status separable_reference_row(const struct separable *layer, const float *input, size_t batch_index,
                                    size_t position, double *output) {
    const struct convolution_shape *shape = &layer->shape;
    size_t width = shape->width;
    double *convolved = memory_allocate(width, sizeof *convolved);
    if (!convolved) return STATUS_NO_MEMORY;
    for (size_t index = 0; index < shape->kernel_size; index++) {
        struct tap tap = convolution_tap(shape, index);
        if (position < tap.first || position >= tap.first + tap.rows) continue;
        size_t read = (size_t)((ptrdiff_t)position - tap.shift);
        const float *row = input + (batch_index * shape->length + read) * width;
        for (size_t i = 0; i < width; i++)
            convolved[i] += (double)row[i] * (double)layer->channels[index * width + i];
    }
    memset(output, 0, width * sizeof *output);
    panels_add_product_f64(&layer->mixing, 0, width, convolved, output);
    memory_free(convolved);
    return STATUS_OK;
}

size_t separable_part_bytes(const struct convolution_shape *shape, size_t rows) {
    if (!convolution_shape_is_valid(shape)) return 0;
    const struct panels mixing = {shape->width, 1, shape->width, NULL};
    size_t convolved = shape->batch * rows * shape->width;
    size_t floats = shape->kernel_size * shape->width + convolved + mixing.depth * panels_columns(&mixing);
    return sizeof(struct separable) + floats * sizeof(float);
}

size_t separable_bytes(const struct convolution_shape *shape) {
    return separable_part_bytes(shape, shape->length);
}

double separable_flops(const struct convolution_shape *shape) {
    double rows = convolution_tap_rows(shape) + (double)shape->length * (double)shape->width;
    return 2.0 * (double)shape->batch * (double)shape->width * rows;
}
