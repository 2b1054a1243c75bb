/* Fields of integer couplings, exact. Spins and openness are masks of all bits, since every processor can
 * and, xor and subtract 32-bit lanes: sign -1 stands for a spin of -1, 0 for +1; open -1 for yes, 0 for no.
 */
#include <stdlib.h>
#include <string.h>

#include "core/associative/state.h"
#include "core/kernels/kernels.h"

enum { BLOCK = 32 }; /* divides the stride of integer couplings */

static void set(struct state *state, const int8_t *spins) {
    int32_t *signs = state->signs;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        signs[i] = spins[i] > 0 ? 0 : -1;
    state->type->reopen(state);
}

static void get_spins(const struct state *state, int8_t *spins) {
    const int32_t *signs = state->signs;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        spins[i] = (int8_t)(signs[i] | 1);
}

static const int16_t *row_of(const struct state *state, size_t neuron) {
    return state->couplings->integers + neuron * state->couplings->stride;
}

static void sum_fields(struct state *state) {
    const int32_t *signs = state->signs;
    memset(state->fields, 0, state->extent * sizeof(int32_t));
    for (size_t j = 0; j < state->couplings->neurons; j++)
        kernels()->add_row_i16(state->extent, signs[j] | 1, row_of(state, j), state->fields);
}

static void adopt(struct state *state, const int32_t *fields) {
    memcpy(state->fields, fields, state->couplings->neurons * sizeof *fields);
}

static void flip(struct state *state, size_t neuron) {
    int32_t *signs = state->signs;
    signs[neuron] = ~signs[neuron];
    kernels()->add_row_i16(state->extent, 2 * (signs[neuron] | 1), row_of(state, neuron), state->fields);
}

/* s h without a product; negative for unstable neurons. */
static inline int32_t aligned_field(int32_t field, int32_t sign) {
    return (field ^ sign) - sign;
}

static bool is_unstable(const struct state *state, size_t neuron) {
    const int32_t *fields = state->fields, *signs = state->signs;
    return aligned_field(fields[neuron], signs[neuron]) < 0;
}

static double field(const struct state *state, size_t neuron) {
    return ((const int32_t *)state->fields)[neuron];
}

/* Most blocks have nothing unstable: whether one has is decided with vectors. */
static size_t unstable(const struct state *state, uint32_t *list) {
    const int32_t *fields = state->fields, *signs = state->signs, *open = state->open;
    size_t count = 0;
    for (size_t block = 0; block < state->extent; block += BLOCK) {
        int32_t any = 0;
        for (size_t i = block; i < block + BLOCK; i++)
            any |= aligned_field(fields[i], signs[i]) & open[i];
        if (any >= 0) continue;
        for (size_t i = block; i < block + BLOCK; i++)
            if ((aligned_field(fields[i], signs[i]) & open[i]) < 0) list[count++] = (uint32_t)i;
    }
    return count;
}

static void settle(struct state *state, size_t neuron) {
    ((int32_t *)state->open)[neuron] = 0;
}

static void reopen(struct state *state) {
    memset(state->open, 0xff, state->extent * sizeof(int32_t));
}

static double alignment(const struct state *state) {
    const int32_t *fields = state->fields, *signs = state->signs;
    int64_t sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += aligned_field(fields[i], signs[i]);
    return (double)sum;
}

static double magnitude(const struct state *state) {
    const int32_t *fields = state->fields;
    int64_t sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += abs(fields[i]);
    return (double)sum;
}

const struct state_type state_integer = {
    .entry_size = sizeof(int32_t),
    .set = set,
    .spins = get_spins,
    .sum_fields = sum_fields,
    .adopt = adopt,
    .flip = flip,
    .is_unstable = is_unstable,
    .field = field,
    .unstable = unstable,
    .settle = settle,
    .reopen = reopen,
    .alignment = alignment,
    .magnitude = magnitude,
};
