/* The rows of coupling matrices and the fields they change. All are integers and exact, but for add_row_f64.
 */
#include "core/kernels/isa.h"

#include <stdbool.h>
#include <string.h>

#include "core/kernels/words.h"

/* --- rows of couplings ------------------------------------------------------------------------------ */

void KERNEL(add_row_i16)(size_t count, int32_t factor, const int16_t *row, int32_t *fields) {
    for (size_t i = 0; i < count; i++)
        fields[i] += factor * row[i];
}

void KERNEL(add_row_f64)(size_t count, double factor, const double *row, double *fields) {
    for (size_t i = 0; i < count; i++)
        fields[i] += factor * row[i];
}

static inline size_t list_bits(uint64_t bits, size_t first, uint32_t *list) {
    size_t count = 0;
    for (; bits; bits &= bits - 1)
        list[count++] = (uint32_t)(first + (size_t)__builtin_ctzll(bits));
    return count;
}

/* Rows that were fetched into a farther cache before are fetched into the nearest so many tiles ahead of
 * where they are added. */
enum { FETCH_AHEAD = 8 };

static inline __attribute__((always_inline)) void fetch(const struct hopfield_flips *flips, size_t flip,
                                                        size_t tile) {
    __builtin_prefetch(flips->rows[flip] + (tile + FETCH_AHEAD) * HOPFIELD_TILE);
    __builtin_prefetch(flips->next_rows[flip] + tile * HOPFIELD_TILE, 0, 2);
}

/* A row has a tile in so many vectors, in half as many as 16-bit fields take. */
enum { ROW_VECTORS = HOPFIELD_TILE / VECTOR_BYTES };

/* An open neuron whose field has another sign than before, and the first flip after which it has: `field` is
 * what they all made of it. */
static struct hopfield_unstable first_change(const struct hopfield_flips *flips, size_t neuron,
                                             int32_t field) {
    const size_t place = hopfield_place(neuron);
    int32_t steps[HOPFIELD_FLIPS];
    size_t f = 0;
    for (size_t g = 0; g < flips->count; g++) {
        steps[g] = flips->signs[g] * (2 * flips->rows[g][place] + flips->parity);
        field -= steps[g];
    }
    for (const bool negative = field < 0;; f++) {
        field += steps[f];
        if ((field < 0) != negative) return (struct hopfield_unstable){(uint32_t)neuron, (uint32_t)f};
    }
}

/* --- fields of 16 bits ------------------------------------------------------------------------------ */

/* Adds what a flip of that sign does to the fields of a tile; `parity` is a constant where this is inlined.
 */
VECTOR_INLINE void add_halves(vec_words fields[WORD_CHUNKS], const int parity, int32_t sign,
                              const int8_t *row) {
    vec_words entries[WORD_CHUNKS];
    VECTOR_UNROLL for (int n = 0; n < ROW_VECTORS; n++) {
        vec_words bytes;
        memcpy(&bytes, row + (size_t)n * VECTOR_BYTES, sizeof bytes);
        entries[n] = words_twice_even(bytes) + (int16_t)parity;
        entries[n + ROW_VECTORS] = words_twice_odd(bytes) + (int16_t)parity;
    }
    if (sign > 0)
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) fields[n] += entries[n];
    else
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) fields[n] -= entries[n];
}

/* All flips on one tile after the other, so that its fields stay in registers. A neuron is unstable once the
 * sign of its field is not that of before: differences gather, and the tile is looked at when there is one.
 */
VECTOR_INLINE size_t flip_tiles(const size_t flips_count, const int parity,
                                const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                                int16_t *fields, struct hopfield_unstable *list) {
    const size_t tiles = spins->tiles;
    size_t count = 0;
    for (size_t tile = 0; tile < tiles; tile++) {
        int16_t *here = fields + tile * HOPFIELD_TILE;
        vec_words now[WORD_CHUNKS], differ[WORD_CHUNKS];
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) {
            now[n] = words_load(here + n * WORD_LANES);
            differ[n] = words_set(0);
        }
        VECTOR_UNROLL for (size_t f = 0; f < flips_count; f++) {
            fetch(flips, f, tile);
            add_halves(now, parity, flips->signs[f], flips->rows[f] + tile * HOPFIELD_TILE);
            VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) {
                differ[n] = words_or_difference(differ[n], now[n], words_load(here + n * WORD_LANES));
                VECTOR_IN_ORDER(differ[n]);
            }
        }
        uint64_t changed = words_negative(differ) & spins->open[tile];
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) words_store(here + n * WORD_LANES, now[n]);
        for (; __builtin_expect(changed != 0, 0); changed &= changed - 1) {
            const size_t neuron = tile * HOPFIELD_TILE + (size_t)__builtin_ctzll(changed);
            list[count++] = first_change(flips, neuron, fields[neuron]);
        }
    }
    return count;
}

/* One loop for each number of flips and each parity. */
#define FLIP_CASE(flips_count)                                                                               \
    case flips_count:                                                                                        \
        return flips->parity ? flip_tiles(flips_count, 1, spins, flips, fields, list)                        \
                             : flip_tiles(flips_count, 0, spins, flips, fields, list);

