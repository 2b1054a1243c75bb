#include "core/associative/order_k_state.h"

#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { WORD_BITS = 64 };

static size_t places(const struct patterns *patterns) {
    return patterns->words_per_neuron * WORD_BITS;
}

enum status order_state_allocate(struct order_rule rule, const struct patterns *patterns,
                                 struct order_state *state) {
    *state = (struct order_state){
        .patterns = patterns,
        .polynomials = order_polynomials(rule, patterns->neurons),
        .spins = memory_allocate(patterns->neurons, 1),
        .overlaps = memory_allocate(places(patterns), sizeof *state->overlaps),
        .weights = memory_allocate(places(patterns), sizeof *state->weights),
        .all = memory_allocate(patterns->words_per_neuron, sizeof *state->all),
        .bits = memory_allocate(patterns->words_per_pattern, sizeof *state->bits),
    };
    if (!state->spins || !state->overlaps || !state->weights || !state->all || !state->bits)
        return STATUS_NO_MEMORY;
    state->run = (size_t)(INT32_MAX / order_weight_bound(&state->polynomials, patterns->neurons));
    memset(state->all, 0xff, patterns->words_per_neuron * sizeof *state->all);
    state->all[patterns->words_per_neuron - 1] = ~(uint64_t)0 >> (places(patterns) - patterns->count);
    return STATUS_OK;
}

void order_state_clear(struct order_state *state) {
    memory_free(state->spins);
    memory_free(state->overlaps);
    memory_free(state->weights);
    memory_free(state->all);
    memory_free(state->bits);
}

double order_state_bytes(size_t neurons, size_t patterns) {
    double word = 8, rounding = 3 * 64 * sizeof(int32_t);
    return 1.125 * (double)neurons + word + (double)patterns * (2 * sizeof(int32_t) + 0.125) + rounding;
}

/* The sum over the patterns whose bit is 1 less the sum over the others; all: the sum over both. */
static int64_t signed_sum(const struct order_state *state, const uint64_t *bits, const int32_t *values,
                          size_t run, int64_t all) {
    return 2 * kernels()->sum_where_i32(state->patterns->words_per_neuron, bits, run, values) - all;
}

static const uint64_t *row_of(const struct order_state *state, size_t neuron) {
    return state->patterns->by_neuron + neuron * state->patterns->words_per_neuron;
}

static void weigh(struct order_state *state) {
    kernels()->cubic_i32(places(state->patterns), state->polynomials.weight, state->overlaps, state->weights);
    state->weight_sum =
        kernels()->sum_where_i32(state->patterns->words_per_neuron, state->all, state->run, state->weights);
}

void order_state_set(struct order_state *state, const int8_t *spins) {
    const struct patterns *patterns = state->patterns;
    memcpy(state->spins, spins, patterns->neurons);
    patterns_pack(patterns, spins, state->bits);
    kernels()->hamming(patterns->words_per_pattern, state->bits, patterns->count, patterns->by_pattern,
                       state->overlaps);
    state->overlap_sum = state->square_sum = 0;
    for (size_t p = 0; p < patterns->count; p++) {
        int32_t overlap = (int32_t)patterns->neurons - 2 * state->overlaps[p];
        state->overlaps[p] = overlap;
        state->overlap_sum += overlap;
        state->square_sum += (int64_t)overlap * overlap;
    }
    weigh(state);
}

int64_t order_state_stability(const struct order_state *state, size_t neuron) {
    const int64_t *common = state->polynomials.common;
    int64_t sum = signed_sum(state, row_of(state, neuron), state->weights, state->run, state->weight_sum);
    return state->spins[neuron] * sum + common[0] * (int64_t)state->patterns->count +
           common[1] * state->overlap_sum + common[2] * state->square_sum;
}

/* M -> M - 2 x, so M^2 -> M^2 - 4 x M + 4. */
void order_state_flip(struct order_state *state, size_t neuron) {
    size_t words = state->patterns->words_per_neuron;
    const uint64_t *row = row_of(state, neuron);
    int64_t count = (int64_t)state->patterns->count, ones = 0, spin = state->spins[neuron];
    for (size_t word = 0; word < words; word++)
        ones += __builtin_popcountll(row[word]);
    if (state->polynomials.common[2] != 0) {
        size_t run = (size_t)INT32_MAX / state->patterns->neurons;
        state->square_sum +=
            4 * count - 4 * spin * signed_sum(state, row, state->overlaps, run, state->overlap_sum);
    }
    state->overlap_sum -= 2 * spin * (2 * ones - count);
    kernels()->step_where_i32(words, row, (int32_t)(-2 * spin), state->overlaps);
    state->spins[neuron] = (int8_t)-spin;
    weigh(state);
}

int64_t order_state_energy(const struct order_state *state) {
    const int64_t *c = state->polynomials.energy;
    int64_t sum = 0;
    for (size_t p = 0; p < state->patterns->count; p++) {
        int64_t m = state->overlaps[p];
        sum += (((c[4] * m + c[3]) * m + c[2]) * m + c[1]) * m + c[0];
    }
    return -sum;
}
