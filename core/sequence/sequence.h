/* The baselines that attention is compared with: convolution and recurrent layers, forward pass, float32.
 * Sequences are [batch][length][width], dense and row-major. The forward passes run on OpenMP's threads,
 * whose number changes no bit of a result; they allocate nothing. */
#ifndef CORE_SEQUENCE_SEQUENCE_H
#define CORE_SEQUENCE_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/random.h"
#include "core/base/status.h"

struct convolution_shape {
    size_t batch, length, width;
    size_t kernel_size; /* k >= 1 */
    size_t dilation;    /* >= 1 */
    bool causal;        /* output t reads t - (j - m) * dilation, j = 0 .. k - 1, zeros outside: m = 0 if
                           causal, else (k - 1) / 2 rounded down, which centres odd kernels */
};

struct convolution;

/* A layer with normal weights [kernel_size][width in][width out] drawn from `weights` with variance
 * 1 / (kernel_size * width), without a bias. STATUS_INVALID: a size is 0, or the arrays are more than can be
 * addressed. STATUS_NO_MEMORY. */
enum status convolution_create(const struct convolution_shape *shape, struct random_source weights,
                               struct convolution **layer);
void convolution_destroy(struct convolution **layer);

/* Sets the weights [kernel_size][width in][width out]. */
void convolution_set_weights(struct convolution *layer, const float *weights);

/* output[batch][length][width]. */
void convolution_forward(const struct convolution *layer, const float *input, float *output);

/* Float64 reference of one output position: output[width]. */
void convolution_reference_row(const struct convolution *layer, const float *input, size_t batch_index,
                               size_t position, double *output);

/* Bytes that the layer takes beside its input and output; 0 for an invalid shape. */
size_t convolution_bytes(const struct convolution_shape *shape);

/* Operations that convolution_forward executes: 2 batch width^2 times the rows that the taps reach, which is
 * 2 batch length kernel_size width^2 less what falls outside the sequence. */
double convolution_flops(const struct convolution_shape *shape);

/* A depthwise-separable convolution (Chollet 2017): each channel is convolved by itself, and the channels are
 * mixed by one matrix, k L d + L d^2 instead of k L d^2. */
struct separable;

/* A layer with normal weights [kernel_size][width] of variance 1 / kernel_size and [width in][width out] of
 * variance 1 / width, drawn in this order, without biases. Failures as above. */
enum status separable_create(const struct convolution_shape *shape, struct random_source weights,
                             struct separable **layer);
void separable_destroy(struct separable **layer);

/* output[batch][length][width]. Not on two threads of the caller at once: the layer keeps the channels
 * between both steps. */
void separable_forward(struct separable *layer, const float *input, float *output);

/* Float64 reference of one output position: output[width]. STATUS_NO_MEMORY. */
enum status separable_reference_row(const struct separable *layer, const float *input, size_t batch_index,
                                    size_t position, double *output);

size_t separable_bytes(const struct convolution_shape *shape);

/* 2 batch width times (the rows that the taps reach + length width). */
double separable_flops(const struct convolution_shape *shape);

enum recurrent_cell { CELL_RNN, CELL_GRU, CELL_LSTM };

struct recurrent_shape {
    enum recurrent_cell cell;
    size_t batch, length;
    size_t width;       /* hidden units D of each layer and direction */
    size_t inputs;      /* width M of the input; 0: as many as hidden units */
    size_t layers;      /* each reads the one before; 0: one */
    bool bidirectional; /* each layer also runs from the end, and both hidden states are its output */
};

struct recurrent;

/* Layers with the initial state 0. Gates: RNN tanh; GRU reset, update, candidate (Cho et al. 2014, reset
 * applied after the recurrent product); LSTM input, forget, cell, output (Hochreiter & Schmidhuber 1997, with
 * forget gate); each with one bias. Weights and biases are normal with variance 1 / (inputs + width), so that
 * sums of standard normal inputs stay near variance 1; they are drawn layer by layer, forward before
 * backward, as [in][gates][width] for the input, the same for the hidden state, [gates][width] for the bias.
 * STATUS_INVALID: a size is 0 that may not be, the cell is none, or the arrays are more than can be
 * addressed. STATUS_NO_MEMORY. */
enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer);
void recurrent_destroy(struct recurrent **layer);

/* The parameters of one layer in one direction. */
struct recurrent_parameters {
    const float *input_weights;     /* [gates][width][inputs of this layer] */
    const float *recurrent_weights; /* [gates][width][width] */
    const float *bias;              /* [gates][width] */
};

/* Sets them. STATUS_INVALID: no such layer (the first is 0) or direction. */
enum status recurrent_set_parameters(struct recurrent *layer, size_t index, bool backward,
                                     const struct recurrent_parameters *parameters);

/* output[batch][length][directions][width] = the hidden states of the last layer after each step, where the
 * backward direction has read what follows. Not on two threads of the caller at once. */
void recurrent_forward(struct recurrent *layer, const float *input, float *output);

/* Float64 reference of one sequence: output[steps][directions][width] at the positions 0 .. steps - 1, for
 * which all `length` steps are run when the layer is bidirectional. STATUS_INVALID: no such sequence, or
 * fewer steps than that. STATUS_NO_MEMORY. */
enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output);

/* Width of the output: directions * width. */
size_t recurrent_output_width(const struct recurrent_shape *shape);

/* Bytes that the layer takes beside its input and output; 0 for an invalid shape. */
size_t recurrent_bytes(const struct recurrent_shape *shape);

/* Operations of all kinds that recurrent_forward executes: the products with input and hidden state,
 * 2 batch length gates width (inputs + width) for each layer and direction, and those of the gates. */
double recurrent_flops(const struct recurrent_shape *shape);

/* Number of weights and biases the layer allocated, padding not counted: gates width (inputs + width + 1) for
 * each layer and direction. */
size_t recurrent_parameter_count(const struct recurrent *layer);

#endif
