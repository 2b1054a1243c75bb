/* Time and work of a convolution along a sequence: k L d^2. */
#include <stdint.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/split_layer.h"
#include "experiments/timing.h"

/* Multiply-adds that the check may take; wide layers are checked on fewer rows. */
static const double CHECK_WORK_MAX = 4e9;

enum { CHECK_ROWS_MIN = 4, CHECK_ROWS = LAYER_ROWS_MAX - 2 };

static const char *const reads[] = {"past", "around", NULL};
static const char *const channels[] = {"all", "apart", NULL};
static const char *const splits[] = {"none", "batch", "sequence", NULL};

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
    SPLIT_LAYER_PARAMETERS(
        splits, "How ranks share the layer; batch: each has some of the sequences; sequence: each has "
                "neighbouring positions and gets those beside them that its outputs read"),
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of each rank"},
    {.name = NULL},
};

static const struct field columns[] = {
    SPLIT_LAYER_FIELDS(
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

static struct sequence_split split_of(const struct record *values) {
    bool apart = strcmp(record_string(values, "channels"), "apart") == 0;
    struct sequence_split split = {.layer = apart ? LAYER_SEPARABLE : LAYER_CONVOLUTION,
                                   .convolution = shape_of(values)};
    split_layer_read(values, &split);
    return split;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    struct sequence_split split = split_of(values);
    return split_layer_refuse(&split, error);
}

/* The check's reference rows, and one sequence where a rank has a part of each only. */
static double check_bytes(const struct sequence_split *split) {
    const struct convolution_shape *shape = &split->convolution;
    double sequence = split->kind == SPLIT_SEQUENCE ? (double)shape->length * (double)shape->width : 0;
    return sequence * sizeof(float) + 2 * (double)shape->width * sizeof(double);
}

static struct estimate estimate(const struct point *point) {
    struct sequence_split split = split_of(point->values);
    double flops = split.layer == LAYER_SEPARABLE ? separable_flops(&split.convolution)
                                                  : convolution_flops(&split.convolution);
    return split_layer_estimate(&split, flops, check_bytes(&split));
}

static size_t rows_to_check(const struct convolution_shape *shape) {
    double width = (double)shape->width, of_row = (double)shape->kernel_size * width * width;
    double affordable = CHECK_WORK_MAX / of_row;
    if (affordable > CHECK_ROWS) return CHECK_ROWS;
    return affordable < CHECK_ROWS_MIN ? CHECK_ROWS_MIN : (size_t)affordable;
}

/* What the check of a rank works with. */
struct witness {
    const struct split_layer *layer;
    float *drawn; /* [length][width]: the input of sequence `item`; NULL where the rank has whole sequences */
    size_t item;
    double *row; /* [width] */
};

/* The whole input of a sequence of this rank. */
static const float *sequence_of(struct witness *witness, size_t item) {
    const struct split_layer *layer = witness->layer;
    const struct convolution_shape *shape = &layer->split.convolution;
    if (!witness->drawn) return layer->input + (item - layer->in.first_item) * shape->length * shape->width;
    if (witness->item != item) split_layer_draw_rows(layer, item, 0, shape->length, witness->drawn);
    witness->item = item;
    return witness->drawn;
}

static enum status reference_row(struct witness *witness, size_t item, size_t position) {
    const struct sequence_layer *layer = sequence_split_layer(witness->layer->run);
    const float *input = sequence_of(witness, item);
    if (layer->separable) return separable_reference_row(layer->separable, input, 0, position, witness->row);
    convolution_reference_row(layer->convolution, input, 0, position, witness->row);
    return STATUS_OK;
}

/* `row` of all sequences taken as one list, if this rank has it. */
static enum status check_row(struct witness *witness, size_t row, double *worst, size_t *checked) {
    const struct split_layer *layer = witness->layer;
    const struct sequence_share *share = &layer->out;
    size_t width = share->units, length = layer->split.convolution.length;
    size_t item = row / length, position = row % length;
    if (item < share->first_item || item >= share->first_item + share->items) return STATUS_OK;
    if (position < share->first_row || position >= share->first_row + share->rows) return STATUS_OK;
    CHECK(reference_row(witness, item, position));
    size_t at = (item - share->first_item) * share->rows + position - share->first_row;
    for (size_t k = 0; k < width; k++)
        *worst = layer_worse(*worst, (double)layer->output[at * width + k] - witness->row[k]);
    ++*checked;
    return STATUS_OK;
}

/* Compares some rows of the output. */
static enum status check(const struct split_layer *layer, double *worst, size_t *checked) {
    const struct convolution_shape *shape = &layer->split.convolution;
    bool parts = layer->split.kind == SPLIT_SEQUENCE;
    size_t rows[LAYER_ROWS_MAX];
    size_t count = layer_choose_rows(random_source(layer->data_key, RANDOM_CHOICE, 0),
                                     shape->batch * shape->length, rows_to_check(shape), rows);
    struct witness witness = {.layer = layer, .item = SIZE_MAX};
    witness.row = memory_allocate(shape->width, sizeof *witness.row);
    if (parts) witness.drawn = memory_allocate(shape->length * shape->width, sizeof *witness.drawn);
    enum status status = witness.row && (witness.drawn || !parts) ? STATUS_OK : STATUS_NO_MEMORY;
    *worst = 0;
    *checked = 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = check_row(&witness, rows[i], worst, checked);
    memory_free(witness.row);
    memory_free(witness.drawn);
    return status;
}

static double predict(const struct point *point, const struct schedule_rates *rates) {
    struct sequence_split split = split_of(point->values);
    return sequence_split_seconds(&split, rates);
}

static const char *const split_parameters[] = {"split", NULL};

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct sequence_split split = split_of(point->values);
    return split_layer_unit(&split, point, team, check, record, error);
}

const struct experiment experiment_convolution = {
    .schema = {.name = "convolution",
               .summary = "Time, work, traffic and error of a convolution along a sequence, split over ranks",
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