size_t KERNEL(flip_rows_i16)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                             int16_t *fields, struct hopfield_unstable *list) {
    _Static_assert(HOPFIELD_FLIPS == 8, "a case for each number of flips");
    switch (flips->count) {
        FLIP_CASE(1)
        FLIP_CASE(2)
        FLIP_CASE(3)
        FLIP_CASE(4)
        FLIP_CASE(5)
        FLIP_CASE(6)
        FLIP_CASE(7)
        FLIP_CASE(8)
    }
    return 0;
}

/* The open neurons of a tile that are unstable now. */
static inline size_t list_unstable(const struct hopfield_spins *spins, size_t tile, uint64_t negative,
                                   uint32_t *list) {
    return list_bits(~(negative ^ spins->up[tile]) & spins->open[tile], tile * HOPFIELD_TILE, list);
}

size_t KERNEL(list_unstable_i16)(const struct hopfield_spins *spins, const int16_t *fields, uint32_t *list) {
    size_t count = 0;
    for (size_t tile = 0; tile < spins->tiles; tile++) {
        vec_words here[WORD_CHUNKS];
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) here[n] =
            words_load(fields + tile * HOPFIELD_TILE + n * WORD_LANES);
        count += list_unstable(spins, tile, words_negative(here), list + count);
    }
    return count;
}

/* --- fields of 32 bits ------------------------------------------------------------------------------ */

/* One vector of a row is four of fields, two in either half of the tile, which stay in registers while all
 * flips go over them. */
VECTOR_INLINE int32_t *wide_fields(int32_t *tile, int part, int n) {
    return tile + n / 2 * (HOPFIELD_TILE / 2) + (2 * part + n % 2) * PAIR_LANES;
}

/* All flips on the fields of one vector of rows; *lower and *upper: lanes are negative where signs changed.
 */
VECTOR_INLINE void flip_part(const struct hopfield_flips *flips, size_t tile, int part, int32_t *fields,
                             vec_words *lower, vec_words *upper) {
    vec_pairs before[4], now[4], differ[4] = {{0}};
    VECTOR_UNROLL for (int n = 0; n < 4; n++) before[n] = now[n] = pairs_load(wide_fields(fields, part, n));
    for (size_t f = 0; f < flips->count; f++) {
        vec_words bytes;
        vec_pairs entries[4];
        if (part == 0) fetch(flips, f, tile);
        memcpy(&bytes, flips->rows[f] + tile * HOPFIELD_TILE + (size_t)part * VECTOR_BYTES, sizeof bytes);
        words_widen(words_twice_even(bytes) + (int16_t)flips->parity, entries);
        words_widen(words_twice_odd(bytes) + (int16_t)flips->parity, entries + 2);
        if (flips->signs[f] > 0)
            VECTOR_UNROLL for (int n = 0; n < 4; n++) now[n] += entries[n];
        else
            VECTOR_UNROLL for (int n = 0; n < 4; n++) now[n] -= entries[n];
        VECTOR_UNROLL for (int n = 0; n < 4; n++) differ[n] |= now[n] ^ before[n];
    }
    VECTOR_UNROLL for (int n = 0; n < 4; n++) pairs_store(wide_fields(fields, part, n), now[n]);
    *lower = words_narrow(differ);
    *upper = words_narrow(differ + 2);
}

size_t KERNEL(flip_rows_i32)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                             int32_t *fields, struct hopfield_unstable *list) {
    const size_t tiles = spins->tiles;
    size_t count = 0;
    for (size_t tile = 0; tile < tiles; tile++) {
        vec_words differ[WORD_CHUNKS];
        VECTOR_UNROLL for (int part = 0; part < ROW_VECTORS; part++) flip_part(
            flips, tile, part, fields + tile * HOPFIELD_TILE, &differ[part], &differ[ROW_VECTORS + part]);
        uint64_t changed = words_negative(differ) & spins->open[tile];
        for (; changed; changed &= changed - 1) {
            const size_t neuron = tile * HOPFIELD_TILE + (size_t)__builtin_ctzll(changed);
            list[count++] = first_change(flips, neuron, fields[neuron]);
        }
    }
    return count;
}

size_t KERNEL(list_unstable_i32)(const struct hopfield_spins *spins, const int32_t *fields, uint32_t *list) {
    size_t count = 0;
    for (size_t tile = 0; tile < spins->tiles; tile++) {
        vec_words here[WORD_CHUNKS];
        VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) {
            const int32_t *at = fields + tile * HOPFIELD_TILE + n * WORD_LANES;
            const vec_pairs wide[2] = {pairs_load(at), pairs_load(at + PAIR_LANES)};
            here[n] = words_narrow(wide);
        }
        count += list_unstable(spins, tile, words_negative(here), list + count);
    }
    return count;
}

/* --- sums over fields ------------------------------------------------------------------------------- */

