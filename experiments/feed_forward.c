/* Time and work of the feed-forward part of a transformer block, which whole models have beside attention. */
#include "core/sequence/feed_forward.h"

#include <string.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

/* Operations that the check may take. */
static const double CHECK_WORK_MAX = 2e9;

enum { CHECK_ROWS = 8 };

static const char *const activations[] = {"gelu", "gated", NULL};

static const struct field parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e7, NULL, FIELD_DATA,
     "Positions L of a sequence"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA, "Width d of the model"},
    {"hidden", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 1048576, NULL, FIELD_DATA | FIELD_AUTO,
     "Hidden units; auto: four times the width"},
    {"activation", FIELD_CHOICE, DIMENSION_SCALAR, "1", "gelu", 0, 0, activations, 0,
     "gelu(x A) B, or gated: (silu(x A) * (x G)) B"},
    {"blocks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 10000, NULL, 0,
     "Blocks of the whole model, of which one is timed"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of OpenMP and BLAS"},
    {.name = NULL},
};

static const struct field columns[] = {
    LAYER_FIELDS("Positions that were compared: the first, the last, others between; fewer for wide layers"),
    TIMING_FIELDS,
    {.name = NULL},
};

static struct feed_forward_shape shape_of(const struct record *values) {
    return (struct feed_forward_shape){
        .positions = (size_t)record_integer(values, "batch") * (size_t)record_integer(values, "length"),
        .width = (size_t)record_integer(values, "width"),
        .hidden = (size_t)record_integer(values, "hidden"),
        .gated = strcmp(record_string(values, "activation"), "gated") == 0,
    };
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    if (record_integer(values, "hidden") == INT64_MIN)
        CHECK(record_set_integer(values, "hidden", 4 * record_integer(values, "width")));
    struct feed_forward_shape shape = shape_of(values);
    if (shape.positions <= PRODUCT_SIZE_MAX) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "batch x length is %zu: more than a product takes",
                     shape.positions);
}

static void forward(void *handle, const float *input, float *output) {
    feed_forward_run(handle, input, output);
}

static enum status check(const struct feed_forward_shape *shape, const struct layer *layer,
                         struct random_source choice, struct record *record) {
    double of_row = feed_forward_flops(shape) / (double)shape->positions;
    size_t inner = CHECK_WORK_MAX / of_row > CHECK_ROWS ? CHECK_ROWS - 2 : 0, rows[LAYER_ROWS_MAX];
    size_t width = shape->width, count = layer_choose_rows(choice, shape->positions, inner, rows);
    double *reference = memory_allocate(width, sizeof *reference), worst = 0;
    enum status status = reference ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = feed_forward_reference(layer->handle, layer->input + rows[i] * width, reference);
        for (size_t k = 0; k < width && status == STATUS_OK; k++)
            worst = layer_worse(worst, (double)layer->output[rows[i] * width + k] - reference[k]);
    }
    memory_free(reference);
    CHECK(status);
    return layer_record_check(record, worst, count);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct feed_forward_shape shape = shape_of(point->values);
    struct feed_forward *built;
    struct layer layer = layer_begin(forward);
    size_t numbers = shape.positions * shape.width;
    enum status status =
        feed_forward_create(&shape, random_source(point->data_key, RANDOM_WEIGHTS, 0), &built);
    if (status == STATUS_OK) status = layer_draw_input(&layer, point->data_key, numbers, numbers);
    if (status != STATUS_OK) error_set(error, status, "no memory for the layer, its input and its output");
    layer.handle = built;
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = layer_measure(&layer, team, record);
    if (status == STATUS_OK)
        status = check(&shape, &layer, random_source(point->data_key, RANDOM_CHOICE, 0), record);
    layer_free_arrays(&layer);
    feed_forward_destroy(&built);
    return status;
}

static struct estimate estimate(const struct point *point) {
    struct feed_forward_shape shape = shape_of(point->values);
    double numbers = (double)shape.positions * (double)shape.width;
    return (struct estimate){.flops = feed_forward_flops(&shape),
                             .bytes_per_rank = feed_forward_bytes(&shape) + 2 * numbers * sizeof(float) +
                                               (double)(shape.width + 2 * shape.hidden) * sizeof(double),
                             .seconds = TIMING_SECONDS};
}

const struct experiment experiment_feed_forward = {
    .schema = {.name = "feed_forward",
               .summary = "Time and executed work of the feed-forward part of a transformer block",
               .version = 1,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
