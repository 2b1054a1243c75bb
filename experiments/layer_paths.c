/* How far apart the first and the last position of a sequence are: how many layers, or steps of a recurrent
 * one, until what changes at the first has reached the last, found by running the layers. And how many
 * operations of one layer had to wait for one another. The same bits with any number of threads.
 *
 * All positions are zero but the first. Layers have no bias, so a position stays exactly zero until the first
 * reaches it; each is scaled to largest magnitude 1 between layers, which lets nothing pass from one position
 * to another and keeps what arrives from fading. */
#include <math.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/base/chain.h"
#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/experiment.h"

enum kind { KIND_ATTENTION, KIND_CONVOLUTION, KIND_RNN, KIND_GRU, KIND_LSTM };

static const char *const layers[] = {"attention", "convolution", "rnn", "gru", "lstm", NULL};
static const char *const dilations[] = {"none", "powers", NULL};
static const char *const sides[] = {"causal", "centred", NULL};

static const struct field parameters[] = {
    {"layer", FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, layers, FIELD_DATA, "Kind of layer"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, 1048576, NULL, FIELD_DATA, "Positions L"},
    {"width", FIELD_INTEGER, DIMENSION_SCALAR, "1", "8", 1, ATTENTION_WIDTH_MAX, NULL, FIELD_DATA,
     "Channels, head width or hidden units d"},
    {"inputs", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 65536, NULL, FIELD_AUTO,
     "Width M of a recurrent layer's input; auto, and for the others: the width"},
    {"kernel_size", FIELD_INTEGER, DIMENSION_SCALAR, "1", "3", 2, 65536, NULL, 0, "Taps k of a convolution"},
    {"dilation", FIELD_CHOICE, DIMENSION_SCALAR, "1", "none", 0, 0, dilations, 0,
     "powers: the convolution of number i = 0, 1, ... has its taps k^i positions apart"},
    {"side", FIELD_CHOICE, DIMENSION_SCALAR, "1", "causal", 0, 0, sides, 0,
     "Where a convolution's taps lie; centred ones need three taps or more"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"path", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Layers on each other, or steps that the recurrent layer executed, until the last position was not zero"},
    {"operations", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Products and reductions of one layer that each waited for the one before, counted as they were done"},
    {"kernel_chain", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Pieces that the kernel took one after the other on the longest way through one layer: panels of keys, taps, "
     "steps"},
    {"weights", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Numbers in a recurrent layer's weights and biases, counted where they are allocated; 0 for the others"},
    {.name = NULL},
};

/* The parameters of a unit. */
struct setting {
    enum kind kind;
    size_t length, width, inputs, kernel_size;
    bool dilated, causal;
};

static struct setting setting_of(const struct record *values) {
    int kind = 0;
    while (layers[kind + 1] && strcmp(record_string(values, "layer"), layers[kind]) != 0)
        kind++;
    return (struct setting){.kind = (enum kind)kind,
                            .length = (size_t)record_integer(values, "length"),
                            .width = (size_t)record_integer(values, "width"),
                            .inputs = (size_t)record_integer(values, "inputs"),
                            .kernel_size = (size_t)record_integer(values, "kernel_size"),
                            .dilated = strcmp(record_string(values, "dilation"), "powers") == 0,
                            .causal = strcmp(record_string(values, "side"), "causal") == 0};
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    if (record_integer(values, "inputs") == INT64_MIN)
        CHECK(record_set_integer(values, "inputs", record_integer(values, "width")));
    struct setting s = setting_of(values);
    if (s.kind < KIND_RNN && s.inputs != s.width)
        return error_set(error, STATUS_INVALID,
                         "inputs: %zu, but only recurrent layers have other inputs than width", s.inputs);
    if (s.kind == KIND_CONVOLUTION && !s.causal && s.kernel_size < 3)
        return error_set(error, STATUS_INVALID, "kernel_size: 2 taps in the centre look only back");
    return STATUS_OK;
}

/* --- one layer after the other ----------------------------------------------------------------------------
 */

/* What is passed on: two arrays [length][width] in turns. */
struct sequences {
    float *current, *next;
};

static bool position_is_zero(const float *position, size_t width) {
    for (size_t i = 0; i < width; i++)
        if (position[i] != 0) return false;
    return true;
}

/* Scales each position to largest magnitude 1; zeros stay. */
static void scale_positions(size_t length, size_t width, float *sequence) {
    for (size_t t = 0; t < length; t++) {
        float *position = sequence + t * width, largest = 0;
        for (size_t i = 0; i < width; i++)
            largest = fmaxf(largest, fabsf(position[i]));
        for (size_t i = 0; i < width && largest > 0; i++)
            position[i] /= largest;
    }
}

/* Runs layer number `index` from sequences->current to next. */
typedef enum status run_layer(const struct setting *setting, uint64_t key, size_t index,
                              const struct sequences *sequences);

static enum status run_attention(const struct setting *setting, uint64_t key, size_t index,
                                 const struct sequences *sequences) {
    (void)key, (void)index;
    const struct attention_shape shape = {.batch = 1,
                                          .heads = 1,
                                          .kv_heads = 1,
                                          .query_length = setting->length,
                                          .key_length = setting->length,
                                          .head_width = setting->width};
    const struct attention_mask mask = attention_mask_none();
    struct attention_plan *plan;
    CHECK(attention_plan_create(&shape, &plan));
    attention_forward(plan, &mask, attention_scale(&shape), sequences->current, sequences->current,
                      sequences->current, sequences->next, NULL);
    attention_plan_destroy(&plan);
    return STATUS_OK;
}

/* kernel_size^index, kept below twice the length, beyond which it makes no difference. */
static size_t dilation_of(const struct setting *setting, size_t index) {
    size_t dilation = 1;
    for (size_t i = 0; setting->dilated && i < index && dilation < setting->length; i++)
        dilation *= setting->kernel_size;
    return dilation;
}

static enum status run_convolution(const struct setting *setting, uint64_t key, size_t index,
                                   const struct sequences *sequences) {
    const struct convolution_shape shape = {.batch = 1,
                                            .length = setting->length,
                                            .width = setting->width,
                                            .kernel_size = setting->kernel_size,
                                            .dilation = dilation_of(setting, index),
                                            .causal = setting->causal};
    struct convolution *layer;
    CHECK(convolution_create(&shape, random_source(key, RANDOM_WEIGHTS, (uint32_t)index), &layer));
    convolution_forward(layer, sequences->current, sequences->next);
    convolution_destroy(&layer);
    return STATUS_OK;
}

/* Layers on each other until the last position is reached; a chain of layers is as long as the sequence at
 * most. */
static enum status walk_layers(const struct setting *setting, uint64_t key, struct sequences *sequences,
                               size_t *path) {
    run_layer *const run = setting->kind == KIND_ATTENTION ? run_attention : run_convolution;
    const size_t last = (setting->length - 1) * setting->width;
    for (*path = 0; *path < setting->length && position_is_zero(sequences->current + last, setting->width);
         ++*path) {
        CHECK(run(setting, key, *path, sequences));
        scale_positions(setting->length, setting->width, sequences->next);
        struct sequences turned = {sequences->next, sequences->current};
        *sequences = turned;
    }
    return STATUS_OK;
}

/* --- a recurrent layer ------------------------------------------------------------------------------------
 */

/* Weights under which a state neither fades nor grows without end: each unit feeds its own candidate, with a
 * gain above that of the gates, which stand half open. */
static enum status set_own_feedback(const struct setting *setting, struct recurrent *layer) {
    static const size_t gates[] = {[KIND_RNN] = 1, [KIND_GRU] = 3, [KIND_LSTM] = 4};
    static const size_t candidate[] = {[KIND_RNN] = 0, [KIND_GRU] = 2, [KIND_LSTM] = 2};
    const float gain = 4;
    size_t width = setting->width, inputs = setting->inputs, units = gates[setting->kind] * width;
    float *input = memory_allocate(units * inputs, sizeof *input);
    float *recurrent = memory_allocate(units * width, sizeof *recurrent);
    float *bias = memory_allocate(units, sizeof *bias);
    enum status status = input && recurrent && bias ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < width && status == STATUS_OK; i++) {
        size_t unit = candidate[setting->kind] * width + i;
        input[unit * inputs + i % inputs] = 1;
        recurrent[unit * width + i] = gain;
    }
    const struct recurrent_parameters parameters = {input, recurrent, bias};
    if (status == STATUS_OK) status = recurrent_set_parameters(layer, 0, false, &parameters);
    memory_free(input);
    memory_free(recurrent);
    memory_free(bias);
    return status;
}

/* The steps that were executed are the chain without the product of the first input. */
static enum status walk_steps(const struct setting *setting, uint64_t key, const float *input, float *output,
                              size_t *path, size_t *weights) {
    const struct recurrent_shape shape = {.cell =
                                              (enum recurrent_cell)(CELL_RNN + (setting->kind - KIND_RNN)),
                                          .batch = 1,
                                          .length = setting->length,
                                          .width = setting->width,
                                          .inputs = setting->inputs};
    struct recurrent *layer;
    CHECK(recurrent_create(&shape, random_source(key, RANDOM_WEIGHTS, 0), &layer));
    *weights = recurrent_parameter_count(layer);
    enum status status = set_own_feedback(setting, layer);
    if (status == STATUS_OK) {
        recurrent_forward(layer, input, output);
        bool arrived = !position_is_zero(output + (setting->length - 1) * setting->width, setting->width);
        *path = arrived ? (size_t)chain_longest().operations - 1 : 0;
    }
    recurrent_destroy(&layer);
    return status;
}

/* --- the unit ---------------------------------------------------------------------------------------------
 */

static enum status walk(const struct setting *setting, uint64_t key, struct sequences *sequences,
                        struct record *record) {
    size_t path = 0, weights = 0;
    random_fill_normal_f32(random_source(key, RANDOM_INPUTS, 0), 0, setting->inputs, sequences->current);
    chain_reset();
    if (setting->kind < KIND_RNN)
        CHECK(walk_layers(setting, key, sequences, &path));
    else
        CHECK(walk_steps(setting, key, sequences->current, sequences->next, &path, &weights));
    struct chain chain = chain_longest();
    CHECK(record_set_integer(record, "path", (int64_t)path));
    CHECK(record_set_integer(record, "operations", (int64_t)chain.operations));
    CHECK(record_set_integer(record, "kernel_chain", (int64_t)chain.kernel));
    return record_set_integer(record, "weights", (int64_t)weights);
}

static size_t widest(const struct setting *setting) {
    return setting->inputs > setting->width ? setting->inputs : setting->width;
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    float *arrays = memory_allocate(2 * setting.length * widest(&setting), sizeof *arrays);
    struct sequences sequences = {arrays, arrays + setting.length * widest(&setting)};
    enum status status = arrays ? walk(&setting, point->data_key, &sequences, record) : STATUS_NO_MEMORY;
    if (status == STATUS_NO_MEMORY)
        error_set(error, status, "no memory for %zu positions of width %zu", setting.length, setting.width);
    memory_free(arrays);
    return status;
}

/* The claim's path tells how many layers there will be. */
static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    double length = (double)s.length, width = (double)s.width, taps = (double)s.kernel_size;
    double paths = s.dilated ? ceil(log(length) / log(taps)) : 2 * length / (taps - 1);
    double flops = 4 * length * length * width;
    if (s.kind == KIND_CONVOLUTION) flops = paths * 2 * taps * length * width * width;
    if (s.kind >= KIND_RNN) flops = 8 * length * width * (width + (double)s.inputs);
    double weights = 4 * width * (taps * width + 2 * (double)s.inputs);
    return (struct estimate){
        .flops = flops, .bytes_per_rank = (2 * length * (double)widest(&s) + 4 * weights) * sizeof(float)};
}

const struct experiment experiment_layer_paths = {
    .schema = {.name = "layer_paths",
               .summary =
                   "Layers or steps from the first position to the last, and operations that wait for others",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
