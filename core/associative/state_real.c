/* Fields of real couplings. Signs are +1 and -1; open holds the sign again, or 0 for a settled neuron, which
 * no comparison of open * field finds unstable. Products with signs are exact: all kernels give the same
 * bits. */
#include <math.h>
#include <string.h>

#include "core/associative/state.h"
#include "core/kernels/kernels.h"

enum { BLOCK = 8 }; /* divides the stride of real couplings */

static void set(struct state *state, const int8_t *spins) {
    double *signs = state->signs;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        signs[i] = spins[i] > 0 ? 1 : -1;
    state->type->reopen(state);
}

static void get_spins(const struct state *state, int8_t *spins) {
    const double *signs = state->signs;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        spins[i] = (int8_t)signs[i];
}

static const double *row_of(const struct state *state, size_t neuron) {
    return state->couplings->reals + neuron * state->couplings->stride;
}

static void sum_fields(struct state *state) {
    const double *signs = state->signs;
    memset(state->fields, 0, state->extent * sizeof(double));
    for (size_t j = 0; j < state->couplings->neurons; j++)
        kernels()->add_row_f64(state->extent, signs[j], row_of(state, j), state->fields);
}

static void flip(struct state *state, size_t neuron) {
    double *signs = state->signs, *open = state->open;
    signs[neuron] = -signs[neuron];
    open[neuron] = -open[neuron];
    kernels()->add_row_f64(state->extent, 2 * signs[neuron], row_of(state, neuron), state->fields);
}

static bool is_unstable(const struct state *state, size_t neuron) {
    const double *fields = state->fields, *signs = state->signs;
    return signs[neuron] * fields[neuron] < -state->couplings->zero_field;
}

static double field(const struct state *state, size_t neuron) {
    return ((const double *)state->fields)[neuron];
}

static size_t unstable(const struct state *state, uint32_t *list) {
    const double *fields = state->fields, *open = state->open, limit = -state->couplings->zero_field;
    size_t count = 0;
    for (size_t block = 0; block < state->extent; block += BLOCK) {
        int any = 0;
        for (size_t i = block; i < block + BLOCK; i++)
            any |= open[i] * fields[i] < limit;
        if (!any) continue;
        for (size_t i = block; i < block + BLOCK; i++)
            if (open[i] * fields[i] < limit) list[count++] = (uint32_t)i;
    }
    return count;
}

static void settle(struct state *state, size_t neuron) {
    ((double *)state->open)[neuron] = 0;
}

static void reopen(struct state *state) {
    memcpy(state->open, state->signs, state->extent * sizeof(double));
}

static double alignment(const struct state *state) {
    const double *fields = state->fields, *signs = state->signs;
    double sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += signs[i] * fields[i];
    return sum;
}

static double magnitude(const struct state *state) {
    const double *fields = state->fields;
    double sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += fabs(fields[i]);
    return sum;
}

const struct state_type state_real = {
    .entry_size = sizeof(double),
    .set = set,
    .spins = get_spins,
    .sum_fields = sum_fields,
    .flip = flip,
    .is_unstable = is_unstable,
    .field = field,
    .unstable = unstable,
    .settle = settle,
    .reopen = reopen,
    .alignment = alignment,
    .magnitude = magnitude,
};
