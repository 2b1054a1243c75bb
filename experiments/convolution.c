/* Time and work of a convolution along a sequence: k L d^2. */
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

/* Multiply-adds that the check may take; wide layers are checked on fewer rows. */
static const double CHECK_WORK_MAX = 4e9;

enum { CHECK_ROWS_MIN = 4, CHECK_ROWS = LAYER_ROWS_MAX - 2 };

static const char *const reads[] = {"past", "around", NULL};
static const char *const channels[] = {"all", "apart", NULL};

static const struct field parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA,
     "Positions L of a sequence"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA,
     "Channels d, of input and output"},
    {"kernel_size", FIELD_INTEGER, DIMENSION_SCALAR, "1", "3", 1, 65536, NULL, FIELD_DATA,
     "Positions k that an output reads"},
    {"dilation", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e8, NULL, FIELD_DATA,
     "Distance between neighbouring positions that are read"},
    {"reads", FIELD_CHOICE, DIMENSION_SCALAR, "1", "past", 0, 0, reads, 0,
     "past: an output reads its own position and those before it; around: as many after as before"},
    {"channels", FIELD_CHOICE, DIMENSION_SCALAR, "1", "all", 0, 0, channels, 0,
     "all: each output channel reads all; apart: each its own, and one matrix mixes them (depthwise-separable)"},
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
        .causal = strcmp(record_string(values, "reads"), "past") == 0,
    };
}

/* What both kinds of convolution offer. */
struct kind {
    enum status (*create)(const struct convolution_shape *shape, struct random_source weights, void **layer);
    void (*destroy)(void **layer);
    void (*forward)(void *layer, const float *input, float *output);
    enum status (*reference_row)(const void *layer, const float *input, size_t item, size_t position,
                                 double *output);
    size_t (*bytes)(const struct convolution_shape *shape);
    double (*flops)(const struct convolution_shape *shape);
};

static enum status full_create(const struct convolution_shape *shape, struct random_source weights,
                               void **layer) {
    struct convolution *created;
    enum status status = convolution_create(shape, weights, &created);
    *layer = created;
    return status;
}

static void full_destroy(void **layer) {
    struct convolution *gone = *layer;
    convolution_destroy(&gone);
    *layer = NULL;
}

static void full_forward(void *layer, const float *input, float *output) {
    convolution_forward(layer, input, output);
}

static enum status full_reference_row(const void *layer, const float *input, size_t item, size_t position,
                                      double *output) {
    convolution_reference_row(layer, input, item, position, output);
    return STATUS_OK;
}

static enum status apart_create(const struct convolution_shape *shape, struct random_source weights,
                                void **layer) {
    struct separable *created;
    enum status status = separable_create(shape, weights, &created);
    *layer = created;
    return status;
}

static void apart_destroy(void **layer) {
    struct separable *gone = *layer;
    separable_destroy(&gone);
    *layer = NULL;
}

static void apart_forward(void *layer, const float *input, float *output) {
    separable_forward(layer, input, output);
}

static enum status apart_reference_row(const void *layer, const float *input, size_t item, size_t position,
                                       double *output) {
    return separable_reference_row(layer, input, item, position, output);
}

static const struct kind full = {full_create,        full_destroy,      full_forward,
                                 full_reference_row, convolution_bytes, convolution_flops};
static const struct kind apart = {apart_create,        apart_destroy,   apart_forward,
                                  apart_reference_row, separable_bytes, separable_flops};

static const struct kind *kind_of(const struct record *values) {
    return strcmp(record_string(values, "channels"), "apart") == 0 ? &apart : &full;
}

static size_t element_count(const struct convolution_shape *shape) {
    return shape->batch * shape->length * shape->width;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct convolution_shape shape = shape_of(values);
    if (kind_of(values)->bytes(&shape) > 0) return STATUS_OK;
    return error_set(error, STATUS_INVALID,
                     "batch x length x width is %zu x %zu x %zu: more than can be addressed", shape.batch,
                     shape.length, shape.width);
}

static struct estimate estimate(const struct point *point) {
    struct convolution_shape shape = shape_of(point->values);
    double references = LAYER_ROWS_MAX * (double)shape.width * sizeof(double);
    return (struct estimate){.flops = kind_of(point->values)->flops(&shape),
                             .bytes_per_rank = (double)kind_of(point->values)->bytes(&shape) +
                                               2.0 * (double)element_count(&shape) * sizeof(float) +
                                               references,
                             .seconds = TIMING_SECONDS};
}

static size_t rows_to_check(const struct convolution_shape *shape) {
    double width = (double)shape->width, of_row = (double)shape->kernel_size * width * width;
    double affordable = CHECK_WORK_MAX / of_row;
    if (affordable > CHECK_ROWS) return CHECK_ROWS;
    return affordable < CHECK_ROWS_MIN ? CHECK_ROWS_MIN : (size_t)affordable;
}

/* Compares some rows of the output, all sequences taken as one list of rows. */
static enum status check(const struct kind *kind, const struct convolution_shape *shape,
                         const struct layer *layer, struct random_source choice, struct record *record) {
    size_t width = shape->width, rows[LAYER_ROWS_MAX];
    size_t count = layer_choose_rows(choice, shape->batch * shape->length, rows_to_check(shape), rows);
    double *reference = memory_allocate(count * width, sizeof *reference);
    if (!reference) return STATUS_NO_MEMORY;
    double worst = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = kind->reference_row(layer->handle, layer->input, rows[i] / shape->length,
                                     rows[i] % shape->length, reference + i * width);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < width; k++)
            worst = layer_worse(worst, (double)layer->output[rows[i] * width + k] - reference[i * width + k]);
    memory_free(reference);
    CHECK(status);
    return layer_record_check(record, worst, count);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct convolution_shape shape = shape_of(point->values);
    const struct kind *kind = kind_of(point->values);
    struct layer layer = layer_begin(kind->forward);
    enum status status =
        kind->create(&shape, random_source(point->data_key, RANDOM_WEIGHTS, 0), &layer.handle);
    if (status == STATUS_OK)
        status = layer_draw_input(&layer, point->data_key, element_count(&shape), element_count(&shape));
    if (status != STATUS_OK) error_set(error, status, "no memory for the layer, its input and its output");
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = layer_measure(&layer, team, record);
    if (status == STATUS_OK)
        status = check(kind, &shape, &layer, random_source(point->data_key, RANDOM_CHOICE, 0), record);
    layer_free_arrays(&layer);
    kind->destroy(&layer.handle);
    return status;
}

const struct experiment experiment_convolution = {
    .schema = {.name = "convolution",
               .summary = "Time and executed work of a convolution along a sequence",
               .version = 2,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
