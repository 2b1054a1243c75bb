/* Time and work of recurrent layers: L d^2. */
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

/* Operations that the check may take; wide layers are checked on fewer steps. */
static const double CHECK_WORK_MAX = 4e9;

enum { CHECK_STEPS = 64, CHECK_STEPS_MIN = 4 };

static const char *const cells[] = {[CELL_RNN] = "rnn", [CELL_GRU] = "gru", [CELL_LSTM] = "lstm", NULL};

static const char *const directions[] = {"forward", "both", NULL};

static const struct field parameters[] = {
    {"cell", FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, cells, 0, "Kind of cell: 1, 3 or 4 gates"},
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA, "Steps L of a sequence"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA,
     "Inputs and hidden units d"},
    {"layers", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 4096, NULL, 0, "Layers, each on the one before"},
    {"directions", FIELD_CHOICE, DIMENSION_SCALAR, "1", "forward", 0, 0, directions, 0,
     "Whether each layer also runs from the end of the sequence"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of OpenMP and BLAS"},
    {.name = NULL},
};

static const struct field columns[] = {
    LAYER_FIELDS(
        "Steps that were compared: the first ones, at most 64, of one sequence drawn; fewer for wide layers"),
    {"weights", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Numbers in the layer's weights and biases, counted where they are allocated"},
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

static size_t input_count(const struct recurrent_shape *shape) {
    return shape->batch * shape->length * shape->width;
}

static size_t output_count(const struct recurrent_shape *shape) {
    return shape->batch * shape->length * recurrent_output_width(shape);
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct recurrent_shape shape = shape_of(values);
    if (recurrent_bytes(&shape) > 0) return STATUS_OK;
    return error_set(error, STATUS_INVALID,
                     "batch x length x width is %zu x %zu x %zu: more than can be addressed", shape.batch,
                     shape.length, shape.width);
}

/* The arrays of the check: two between layers, the result, and what a step takes. A layer in both directions
 * runs the whole sequence. */
static double reference_bytes(const struct recurrent_shape *shape) {
    double steps = shape->bidirectional ? (double)shape->length : CHECK_STEPS;
    return (3 * steps * (double)recurrent_output_width(shape) + 16 * (double)shape->width) * sizeof(double);
}

static struct estimate estimate(const struct point *point) {
    struct recurrent_shape shape = shape_of(point->values);
    double arrays = (double)(input_count(&shape) + output_count(&shape)) * sizeof(float);
    return (struct estimate){.flops = recurrent_flops(&shape),
                             .bytes_per_rank =
                                 (double)recurrent_bytes(&shape) + arrays + reference_bytes(&shape),
                             .seconds = TIMING_SECONDS};
}

static void forward(void *handle, const float *input, float *output) {
    recurrent_forward(handle, input, output);
}

static size_t steps_to_check(const struct recurrent_shape *shape) {
    double of_step = recurrent_flops(shape) / (double)(shape->batch * shape->length);
    double affordable = CHECK_WORK_MAX / of_step;
    size_t steps = affordable > CHECK_STEPS ? CHECK_STEPS : (size_t)affordable;
    if (steps < CHECK_STEPS_MIN) steps = CHECK_STEPS_MIN;
    return steps < shape->length ? steps : shape->length;
}

static enum status check(const struct recurrent *built, const struct recurrent_shape *shape,
                         const struct layer *layer, struct random_source choice, struct record *record) {
    size_t item = (size_t)random_below(choice, 0, shape->batch), steps = steps_to_check(shape);
    size_t width = recurrent_output_width(shape);
    double *reference = memory_allocate(steps * width, sizeof *reference);
    if (!reference) return STATUS_NO_MEMORY;
    enum status status = recurrent_reference(built, layer->input, item, steps, reference);
    const float *output = layer->output + item * shape->length * width;
    double worst = 0;
    for (size_t i = 0; i < steps * width; i++)
        worst = layer_worse(worst, (double)output[i] - reference[i]);
    memory_free(reference);
    CHECK(status);
    return layer_record_check(record, worst, steps);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct recurrent_shape shape = shape_of(point->values);
    struct recurrent *built;
    struct layer layer = layer_begin(forward);
    enum status status = recurrent_create(&shape, random_source(point->data_key, RANDOM_WEIGHTS, 0), &built);
    if (status == STATUS_OK)
        status = layer_draw_input(&layer, point->data_key, input_count(&shape), output_count(&shape));
    if (status != STATUS_OK) error_set(error, status, "no memory for the layer, its input and its output");
    layer.handle = built;
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = layer_measure(&layer, team, record);
    if (status == STATUS_OK)
        status = record_set_integer(record, "weights", (int64_t)recurrent_parameter_count(built));
    if (status == STATUS_OK)
        status = check(built, &shape, &layer, random_source(point->data_key, RANDOM_CHOICE, 0), record);
    layer_free_arrays(&layer);
    recurrent_destroy(&built);
    return status;
}

const struct experiment experiment_recurrent = {
    .schema = {.name = "recurrent",
               .summary = "Time and executed work of a recurrent layer: RNN, GRU, LSTM",
               .version = 2,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
