/* Fields of couplings in 8 bits. With the self-coupling p in the place of 0, all N J_ij = 2 k_ij + p have the
 * parity p, so that all fields have one parity c, and
 *
 *     N h_i + p s_i = 2 H_i + c,    a flip of j adds s_j (2 k_ij + p) to all H_i.
 *
 * H_i is kept in 16 bits as long as no flip can overflow it: with A the largest magnitude now and D what one
 * flip can add, (32767 - A) / D flips are safe, after which A is looked for again; where none is safe the
 * fields become 32 bits wide. What p adds to all fields alike is kept aside in `offset`. Spins and openness
 * are bits. */
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

int32_t state_half_remainder(const struct couplings *couplings) {
    return couplings->halves.parity & (int32_t)(couplings->neurons & 1);
}

static int32_t half_field(const struct state *state, size_t neuron) {
    int32_t kept =
        state->wide ? ((const int32_t *)state->fields)[neuron] : ((const int16_t *)state->fields)[neuron];
    return kept + state->offset;
}

/* --- the range of 16 bits ------------------------------------------------------------------------- */

static int32_t largest_change(const struct state *state) {
    return state->couplings->halves.largest + 1;
}

/* Entries past the last neuron stay 0, so that sums over whole tiles need not look. */
static void clear_padding(struct state *state) {
    size_t neurons = state->couplings->neurons, end = tiles_of(state) * HOPFIELD_TILE;
    memset((int16_t *)state->fields + neurons, 0, (end - neurons) * sizeof(int16_t));
}