int64_t KERNEL(aligned_sum_i16)(size_t tiles, const uint64_t *spins, const int16_t *fields) {
    enum { TILES_AT_ONCE = 1024 }; /* 32-bit sums bear 2^15 products of neighbours */
    int64_t total = 0;
    for (size_t first = 0; first < tiles; first += TILES_AT_ONCE) {
        const size_t end = tiles - first < TILES_AT_ONCE ? tiles : first + TILES_AT_ONCE;
        vec_pairs sum = {0};
        for (size_t tile = first; tile < end; tile++)
            VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n++) {
                const vec_words signs = words_choose(spins + tile, n, words_set(1), words_set(-1));
                sum += pairs_multiply(words_load(fields + tile * HOPFIELD_TILE + n * WORD_LANES), signs);
            }
        total += pairs_total(sum);
    }
    return total;
}

/* --- first fields from overlaps, for all lanes at once --------------------------------------------- */

/* Sums of trials that were given up may wrap: what is added has no sign. */
typedef uint16_t vec_sums __attribute__((vector_size(VECTOR_BYTES), may_alias));

VECTOR_INLINE vec_words magnitude(vec_words v) {
    return words_max(v, (vec_words) - (vec_sums)v);
}

void KERNEL(add_group_sums)(size_t count, const uint64_t *words, const int16_t *tables, int16_t *sums,
                            int16_t *largest) {
    enum { TRIAL_VECTORS = HOPFIELD_LANES / WORD_LANES };
    vec_words most[TRIAL_VECTORS];
    VECTOR_UNROLL for (int v = 0; v < TRIAL_VECTORS; v++) most[v] = words_load(largest + v * WORD_LANES);
    for (size_t i = 0; i < count; i++, sums += HOPFIELD_LANES) {
        vec_sums total[TRIAL_VECTORS];
        VECTOR_UNROLL for (int v = 0; v < TRIAL_VECTORS; v++) total[v] =
            (vec_sums)words_load(sums + v * WORD_LANES);
        VECTOR_UNROLL for (int group = 0; group < HOPFIELD_WORD_GROUPS; group++) {
            const size_t value = words[i] >> group * HOPFIELD_GROUP_BITS & (HOPFIELD_GROUP_VALUES - 1);
            const int16_t *entry = tables + ((size_t)group * HOPFIELD_GROUP_VALUES + value) * HOPFIELD_LANES;
            VECTOR_UNROLL for (int v = 0; v < TRIAL_VECTORS; v++) total[v] +=
                (vec_sums)words_load(entry + v * WORD_LANES);
        }
        VECTOR_UNROLL for (int v = 0; v < TRIAL_VECTORS; v++) {
            words_store(sums + v * WORD_LANES, (vec_words)total[v]);
            most[v] = words_max(most[v], magnitude((vec_words)total[v]));
        }
    }
    VECTOR_UNROLL for (int v = 0; v < TRIAL_VECTORS; v++) words_store(largest + v * WORD_LANES, most[v]);
}

typedef int16_t words_8 __attribute__((vector_size(16), may_alias));

#if defined(__clang__)
#define INTERLEAVE_WORDS(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define INTERLEAVE_WORDS(a, b, ...) __builtin_shuffle(a, b, (words_8){__VA_ARGS__})
#endif

/* Transposes 8 x 8 words, as transpose_bytes does bytes. */
static inline void transpose_words(const int16_t *from, int16_t *to) {
    words_8 rows[8], next[8];
    VECTOR_UNROLL for (size_t i = 0; i < 8; i++) rows[i] = *(const words_8 *)(from + i * HOPFIELD_LANES);
    VECTOR_UNROLL for (unsigned round = 0; round < 3; round++) {
        VECTOR_UNROLL for (size_t i = 0; i < 4; i++) {
            next[2 * i] = INTERLEAVE_WORDS(rows[i], rows[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
            next[2 * i + 1] = INTERLEAVE_WORDS(rows[i], rows[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
        }
        VECTOR_UNROLL for (size_t i = 0; i < 8; i++) rows[i] = next[i];
    }
    VECTOR_UNROLL for (size_t i = 0; i < 8; i++) * (words_8 *)(to + i * HOPFIELD_TILE) = rows[i];
}

void KERNEL(finish_lanes)(size_t lanes, const int16_t *sums, const uint64_t *bits, size_t bits_stride,
                          const int16_t *up, const int16_t *down, int16_t *fields, size_t fields_stride) {
    _Alignas(64) int16_t turned[HOPFIELD_LANES][HOPFIELD_TILE];
    for (size_t i = 0; i < HOPFIELD_TILE; i += 8)
        for (size_t t = 0; t < HOPFIELD_LANES; t += 8)
            transpose_words(sums + i * HOPFIELD_LANES + t, &turned[t][i]);
    for (size_t t = 0; t < lanes; t++)
        for (int n = 0; n < WORD_CHUNKS; n++) {
            const vec_words constant =
                words_choose(bits + t * bits_stride, n, words_set(up[t]), words_set(down[t]));
            words_store(fields + t * fields_stride + n * WORD_LANES,
                        words_load(&turned[t][n * WORD_LANES]) + constant);
        }
}
