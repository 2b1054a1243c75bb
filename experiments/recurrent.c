/* Time and work of recurrent layers: L d^2. */
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/split_layer.h"
#include "experiments/timing.h"

/* Operations that the check may take; wide layers are checked on fewer steps. */
static const double CHECK_WORK_MAX = 4e9;

enum { CHECK_STEPS = 64, CHECK_STEPS_MIN = 4 };

static const char *const cells[] = {[CELL_RNN] = "rnn", [CELL_GRU] = "gru", [CELL_LSTM] = "lstm", NULL};

static const char *const directions[] = {"forward", "both", NULL};

static const char *const splits[] = {"none", "batch", "units", "layers", NULL};

static const struct field parameters[] = {
    {"cell", FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, cells, 0, "Kind of cell: 1, 3 or 4 gates"},
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA, "Steps L of a sequence"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA,
     "Inputs and hidden units d"},
    {"layers", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 4096, NULL, 0, "Layers, each on the one before"},
    {"directions", FIELD_CHOICE, DIMENSION_SCALAR, "1", "forward", 0, 0, directions, 0,
     "Whether each layer also runs from the end of the sequence"},
    SPLIT_LAYER_PARAMETERS(
        splits,
        "How ranks share the layers; batch: each has some of the sequences; units: each has some hidden units of "
        "every layer, and gets the others' states each step; layers: each has some layers, and chunks of the "
        "sequence go through them"),
    {"chunk", FIELD_INTEGER, DIMENSION_SCALAR, "1", "0", 0, 1e8, NULL, 0,
     "Of a split by layers: steps of a chunk; 0: as many as make eight chunks for each rank that has layers"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of each rank"},
    {.name = NULL},
};

static const struct field columns[] = {
    SPLIT_LAYER_FIELDS(
        "Steps that were compared: the first ones, at most 64, of one sequence drawn; fewer for wide layers"),
    {"weights", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Numbers in the layer's weights and biases, counted where they are allocated; those that several ranks hold "
     "count once"},
    TIMING_FIELDS,
    {.name = NULL},
};

static enum recurrent_cell cell_named(const char *name) {
    int cell = CELL_RNN;
    while (cells[cell + 1] && strcmp(cells[cell], name) != 0)
        cell++;
    return (enum recurrent_cell)cell;
}

static struct recurrent_shape shape_of(const struct record *values) {
    return (struct recurrent_shape){
        .cell = cell_named(record_string(values, "cell")),
        .batch = (size_t)record_integer(values, "batch"),
        .length = (size_t)record_integer(values, "length"),
        .width = (size_t)record_integer(values, "width"),
        .layers = (size_t)record_integer(values, "layers"),
        .bidirectional = strcmp(record_string(values, "directions"), "both") == 0,
    };
}

static struct sequence_split split_of(const struct record *values) {
    struct sequence_split split = {.layer = LAYER_RECURRENT,
                                   .recurrent = shape_of(values),
                                   .chunk = (size_t)record_integer(values, "chunk")};
    split_layer_read(values, &split);
    return split;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct sequence_split split = split_of(values);
    return split_layer_refuse(&split, error);
}

static size_t steps_to_check(const struct recurrent_shape *shape) {
    double of_step = recurrent_flops(shape) / (double)(shape->batch * shape->length);
    double affordable = CHECK_WORK_MAX / of_step;
    size_t steps = affordable > CHECK_STEPS ? CHECK_STEPS : (size_t)affordable;
    if (steps < CHECK_STEPS_MIN) steps = CHECK_STEPS_MIN;
    return steps < shape->length ? steps : shape->length;
}

/* One sequence of the whole layer, as long as it is checked: the reference where no rank has all of it. */
static struct recurrent_shape shape_of_reference(const struct recurrent_shape *shape) {
    struct recurrent_shape reference = *shape;
    reference.batch = 1;
    if (!shape->bidirectional) reference.length = steps_to_check(shape);
    return reference;
}

static bool has_whole_layers(const struct sequence_split *split) {
    return split->kind == SPLIT_NONE || split->kind == SPLIT_BATCH;
}

/* The arrays of the check: two between layers, the result, and what a step takes, and the reference layer
 * with its input. A layer in both directions runs the whole sequence. */
