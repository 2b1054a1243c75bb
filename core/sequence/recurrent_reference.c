/* A recurrent layer in float64, one sequence, straightforward: what the fast one is measured against. */
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/recurrent.h"

/* sums[columns] += row[width] times weights[width][columns]. */
static void add_product(size_t width, size_t columns, const double *row, const float *weights, double *sums) {
    enum { BLOCK = 512 }; /* columns whose sums stay in the first-level cache */
#pragma omp parallel for schedule(static)
    for (size_t first = 0; first < columns; first += BLOCK) {
        size_t last = columns - first < BLOCK ? columns : first + BLOCK;
        for (size_t in = 0; in < width; in++)
            for (size_t out = first; out < last; out++)
                sums[out] += row[in] * (double)weights[in * columns + out];
    }
}

/* Scratch of the reference, one allocation. */
struct scratch {
    double *input, *hidden, *memory; /* [width] */
    double *projected, *products;    /* [gates][width] */
};

static void reference_step(const struct recurrent *layer, const float *input, const struct scratch *scratch) {
    size_t width = layer->shape.width, columns = layer->cell->gates * width;
    for (size_t i = 0; i < width; i++)
        scratch->input[i] = (double)input[i];
    for (size_t i = 0; i < columns; i++) {
        scratch->projected[i] = (double)layer->bias[i];
        scratch->products[i] = 0;
    }
    add_product(width, columns, scratch->input, layer->input_weights, scratch->projected);
    add_product(width, columns, scratch->hidden, layer->recurrent_weights, scratch->products);
    layer->cell->reference(width, scratch->projected, scratch->products, scratch->hidden, scratch->memory);
}

enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output) {
    const struct recurrent_shape *shape = &layer->shape;
    size_t width = shape->width, columns = layer->cell->gates * width;
    if (batch_index >= shape->batch || steps > shape->length) return STATUS_INVALID;
    double *block = memory_allocate(3 * width + 2 * columns, sizeof *block);
    if (!block) return STATUS_NO_MEMORY;
    struct scratch scratch = {.input = block,
                              .hidden = block + width,
                              .memory = block + 2 * width,
                              .projected = block + 3 * width,
                              .products = block + 3 * width + columns};
    for (size_t step = 0; step < steps; step++) {
        reference_step(layer, input + (batch_index * shape->length + step) * width, &scratch);
        memcpy(output + step * width, scratch.hidden, width * sizeof *output);
    }
    memory_free(block);
    return STATUS_OK;
}
