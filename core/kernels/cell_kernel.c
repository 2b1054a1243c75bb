/* The cells of recurrent layers: from the sums of the gates to the hidden state, a vector of units at a time.
 */
#include "core/kernels/activation.h"
#include "core/kernels/isa.h"
#include "core/kernels/panel.h"

/* Sum of a gate, which is panel vector `vector`, for the units from `lane` on. */
VECTOR_INLINE vec_real gate_sum(const struct panel_cell *cell, size_t vector, size_t lane) {
    const size_t at = vector * PANEL_LANES + lane;
    return vec_load(cell->product + at) + vec_load(cell->projected + at);
}

/* `unit` counts within the panel. */
VECTOR_INLINE void put_hidden(const struct panel_cell *cell, size_t unit, vec_real hidden) {
    vec_store(cell->hidden + unit, hidden);
    if (unit + VECTOR_LANES <= cell->count)
        vec_store(cell->output + unit, hidden);
    else if (unit < cell->count)
        memcpy(cell->output + unit, &hidden, (cell->count - unit) * sizeof(float));
}

/* Elman's network: h = tanh(sum). The panel's vectors are neighbouring units. */
void KERNEL(cell_rnn)(const struct panel_cell *cell) {
    for (size_t unit = 0; unit < cell->vectors * PANEL_LANES; unit += VECTOR_LANES)
        put_hidden(cell, unit, vec_tanh(gate_sum(cell, 0, unit)));
}

/* The reset gate multiplies the candidate's recurrent product, which therefore stays apart from the rest. */
void KERNEL(cell_gru)(const struct panel_cell *cell) {
    for (size_t lane = 0; lane < PANEL_LANES; lane += VECTOR_LANES) {
        const size_t at = 2 * PANEL_LANES + lane;
        const vec_real reset = vec_sigmoid(gate_sum(cell, 0, lane));
        const vec_real update = vec_sigmoid(gate_sum(cell, 1, lane));
        const vec_real candidate =
            vec_tanh(vec_load(cell->projected + at) + reset * vec_load(cell->product + at));
        put_hidden(cell, lane, candidate + update * (vec_load(cell->previous + lane) - candidate));
    }
}

void KERNEL(cell_lstm)(const struct panel_cell *cell) {
    for (size_t lane = 0; lane < PANEL_LANES; lane += VECTOR_LANES) {
        const vec_real input = vec_sigmoid(gate_sum(cell, 0, lane));
        const vec_real forget = vec_sigmoid(gate_sum(cell, 1, lane));
        const vec_real candidate = vec_tanh(gate_sum(cell, 2, lane));
        const vec_real output = vec_sigmoid(gate_sum(cell, 3, lane));
        const vec_real state = forget * vec_load(cell->state + lane) + input * candidate;
        vec_store(cell->state + lane, state);
        put_hidden(cell, lane, output * vec_tanh(state));
    }
}
