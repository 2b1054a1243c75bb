/* N h_i = sum_mu xi_i M_mu - P s_i with M_mu = sum_j xi_j s_j. For each five patterns the 32 sums that their
 * signs can make are tabulated, for all states of the batch side by side, so that one vector addition does
 * 5 patterns for 32 states. Tables hold half sums, (sum of +-M + r) / 2 with r the parity of the group, in 16
 * bits: before each 64 patterns the largest sum so far and all that these could add are compared with what 16
 * bits hold. */
#include "core/associative/batch_fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/associative/state.h"
#include "core/base/memory.h"
#include "core/kernels/hopfield_row.h"
#include "core/kernels/kernels.h"

enum { LANES = HOPFIELD_LANES, TILE = HOPFIELD_TILE, WORD_BITS = 64 };
enum { TABLE_ENTRIES = HOPFIELD_WORD_GROUPS * HOPFIELD_GROUP_VALUES };

enum status packed_patterns_fill(const struct patterns *patterns, struct packed_patterns *packed) {
    *packed = (struct packed_patterns){.patterns = patterns};
    CHECK(packed_rows_create(patterns->neurons, patterns->words_per_neuron, patterns->by_neuron,
                             &packed->by_neuron));
    return packed_rows_create(patterns->count, patterns->words_per_pattern, patterns->by_pattern,
                              &packed->by_pattern);
}

void packed_patterns_clear(struct packed_patterns *packed) {
    packed_rows_destroy(&packed->by_neuron);
    packed_rows_destroy(&packed->by_pattern);
}

double packed_patterns_bytes(size_t neurons, size_t patterns) {
    return packed_rows_bytes(neurons, (patterns + 63) / 64) +
           packed_rows_bytes(patterns, (neurons + 63) / 64);
}

struct batch_fields {
    const struct packed_patterns *packed;
    uint64_t *bits;    /* [LANES][words_per_pattern] */
    int32_t *overlaps; /* [tiles of patterns][LANES][TILE]; 0 past the last pattern */
    int16_t *tables;   /* [groups][values][LANES] */
    int16_t *sums;     /* [neurons in whole tiles][LANES] */
    int16_t *halves;   /* [LANES][neurons in whole tiles] */
    int32_t largest[LANES];
    bool fits[LANES];
};

static size_t extent_of(size_t neurons) {
    return (neurons + TILE - 1) / TILE * TILE;
}

double batch_fields_bytes(size_t neurons, size_t patterns) {
    double extent = (double)extent_of(neurons);
    double states = extent / 8 + 4.0 * (double)extent_of(patterns) + 2 * 2 * extent;
    return LANES * (states + 2.0 * TABLE_ENTRIES) + (double)sizeof(struct batch_fields);
}

