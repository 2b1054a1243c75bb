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

/* How many positions before and after its own an output reads at most, none beyond the sequence. */
struct convolution_reach {
    size_t before, after;
};
struct convolution_reach convolution_reach(const struct convolution_shape *shape);

/* The positions that tap `index`, below kernel_size, reads for the outputs first .. first + rows - 1: *from
 * up to, but not with, the one returned; none if that is *from. The taps read ever earlier positions. */
size_t convolution_tap_reads(const struct convolution_shape *shape, size_t index, size_t first, size_t rows,
                             size_t *from);

/* Neighbouring rows of all sequences, and rows on both sides that their outputs read, which may lie apart. */
struct convolution_window {
    size_t first, rows;  /* of the sequence */
    const float *input;  /* [batch][rows][width] */
    const float *before; /* [batch][before_rows][width]: positions first - before_rows .. first - 1 */
    const float *after;  /* [batch][after_rows][width]: positions from first + rows on */
    size_t before_rows, after_rows;
};

/* The same for the positions from .. from + count - 1 within a window: of output[batch][rows][width] these
 * are set. Reads no rows that these do not; no bit depends on how a sequence is cut. */
void convolution_forward_window(const struct convolution *layer, const struct convolution_window *window,
                                size_t from, size_t count, float *output);

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

/* The same for windows of at most so many rows. STATUS_INVALID too for none, or more than the length. */
enum status separable_create_part(const struct convolution_shape *shape, size_t rows,
                                  struct random_source weights, struct separable **layer);

/* output[batch][length][width]. Not on two threads of the caller at once: the layer keeps the channels
 * between both steps. */
void separable_forward(struct separable *layer, const float *input, float *output);
void separable_forward_window(struct separable *layer, const struct convolution_window *window, size_t from,
                              size_t count, float *output);

/* Float64 reference of one output position: output[width]. STATUS_NO_MEMORY. */
enum status separable_reference_row(const struct separable *layer, const float *input, size_t batch_index,
                                    size_t position, double *output);

size_t separable_bytes(const struct convolution_shape *shape);
size_t separable_part_bytes(const struct convolution_shape *shape, size_t rows);

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

/* A part of recurrent layers: some of the sequences, layers and hidden units, for a pass of so many steps at
 * a time. It computes what these compute in the whole, with the same weights and to the same bits. */
struct recurrent_part {
    size_t batch;               /* of shape.batch sequences, whichever */
    size_t steps;               /* of shape.length, at most so many in a call; all of them if bidirectional */
    size_t first_layer, layers; /* the first one's inputs are the outputs of the layer below */
    size_t first_unit, units;   /* the same of every layer and direction */
};

/* All of it. */
struct recurrent_part recurrent_whole(const struct recurrent_shape *shape);

/* As recurrent_create, and STATUS_INVALID for a part that is empty or not within the whole. */
enum status recurrent_create_part(const struct recurrent_shape *shape, const struct recurrent_part *part,
                                  struct random_source weights, struct recurrent **layer);

/* The parameters of one layer in one direction. */
struct recurrent_parameters {
    const float *input_weights;     /* [gates][width][inputs of this layer] */
    const float *recurrent_weights; /* [gates][width][width] */
    const float *bias;              /* [gates][width] */
};

/* Sets them. STATUS_INVALID: no such layer (the first is 0) or direction, or not all units. */
enum status recurrent_set_parameters(struct recurrent *layer, size_t index, bool backward,
                                     const struct recurrent_parameters *parameters);

/* output[batch][length][directions][width] = the hidden states of the last layer after each step, where the
 * backward direction has read what follows. Not on two threads of the caller at once. */
void recurrent_forward(struct recurrent *layer, const float *input, float *output);

/* Steps of a sequence that is run in several calls, one direction only. Step first + i of sequence b reads
 * row b * input_length + i of the input and writes row b * output_length + i of the output. */
struct recurrent_steps {
    size_t first, steps; /* the first of all is 0, and sets the states to 0; steps at most the part's */
    const float *input;
    float *output;
    size_t input_length, output_length;
};

/* The same for the next steps, from the states that the call before has left. */
void recurrent_forward_steps(struct recurrent *layer, const struct recurrent_steps *steps);

/* What completes the hidden states of a step where several parts have the units between them: called on the
 * calling thread when the part's own units stand in hidden[direction][batch][stride]; after it all do, for
 * each of the directions. */
struct recurrent_meeting {
    void (*complete)(void *context, float *const *hidden, size_t stride);
    void *context;
};

/* The same for a part that has not all units; all parts of a batch make the same calls. Each step of a layer
 * is completed, both directions at once, except the last step of the last layer, which nobody reads.
 * output[batch][length][directions][units]. */
void recurrent_forward_units(struct recurrent *layer, const float *input, float *output,
                             const struct recurrent_meeting *meeting);

/* Float64 reference of one sequence: output[steps][directions][width] at the positions 0 .. steps - 1, for
 * which all `length` steps are run when the layer is bidirectional. STATUS_INVALID: no such sequence, fewer
 * steps than that, or a part without all units. STATUS_NO_MEMORY. */
enum status recurrent_reference(const struct recurrent *layer, const float *input, size_t batch_index,
                                size_t steps, double *output);

/* Width of the output: directions * width. */
size_t recurrent_output_width(const struct recurrent_shape *shape);

/* Bytes that the layer takes beside its input and output; 0 for an invalid shape. */
size_t recurrent_bytes(const struct recurrent_shape *shape);
size_t recurrent_part_bytes(const struct recurrent_shape *shape, const struct recurrent_part *part);

/* Operations of all kinds that recurrent_forward executes: the products with input and hidden state,
 * 2 batch length gates width (inputs + width) for each layer and direction, and those of the gates. */
double recurrent_flops(const struct recurrent_shape *shape);

/* Number of weights and biases the layer allocated, padding not counted: gates width (inputs + width + 1) for
 * each layer and direction. */
size_t recurrent_parameter_count(const struct recurrent *layer);

#endif
