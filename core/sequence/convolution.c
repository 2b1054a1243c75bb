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

enum { REFERENCE_INPUTS = 512 }; /* channels that are turned to float64 at a time */

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

/* Adds one tap to the rows of a piece that it reaches, if there are any; rows and the piece's are those of
 * one sequence. */
static bool add_tap(const struct convolution *layer, struct panel panel, size_t index, struct piece piece,
                    const float *input, struct panel_product *product) {
    struct tap tap = convolution_tap(&layer->shape, index);
    size_t width = layer->shape.width, end = piece.row + piece.rows, tap_end = tap.first + tap.rows;
    size_t first = piece.row > tap.first ? piece.row : tap.first, last = end < tap_end ? end : tap_end;
    if (first >= last) return false;
    const float *rows[PANELS_ROWS_MAX];
    for (size_t row = first; row < last; row++)
        rows[row - first] = input + (size_t)((ptrdiff_t)row - tap.shift) * width;
    struct panel_product of_tap = *product;
    of_tap.rows = last - first;
    of_tap.in = rows;
    of_tap.panel = panel.weights + index * width * panel.vectors * PANEL_LANES;
    of_tap.out += (first - piece.row) * product->out_stride;
    kernels()->panel_multiply(&of_tap);
    work_add((struct work){.product = 2 * of_tap.rows * width * panel.units});
    return true;
}

/* input and output are one sequence's. */
static void convolve_piece(const struct convolution *layer, struct piece piece, const float *input,
                           float *output) {
    size_t width = layer->shape.width;
    struct panel panel = panels_at(&layer->weights, piece.panel);
    float sums[PANELS_ROWS_MAX * PANEL_VECTORS_MAX * PANEL_LANES];
    struct panel_product product = {.depth = width,
                                    .vectors = panel.vectors,
                                    .terms = CONVOLUTION_TERMS,
                                    .out = sums,
                                    .out_stride = panel.vectors * PANEL_LANES,
                                    .accumulate = true};
    uint64_t taps = 0;
    memset(sums, 0, piece.rows * product.out_stride * sizeof *sums);
    for (size_t index = 0; index < layer->shape.kernel_size; index++)
        taps += add_tap(layer, panel, index, piece, input, &product);
    chain_report((struct chain){.operations = 1, .kernel = taps}); /* all taps are one sum */
    for (size_t row = 0; row < piece.rows; row++)
        memcpy(output + (piece.row + row) * width + panel.unit, sums + row * product.out_stride,
               panel.units * sizeof *sums);
}

void convolution_forward(const struct convolution *layer, const float *input, float *output) {
    const struct convolution_shape *shape = &layer->shape;
    struct pieces pieces = panels_pieces(&layer->weights, shape->length);
    size_t of_item = pieces_count(pieces), sequence = shape->length * shape->width;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t index = 0; index < shape->batch * of_item; index++)
        convolve_piece(layer, pieces_at(pieces, index % of_item), input + index / of_item * sequence,
                       output + index / of_item * sequence);
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
