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

static size_t stretch_of(const struct recurrent_part *part) {
    size_t steps = part->batch >= STRETCH_ROWS ? 1 : STRETCH_ROWS / part->batch;
    size_t most = part->layers > 1 ? part->steps / (STRETCHES_OF_LAYERS * part->layers) : part->steps;
    if (most == 0) most = 1;
    return steps < most ? steps : most;
}

/* Whether `floats` is the product of the three factors and can be addressed. */
static bool fits(size_t a, size_t b, size_t c) {
    size_t product;
    return !__builtin_mul_overflow(a, b, &product) && !__builtin_mul_overflow(product, c, &product) &&
           product <= PTRDIFF_MAX / (2 * PANEL_VECTORS_MAX * sizeof(double));
}

struct recurrent_part recurrent_whole(const struct recurrent_shape *shape) {
    return (struct recurrent_part){.batch = shape->batch,
                                   .steps = shape->length,
                                   .layers = shape->layers ? shape->layers : 1,
                                   .units = shape->width};
}

static bool is_range(size_t first, size_t count, size_t total) {
    return count > 0 && count <= total && first <= total - count;
}

static bool is_within(const struct recurrent_shape *shape, const struct recurrent_part *part) {
    const struct recurrent_part whole = recurrent_whole(shape);
    return is_range(0, part->batch, whole.batch) && is_range(0, part->steps, whole.steps) &&
           is_range(part->first_layer, part->layers, whole.layers) &&
           is_range(part->first_unit, part->units, whole.units) &&
           (part->steps == whole.steps || !shape->bidirectional);
}

bool recurrent_sizes_of(const struct recurrent_shape *shape, const struct recurrent_part *part,
                        struct recurrent_sizes *sizes) {
    if (shape->cell != CELL_RNN && shape->cell != CELL_GRU && shape->cell != CELL_LSTM) return false;
    if (!shape->batch || !shape->length || !shape->width || !is_within(shape, part)) return false;
    size_t inputs = shape->inputs ? shape->inputs : shape->width, layers = shape->layers ? shape->layers : 1;
    if (!fits(shape->width, 1, 1) || !fits(inputs, 1, 1)) return false;
    size_t widest = (inputs > 2 * shape->width ? inputs : 2 * shape->width) + 2 * PANEL_LANES;
    if (!fits(shape->batch, shape->length, widest) || !fits(widest, shape->width + PANEL_LANES, 1) ||
        !fits(layers, sizeof(struct strand), 2) || !fits(STRETCH_ROWS + shape->batch, widest, 1))
        return false;
    size_t directions = shape->bidirectional ? 2 : 1;
    *sizes = (struct recurrent_sizes){
        .batch = part->batch,
        .steps = part->steps,
        .width = shape->width,
        .inputs = part->first_layer == 0 ? inputs : directions * shape->width,
        .layers = part->layers,
        .directions = directions,
        .first_unit = part->first_unit,
        .units = part->units,
        .stretch = stretch_of(part),
        .stride = recurrent_stride(shape->width),
        .alike = part->batch < shape->batch,
    };
    return true;
}

size_t recurrent_strand_inputs(const struct recurrent_sizes *sizes, size_t layer) {
    return layer == 0 ? sizes->inputs : sizes->directions * sizes->width;
}

static size_t columns_of(const struct recurrent *layer) {
    return round_up(layer->sizes.units, PANEL_LANES) * layer->cell->gates;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof **floats);
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status create_strand(const struct recurrent *layer, size_t inputs, struct strand *strand) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    size_t columns = columns_of(layer), states = sizes->batch * sizes->stride;
    CHECK(panels_create(inputs, layer->cell->gates, sizes->units, &strand->input_weights));
    CHECK(panels_create(sizes->width, layer->cell->gates, sizes->units, &strand->recurrent_weights));
    CHECK(panels_create(1, layer->cell->gates, sizes->units, &strand->bias));
    CHECK(allocate_floats(sizes->stretch * sizes->batch * columns, &strand->projected));
    CHECK(allocate_floats(sizes->stretch * sizes->batch * recurrent_stride(inputs), &strand->rows));
    for (int i = 0; i < 2; i++)
        CHECK(allocate_floats(states, &strand->hidden[i]));
    return layer->cell->has_state ? allocate_floats(states, &strand->state) : STATUS_OK;
}

static enum status draw_strand(const struct strand *strand, const struct recurrent_sizes *sizes,
                               struct random_source source, uint64_t *next) {
    const struct panels_among among = {sizes->width, sizes->first_unit};
    float deviation =
        1.0F / sqrtf((float)strand->input_weights.depth + (float)strand->recurrent_weights.depth);
    CHECK(panels_draw_among(&strand->input_weights, among, source, *next, deviation, next));
    CHECK(panels_draw_among(&strand->recurrent_weights, among, source, *next, deviation, next));
    return panels_draw_among(&strand->bias, among, source, *next, deviation, next);
}

