/* Recurrent layers: the inputs of all steps in one matrix product, then step by step one product with the
 * hidden state and one loop over the gates. */
#include "core/sequence/recurrent.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/work.h"

enum {
    /* Units that one thread takes at a time: their gates stay in the first-level cache from the sums to the
     * hidden state (256 units x 4 gates x 4 arrays = 16 KiB). */
    PIECE_UNITS = 256,
    /* Units of a step below which waking threads costs more than they save. */
    PARALLEL_MINIMUM = 2048
};

/* Elements of a layer's arrays. */
struct counts {
    size_t weights, bias, projected, products, state;
};

/* False when a size is 0, no cell, or too large. */
static bool count_elements(const struct recurrent_shape *shape, struct counts *counts) {
    size_t rows, row_bytes, bytes;
    if (shape->cell != CELL_RNN && shape->cell != CELL_GRU && shape->cell != CELL_LSTM) return false;
    if (!shape->batch || !shape->length || !shape->width) return false;
    if (__builtin_mul_overflow(shape->batch, shape->length, &rows) || rows > PRODUCT_SIZE_MAX) return false;
    size_t gates = recurrent_cell(shape->cell)->gates;
    if (shape->width > PRODUCT_SIZE_MAX / gates) return false;
    row_bytes = gates * shape->width * sizeof(float);
    if (__builtin_mul_overflow(rows, row_bytes, &bytes)) return false;
    *counts = (struct counts){.weights = shape->width * gates * shape->width,
                              .bias = gates * shape->width,
                              .projected = rows * gates * shape->width,
                              .products = shape->batch * gates * shape->width,
                              .state = shape->batch * shape->width};
    return true;
}

static bool allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof **floats);
    return *floats != NULL;
}

/* An array of parameters, which the layer counts. */
static bool allocate_parameters(struct recurrent *layer, size_t count, float **floats) {
    if (!allocate_floats(count, floats)) return false;
    layer->parameters += count;
    return true;
}

static bool allocate(struct recurrent *layer, const struct counts *counts) {
    return allocate_parameters(layer, counts->weights, &layer->input_weights) &&
           allocate_parameters(layer, counts->weights, &layer->recurrent_weights) &&
           allocate_parameters(layer, counts->bias, &layer->bias) &&
           allocate_floats(counts->projected, &layer->projected) &&
           allocate_floats(counts->products, &layer->products) &&
           allocate_floats(counts->state, &layer->hidden) &&
           (!layer->cell->has_memory || allocate_floats(counts->state, &layer->memory));
}

/* Normal deviates `first` and following of the source, scaled. Returns the index after the last. */
static uint64_t draw(struct random_source source, uint64_t first, size_t count, float deviation, float *out) {
    random_fill_normal_f32(source, first, count, out);
    for (size_t i = 0; i < count; i++)
        out[i] *= deviation;
    return first + count;
}

enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer) {
    *layer = NULL;
    struct counts counts;
    if (!count_elements(shape, &counts)) return STATUS_INVALID;
    struct recurrent *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->shape = *shape;
    created->cell = recurrent_cell(shape->cell);
    if (!allocate(created, &counts)) {
        recurrent_destroy(&created);
        return STATUS_NO_MEMORY;
    }
    float deviation = 1.0F / sqrtf(2.0F * (float)shape->width);
    uint64_t next = draw(weights, 0, counts.weights, deviation, created->input_weights);
    next = draw(weights, next, counts.weights, deviation, created->recurrent_weights);
    draw(weights, next, counts.bias, deviation, created->bias);
    *layer = created;
    return STATUS_OK;
}

void recurrent_destroy(struct recurrent **layer) {
    struct recurrent *gone = *layer;
    if (!gone) return;
    memory_free(gone->input_weights);
    memory_free(gone->recurrent_weights);
    memory_free(gone->bias);
    memory_free(gone->projected);
    memory_free(gone->products);
    memory_free(gone->hidden);
    memory_free(gone->memory);
    memory_free(gone);
    *layer = NULL;
}

/* A piece of the units of one batch item at one step. */
static void step_piece(struct recurrent *layer, size_t item, size_t step, size_t first, float *output) {
    const struct recurrent_shape *shape = &layer->shape;
    const struct cell *cell = layer->cell;
    size_t width = shape->width, left = width - first, row = item * shape->length + step;
    struct cell_units units = {
        .count = left < PIECE_UNITS ? left : PIECE_UNITS,
        .width = width,
        .projected = layer->projected + row * cell->gates * width + first,
        .bias = layer->bias + first,
        .products = layer->products + item * cell->gates * width + first,
        .hidden = layer->hidden + item * width + first,
        .memory = layer->memory ? layer->memory + item * width + first : NULL,
        .output = output + row * width + first,
    };
    cell->step(&units);
    work_add((struct work){.elementwise = units.count * cell->elementwise,
                           .transcendental = units.count * cell->transcendental});
}

void recurrent_forward(struct recurrent *layer, const float *input, float *output) {
    const struct recurrent_shape *shape = &layer->shape;
    size_t width = shape->width, gates_width = layer->cell->gates * width;
    product_f32(shape->batch * shape->length, gates_width, width, input, width, layer->input_weights,
                gates_width, false, layer->projected, gates_width);
    memset(layer->hidden, 0, shape->batch * width * sizeof *layer->hidden);
    if (layer->memory) memset(layer->memory, 0, shape->batch * width * sizeof *layer->memory);
    for (size_t step = 0; step < shape->length; step++) {
        product_f32(shape->batch, gates_width, width, layer->hidden, width, layer->recurrent_weights,
                    gates_width, false, layer->products, gates_width);
#pragma omp parallel for collapse(2) schedule(static) if (shape->batch * width >= PARALLEL_MINIMUM)
        for (size_t item = 0; item < shape->batch; item++)
            for (size_t first = 0; first < width; first += PIECE_UNITS)
                step_piece(layer, item, step, first, output);
    }
}

size_t recurrent_bytes(const struct recurrent_shape *shape) {
    struct counts counts;
    if (!count_elements(shape, &counts)) return 0;
    size_t states = recurrent_cell(shape->cell)->has_memory ? 2 : 1;
    size_t elements = 2 * counts.weights + counts.bias + counts.projected + counts.products;
    return sizeof(struct recurrent) + (elements + states * counts.state) * sizeof(float);
}

double recurrent_flops(const struct recurrent_shape *shape) {
    const struct cell *cell = recurrent_cell(shape->cell);
    double width = (double)shape->width, unit_steps = (double)shape->batch * (double)shape->length * width;
    double products = 2 * 2 * (double)cell->gates * width; /* with the input and with the hidden state */
    return unit_steps * (products + (double)(cell->elementwise + cell->transcendental));
}

size_t recurrent_parameter_count(const struct recurrent *layer) {
    return layer->parameters;
}
