/* Fields of couplings in 8 bits, which are N J_ij = 2 k_ij + p with p the parity of all. Kept is
 *
 *     H_i = (N h_i + a s_i - 1) / 2,    a flip of j adds s_j (2 k_ij + p) to all H_i but its own, and a s_j
 * there,
 *
 * with a = 0 where all N h_i are odd and else a = 1, so that a field of zero counts for the spin there is: a
 * spin of +1 is unstable when H_i < 0, one of -1 when H_i >= 0.
 *
 * H_i is kept in 16 bits as long as no flip can overflow it: with A the largest magnitude now and D what one
 * flip can add, (32767 - A) / D flips are safe, after which A is looked for again; where none is safe the
 * fields become 32 bits wide. Spins and openness are bits. */
#include <math.h>
#include <string.h>

#include "core/associative/state.h"
#include "core/kernels/hopfield_row.h"
#include "core/kernels/kernels.h"

enum { CACHE_LINE = 64 };

static size_t tiles_of(const struct state *state) {
    return (state->couplings->neurons + HOPFIELD_TILE - 1) / HOPFIELD_TILE;
}

static int32_t sign_of(const struct state *state, size_t neuron) {
    return ((const uint64_t *)state->signs)[neuron / HOPFIELD_TILE] >> neuron % HOPFIELD_TILE & 1 ? 1 : -1;
}

/* The parity of N h_i is that of P (N - 1). */
int32_t state_half_self(size_t parity, size_t neurons) {
    return 1 - (int32_t)(parity & (neurons - 1) & 1);
}

static int32_t parity_of(const struct state *state) {
    return state->couplings->halves.parity;
}

static int32_t self_of(const struct state *state) {
    return state_half_self((size_t)parity_of(state), state->couplings->neurons);
}

static int32_t half_field(const struct state *state, size_t neuron) {
    return state->wide ? ((const int32_t *)state->fields)[neuron] : ((const int16_t *)state->fields)[neuron];
}

static void add_to_field(struct state *state, size_t neuron, int32_t change) {
    if (state->wide)
        ((int32_t *)state->fields)[neuron] += change;
    else
        ((int16_t *)state->fields)[neuron] = (int16_t)(half_field(state, neuron) + change);
}

/* --- the range of 16 bits ------------------------------------------------------------------------- */

static int32_t largest_change(const struct state *state) {
    return state->couplings->halves.largest > 0 ? state->couplings->halves.largest : 1;
}

/* What flips added past the last neuron is taken away, so that sums over whole tiles need not look. */
static void clear_padding(const struct state *state) {
    size_t neurons = state->couplings->neurons, end = tiles_of(state) * HOPFIELD_TILE;
    memset((int16_t *)state->fields + neurons, 0, (end - neurons) * sizeof(int16_t));
}

/* The largest magnitude of the fields, in 16 bits. */
static int32_t largest_field(const struct state *state) {
    const int16_t *fields = state->fields;
    int16_t lowest = 0, highest = 0;
    clear_padding(state);
    for (size_t i = 0; i < tiles_of(state) * HOPFIELD_TILE; i++) {
        lowest = fields[i] < lowest ? fields[i] : lowest;
        highest = fields[i] > highest ? fields[i] : highest;
    }
    return highest > -lowest ? highest : -lowest;
}

/* In place, from the end: what has not been read yet is not overwritten. */
static void widen(struct state *state) {
    const int16_t *narrow = state->fields;
    int32_t *fields = state->fields;
    for (size_t i = tiles_of(state) * HOPFIELD_TILE; i-- > 0;) {
        int16_t field;
        memcpy(&field, narrow + i, sizeof field);
        fields[i] = field;
    }
    state->wide = true;
}

static void count_safe_flips(struct state *state, int32_t largest) {
    state->flips_left = largest < INT16_MAX ? (INT16_MAX - largest) / largest_change(state) : 0;
    if (state->flips_left == 0) widen(state);
}

/* Sees to it that one flip is safe. */
static void prepare_flip(struct state *state) {
    if (!state->wide && state->flips_left == 0) count_safe_flips(state, largest_field(state));
}

/* --- contents ------------------------------------------------------------------------------------- */

static uint64_t *spins_of(const struct state *state) {
    return state->signs;
}

static uint64_t *open_of(const struct state *state) {
    return state->open;
}

/* As many words of zeros. */
static const uint64_t *closed_of(const struct state *state) {
    return open_of(state) + tiles_of(state);
}

static void reopen(struct state *state) {
    size_t tiles = tiles_of(state);
    memset(state->open, 0xFF, tiles * sizeof(uint64_t));
    open_of(state)[tiles - 1] = ~(uint64_t)0 >> (tiles * HOPFIELD_TILE - state->couplings->neurons);
}

static void set(struct state *state, const int8_t *spins) {
    kernels()->pack_spins(state->couplings->neurons, spins, state->signs);
    reopen(state);
}

