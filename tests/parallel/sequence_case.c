#include "sequence_case.h"

#include <stdint.h>
#include <string.h>

#include "core/base/memory.h"

#define CONVOLUTION(kind, ...)                                                                               \
    {                                                                                                        \
        .layer = kind, .convolution = { __VA_ARGS__ }                                                        \
    }
#define RECURRENT(...)                                                                                       \
    {                                                                                                        \
        .layer = LAYER_RECURRENT, .recurrent = { __VA_ARGS__ }                                               \
    }
#define BOTH(...) CONVOLUTION(LAYER_CONVOLUTION, __VA_ARGS__), CONVOLUTION(LAYER_SEPARABLE, __VA_ARGS__)

/* batch, length, width, kernel size, dilation, causal; cell, batch, length, width, inputs, layers,
 * bidirectional. */
const struct sequence_split sequence_cases[] = {
    BOTH(1, 1, 3, 3, 1, false),
    BOTH(2, 3, 5, 2, 1, true),         /* fewer rows than ranks */
    BOTH(1, 131, 7, 1, 1, true),       /* nothing to exchange */
    BOTH(1, 131, 70, 3, 1, true),      /* one neighbour, in place */
    BOTH(3, 61, 17, 5, 2, false),      /* both neighbours */
    BOTH(2, 50, 4, 4, 7, true),        /* rows of several neighbours */
    BOTH(2, 50, 4, 4, 7, false),       /* an even kernel around */
    BOTH(1, 64, 4, 3, 29, false),      /* rows that lie apart */
    BOTH(5, 23, 8, 3, SIZE_MAX, true), /* taps that reach nothing */
    BOTH(1, 12, 4, 31, 1, false),      /* wider than the sequence */
    BOTH(2, 1400, 3, 3, 2, false),     /* several stretches while rows come */
    RECURRENT(CELL_RNN, 1, 1, 1, 0, 0, false),
    RECURRENT(CELL_RNN, 1, 37, 70, 0, 1, false),
    RECURRENT(CELL_GRU, 2, 29, 18, 0, 1, false),
    RECURRENT(CELL_LSTM, 3, 23, 19, 7, 1, false),
    RECURRENT(CELL_LSTM, 1, 41, 33, 0, 2, false),
    RECURRENT(CELL_GRU, 7, 31, 5, 3, 3, false),
    RECURRENT(CELL_RNN, 2, 67, 3, 0, 7, false), /* more ranks than units */
    RECURRENT(CELL_LSTM, 1, 2, 130, 0, 4, false),
    RECURRENT(CELL_RNN, 100, 3, 20, 0, 2, false), /* pieces of rows */
    RECURRENT(CELL_GRU, 1, 19, 18, 0, 1, true),
    RECURRENT(CELL_LSTM, 2, 13, 35, 4, 3, true),
};
const size_t sequence_case_count = sizeof sequence_cases / sizeof *sequence_cases;

static size_t rows_of(const struct sequence_problem *problem) {
    return problem->split.layer == LAYER_RECURRENT ? problem->split.recurrent.length
                                                   : problem->split.convolution.length;
}

static size_t directions_of(const struct sequence_problem *problem) {
    return problem->split.layer == LAYER_RECURRENT && problem->split.recurrent.bidirectional ? 2 : 1;
}

static enum status run_alone(const struct sequence_problem *problem) {
    const struct sequence_split *split = &problem->split;
    struct sequence_layer layer = {NULL, NULL, NULL};
    enum status status;
    if (split->layer == LAYER_CONVOLUTION) {
        status = convolution_create(&split->convolution, problem->weights, &layer.convolution);
        if (status == STATUS_OK) convolution_forward(layer.convolution, problem->input, problem->output);
    } else if (split->layer == LAYER_SEPARABLE) {
        status = separable_create(&split->convolution, problem->weights, &layer.separable);
        if (status == STATUS_OK) separable_forward(layer.separable, problem->input, problem->output);
    } else {
        status = recurrent_create(&split->recurrent, problem->weights, &layer.recurrent);
        if (status == STATUS_OK) recurrent_forward(layer.recurrent, problem->input, problem->output);
    }
    convolution_destroy(&layer.convolution);
    separable_destroy(&layer.separable);
    recurrent_destroy(&layer.recurrent);
    return status;
}

enum status sequence_problem_create(const struct sequence_split *split, struct sequence_problem *problem) {
    *problem = (struct sequence_problem){.split = *split, .weights = random_source(5, RANDOM_WEIGHTS, 0)};
    struct sequence_split alone = *split;
    alone.kind = SPLIT_BATCH;
    alone.ranks = 1;
    struct sequence_share in = sequence_split_input(&alone, 0), out = sequence_split_output(&alone, 0);
    size_t inputs = sequence_share_inputs(&in), outputs = sequence_share_outputs(&alone, &out);
    problem->input = memory_allocate(inputs, sizeof(float));
    problem->output = memory_allocate(outputs, sizeof(float));
    if (!problem->input || !problem->output) return STATUS_NO_MEMORY;
    random_fill_normal_f32(random_source(5, RANDOM_INPUTS, 0), 0, inputs, problem->input);
    return run_alone(problem);
}

void sequence_problem_destroy(struct sequence_problem *problem) {
    memory_free(problem->input);
    memory_free(problem->output);
}

enum status sequence_work_create(const struct sequence_problem *problem, int rank,
                                 struct sequence_work *work) {
    const struct sequence_split *split = &problem->split;
    *work = (struct sequence_work){.in = sequence_split_input(split, rank),
                                   .out = sequence_split_output(split, rank)};
    work->inputs = sequence_share_inputs(&work->in);
    work->outputs = sequence_share_outputs(split, &work->out);
    work->input = memory_allocate(work->inputs, sizeof(float));
    work->output = memory_allocate(work->outputs, sizeof(float));
    if (!work->input || !work->output) return STATUS_NO_MEMORY;
    size_t of_item = work->in.rows * work->in.units;
    for (size_t item = 0; item < work->in.items; item++) {
        size_t row = (work->in.first_item + item) * rows_of(problem) + work->in.first_row;
        memcpy(work->input + item * of_item, problem->input + row * work->in.units, of_item * sizeof(float));
    }
    return STATUS_OK;
}

void sequence_work_destroy(struct sequence_work *work) {
    memory_free(work->input);
    memory_free(work->output);
}

bool sequence_work_agrees(const struct sequence_problem *problem, const struct sequence_work *work) {
    const struct sequence_share *share = &work->out;
    const struct sequence_split *split = &problem->split;
    bool recurrent = split->layer == LAYER_RECURRENT;
    size_t width = recurrent ? split->recurrent.width : split->convolution.width;
    size_t directions = directions_of(problem);
    const float *output = work->output;
    bool agrees = true;
    for (size_t item = 0; item < share->items; item++)
        for (size_t row = 0; row < share->rows; row++)
            for (size_t direction = 0; direction < directions; direction++) {
                size_t at = (share->first_item + item) * rows_of(problem) + share->first_row + row;
                const float *whole =
                    problem->output + (at * directions + direction) * width + share->first_unit;
                agrees = agrees && memcmp(output, whole, share->units * sizeof *whole) == 0;
                output += share->units;
            }
    return agrees;
}
