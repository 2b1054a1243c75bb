/* Convolution and recurrent layers of many sizes, and arrays for them, that several tests look at. */
#ifndef TESTS_CORE_SEQUENCE_SAMPLES_H
#define TESTS_CORE_SEQUENCE_SAMPLES_H

#include "core/sequence/sequence.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { CONVOLUTIONS = 8, RECURRENTS = 9 };
extern const struct convolution_shape convolutions[CONVOLUTIONS];
extern const struct recurrent_shape recurrents[RECURRENTS];

/* Sizes of a sequence array. */
struct sizes {
    size_t batch, length, width;
};
size_t elements(struct sizes sizes);
struct sizes convolution_sizes(const struct convolution_shape *shape);
struct sizes recurrent_sizes(const struct recurrent_shape *shape);

/* Arrays of those sizes, to be freed: zeros, or standard normal numbers. */
float *zeros(struct sizes sizes);
float *normals(struct sizes sizes, uint32_t part);

/* Layers of a shape, with the same weights each time. */
struct convolution *convolution_of(const struct convolution_shape *shape);
struct recurrent *recurrent_of(const struct recurrent_shape *shape);

/* The output of the layer of that shape, to be freed. */
float *convolved(const struct convolution_shape *shape, const float *input);
float *recurred(const struct recurrent_shape *shape, const float *input);

#endif