static void get_spins(const struct state *state, int8_t *spins) {
    kernels()->unpack_spins(state->couplings->neurons, state->signs, spins);
}

static void adopt(struct state *state, const int32_t *fields) {
    int32_t *wide = state->fields;
    int32_t self = self_of(state);
    state->wide = true;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        wide[i] = (fields[i] + self * sign_of(state, i) - 1) / 2;
}

void state_half_adopt(struct state *state, const int16_t *halves, int32_t largest) {
    memcpy(state->fields, halves, state->couplings->neurons * sizeof *halves);
    clear_padding(state);
    state->wide = false;
    count_safe_flips(state, largest);
}

/* --- flips ---------------------------------------------------------------------------------------- */

static const int8_t *row_of(const struct state *state, size_t neuron) {
    return state->couplings->halves.entries + neuron * state->couplings->stride;
}

static void fetch(const struct state *state, size_t neuron) {
    const int8_t *row = row_of(state, neuron);
    for (size_t i = 0; i < state->couplings->neurons; i += CACHE_LINE)
        __builtin_prefetch(row + i, 0, 2);
}

static bool has_exceptions(const struct state *state, size_t neuron) {
    const struct coupling_halves *halves = &state->couplings->halves;
    const size_t *first = halves->first_exceptions + neuron;
    return halves->exceptions && first[1] > first[0];
}

static struct hopfield_spins all_spins(const struct state *state) {
    return (struct hopfield_spins){.tiles = tiles_of(state), .up = state->signs, .open = state->open};
}

static bool is_unstable(const struct state *state, size_t neuron) {
    return (half_field(state, neuron) < 0) == (sign_of(state, neuron) > 0);
}

/* What is missing in the row of a flip; appends to a list of `count` those of `spins` that become unstable by
 * it. */
static size_t add_exceptions(struct state *state, const struct hopfield_spins *spins, size_t neuron,
                             int32_t sign, size_t count, struct hopfield_unstable *list) {
    const struct coupling_halves *halves = &state->couplings->halves;
    for (size_t e = halves->first_exceptions[neuron]; e < halves->first_exceptions[neuron + 1]; e++) {
        uint32_t column = halves->exceptions[e].column;
        bool was_stable = !is_unstable(state, column);
        add_to_field(state, column, 2 * sign * halves->exceptions[e].extra);
        if (was_stable && is_unstable(state, column) &&
            spins->open[column / HOPFIELD_TILE] >> column % HOPFIELD_TILE & 1)
            list[count++] = (struct hopfield_unstable){.neuron = column, .flip = 0};
    }
    return count;
}

/* Adds the rows of the flips, and what is not in them: a flip with exceptions is the only one. The list gets
 * those of `spins` that become unstable. */
static size_t add_rows(struct state *state, const struct hopfield_spins *spins,
                       const struct hopfield_flips *flips, const uint32_t *neurons,
                       struct hopfield_unstable *list) {
    for (size_t f = 0; f < flips->count; f++) {
        add_to_field(state, neurons[f], flips->signs[f] * (self_of(state) - parity_of(state)));
        spins_of(state)[neurons[f] / HOPFIELD_TILE] ^= (uint64_t)1 << neurons[f] % HOPFIELD_TILE;
    }
    size_t count = state->wide ? kernels()->flip_rows_i32(spins, flips, state->fields, list)
                               : kernels()->flip_rows_i16(spins, flips, state->fields, list);
    if (!has_exceptions(state, neurons[0])) return count;
    return add_exceptions(state, spins, neurons[0], flips->signs[0], count, list);
}

/* The lines of a row that a pass reads before those it fetches itself. */
static void fetch_start(const int8_t *row) {
    enum { LINES = 8 };
    for (size_t line = 0; line < LINES; line++)
        __builtin_prefetch(row + line * HOPFIELD_TILE);
}

static void add_to_plan(struct state *state, size_t neuron) {
    struct hopfield_flips *flips = &state->flips;
    size_t f = flips->count++;
    flips->parity = parity_of(state);
    flips->signs[f] = -sign_of(state, neuron);
    flips->rows[f] = flips->next_rows[f] = row_of(state, neuron);
    state->flip_neurons[f] = (uint32_t)neuron;
}

/* Whether a further flip would do no harm: exceptions are not added in between, sums must fit. */
static bool plan_is_full(const struct state *state, size_t neuron) {
    size_t count = state->flips.count;
    if (count == 0) return false;
    if (count == HOPFIELD_FLIPS || has_exceptions(state, neuron)) return true;
    return has_exceptions(state, state->flip_neurons[0]) ||
           (!state->wide && (int64_t)count >= state->flips_left);
}

