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
    bool causal;        /* output t reads t - (j - m) * dilation, j = 0 .. k - 1, zeros outside: m = 0 if
                           causal, else (k - 1) / 2 rounded down, which centres odd kernels */
};

struct convolution;

/* A layer with normal weights [kernel_size][width in][width out] drawn from `weights` with variance
 * 1 / (kernel_size * width), without a bias. STATUS_INVALID: a size is 0, or width or batch * length is more
 * than BLAS can count (PRODUCT_SIZE_MAX). STATUS_NO_MEMORY. */
enum status convolution_create(const struct convolution_shape *shape, struct random_source weights,
                               struct convolution **layer);
void convolution_destroy(struct convolution **layer);

/* output[batch][length][width]; one matrix product per tap. Allocates nothing. Runs on the threads of BLAS;
 * their number may change the last bits. */
void convolution_forward(const struct convolution *layer, const float *input, float *output);

/* Float64 reference of one output position: output[width]. */
void convolution_reference_row(const struct convolution *layer, const float *input, size_t batch_index,
                               size_t position, double *output);

/* Bytes that the layer takes beside its input and output; 0 for an invalid shape. */
size_t convolution_bytes(const struct convolution_shape *shape);

/* Operations that convolution_forward executes: 2 batch width^2 times the rows that the taps reach, which is
 * 2 batch length kernel_size width^2 less what falls outside the sequence. */
double convolution_flops(const struct convolution_shape *shape);

enum recurrent_cell { CELL_RNN, CELL_GRU, CELL_LSTM };

struct recurrent_shape {
    enum recurrent_cell cell;
    size_t batch, length, width;
};

struct recurrent;

/* A layer with `width` inputs and `width` hidden units, initial state 0. Gates: RNN tanh; GRU reset,
 * update, candidate (Cho et al. 2014, reset applied after the recurrent product); LSTM input, forget, cell,
 * output (Hochreiter & Schmidhuber 1997, with forget gate); each with one bias. Weights and biases are normal
 * with variance 1 / (2 width), so that sums of standard normal inputs stay near variance 1. STATUS_INVALID: a
 * size is 0, the cell is none, or width * gates or batch * length is more than BLAS can count.
 * STATUS_NO_MEMORY. */
enum status recurrent_create(const struct recurrent_shape *shape, struct random_source weights,
                             struct recurrent **layer);
void recurrent_destroy(struct recurrent **layer);

/* output[batch][length][width] = the hidden state after each step. Allocates nothing. Runs on the threads of
 * BLAS and OpenMP; their number may change the last bits. */
void recurrent_forward(struct recurrent *layer, const float *input, float *output);

/* Float64 reference of the first `steps` steps of one sequence: output[steps][width]. STATUS_INVALID: no such
 * sequence, or fewer steps than that. STATUS_NO_MEMORY. */
enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output);

/* Bytes that the layer takes beside its input and output, mostly the input products of all steps; 0 for an
 * invalid shape. */
size_t recurrent_bytes(const struct recurrent_shape *shape);

/* Operations of all kinds that recurrent_forward executes: the products with input and hidden state,
 * 4 batch length gates width^2, and those of the gates. */
double recurrent_flops(const struct recurrent_shape *shape);

/* Number of weights and biases the layer allocated. */
size_t recurrent_parameter_count(const struct recurrent *layer);

#endif
