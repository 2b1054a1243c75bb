/* Recurrent layers: their arrays and parameters. */
#include "core/sequence/recurrent.h"

#include <math.h>

#include "core/base/memory.h"

enum {
    /* Rows of a stretch: enough that its weights, read once, cost little, and few enough that its products
     * stay in the cache until their step comes. */
    STRETCH_ROWS = 96,
    /* Stretches that several layers get at least, so that they can work at the same time. */
    STRETCHES_OF_LAYERS = 8,
    /* Numbers between two sequences' states beyond a multiple of the vectors: rows of a power of two would
     * share few lines of the cache. */
    STRIDE_PAD = PANEL_LANES,
    BARRIERS = 3
};

static size_t round_up(size_t count, size_t unit) {
    return (count + unit - 1) / unit * unit;
}

size_t recurrent_stride(size_t width) {
    return round_up(width, PANEL_LANES) + STRIDE_PAD;
}

static size_t stretch_of(const struct recurrent_shape *shape, size_t layers) {
    size_t steps = shape->batch >= STRETCH_ROWS ? 1 : STRETCH_ROWS / shape->batch;
    size_t most = layers > 1 ? shape->length / (STRETCHES_OF_LAYERS * layers) : shape->length;
    if (most == 0) most = 1;
    return steps < most ? steps : most;
}

/* Whether `floats` is the product of the three factors and can be addressed. */
static bool fits(size_t a, size_t b, size_t c) {
    size_t product;
    return !__builtin_mul_overflow(a, b, &product) && !__builtin_mul_overflow(product, c, &product) &&
           product <= PTRDIFF_MAX / (2 * PANEL_VECTORS_MAX * sizeof(double));
}

bool recurrent_sizes_of(const struct recurrent_shape *shape, struct recurrent_sizes *sizes) {
    if (shape->cell != CELL_RNN && shape->cell != CELL_GRU && shape->cell != CELL_LSTM) return false;
    if (!shape->batch || !shape->length || !shape->width) return false;
    size_t inputs = shape->inputs ? shape->inputs : shape->width, layers = shape->layers ? shape->layers : 1;
    if (!fits(shape->width, 1, 1) || !fits(inputs, 1, 1)) return false;
    size_t widest = (inputs > 2 * shape->width ? inputs : 2 * shape->width) + 2 * PANEL_LANES;
    if (!fits(shape->batch, shape->length, widest) || !fits(widest, shape->width + PANEL_LANES, 1) ||
        !fits(layers, sizeof(struct strand), 2) || !fits(STRETCH_ROWS + shape->batch, widest, 1))
        return false;
    *sizes = (struct recurrent_sizes){
        .width = shape->width,
        .inputs = inputs,
        .layers = layers,
        .directions = shape->bidirectional ? 2 : 1,
        .stretch = stretch_of(shape, layers),
        .stride = recurrent_stride(shape->width),
    };
    return true;
}

size_t recurrent_strand_inputs(const struct recurrent_sizes *sizes, size_t layer) {
    return layer == 0 ? sizes->inputs : sizes->directions * sizes->width;
}

static size_t columns_of(const struct recurrent *layer) {
    return round_up(layer->sizes.width, PANEL_LANES) * layer->cell->gates;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof **floats);
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status create_strand(const struct recurrent *layer, size_t inputs, struct strand *strand) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    size_t columns = columns_of(layer), states = layer->shape.batch * sizes->stride;
    CHECK(panels_create(inputs, layer->cell->gates, sizes->width, &strand->input_weights));
    CHECK(panels_create(sizes->width, layer->cell->gates, sizes->width, &strand->recurrent_weights));
    CHECK(panels_create(1, layer->cell->gates, sizes->width, &strand->bias));
    CHECK(allocate_floats(sizes->stretch * layer->shape.batch * columns, &strand->projected));
    CHECK(allocate_floats(sizes->stretch * layer->shape.batch * recurrent_stride(inputs), &strand->rows));
    for (int i = 0; i < 2; i++)
        CHECK(allocate_floats(states, &strand->hidden[i]));
    return layer->cell->has_state ? allocate_floats(states, &strand->state) : STATUS_OK;
}

static enum status draw_strand(const struct strand *strand, struct random_source source, uint64_t *next) {
    float deviation =
        1.0F / sqrtf((float)strand->input_weights.depth + (float)strand->recurrent_weights.depth);
    CHECK(panels_draw(&strand->input_weights, source, *next, deviation, next));
    CHECK(panels_draw(&strand->recurrent_weights, source, *next, deviation, next));
    return panels_draw(&strand->bias, source, *next, deviation, next);
}

static size_t between_floats(const struct recurrent *layer) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    return layer->shape.batch * layer->shape.length * sizes->directions * sizes->width;
}

/* How many of the arrays between layers there are. */
static size_t between_count(const struct recurrent_sizes *sizes) {
    return sizes->layers > 2 ? 2 : sizes->layers - 1;
}