static size_t between_floats(const struct recurrent *layer) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    return sizes->batch * sizes->steps * sizes->directions * sizes->width;
}

/* How many of the arrays between layers there are. */
static size_t between_count(const struct recurrent_sizes *sizes) {
    return sizes->layers > 2 ? 2 : sizes->layers - 1;
}

/* Weights and biases of one layer of the whole, both directions: what is drawn for it. */
static uint64_t drawn_of_layer(const struct recurrent_sizes *sizes, size_t gates, size_t inputs) {
    return (uint64_t)sizes->directions * gates * sizes->width * (inputs + sizes->width + 1);
}

/* The first deviate of the part's first layer. */
static uint64_t first_deviate(const struct recurrent_shape *shape, const struct recurrent_part *part,
                              const struct recurrent *layer) {
    if (part->first_layer == 0) return 0;
    const struct recurrent_sizes *sizes = &layer->sizes;
    size_t gates = layer->cell->gates, inputs = shape->inputs ? shape->inputs : shape->width;
    return drawn_of_layer(sizes, gates, inputs) +
           (part->first_layer - 1) * drawn_of_layer(sizes, gates, sizes->directions * sizes->width);
}

static enum status fill(struct recurrent *layer, struct random_source weights, uint64_t next) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    layer->barriers = memory_allocate(BARRIERS, sizeof *layer->barriers);
    layer->strands = memory_allocate(sizes->layers * sizes->directions, sizeof *layer->strands);
    if (!layer->barriers || !layer->strands) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < between_count(sizes); i++)
        CHECK(allocate_floats(between_floats(layer), &layer->between[i]));
    for (size_t i = 0; i < sizes->layers * sizes->directions; i++) {
        struct strand *strand = &layer->strands[i];
        strand->backward = i % sizes->directions == 1;
        CHECK(create_strand(layer, recurrent_strand_inputs(sizes, i / sizes->directions), strand));
        CHECK(draw_strand(strand, sizes, weights, &next));
    }
    return STATUS_OK;
}

enum status recurrent_create_part(const struct recurrent_shape *shape, const struct recurrent_part *part,
                                  struct random_source weights, struct recurrent **layer) {
    *layer = NULL;
    struct recurrent_sizes sizes;
    if (!recurrent_sizes_of(shape, part, &sizes)) return STATUS_INVALID;
    struct recurrent *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->sizes = sizes;
    created->cell = recurrent_cell(shape->cell);
    enum status status = fill(created, weights, first_deviate(shape, part, created));
    if (status == STATUS_OK)
        *layer = created;
    else
        recurrent_destroy(&created);
    return status;
}

enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer) {
    const struct recurrent_part whole = recurrent_whole(shape);
    return recurrent_create_part(shape, &whole, weights, layer);
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
    if (index >= sizes->layers || (size_t)backward >= sizes->directions || sizes->units < sizes->width)
        return STATUS_INVALID;
    struct strand *strand = &layer->strands[index * sizes->directions + backward];
    pack(&strand->input_weights, parameters->input_weights);
    pack(&strand->recurrent_weights, parameters->recurrent_weights);
    pack(&strand->bias, parameters->bias);
    return STATUS_OK;
}

size_t recurrent_output_width(const struct recurrent_shape *shape) {
    return (shape->bidirectional ? 2 : 1) * shape->width;
}

size_t recurrent_part_bytes(const struct recurrent_shape *shape, const struct recurrent_part *part) {
    struct recurrent layer = {.barriers = NULL};
    const struct recurrent_sizes *sizes = &layer.sizes;
    if (!recurrent_sizes_of(shape, part, &layer.sizes)) return 0;
    layer.cell = recurrent_cell(shape->cell);
    size_t columns = columns_of(&layer), floats = between_count(sizes) * between_floats(&layer);
    for (size_t i = 0; i < sizes->layers; i++) {
        size_t inputs = recurrent_strand_inputs(sizes, i), rows = sizes->stretch * sizes->batch;
        size_t states = (layer.cell->has_state ? 3 : 2) * sizes->batch * sizes->stride;
        size_t weights = columns * (inputs + sizes->width + 1);
        floats += sizes->directions * (weights + rows * (columns + recurrent_stride(inputs)) + states);
    }
    return sizeof layer + BARRIERS * sizeof(struct barrier) +
           sizes->layers * sizes->directions * sizeof(struct strand) + floats * sizeof(float);
}

size_t recurrent_bytes(const struct recurrent_shape *shape) {
    const struct recurrent_part whole = recurrent_whole(shape);
    return recurrent_part_bytes(shape, &whole);
}

double recurrent_flops(const struct recurrent_shape *shape) {
    struct recurrent_sizes sizes;
    const struct recurrent_part whole = recurrent_whole(shape);
    if (!recurrent_sizes_of(shape, &whole, &sizes)) return 0;
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
        count += layer->cell->gates * layer->sizes.units *
                 (strand->input_weights.depth + strand->recurrent_weights.depth + 1);
    }
    return count;
}
