/* Fields without couplings, from the patterns as bits and the overlaps M_mu = sum_j xi_j s_j, which are exact
 * and kept up flip by flip:
 *
 *     N h_i = sum_mu xi_i M_mu - P s_i = 2 (sum of M_mu where xi_i = 1) - sum of all M_mu - P s_i.
 *
 * A field costs P additions under a mask whenever it is looked at, a flip P as well, and memory is that of
 * the patterns alone. Which neurons a flip makes unstable is not known: a sweep has to look at all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/associative/patterns.h"
#include "core/associative/state.h"
#include "core/kernels/kernels.h"

enum { WORD_BITS = 64 };

static const struct patterns *patterns_of(const struct state *state) {
    return state->couplings->patterns;
}

static int8_t *spins_of(const struct state *state) {
    return state->signs;
}

static void set(struct state *state, const int8_t *spins) {
    memcpy(state->signs, spins, patterns_of(state)->neurons);
}

static void get_spins(const struct state *state, int8_t *spins) {
    memcpy(spins, state->signs, patterns_of(state)->neurons);
}

static void sum_fields(struct state *state) {
    const struct patterns *patterns = patterns_of(state);
    int32_t *overlaps = state->fields;
    uint64_t *bits = state->open;
    patterns_pack(patterns, spins_of(state), bits);
    kernels()->hamming(patterns->words_per_pattern, bits, patterns->count, patterns->by_pattern, overlaps);
    state->overlap_sum = 0;
    for (size_t p = 0; p < patterns->count; p++) {
        overlaps[p] = (int32_t)patterns->neurons - 2 * overlaps[p];
        state->overlap_sum += overlaps[p];
    }
    memset(overlaps + patterns->count, 0,
           (patterns->words_per_neuron * WORD_BITS - patterns->count) * sizeof *overlaps);
}

static const uint64_t *row_of(const struct state *state, size_t neuron) {
    return patterns_of(state)->by_neuron + neuron * patterns_of(state)->words_per_neuron;
}

/* Sums of so many words of overlaps, each at most N, fit 32 bits. */
static size_t safe_run(const struct patterns *patterns) {
    return (size_t)INT32_MAX / WORD_BITS / patterns->neurons;
}

static int64_t aligned_field(const struct state *state, size_t neuron) {
    const struct patterns *patterns = patterns_of(state);
    int64_t up = kernels()->sum_where_i32(patterns->words_per_neuron, row_of(state, neuron),
                                          safe_run(patterns), state->fields);
    return spins_of(state)[neuron] * (2 * up - state->overlap_sum) - (int64_t)patterns->count;
}

/* Bits past the last pattern are 0, so that the overlaps there go astray; they stand where no bit is ever
 * set, and are left out of all sums. */
static void flip(struct state *state, size_t neuron) {
    const struct patterns *patterns = patterns_of(state);
    int8_t *spins = spins_of(state);
    spins[neuron] = (int8_t)-spins[neuron];
    kernels()->step_where_i32(patterns->words_per_neuron, row_of(state, neuron), 2 * spins[neuron],
                              state->fields);
    int64_t ones = (int64_t)kernels()->count_ones(patterns->words_per_neuron, row_of(state, neuron));
    state->overlap_sum += 2 * spins[neuron] * (2 * ones - (int64_t)patterns->count);
}

static bool is_unstable(const struct state *state, size_t neuron) {
    return aligned_field(state, neuron) < 0;
}

static double field(const struct state *state, size_t neuron) {
    return (double)(spins_of(state)[neuron] * aligned_field(state, neuron));
}

static size_t unstable(const struct state *state, uint32_t *list) {
    size_t count = 0;
    for (size_t i = 0; i < patterns_of(state)->neurons; i++)
        if (is_unstable(state, i)) list[count++] = (uint32_t)i;
    return count;
}

static void settle(struct state *state, size_t neuron) {
    (void)state, (void)neuron;
}

static void reopen(struct state *state) {
    (void)state;
}

static double alignment(const struct state *state) {
    const struct patterns *patterns = patterns_of(state);
    const int32_t *overlaps = state->fields;
    uint64_t sum = -(uint64_t)patterns->count * patterns->neurons;
    for (size_t p = 0; p < patterns->count; p++)
        sum += (uint64_t)((int64_t)overlaps[p] * overlaps[p]);
    return (double)(int64_t)sum;
}

static double magnitude(const struct state *state) {
    int64_t sum = 0;
    for (size_t i = 0; i < patterns_of(state)->neurons; i++)
        sum += llabs(aligned_field(state, i));
    return (double)sum;
}

const struct state_type state_pattern = {
    .entry_size = sizeof(int32_t),
    .walks = true,
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
