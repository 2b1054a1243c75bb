/* The cells: gates, operations, which kernel, and what they are in float64. */
#include <math.h>

#include "core/sequence/recurrent.h"

static void (*rnn_kernel(const struct kernels *table))(const struct panel_cell *) {
    return table->cell_rnn;
}

static void (*gru_kernel(const struct kernels *table))(const struct panel_cell *) {
    return table->cell_gru;
}

static void (*lstm_kernel(const struct kernels *table))(const struct panel_cell *) {
    return table->cell_lstm;
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void rnn_reference(size_t width, const double *projected, const double *products, double *hidden,
                          double *state) {
    (void)state;
    for (size_t i = 0; i < width; i++)
        hidden[i] = tanh(projected[i] + products[i]);
}

static void gru_reference(size_t width, const double *projected, const double *products, double *hidden,
                          double *state) {
    (void)state;
    for (size_t i = 0; i < width; i++) {
        double reset = sigmoid(projected[i] + products[i]);
        double update = sigmoid(projected[i + width] + products[i + width]);
        double candidate = tanh(projected[i + 2 * width] + reset * products[i + 2 * width]);
        hidden[i] = (1 - update) * candidate + update * hidden[i];
    }
}

static void lstm_reference(size_t width, const double *projected, const double *products, double *hidden,
                           double *state) {
    for (size_t i = 0; i < width; i++) {
        double input = sigmoid(projected[i] + products[i]);
        double forget = sigmoid(projected[i + width] + products[i + width]);
        double candidate = tanh(projected[i + 2 * width] + products[i + 2 * width]);
        double output = sigmoid(projected[i + 3 * width] + products[i + 3 * width]);
        state[i] = forget * state[i] + input * candidate;
        hidden[i] = output * tanh(state[i]);
    }
}

/* Operations per unit: 2 per gate for the sums, then GRU: product and sum of the candidate's three terms
 * instead (3), interpolation (3); LSTM: new state (3), output (1). */
static const struct cell cells[] = {
    [CELL_RNN] = {.gates = 1, .elementwise = 2, .transcendental = 1, rnn_kernel, rnn_reference},
    [CELL_GRU] = {.gates = 3, .elementwise = 10, .transcendental = 3, gru_kernel, gru_reference},
    [CELL_LSTM] =
        {.gates = 4, .has_state = true, .elementwise = 12, .transcendental = 5, lstm_kernel, lstm_reference},
};

const struct cell *recurrent_cell(enum recurrent_cell kind) {
    return &cells[kind];
}