static enum flip_plan plan(struct state *state, size_t neuron) {
    const struct hopfield_flips *flips = &state->flips;
    if (flips->count == 0) prepare_flip(state);
    if (plan_is_full(state, neuron)) return FLIP_UNKNOWN;
    size_t place = hopfield_place(neuron);
    int32_t field = half_field(state, neuron);
    for (size_t f = 0; f < flips->count; f++)
        field += flips->signs[f] * (2 * flips->rows[f][place] + flips->parity);
    if ((field < 0) != (sign_of(state, neuron) > 0)) return FLIP_STABLE;
    add_to_plan(state, neuron);
    fetch_start(row_of(state, neuron));
    return FLIP_PLANNED;
}

static size_t flip_planned(struct state *state, size_t count, const uint32_t *next,
                           struct hopfield_unstable *list) {
    struct hopfield_spins spins = all_spins(state);
    for (size_t f = 0; f < state->flips.count && f < count; f++)
        state->flips.next_rows[f] = row_of(state, next[f]);
    state->flips_left -= (int64_t)state->flips.count;
    return add_rows(state, &spins, &state->flips, state->flip_neurons, list);
}

static void keep_planned(struct state *state, size_t count) {
    struct hopfield_flips back = {.count = state->flips.count - count, .parity = parity_of(state)};
    for (size_t f = 0; f < back.count; f++) {
        back.rows[f] = back.next_rows[f] = state->flips.rows[count + f];
        back.signs[f] = -state->flips.signs[count + f];
    }
    struct hopfield_spins spins = all_spins(state);
    spins.open = closed_of(state);
    state->flips_left += (int64_t)back.count;
    if (back.count > 0) add_rows(state, &spins, &back, state->flip_neurons + count, NULL);
    state->flips.count = 0;
}

static void flip(struct state *state, size_t neuron) {
    struct hopfield_spins spins = all_spins(state);
    spins.open = closed_of(state);
    prepare_flip(state);
    add_to_plan(state, neuron);
    state->flips_left--;
    add_rows(state, &spins, &state->flips, state->flip_neurons, NULL);
    state->flips.count = 0;
}

static size_t unstable(const struct state *state, uint32_t *list) {
    struct hopfield_spins spins = all_spins(state);
    return state->wide ? kernels()->list_unstable_i32(&spins, state->fields, list)
                       : kernels()->list_unstable_i16(&spins, state->fields, list);
}

static void settle(struct state *state, size_t neuron) {
    open_of(state)[neuron / HOPFIELD_TILE] &= ~((uint64_t)1 << neuron % HOPFIELD_TILE);
}

/* --- sums ----------------------------------------------------------------------------------------- */

static double field(const struct state *state, size_t neuron) {
    return 2 * half_field(state, neuron) + 1 - self_of(state) * sign_of(state, neuron);
}

static double alignment(const struct state *state) {
    size_t neurons = state->couplings->neurons;
    const uint64_t *spins = state->signs;
    int64_t kept = 0;
    int64_t magnetisation = 2 * (int64_t)kernels()->count_ones(tiles_of(state), spins) - (int64_t)neurons;
    if (state->wide)
        for (size_t i = 0; i < neurons; i++)
            kept += (int64_t)((const int32_t *)state->fields)[i] * sign_of(state, i);
    else {
        clear_padding(state);
        kept = kernels()->aligned_sum_i16(tiles_of(state), spins, state->fields);
    }
    return (double)(2 * kept + magnetisation - self_of(state) * (int64_t)neurons);
}

static double magnitude(const struct state *state) {
    int64_t sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += (int64_t)fabs(field(state, i));
    return (double)sum;
}

/* Adds rows up in 32 bits and in the order of neurons. */
static void sum_fields(struct state *state) {
    int32_t *wide = state->fields, parity = parity_of(state), own = self_of(state) - parity,
            magnetisation = 0;
    const struct coupling_halves *halves = &state->couplings->halves;
    size_t neurons = state->couplings->neurons;
    memset(wide, 0, state->extent * sizeof *wide);
    state->wide = true;
    for (size_t j = 0; j < neurons; j++) {
        int32_t sign = sign_of(state, j);
        magnetisation += sign;
        for (size_t i = 0; i < neurons; i++)
            wide[i] += sign * couplings_half(state->couplings, j, i);
        for (size_t e = halves->first_exceptions[j]; e < halves->first_exceptions[j + 1]; e++)
            wide[halves->exceptions[e].column] += sign * halves->exceptions[e].extra;
    }
    for (size_t i = 0; i < neurons; i++)
        wide[i] += (parity * magnetisation + own * sign_of(state, i) - 1) / 2;
}

const struct state_type state_half = {
    .entry_size = sizeof(int32_t),
    .set = set,
    .spins = get_spins,
    .sum_fields = sum_fields,
    .adopt = adopt,
    .flip = flip,
    .plan = plan,
    .flip_planned = flip_planned,
    .keep_planned = keep_planned,
    .fetch = fetch,
    .is_unstable = is_unstable,
    .field = field,
    .unstable = unstable,
    .settle = settle,
    .reopen = reopen,
    .alignment = alignment,
    .magnitude = magnitude,
};
