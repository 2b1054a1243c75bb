/* Time and work of a convolution along a sequence: k L d^2. */
#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

/* Multiply-adds that the check may take; wide layers are checked on fewer rows. */
static const double CHECK_WORK_MAX = 4e9;

enum { CHECK_ROWS_MIN = 4, CHECK_ROWS = LAYER_ROWS_MAX - 2 };

static const struct field parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA,
     "Positions L of a sequence"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA,
     "Channels d, of input and output"},
    {"kernel_size", FIELD_INTEGER, DIMENSION_SCALAR, "1", "3", 1, 65536, NULL, FIELD_DATA,
     "Positions k that an output reads; it is causal: the output's own position and those before it"},
    {"dilation", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e8, NULL, FIELD_DATA,
     "Distance between neighbouring positions that are read"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of OpenMP and BLAS"},
    {.name = NULL},
};

static const struct field columns[] = {
    LAYER_FIELDS(
        "Output positions that were compared: first, last, and drawn ones of the whole batch; fewer for wide layers"),
    TIMING_FIELDS,
    {.name = NULL},
};

static struct convolution_shape shape_of(const struct record *values) {
    return (struct convolution_shape){
        .batch = (size_t)record_integer(values, "batch"),
        .length = (size_t)record_integer(values, "length"),
        .width = (size_t)record_integer(values, "width"),
        .kernel_size = (size_t)record_integer(values, "kernel_size"),
        .dilation = (size_t)record_integer(values, "dilation"),
        .causal = true,
    };
}

static size_t element_count(const struct convolution_shape *shape) {
    return shape->batch * shape->length * shape->width;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct convolution_shape shape = shape_of(values);
    if (convolution_bytes(&shape) > 0) return STATUS_OK;
    return error_set(error, STATUS_INVALID,
                     "batch x length x width is %zu x %zu x %zu: more than can be addressed", shape.batch,
                     shape.length, shape.width);
}

static struct estimate estimate(const struct point *point) {
    struct convolution_shape shape = shape_of(point->values);
    double references = LAYER_ROWS_MAX * (double)shape.width * sizeof(double);
    return (struct estimate){.flops = convolution_flops(&shape),
                             .bytes_per_rank = (double)convolution_bytes(&shape) +
                                               2.0 * (double)element_count(&shape) * sizeof(float) +
                                               references,
                             .seconds = TIMING_SECONDS};
}

static void forward(void *handle, const float *input, float *output) {
    convolution_forward(handle, input, output);
}

static size_t rows_to_check(const struct convolution_shape *shape) {
    double width = (double)shape->width, of_row = (double)shape->kernel_size * width * width;
    double affordable = CHECK_WORK_MAX / of_row;
    if (affordable > CHECK_ROWS) return CHECK_ROWS;
    return affordable < CHECK_ROWS_MIN ? CHECK_ROWS_MIN : (size_t)affordable;
}

/* Compares some rows of the output, all sequences taken as one list of rows. */
static enum status check(const struct convolution *built, const struct convolution_shape *shape,
                         const struct layer *layer, struct random_source choice, struct record *record) {
    size_t width = shape->width, rows[LAYER_ROWS_MAX];
    size_t count = layer_choose_rows(choice, shape->batch * shape->length, rows_to_check(shape), rows);
    double *reference = memory_allocate(count * width, sizeof *reference);
    if (!reference) return STATUS_NO_MEMORY;
    double worst = 0;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < count; i++)
        convolution_reference_row(built, layer->input, rows[i] / shape->length, rows[i] % shape->length,
                                  reference + i * width);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < width; k++)
            worst = layer_worse(worst, (double)layer->output[rows[i] * width + k] - reference[i * width + k]);
    memory_free(reference);
    return layer_record_check(record, worst, count);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct convolution_shape shape = shape_of(point->values);
    struct convolution *built;
    struct layer layer = layer_begin(forward);
    enum status status =
        convolution_create(&shape, random_source(point->data_key, RANDOM_WEIGHTS, 0), &built);
    if (status == STATUS_OK) status = layer_draw_input(&layer, point->data_key, element_count(&shape));
    if (status != STATUS_OK) error_set(error, status, "no memory for the layer, its input and its output");
    layer.handle = built;
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = layer_measure(&layer, team, record);
    if (status == STATUS_OK)
        status = check(built, &shape, &layer, random_source(point->data_key, RANDOM_CHOICE, 0), record);
    layer_free_arrays(&layer);
    convolution_destroy(&built);
    return status;
}

const struct experiment experiment_convolution = {
    .schema = {.name = "convolution",
               .summary = "Time and executed work of a causal convolution along a sequence",
               .version = 1,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