/* Moves the offset into the fields and returns their largest magnitude, which a 16-bit field can hold. */
static int32_t settle_offset(struct state *state) {
    int16_t *fields = state->fields, offset = (int16_t)state->offset, lowest = 0, highest = 0;
    for (size_t i = 0; i < tiles_of(state) * HOPFIELD_TILE; i++) {
        int16_t field = (int16_t)(fields[i] + offset);
        fields[i] = field;
        lowest = field < lowest ? field : lowest;
        highest = field > highest ? field : highest;
    }
    state->offset = 0;
    clear_padding(state);
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

static void plan_flips(struct state *state, int32_t largest) {
    state->flips_left = largest < INT16_MAX ? (INT16_MAX - largest) / largest_change(state) : 0;
    if (state->flips_left == 0) widen(state);
}

static void prepare_flip(struct state *state) {
    if (state->wide) return;
    if (state->flips_left == 0) plan_flips(state, settle_offset(state));
    if (!state->wide) state->flips_left--;
}

/* --- contents ------------------------------------------------------------------------------------- */

/* Of open neurons: those with spin +1, then those with spin -1. */
static uint64_t *open_up(const struct state *state) {
    return state->open;
}

static uint64_t *open_down(const struct state *state) {
    return (uint64_t *)state->open + tiles_of(state);
}

static void reopen(struct state *state) {
    size_t tiles = tiles_of(state);
    const uint64_t *spins = state->signs;
    uint64_t *up = open_up(state), *down = open_down(state);
    for (size_t tile = 0; tile < tiles; tile++) {
        up[tile] = spins[tile];
        down[tile] = ~spins[tile];
    }
    down[tiles - 1] &= ~(uint64_t)0 >> (tiles * HOPFIELD_TILE - state->couplings->neurons);
}

/* Turns the spin, and the place of an open neuron. */
static void turn(struct state *state, size_t neuron) {
    size_t tile = neuron / HOPFIELD_TILE;
    uint64_t bit = (uint64_t)1 << neuron % HOPFIELD_TILE, *up = open_up(state), *down = open_down(state);
    ((uint64_t *)state->signs)[tile] ^= bit;
    if (!((up[tile] | down[tile]) & bit)) return;
    up[tile] ^= bit;
    down[tile] ^= bit;
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
    int32_t parity = state->couplings->halves.parity, remainder = state_half_remainder(state->couplings);
    state->wide = true;
    state->offset = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        wide[i] = (fields[i] + parity * sign_of(state, i) - remainder) / 2;
}

void state_half_adopt(struct state *state, const int16_t *halves, int32_t largest) {
    memcpy(state->fields, halves, state->couplings->neurons * sizeof *halves);
    clear_padding(state);
    state->wide = false;
    state->offset = 0;
    plan_flips(state, largest);
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

/* s h < 0, with N h_i = 2 H_i + c - p s_i: H_i < p - c for a spin of +1, H_i > -p for one of -1. */
static struct hopfield_spins bounds(const struct state *state) {
    int32_t parity = state->couplings->halves.parity;
    return (struct hopfield_spins){
        .tiles = tiles_of(state),
        .up = open_up(state),
        .down = open_down(state),
        .low = parity - state_half_remainder(state->couplings) - state->offset,
        .high = -parity - state->offset,
    };
}

static void add_exceptions(struct state *state, size_t neuron, int32_t sign) {
    const struct coupling_halves *halves = &state->couplings->halves;
    for (size_t e = halves->first_exceptions[neuron]; e < halves->first_exceptions[neuron + 1]; e++) {
        size_t i = halves->exceptions[e].column;
        int32_t change = 2 * sign * halves->exceptions[e].extra;
        if (state->wide)
            ((int32_t *)state->fields)[i] += change;
        else
            ((int16_t *)state->fields)[i] = (int16_t)(((int16_t *)state->fields)[i] + change);
    }
}

/* Flips, and lists what is unstable then if asked to: bounds that no field passes list nothing. */
static size_t change(struct state *state, size_t neuron, size_t next, bool listing, uint32_t *list) {
    prepare_flip(state);
    turn(state, neuron);
    int32_t sign = sign_of(state, neuron);
    add_exceptions(state, neuron, sign);
    state->offset += sign * state->couplings->halves.parity;
    struct hopfield_spins spins = bounds(state);
    if (!listing) spins.low = state->wide ? INT32_MIN : INT16_MIN;
    if (!listing) spins.high = state->wide ? INT32_MAX : INT16_MAX;
    const int8_t *row = row_of(state, neuron), *next_row = row_of(state, next);
    return state->wide ? kernels()->flip_row_i32(&spins, sign, row, next_row, state->fields, list)
                       : kernels()->flip_row_i16(&spins, sign, row, next_row, state->fields, list);
}

static size_t flip_and_list(struct state *state, size_t neuron, size_t next, uint32_t *list) {
    return change(state, neuron, next, true, list);
}

static void flip(struct state *state, size_t neuron) {
    change(state, neuron, neuron, false, NULL);
}

static size_t unstable(const struct state *state, uint32_t *list) {
    struct hopfield_spins spins = bounds(state);
    return state->wide ? kernels()->list_unstable_i32(&spins, state->fields, list)
                       : kernels()->list_unstable_i16(&spins, state->fields, list);
}

static bool is_unstable(const struct state *state, size_t neuron) {
    struct hopfield_spins spins = bounds(state);
    int32_t kept = half_field(state, neuron) - state->offset;
    return sign_of(state, neuron) > 0 ? kept < spins.low : kept > spins.high;
}

static void settle(struct state *state, size_t neuron) {
    uint64_t kept = ~((uint64_t)1 << neuron % HOPFIELD_TILE);
    open_up(state)[neuron / HOPFIELD_TILE] &= kept;
    open_down(state)[neuron / HOPFIELD_TILE] &= kept;
}

/* --- sums ----------------------------------------------------------------------------------------- */

static double field(const struct state *state, size_t neuron) {
    return 2 * half_field(state, neuron) + state_half_remainder(state->couplings) -
           state->couplings->halves.parity * sign_of(state, neuron);
}

static double alignment(const struct state *state) {
    size_t neurons = state->couplings->neurons;
    const uint64_t *spins = state->signs;
    int64_t kept = 0;
    int64_t magnetisation = 2 * (int64_t)kernels()->count_ones(tiles_of(state), spins) - (int64_t)neurons;
    if (state->wide)
        for (size_t i = 0; i < neurons; i++)
            kept += (int64_t)((const int32_t *)state->fields)[i] * sign_of(state, i);
    else
        kept = kernels()->aligned_sum_i16(tiles_of(state), spins, state->fields);
    int64_t common = 2 * (int64_t)state->offset + state_half_remainder(state->couplings);
    return (double)(2 * kept + common * magnetisation - state->couplings->halves.parity * (int64_t)neurons);
}

static double magnitude(const struct state *state) {
    int64_t sum = 0;
    for (size_t i = 0; i < state->couplings->neurons; i++)
        sum += (int64_t)fabs(field(state, i));
    return (double)sum;
}

/* Adds rows up in 32 bits and in the order of neurons. */
static void sum_fields(struct state *state) {
    int32_t *wide = state->fields;
    int32_t parity = state->couplings->halves.parity;
    memset(wide, 0, state->extent * sizeof *wide);
    state->wide = true;
    int32_t magnetisation = 0;
    for (size_t j = 0; j < state->couplings->neurons; j++) {
        const int8_t *row = row_of(state, j);
        int32_t sign = sign_of(state, j);
        magnetisation += sign;
        for (size_t i = 0; i < state->couplings->neurons; i++)
            wide[i] += sign * row[i];
        const struct coupling_halves *halves = &state->couplings->halves;
        for (size_t e = halves->first_exceptions[j]; e < halves->first_exceptions[j + 1]; e++)
            wide[halves->exceptions[e].column] += sign * halves->exceptions[e].extra;
    }
    /* 2 H + c = sum of (2 k + p) s, so H is sum of k s and half of p sum of s less c. */
    state->offset = (parity * magnetisation - state_half_remainder(state->couplings)) / 2;
}

const struct state_type state_half = {
    .entry_size = sizeof(int32_t),
    .set = set,
    .spins = get_spins,
    .sum_fields = sum_fields,
    .adopt = adopt,
    .flip = flip,
    .flip_and_list = flip_and_list,
    .fetch = fetch,
    .is_unstable = is_unstable,
    .field = field,
    .unstable = unstable,
    .settle = settle,
    .reopen = reopen,
    .alignment = alignment,
    .magnitude = magnitude,
};
