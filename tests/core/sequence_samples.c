#include "sequence_samples.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/memory.h"

const struct convolution_shape convolutions[CONVOLUTIONS] = {
    {.batch = 1, .length = 1, .width = 1, .kernel_size = 1, .dilation = 1, .causal = true},
    {.batch = 2, .length = 17, .width = 5, .kernel_size = 3, .dilation = 1, .causal = true},
    {.batch = 2, .length = 17, .width = 5, .kernel_size = 3, .dilation = 1, .causal = false},
    {.batch = 3, .length = 23, .width = 33, .kernel_size = 4, .dilation = 2, .causal = true},
    {.batch = 3, .length = 23, .width = 33, .kernel_size = 4, .dilation = 2, .causal = false},
    {.batch = 1, .length = 64, .width = 70, .kernel_size = 7, .dilation = 5, .causal = false},
    {.batch = 2, .length = 3, .width = 4, .kernel_size = 9, .dilation = 1, .causal = false}, /* beyond both
                                                                                                ends */
    {.batch = 2, .length = 3, .width = 4, .kernel_size = 3, .dilation = SIZE_MAX, .causal = true},
};

const struct recurrent_shape recurrents[RECURRENTS] = {
    {.cell = CELL_RNN, .batch = 1, .length = 1, .width = 1},
    {.cell = CELL_GRU, .batch = 1, .length = 2, .width = 1},
    {.cell = CELL_LSTM, .batch = 1, .length = 2, .width = 1},
    {.cell = CELL_RNN, .batch = 3, .length = 19, .width = 37},
    {.cell = CELL_GRU, .batch = 3, .length = 19, .width = 37},
    {.cell = CELL_LSTM, .batch = 3, .length = 19, .width = 37},
    {.cell = CELL_RNN, .batch = 1, .length = 11, .width = 301}, /* several pieces of a row */
    {.cell = CELL_GRU, .batch = 8, .length = 7, .width = 301},  /* and several threads */
    {.cell = CELL_LSTM, .batch = 8, .length = 7, .width = 301},
};

size_t elements(struct sizes sizes) {
    return sizes.batch * sizes.length * sizes.width;
}

float *zeros(struct sizes sizes) {
    float *array = memory_allocate(elements(sizes), sizeof *array);
    assert_non_null(array);
    return array;
}

float *normals(struct sizes sizes, uint32_t part) {
    float *array = zeros(sizes);
    random_fill_normal_f32(random_source(11, RANDOM_INPUTS, part), 0, elements(sizes), array);
    return array;
}

struct convolution *convolution_of(const struct convolution_shape *shape) {
    struct convolution *layer;
    assert_int_equal(convolution_create(shape, random_source(1, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
    return layer;
}

struct recurrent *recurrent_of(const struct recurrent_shape *shape) {
    struct recurrent *layer;
    assert_int_equal(recurrent_create(shape, random_source(2, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
    return layer;
}

struct sizes convolution_sizes(const struct convolution_shape *shape) {
    return (struct sizes){shape->batch, shape->length, shape->width};
}

struct sizes recurrent_sizes(const struct recurrent_shape *shape) {
    return (struct sizes){shape->batch, shape->length, shape->width};
}

float *convolved(const struct convolution_shape *shape, const float *input) {
    struct convolution *layer = convolution_of(shape);
    float *output = zeros(convolution_sizes(shape));
    convolution_forward(layer, input, output);
    convolution_destroy(&layer);
    return output;
}

float *recurred(const struct recurrent_shape *shape, const float *input) {
    struct recurrent *layer = recurrent_of(shape);
    float *output = zeros(recurrent_sizes(shape));
    recurrent_forward(layer, input, output);
    recurrent_destroy(&layer);
    return output;
}
