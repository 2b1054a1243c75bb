/* A recurrent layer in float64, one sequence, straightforward: what the fast one is measured against. */
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/recurrent.h"

/* Arrays of one strand's run, one allocation. */
struct scratch {
    double *hidden, *state;       /* [width] */
    double *projected, *products; /* [gates][width] */
};

static void reference_step(const struct recurrent *layer, const struct strand *strand, const double *input,
                           const struct scratch *scratch) {
    size_t width = layer->sizes.width, gates = layer->cell->gates;
    for (size_t i = 0; i < gates * width; i++) {
        scratch->projected[i] = (double)*panels_weight(&strand->bias, 0, i / width, i % width);
        scratch->products[i] = 0;
    }
    panels_add_product_f64(&strand->input_weights, 0, strand->input_weights.depth, input, scratch->projected);
    panels_add_product_f64(&strand->recurrent_weights, 0, width, scratch->hidden, scratch->products);
    layer->cell->reference(width, scratch->projected, scratch->products, scratch->hidden, scratch->state);
}

/* input[steps][inputs] to output[steps][directions][width], of which this strand writes its own. */
static enum status reference_strand(const struct recurrent *layer, const struct strand *strand, size_t steps,
                                    const double *input, double *output) {
    size_t width = layer->sizes.width, columns = layer->cell->gates * width;
    double *block = memory_allocate(2 * width + 2 * columns, sizeof *block);
    if (!block) return STATUS_NO_MEMORY;
    const struct scratch scratch = {block, block + width, block + 2 * width, block + 2 * width + columns};
    for (size_t step = 0; step < steps; step++) {
        size_t position = strand->backward ? steps - 1 - step : step;
        double *row = output + (position * layer->sizes.directions + strand->backward) * width;
        reference_step(layer, strand, input + position * strand->input_weights.depth, &scratch);
        memcpy(row, scratch.hidden, width * sizeof *row);
    }
    memory_free(block);
    return STATUS_OK;
}

static enum status reference_layers(const struct recurrent *layer, size_t steps, double *arrays[2]) {
    size_t directions = layer->sizes.directions;
    for (size_t i = 0; i < layer->sizes.layers * directions; i++) {
        size_t from = i / directions % 2;
        CHECK(reference_strand(layer, &layer->strands[i], steps, arrays[from], arrays[1 - from]));
    }
    return STATUS_OK;
}

enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    if (batch_index >= sizes->batch || steps > sizes->steps || sizes->units < sizes->width)
        return STATUS_INVALID;
    size_t run = sizes->directions == 2 ? sizes->steps : steps;
    size_t outputs = sizes->directions * sizes->width;
    size_t widest = sizes->inputs > outputs ? sizes->inputs : outputs;
    double *arrays[2] = {memory_allocate(run * widest, sizeof(double)),
                         memory_allocate(run * widest, sizeof(double))};
    enum status status = arrays[0] && arrays[1] ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        const float *sequence = input + batch_index * sizes->steps * sizes->inputs;
        for (size_t i = 0; i < run * sizes->inputs; i++)
            arrays[0][i] = (double)sequence[i];
        status = reference_layers(layer, run, arrays);
    }
    if (status == STATUS_OK) memcpy(output, arrays[sizes->layers % 2], steps * outputs * sizeof *output);
    memory_free(arrays[0]);
    memory_free(arrays[1]);
    return status;
}
