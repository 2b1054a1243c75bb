/* The cells: what happens between the products of one step and its hidden state. */
#include <math.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/sequence/recurrent.h"

/* Sums of a gate before its activation, in place: two additions per unit. */
static float *gate_sum(const struct cell_units *units, size_t gate) {
    const float *projected = units->projected + gate * units->width;
    const float *bias = units->bias + gate * units->width;
    float *sum = units->products + gate * units->width;
    for (size_t i = 0; i < units->count; i++)
        sum[i] += projected[i] + bias[i];
    return sum;
}

static float *gate_sigmoid(const struct cell_units *units, size_t gate) {
    float *sum = gate_sum(units, gate);
    kernels()->sigmoid_f32(units->count, sum, sum);
    return sum;
}

static float *gate_tanh(const struct cell_units *units, size_t gate) {
    float *sum = gate_sum(units, gate);
    kernels()->tanh_f32(units->count, sum, sum);
    return sum;
}

static void rnn_step(const struct cell_units *units) {
    const float *hidden = gate_tanh(units, 0);
    memcpy(units->hidden, hidden, units->count * sizeof *hidden);
    memcpy(units->output, hidden, units->count * sizeof *hidden);
}

/* The reset gate multiplies the candidate's recurrent product, which therefore stays apart from the rest. */
static void gru_step(const struct cell_units *units) {
    const float *reset = gate_sigmoid(units, 0), *update = gate_sigmoid(units, 1);
    const float *projected = units->projected + 2 * units->width, *bias = units->bias + 2 * units->width;
    float *candidate = units->products + 2 * units->width;
    for (size_t i = 0; i < units->count; i++)
        candidate[i] = projected[i] + bias[i] + reset[i] * candidate[i];
    kernels()->tanh_f32(units->count, candidate, candidate);
    for (size_t i = 0; i < units->count; i++) {
        float hidden = candidate[i] + update[i] * (units->hidden[i] - candidate[i]);
        units->hidden[i] = units->output[i] = hidden;
    }
}

static void lstm_step(const struct cell_units *units) {
    const float *input = gate_sigmoid(units, 0), *forget = gate_sigmoid(units, 1);
    float *candidate = gate_tanh(units, 2);
    const float *output = gate_sigmoid(units, 3);
    float *memory_tanh = candidate; /* used up by then */
    for (size_t i = 0; i < units->count; i++)
        units->memory[i] = forget[i] * units->memory[i] + input[i] * candidate[i];
    kernels()->tanh_f32(units->count, units->memory, memory_tanh);
    for (size_t i = 0; i < units->count; i++)
        units->hidden[i] = units->output[i] = output[i] * memory_tanh[i];
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void rnn_reference(size_t width, const double *projected, const double *products, double *hidden,
                          double *memory) {
    (void)memory;
    for (size_t i = 0; i < width; i++)
        hidden[i] = tanh(projected[i] + products[i]);
}

static void gru_reference(size_t width, const double *projected, const double *products, double *hidden,
                          double *memory) {
    (void)memory;
    for (size_t i = 0; i < width; i++) {
        double reset = sigmoid(projected[i] + products[i]);
        double update = sigmoid(projected[i + width] + products[i + width]);
        double candidate = tanh(projected[i + 2 * width] + reset * products[i + 2 * width]);
        hidden[i] = (1 - update) * candidate + update * hidden[i];
    }
}

static void lstm_reference(size_t width, const double *projected, const double *products, double *hidden,
                           double *memory) {
    for (size_t i = 0; i < width; i++) {
        double input = sigmoid(projected[i] + products[i]);
        double forget = sigmoid(projected[i + width] + products[i + width]);
        double candidate = tanh(projected[i + 2 * width] + products[i + 2 * width]);
        double output = sigmoid(projected[i + 3 * width] + products[i + 3 * width]);
        memory[i] = forget * memory[i] + input * candidate;
        hidden[i] = output * tanh(memory[i]);
    }
}

/* Operations per unit: 2 per gate for the sums, then GRU: product and sum of the candidate's three terms
 * instead (3), interpolation (3); LSTM: new memory (3), output (1). */
static const struct cell cells[] = {
    [CELL_RNN] = {.gates = 1, .elementwise = 2, .transcendental = 1, rnn_step, rnn_reference},
    [CELL_GRU] = {.gates = 3, .elementwise = 10, .transcendental = 3, gru_step, gru_reference},
    [CELL_LSTM] =
        {.gates = 4, .has_memory = true, .elementwise = 12, .transcendental = 5, lstm_step, lstm_reference},
};

const struct cell *recurrent_cell(enum recurrent_cell kind) {
    return &cells[kind];
}
