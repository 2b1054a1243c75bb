/* Time and work of scoring functions: every query against every key. */
#include <string.h>

#include "core/attention/scoring.h"
#include "core/base/memory.h"
#include "core/base/product.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

enum { CHECK_QUERIES = 4 };

static const char *const functions[] = {"additive", "dot", "scaled", "bilinear", "low_rank", NULL};

static const struct field parameters[] = {
    {"function", FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, functions, 0,
     "additive v.tanh(W k + U q); dot k.q; scaled k.q / sqrt(D); bilinear k.W q; low_rank (U k).(V q)"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, PRODUCT_SIZE_MAX, NULL, FIELD_DATA,
     "Queries N, and as many keys"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 65536, NULL, FIELD_DATA, "Width D of both"},
    {"rank", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 65536, NULL, FIELD_AUTO,
     "Rows of U and V of low_rank; auto: a quarter of the width, at least 1"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of OpenMP and BLAS"},
    {.name = NULL},
};

static const struct field columns[] = {
    LAYER_FIELDS("Queries of which all scores were compared: the first, the last, others between, at most 4"),
    TIMING_FIELDS,
    {.name = NULL},
};

static struct scorer_shape shape_of(const struct record *values) {
    int scoring = 0;
    while (functions[scoring + 1] && strcmp(functions[scoring], record_string(values, "function")) != 0)
        scoring++;
    size_t length = (size_t)record_integer(values, "length");
    return (struct scorer_shape){.scoring = (enum scoring)scoring,
                                 .queries = length,
                                 .keys = length,
                                 .width = (size_t)record_integer(values, "width"),
                                 .rank = (size_t)record_integer(values, "rank")};
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    int64_t width = record_integer(values, "width");
    if (record_integer(values, "rank") == INT64_MIN)
        CHECK(record_set_integer(values, "rank", width < 4 ? 1 : width / 4));
    if (record_integer(values, "rank") <= width) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "rank: %lld is more than the width, %lld",
                     (long long)record_integer(values, "rank"), (long long)width);
}

/* A pass: the input is the queries, then the keys. */
struct scoring_pass {
    struct scorer *scorer;
    struct scorer_shape shape;
};

static void forward(void *handle, const float *input, float *output) {
    const struct scoring_pass *pass = handle;
    scorer_forward(pass->scorer, input, input + pass->shape.queries * pass->shape.width, output);
}

static enum status check(const struct scoring_pass *pass, const struct layer *layer,
                         struct random_source choice, struct record *record) {
    const struct scorer_shape *shape = &pass->shape;
    size_t rows[LAYER_ROWS_MAX], count = layer_choose_rows(choice, shape->queries, CHECK_QUERIES - 2, rows);
    double *reference = memory_allocate(shape->keys, sizeof *reference), worst = 0;
    enum status status = reference ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = scorer_reference_row(pass->scorer, layer->input + rows[i] * shape->width,
                                      layer->input + shape->queries * shape->width, reference);
        for (size_t key = 0; key < shape->keys && status == STATUS_OK; key++)
            worst = layer_worse(worst, (double)layer->output[rows[i] * shape->keys + key] - reference[key]);
    }
    memory_free(reference);
    CHECK(status);
    return layer_record_check(record, worst, count);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct scoring_pass pass = {.shape = shape_of(point->values)};
    struct layer layer = layer_begin(forward);
    layer.handle = &pass;
    enum status status =
        scorer_create(&pass.shape, random_source(point->data_key, RANDOM_WEIGHTS, 0), &pass.scorer);
    size_t inputs = 2 * pass.shape.queries * pass.shape.width, outputs = pass.shape.queries * pass.shape.keys;
    if (status == STATUS_OK) status = layer_draw_input(&layer, point->data_key, inputs, outputs);
    if (status != STATUS_OK) error_set(error, status, "no memory for %zu scores", outputs);
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = layer_measure(&layer, team, record);
    if (status == STATUS_OK)
        status = check(&pass, &layer, random_source(point->data_key, RANDOM_CHOICE, 0), record);
    layer_free_arrays(&layer);
    scorer_destroy(&pass.scorer);
    return status;
}

static struct estimate estimate(const struct point *point) {
    struct scorer_shape shape = shape_of(point->values);
    double length = (double)shape.queries;
    double arrays = (length * length + 2 * length * (double)shape.width) * sizeof(float);
    return (struct estimate){.flops = scorer_flops(&shape),
                             .bytes_per_rank = scorer_bytes(&shape) + arrays + length * sizeof(double),
                             .seconds = TIMING_SECONDS};
}

const struct experiment experiment_scoring = {
    .schema = {.name = "scoring",
               .summary = "Time and executed work of scoring functions: additive, dot product, bilinear",
               .version = 1,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
