/* The baselines that attention is compared with: convolution and recurrent layers, forward pass, float32.
 * Sequences are [batch][length][width], dense and row-major. */
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
    bool causal;        /* output t reads t - j * dilation, j = 0 .. k - 1; else centred; zeros outside */
};

struct convolution;

/* A layer with weights [kernel_size][width in][width out] drawn from `weights` with variance
 * 1 / (kernel_size * width). STATUS_INVALID: a size is 0. STATUS_NO_MEMORY. */
enum status convolution_create(const struct convolution_shape *shape, struct random_source weights,
                               struct convolution **layer);
void convolution_destroy(struct convolution **layer);

/* output[batch][length][width]; one matrix product per tap. Allocates nothing. */
void convolution_forward(struct convolution *layer, const float *input, float *output);

/* Float64 reference of one output position: output[width]. */
void convolution_reference_row(const struct convolution *layer, const float *input, size_t batch_index,
                               size_t position, double *output);

size_t convolution_bytes(const struct convolution_shape *shape);
double convolution_flops(const struct convolution_shape *shape);

enum recurrent_cell { CELL_RNN, CELL_GRU, CELL_LSTM };

struct recurrent_shape {
    enum recurrent_cell cell;
    size_t batch, length, width;
};

struct recurrent;

/* A layer with `width` inputs and `width` hidden units, initial state 0. Gates: RNN tanh; GRU reset,
 * update, candidate (Cho et al. 2014, reset applied after the recurrent product); LSTM input, forget, cell,
 * output (Hochreiter & Schmidhuber 1997, with forget gate). STATUS_INVALID, STATUS_NO_MEMORY. */
enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer);
void recurrent_destroy(struct recurrent **layer);

/* output[batch][length][width] = the hidden state after each step. Allocates nothing. */
void recurrent_forward(struct recurrent *layer, const float *input, float *output);

/* Float64 reference of the first `steps` steps of one sequence: output[steps][width]. */
enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output);

size_t recurrent_bytes(const struct recurrent_shape *shape);
double recurrent_flops(const struct recurrent_shape *shape);

/* Number of weights and biases the layer allocated. */
size_t recurrent_parameter_count(const struct recurrent *layer);

#endif