static enum status fill(struct recurrent *layer, struct random_source weights) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    layer->barriers = memory_allocate(BARRIERS, sizeof *layer->barriers);
    layer->strands = memory_allocate(sizes->layers * sizes->directions, sizeof *layer->strands);
    if (!layer->barriers || !layer->strands) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < between_count(sizes); i++)
        CHECK(allocate_floats(between_floats(layer), &layer->between[i]));
    uint64_t next = 0;
    for (size_t i = 0; i < sizes->layers * sizes->directions; i++) {
        struct strand *strand = &layer->strands[i];
        strand->backward = i % sizes->directions == 1;
        CHECK(create_strand(layer, recurrent_strand_inputs(sizes, i / sizes->directions), strand));
        CHECK(draw_strand(strand, weights, &next));
    }
    return STATUS_OK;
}

enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer) {
    *layer = NULL;
    struct recurrent_sizes sizes;
    if (!recurrent_sizes_of(shape, &sizes)) return STATUS_INVALID;
    struct recurrent *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->shape = *shape;
    created->sizes = sizes;
    created->cell = recurrent_cell(shape->cell);
    enum status status = fill(created, weights);
    if (status == STATUS_OK)
        *layer = created;
    else
        recurrent_destroy(&created);
    return status;
}

static void destroy_strand(struct strand *strand) {
    panels_destroy(&strand->input_weights);
    panels_destroy(&strand->recurrent_weights);
    panels_destroy(&strand->bias);
    memory_free(strand->projected);
    memory_free(strand->rows);
    memory_free(strand->hidden[0]);
    memory_free(strand->hidden[1]);
    memory_free(strand->state);
}

void recurrent_destroy(struct recurrent **layer) {
    struct recurrent *gone = *layer;
    if (!gone) return;
    for (size_t i = 0; gone->strands && i < gone->sizes.layers * gone->sizes.directions; i++)
        destroy_strand(&gone->strands[i]);
    memory_free(gone->strands);
    memory_free(gone->barriers);
    memory_free(gone->between[0]);
    memory_free(gone->between[1]);
    memory_free(gone);
    *layer = NULL;
}

/* From [gates][width][depth]. */
static void pack(const struct panels *panels, const float *weights) {
    for (size_t gate = 0; gate < panels->gates; gate++)
        for (size_t unit = 0; unit < panels->width; unit++)
            for (size_t k = 0; k < panels->depth; k++)
                *panels_weight(panels, k, gate, unit) =
                    weights[(gate * panels->width + unit) * panels->depth + k];
}

enum status recurrent_set_parameters(struct recurrent *layer, size_t index, bool backward,
                                     const struct recurrent_parameters *parameters) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    if (index >= sizes->layers || (size_t)backward >= sizes->directions) return STATUS_INVALID;
    struct strand *strand = &layer->strands[index * sizes->directions + backward];
    pack(&strand->input_weights, parameters->input_weights);
    pack(&strand->recurrent_weights, parameters->recurrent_weights);
    pack(&strand->bias, parameters->bias);
    return STATUS_OK;
}

size_t recurrent_output_width(const struct recurrent_shape *shape) {
    return (shape->bidirectional ? 2 : 1) * shape->width;
}

size_t recurrent_bytes(const struct recurrent_shape *shape) {
    struct recurrent layer = {.shape = *shape};
    const struct recurrent_sizes *sizes = &layer.sizes;
    if (!recurrent_sizes_of(shape, &layer.sizes)) return 0;
    layer.cell = recurrent_cell(shape->cell);
    size_t columns = columns_of(&layer), floats = between_count(sizes) * between_floats(&layer);
    for (size_t i = 0; i < sizes->layers; i++) {
        size_t inputs = recurrent_strand_inputs(sizes, i), rows = sizes->stretch * shape->batch;
        size_t states = (layer.cell->has_state ? 3 : 2) * shape->batch * sizes->stride;
        size_t weights = columns * (inputs + sizes->width + 1);
        floats += sizes->directions * (weights + rows * (columns + recurrent_stride(inputs)) + states);
    }
    return sizeof layer + BARRIERS * sizeof(struct barrier) +
           sizes->layers * sizes->directions * sizeof(struct strand) + floats * sizeof(float);
}

double recurrent_flops(const struct recurrent_shape *shape) {
    struct recurrent_sizes sizes;
    if (!recurrent_sizes_of(shape, &sizes)) return 0;
    const struct cell *cell = recurrent_cell(shape->cell);
    double unit_steps = (double)shape->batch * (double)shape->length * (double)sizes.width, flops = 0;
    for (size_t i = 0; i < sizes.layers; i++) {
        double depth = (double)(recurrent_strand_inputs(&sizes, i) + sizes.width);
        flops += (double)sizes.directions * unit_steps *
                 (2 * (double)cell->gates * depth + (double)(cell->elementwise + cell->transcendental));
    }
    return flops;
}

size_t recurrent_parameter_count(const struct recurrent *layer) {
    size_t count = 0;
    for (size_t i = 0; i < layer->sizes.layers * layer->sizes.directions; i++) {
        const struct strand *strand = &layer->strands[i];
        count += layer->cell->gates * layer->sizes.width *
                 (strand->input_weights.depth + strand->recurrent_weights.depth + 1);
    }
    return count;
}
