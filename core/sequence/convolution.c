/* Convolution over a sequence: each piece of the output, 64 channels of some neighbouring rows, takes the
 * sums of all its taps one after the other, on rows that are shifted against each other. Positions outside
 * the sequence are left out, not multiplied as zeros. */
#include <math.h>
#include <string.h>

#include "core/base/chain.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/sequence/panels.h"
#include "core/sequence/taps.h"

enum {
    REFERENCE_INPUTS = 512, /* channels that are turned to float64 at a time */
    BLOCK_SUMS = PANELS_ROWS_MAX * PANEL_VECTORS_MAX * PANEL_LANES
};

struct convolution {
    struct convolution_shape shape;
    struct panels weights; /* [kernel_size * width in][width out] */
};

enum status convolution_create(const struct convolution_shape *shape, struct random_source weights,
                               struct convolution **layer) {
    *layer = NULL;
    if (!convolution_shape_is_valid(shape)) return STATUS_INVALID;
    struct convolution *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->shape = *shape;
    size_t depth = shape->kernel_size * shape->width;
    uint64_t next;
    enum status status = panels_create(depth, 1, shape->width, &created->weights);
    if (status == STATUS_OK)
        status = panels_draw(&created->weights, weights, 0, 1.0F / sqrtf((float)depth), &next);
    if (status != STATUS_OK) {
        convolution_destroy(&created);
        return status;
    }
    *layer = created;
    return STATUS_OK;
}

void convolution_destroy(struct convolution **layer) {
    if (!*layer) return;
    panels_destroy(&(*layer)->weights);
    memory_free(*layer);
    *layer = NULL;
}

void convolution_set_weights(struct convolution *layer, const float *weights) {
    size_t width = layer->shape.width;
    for (size_t k = 0; k < layer->weights.depth; k++)
        for (size_t unit = 0; unit < width; unit++)
            *panels_weight(&layer->weights, k, 0, unit) = weights[k * width + unit];
}

/* Some rows of one sequence, by their positions, and 64 channels of them. */
struct block {
    const struct convolution_window *window;
    struct panel panel;
    size_t item, first, rows;
};

/* Adds one tap to the rows of a block that it reaches, if there are any. */
static bool add_tap(const struct convolution *layer, const struct block *block, size_t index, float *sums) {
    struct tap tap = convolution_tap(&layer->shape, index);
    size_t width = layer->shape.width, end = block->first + block->rows, tap_end = tap.first + tap.rows;
    size_t first = block->first > tap.first ? block->first : tap.first;
    size_t last = end < tap_end ? end : tap_end;
    if (first >= last) return false;
    const float *rows[PANELS_ROWS_MAX];
    for (size_t row = first; row < last; row++)
        rows[row - first] =
            convolution_window_row(block->window, width, block->item, (size_t)((ptrdiff_t)row - tap.shift));
    const size_t columns = block->panel.vectors * PANEL_LANES;
    kernels()->panel_multiply(&(struct panel_product){.rows = last - first,
                                                      .depth = width,
                                                      .vectors = block->panel.vectors,
                                                      .terms = CONVOLUTION_TERMS,
                                                      .in = rows,
                                                      .panel = block->panel.weights + index * width * columns,
                                                      .out = sums + (first - block->first) * columns,
                                                      .out_stride = columns,
                                                      .accumulate = tap.shift != 0,
                                                      .alike = true});
    work_add((struct work){.product = 2 * (last - first) * width * block->panel.units});
    return true;
}

/* The middle tap reaches all rows and comes first, so that no sums need be cleared. */
static uint64_t add_taps(const struct convolution *layer, const struct block *block, float *sums) {
    size_t middle = convolution_middle(&layer->shape);
    uint64_t taps = add_tap(layer, block, middle, sums);
    for (size_t index = 0; index < layer->shape.kernel_size; index++)
        if (index != middle) taps += add_tap(layer, block, index, sums);
    return taps;
}

/* The output's lines come while the sums are taken. */
static void fetch(const struct block *block, size_t width, const float *place) {
    enum { LINE_FLOATS = 16 };
    for (size_t i = 0; i < block->rows; i++)
        for (size_t unit = 0; unit < block->panel.units; unit += LINE_FLOATS)
            __builtin_prefetch(place + i * width + unit, 1, 2);
}

static void convolve_block(const struct convolution *layer, const struct block *block, float *output) {
    const struct convolution_window *window = block->window;
    const size_t width = layer->shape.width, columns = block->panel.vectors * PANEL_LANES;
    const size_t row = block->item * window->rows + block->first - window->first;
    float *place = output + row * width + block->panel.unit;
    float sums[BLOCK_SUMS];
    fetch(block, width, place);
    uint64_t taps = add_taps(layer, block, sums);
    chain_report((struct chain){.operations = 1, .kernel = taps}); /* all taps are one sum */
    for (size_t i = 0; i < block->rows; i++)
        memcpy(place + i * width, sums + i * columns, block->panel.units * sizeof *sums);
}

void convolution_forward_window(const struct convolution *layer, const struct convolution_window *window,
                                size_t from, size_t count, float *output) {
    if (count == 0) return;
    struct pieces pieces = panels_pieces(&layer->weights, count);
    size_t of_item = pieces_count(pieces);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t index = 0; index < layer->shape.batch * of_item; index++) {
        struct piece piece = pieces_at(pieces, index % of_item);
        const struct block block = {window, panels_at(&layer->weights, piece.panel), index / of_item,
                                    from + piece.row, piece.rows};
        convolve_block(layer, &block, output);
    }
}

void convolution_forward(const struct convolution *layer, const float *input, float *output) {
    size_t length = layer->shape.length;
    const struct convolution_window whole = {.rows = length, .input = input};
    convolution_forward_window(layer, &whole, 0, length, output);
}

void convolution_reference_row(const struct convolution *layer, const float *input, size_t batch_index,
                               size_t position, double *output) {
    const struct convolution_shape *shape = &layer->shape;
    size_t width = shape->width;
    memset(output, 0, width * sizeof *output);
    for (size_t index = 0; index < shape->kernel_size; index++) {
        struct tap tap = convolution_tap(shape, index);
        if (position < tap.first || position >= tap.first + tap.rows) continue;
        size_t read = (size_t)((ptrdiff_t)position - tap.shift);
        const float *row = input + (batch_index * shape->length + read) * width;
        for (size_t in = 0; in < width; in += REFERENCE_INPUTS) {
            double values[REFERENCE_INPUTS];
            size_t count = width - in < REFERENCE_INPUTS ? width - in : REFERENCE_INPUTS;
            for (size_t i = 0; i < count; i++)
                values[i] = (double)row[in + i];
            panels_add_product_f64(&layer->weights, index * width + in, count, values, output);
        }
    }
}

size_t convolution_bytes(const struct convolution_shape *shape) {
    if (!convolution_shape_is_valid(shape)) return 0;
    const struct panels weights = {shape->kernel_size * shape->width, 1, shape->width, NULL};
    return sizeof(struct convolution) + weights.depth * panels_columns(&weights) * sizeof(float);
}

double convolution_flops(const struct convolution_shape *shape) {
    return 2.0 * (double)shape->batch * convolution_tap_rows(shape) * (double)shape->width *
           (double)shape->width;
}