enum status batch_fields_create(const struct packed_patterns *packed, struct batch_fields **batch) {
    *batch = NULL;
    struct batch_fields *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    const struct patterns *patterns = packed->patterns;
    size_t extent = extent_of(patterns->neurons);
    made->packed = packed;
    made->bits = memory_allocate(LANES, patterns->words_per_pattern * sizeof *made->bits);
    made->overlaps = memory_allocate(extent_of(patterns->count), LANES * sizeof *made->overlaps);
    made->tables = memory_allocate(TABLE_ENTRIES, LANES * sizeof *made->tables);
    made->sums = memory_allocate(extent, LANES * sizeof *made->sums);
    made->halves = memory_allocate(extent, LANES * sizeof *made->halves);
    if (!made->bits || !made->overlaps || !made->tables || !made->sums || !made->halves) {
        batch_fields_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *batch = made;
    return STATUS_OK;
}

void batch_fields_destroy(struct batch_fields **batch) {
    if (!*batch) return;
    memory_free((*batch)->bits);
    memory_free((*batch)->overlaps);
    memory_free((*batch)->tables);
    memory_free((*batch)->sums);
    memory_free((*batch)->halves);
    memory_free(*batch);
    *batch = NULL;
}

/* --- overlaps ------------------------------------------------------------------------------------- */

void batch_fields_begin(struct batch_fields *batch, size_t count, const int8_t *spins) {
    const struct patterns *patterns = batch->packed->patterns;
    size_t words = patterns->words_per_pattern;
    int32_t neurons = (int32_t)patterns->neurons;
    for (size_t t = 0; t < count; t++)
        kernels()->pack_spins(patterns->neurons, spins + t * patterns->neurons, batch->bits + t * words);
    for (size_t tile = 0; tile < batch->packed->by_pattern->tiles; tile++) {
        int32_t *overlaps = batch->overlaps + tile * LANES * TILE;
        kernels()->hamming_tile(words, count, batch->bits, words,
                                packed_rows_tile(batch->packed->by_pattern, tile), overlaps);
        size_t here = patterns->count - tile * TILE < TILE ? patterns->count - tile * TILE : TILE;
        for (size_t t = 0; t < LANES; t++)
            for (size_t p = 0; p < TILE; p++)
                overlaps[t * TILE + p] = t < count && p < here ? neurons - 2 * overlaps[t * TILE + p] : 0;
    }
}

int32_t *batch_fields_overlaps(struct batch_fields *batch, size_t state) {
    return batch->overlaps + state * TILE;
}

void batch_fields_change(struct batch_fields *batch, size_t state, const int8_t *spins) {
    const struct patterns *patterns = batch->packed->patterns;
    kernels()->pack_spins(patterns->neurons, spins, batch->bits + state * patterns->words_per_pattern);
}

void batch_fields_alignments(struct batch_fields *batch, size_t count, const int8_t *spins,
                             int64_t *alignments) {
    const struct patterns *patterns = batch->packed->patterns;
    batch_fields_begin(batch, count, spins);
    for (size_t t = 0; t < count; t++)
        alignments[t] = -(int64_t)patterns->count * (int64_t)patterns->neurons;
    for (size_t tile = 0; tile < batch->packed->by_pattern->tiles; tile++)
        for (size_t t = 0; t < count; t++) {
            const int32_t *overlaps = batch->overlaps + (tile * LANES + t) * TILE;
            for (size_t p = 0; p < TILE; p++)
                alignments[t] += (int64_t)overlaps[p] * overlaps[p];
        }
}

/* --- tables --------------------------------------------------------------------------------------- */

/* What the states have in common over all words of patterns. */
struct ranges {
    _Alignas(64) int16_t largest[LANES]; /* of the sums so far */
    int64_t remainders[LANES];
};

/* The table of one group; *reach grows by what the group can add or take at most, times two. */
static void fill_group(size_t members, const int32_t members_overlaps[][LANES], int16_t table[][LANES],
                       struct ranges *ranges, int64_t reach[LANES]) {
    for (size_t t = 0; t < LANES; t++) {
        int32_t sum = 0;
        for (size_t b = 0; b < members; b++) {
            sum += members_overlaps[b][t];
            reach[t] += abs(members_overlaps[b][t]);
        }
        reach[t]++;
        ranges->remainders[t] += sum & 1;
        table[0][t] = (int16_t) - ((sum - (sum & 1)) / 2);
    }
    for (unsigned value = 1; value < 1U << members; value++)
        for (size_t t = 0; t < LANES; t++)
            table[value][t] = (int16_t)((uint16_t)table[value & (value - 1)][t] +
                                        (uint16_t)members_overlaps[__builtin_ctz(value)][t]);
}

static void fill_tables(struct batch_fields *batch, size_t word, struct ranges *ranges) {
    int32_t overlaps[WORD_BITS][LANES];
    int64_t reach[LANES] = {0};
    for (size_t t = 0; t < LANES; t++)
        for (size_t p = 0; p < WORD_BITS; p++)
            overlaps[p][t] = batch->overlaps[(word * LANES + t) * TILE + p];
    for (size_t group = 0; group < HOPFIELD_WORD_GROUPS; group++) {
        size_t first = group * HOPFIELD_GROUP_BITS;
        size_t members = WORD_BITS - first < HOPFIELD_GROUP_BITS ? WORD_BITS - first : HOPFIELD_GROUP_BITS;
        fill_group(members, (const int32_t(*)[LANES])(overlaps + first),
                   (int16_t(*)[LANES])(batch->tables + group * HOPFIELD_GROUP_VALUES * LANES), ranges, reach);
    }
    for (size_t t = 0; t < LANES; t++)
        if (ranges->largest[t] + reach[t] / 2 + 1 > INT16_MAX) batch->fits[t] = false;
}

/* --- fields --------------------------------------------------------------------------------------- */

/* The sums with what does not come from tables, as state_half.c has fields: with r the remainders,
 * sum_mu xi_i M = 2 sum - r, so that H_i = sum - (r + 1 + s_i (P - a)) / 2. The bound on what comes out is as
 * good as the largest field: P is small beside it. */
static void finish(struct batch_fields *batch, size_t count, const struct ranges *ranges) {
    const struct patterns *patterns = batch->packed->patterns;
    size_t words = patterns->words_per_pattern, extent = extent_of(patterns->neurons);
    int64_t self = (int64_t)patterns->count - state_half_self(patterns->count, patterns->neurons);
    int16_t up[LANES], down[LANES];
    for (size_t t = 0; t < count; t++) {
        int64_t shared = ranges->remainders[t] + 1, largest = ranges->largest[t] + (shared + self) / 2 + 1;
        if (largest > INT16_MAX) batch->fits[t] = false;
        batch->largest[t] = (int32_t)(batch->fits[t] ? largest : 0);
        up[t] = (int16_t)(-(shared + self) / 2);
        down[t] = (int16_t)(-(shared - self) / 2);
    }
    for (size_t tile = 0; tile < words; tile++)
        kernels()->finish_lanes(count, batch->sums + tile * TILE * LANES, batch->bits + tile, words, up, down,
                                batch->halves + tile * TILE, extent);
}

void batch_fields_compute(struct batch_fields *batch, size_t count) {
    const struct packed_rows *neurons = batch->packed->by_neuron;
    struct ranges ranges = {{0}, {0}};
    memset(batch->sums, 0, neurons->tiles * TILE * LANES * sizeof *batch->sums);
    for (size_t t = 0; t < LANES; t++)
        batch->fits[t] = true;
    for (size_t word = 0; word < neurons->words; word++) {
        fill_tables(batch, word, &ranges);
        for (size_t tile = 0; tile < neurons->tiles; tile++)
            kernels()->add_group_sums(TILE, packed_rows_tile(neurons, tile) + word * TILE, batch->tables,
                                      batch->sums + tile * TILE * LANES, ranges.largest);
    }
    finish(batch, count, &ranges);
}

const int16_t *batch_fields_halves(const struct batch_fields *batch, size_t state, int32_t *largest) {
    *largest = batch->largest[state];
    if (!batch->fits[state]) return NULL;
    return batch->halves + state * extent_of(batch->packed->patterns->neurons);
}