static double check_bytes(const struct sequence_split *split) {
    const struct recurrent_shape *shape = &split->recurrent, whole = shape_of_reference(shape);
    double steps = shape->bidirectional ? (double)shape->length : CHECK_STEPS;
    double bytes =
        (3 * steps * (double)recurrent_output_width(shape) + 16 * (double)shape->width) * sizeof(double);
    if (has_whole_layers(split)) return bytes;
    return bytes + (double)recurrent_bytes(&whole) + (double)(whole.length * shape->width) * sizeof(float);
}

static struct estimate estimate(const struct point *point) {
    struct sequence_split split = split_of(point->values);
    return split_layer_estimate(&split, recurrent_flops(&split.recurrent), check_bytes(&split));
}

/* Reference rows [steps][directions][width] of sequence `item` by a layer of its own. */
static enum status refer_to_whole(const struct split_layer *layer, size_t item, size_t steps,
                                  double *reference) {
    struct recurrent_shape shape = shape_of_reference(&layer->split.recurrent);
    struct recurrent *whole = NULL;
    float *input = memory_allocate(shape.length * shape.width, sizeof *input);
    enum status status = STATUS_NO_MEMORY;
    if (input) status = recurrent_create(&shape, random_source(layer->data_key, RANDOM_WEIGHTS, 0), &whole);
    if (status == STATUS_OK) {
        split_layer_draw_rows(layer, item, 0, shape.length, input);
        status = recurrent_reference(whole, input, 0, steps, reference);
    }
    recurrent_destroy(&whole);
    memory_free(input);
    return status;
}

static enum status refer(const struct split_layer *layer, size_t item, size_t steps, double *reference) {
    if (!has_whole_layers(&layer->split)) return refer_to_whole(layer, item, steps, reference);
    return recurrent_reference(sequence_split_layer(layer->run)->recurrent, layer->input,
                               item - layer->in.first_item, steps, reference);
}

/* The largest difference in the first steps of a sequence, of the units that this rank has. */
static double compare(const struct split_layer *layer, size_t item, size_t steps, const double *reference) {
    const struct sequence_share *share = &layer->out;
    size_t directions = layer->split.recurrent.bidirectional ? 2 : 1, width = layer->split.recurrent.width;
    const float *output =
        layer->output + (item - share->first_item) * share->rows * directions * share->units;
    double worst = 0;
    for (size_t row = 0; row < steps * directions; row++)
        for (size_t i = 0; i < share->units; i++)
            worst = layer_worse(worst, (double)output[row * share->units + i] -
                                           reference[row * width + share->first_unit + i]);
    return worst;
}

/* Steps are counted once, by the rank that has the first unit of them. */
static enum status check(const struct split_layer *layer, double *worst, size_t *checked) {
    const struct recurrent_shape *shape = &layer->split.recurrent;
    const struct sequence_share *share = &layer->out;
    size_t item = (size_t)random_below(random_source(layer->data_key, RANDOM_CHOICE, 0), 0, shape->batch);
    size_t steps = steps_to_check(shape);
    *worst = 0;
    *checked = 0;
    if (item < share->first_item || item >= share->first_item + share->items) return STATUS_OK;
    double *reference = memory_allocate(steps * recurrent_output_width(shape), sizeof *reference);
    if (!reference) return STATUS_NO_MEMORY;
    enum status status = refer(layer, item, steps, reference);
    if (status == STATUS_OK) *worst = compare(layer, item, steps, reference);
    if (share->first_unit == 0) *checked = steps;
    memory_free(reference);
    return status;
}

static double predict(const struct point *point, const struct schedule_rates *rates) {
    struct sequence_split split = split_of(point->values);
    return sequence_split_seconds(&split, rates);
}

static const char *const split_parameters[] = {"split", "chunk", NULL};

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct sequence_split split = split_of(point->values);
    return split_layer_unit(&split, point, team, check, record, error);
}

const struct experiment experiment_recurrent = {
    .schema = {.name = "recurrent",
               .summary =
                   "Time, work, traffic and error of recurrent layers, split over ranks: RNN, GRU, LSTM",
               .version = 3,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .split_parameters = split_parameters,
    .predict = predict,
    .run = run,
};
