/* The rows of coupling matrices and the fields they change. All are integers and exact, but for add_row_f64.
 */
#include "core/kernels/isa.h"

#include <string.h>

#include "core/kernels/hopfield_row.h"
#include "core/kernels/vector.h"

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

/* Gathers 64 bytes of 0 or 1 into bits: the product moves the lowest bit of byte b to bit 56 + b. */
static inline uint64_t bits_of_bytes(const uint8_t *bytes) {
    uint64_t bits = 0;
    for (unsigned group = 0; group < 8; group++) {
        uint64_t word;
        memcpy(&word, bytes + (size_t)8 * group, sizeof word);
        bits |= (word * 0x0102040810204080U >> 56) << 8 * group;
    }
    return bits;
}

/* Rows that were fetched into a farther cache before are fetched into the nearest so many tiles ahead of
 * where they are added. */
enum { FETCH_AHEAD = 8 };

static inline __attribute__((always_inline)) void fetch(const struct hopfield_flips *flips, size_t flip,
                                                        size_t tile) {
    __builtin_prefetch(flips->rows[flip] + (tile + FETCH_AHEAD) * HOPFIELD_TILE);
    __builtin_prefetch(flips->next_rows[flip] + tile * HOPFIELD_TILE, 0, 2);
}

/* The neurons of a tile that a flip made unstable: they are listed once. */
static inline size_t list_flip(uint64_t unstable, size_t tile, size_t flip, struct hopfield_unstable *list) {
    size_t count = 0;
    for (; unstable; unstable &= unstable - 1) {
        size_t neuron = tile * HOPFIELD_TILE + (size_t)__builtin_ctzll(unstable);
        list[count++] = (struct hopfield_unstable){(uint32_t)neuron, (uint32_t)flip};
    }
    return count;
}

/* The loops for one type of fields. */
#define DEFINE_FIELD_LOOPS(field, suffix)                                                                    \
    static inline uint64_t negative_##suffix(const field *fields) {                                          \
        uint8_t negative[HOPFIELD_TILE];                                                                     \
        for (size_t i = 0; i < HOPFIELD_TILE; i++)                                                           \
            negative[i] = fields[i] < 0;                                                                     \
        return bits_of_bytes(negative);                                                                      \
    }                                                                                                        \
    static inline void add_row_##suffix(field sign, field parity, const int8_t *row, field *fields) {        \
        field *upper = fields + HOPFIELD_TILE / 2;                                                           \
        for (size_t i = 0; i < HOPFIELD_TILE / 2; i++) {                                                     \
            fields[i] = (field)(fields[i] + sign * (2 * row[2 * i] + parity));                               \
            upper[i] = (field)(upper[i] + sign * (2 * row[2 * i + 1] + parity));                             \
        }                                                                                                    \
    }                                                                                                        \
    static inline size_t flip_loop_##suffix(const struct hopfield_spins *spins,                              \
                                            const struct hopfield_flips *flips, field *fields,               \
                                            struct hopfield_unstable *list) {                                \
        size_t count = 0;                                                                                    \
        for (size_t tile = 0; tile < spins->tiles; tile++) {                                                 \
            uint64_t open = spins->open[tile];                                                               \
            field *here = fields + tile * HOPFIELD_TILE;                                                     \
            for (size_t f = 0; f < flips->count; f++) {                                                      \
                fetch(flips, f, tile);                                                                       \
                add_row_##suffix((field)flips->signs[f], (field)flips->parity,                               \
                                 flips->rows[f] + tile * HOPFIELD_TILE, here);                               \
                uint64_t unstable = ~(negative_##suffix(here) ^ spins->up[tile]) & open;                     \
                if (unstable) count += list_flip(unstable, tile, f, list + count);                           \
                open &= ~unstable;                                                                           \
            }                                                                                                \
        }                                                                                                    \
        return count;                                                                                        \
    }                                                                                                        \
    static inline size_t list_loop_##suffix(const struct hopfield_spins *spins, const field *fields,         \
                                            uint32_t *list) {                                                \
        size_t count = 0;                                                                                    \
        for (size_t tile = 0; tile < spins->tiles; tile++) {                                                 \
            uint64_t negative = negative_##suffix(fields + tile * HOPFIELD_TILE);                            \
            count += list_bits(~(negative ^ spins->up[tile]) & spins->open[tile], tile * HOPFIELD_TILE,      \
                               list + count);                                                                \
        }                                                                                                    \
        return count;                                                                                        \
    }

DEFINE_FIELD_LOOPS(int32_t, i32)

#if defined(__AVX512BW__)

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The fields of a tile. */
struct fields_64 {
    __m512i lower, upper;
};

ALWAYS_INLINE struct fields_64 load_fields(const int16_t *fields) {
    return (struct fields_64){_mm512_loadu_si512(fields), _mm512_loadu_si512(fields + HOPFIELD_TILE / 2)};
}

ALWAYS_INLINE uint64_t negative_bits(struct fields_64 fields) {
    return _cvtmask64_u64(
        _mm512_kunpackd(_mm512_movepi16_mask(fields.upper), _mm512_movepi16_mask(fields.lower)));
}

ALWAYS_INLINE struct fields_64 add_entries(struct fields_64 fields, const int parity, int32_t sign,
                                           const int8_t *row) {
    const __m512i even = _mm512_set1_epi16(2), odd = _mm512_set1_epi16(2 << 8), one = _mm512_set1_epi16(1);
    __m512i entries = _mm512_loadu_si512(row);
    __m512i lower = _mm512_maddubs_epi16(even, entries), upper = _mm512_maddubs_epi16(odd, entries);
    if (parity) lower = _mm512_add_epi16(lower, one);
    if (parity) upper = _mm512_add_epi16(upper, one);
    if (sign > 0)
        return (struct fields_64){_mm512_add_epi16(fields.lower, lower),
                                  _mm512_add_epi16(fields.upper, upper)};
    return (struct fields_64){_mm512_sub_epi16(fields.lower, lower), _mm512_sub_epi16(fields.upper, upper)};
}

/* Neurons whose field changed sign, and the first flip that did it to each. */
static size_t list_changed(uint64_t changed, const struct hopfield_flips *flips, size_t tile,
                           const int16_t *fields, struct hopfield_unstable *list) {
    size_t count = 0;
    for (; changed; changed &= changed - 1) {
        size_t neuron = tile * HOPFIELD_TILE + (size_t)__builtin_ctzll(changed), f = 0;
        size_t place = hopfield_place(neuron);
        int32_t before = fields[neuron], field = before;
        for (;; f++) {
            field += flips->signs[f] * (2 * flips->rows[f][place] + flips->parity);
            if ((field < 0) != (before < 0)) break;
        }
        list[count++] = (struct hopfield_unstable){(uint32_t)neuron, (uint32_t)f};
    }
    return count;
}

/* All flips on one tile after the other, so that its fields stay in registers. A neuron is unstable once the
 * sign of its field is not that of before: differences gather, and the tile is looked at when there is one.
 */
ALWAYS_INLINE size_t flip_tiles(const size_t flips_count, const int parity,
                                const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                                int16_t *fields, struct hopfield_unstable *list) {
    enum { OR_OF_DIFFERENCE = 0xF6 }; /* a | (b ^ c) */
    const size_t tiles = spins->tiles;
    size_t count = 0;
    for (size_t tile = 0; tile < tiles; tile++) {
        const size_t first = tile * HOPFIELD_TILE;
        const struct fields_64 before = load_fields(fields + first);
        struct fields_64 now = before, differ = {_mm512_setzero_si512(), _mm512_setzero_si512()};
        VECTOR_UNROLL for (size_t f = 0; f < flips_count; f++) {
            fetch(flips, f, tile);
            now = add_entries(now, parity, flips->signs[f], flips->rows[f] + first);
            differ.lower = _mm512_ternarylogic_epi32(differ.lower, now.lower, before.lower, OR_OF_DIFFERENCE);
            differ.upper = _mm512_ternarylogic_epi32(differ.upper, now.upper, before.upper, OR_OF_DIFFERENCE);
        }
        uint64_t changed = negative_bits(differ) & spins->open[tile];
        if (__builtin_expect(changed != 0, 0))
            count += list_changed(changed, flips, tile, fields, list + count);
        _mm512_storeu_si512(fields + first, now.lower);
        _mm512_storeu_si512(fields + first + HOPFIELD_TILE / 2, now.upper);
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

size_t KERNEL(list_unstable_i16)(const struct hopfield_spins *spins, const int16_t *fields, uint32_t *list) {
    size_t count = 0;
    for (size_t tile = 0; tile < spins->tiles; tile++) {
        uint64_t negative = negative_bits(load_fields(fields + tile * HOPFIELD_TILE));
        uint64_t unstable = ~(negative ^ spins->up[tile]) & spins->open[tile];
        if (unstable) count += list_bits(unstable, tile * HOPFIELD_TILE, list + count);
    }
    return count;
}

#else

DEFINE_FIELD_LOOPS(int16_t, i16)

size_t KERNEL(flip_rows_i16)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                             int16_t *fields, struct hopfield_unstable *list) {
    return flip_loop_i16(spins, flips, fields, list);
}

size_t KERNEL(list_unstable_i16)(const struct hopfield_spins *spins, const int16_t *fields, uint32_t *list) {
    return list_loop_i16(spins, fields, list);
}

#endif

size_t KERNEL(flip_rows_i32)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                             int32_t *fields, struct hopfield_unstable *list) {
    return flip_loop_i32(spins, flips, fields, list);
}

size_t KERNEL(list_unstable_i32)(const struct hopfield_spins *spins, const int32_t *fields, uint32_t *list) {
    return list_loop_i32(spins, fields, list);
}

/* --- sums over fields ------------------------------------------------------------------------------- */

int64_t KERNEL(aligned_sum_i16)(size_t tiles, const uint64_t *spins, const int16_t *fields) {
    int64_t sum = 0;
    for (size_t tile = 0; tile < tiles; tile++, fields += HOPFIELD_TILE) {
        int32_t all = 0, up = 0;
#if defined(__AVX512BW__)
        const __m512i ones = _mm512_set1_epi16(1);
        __m512i lower = _mm512_loadu_si512(fields), upper = _mm512_loadu_si512(fields + 32);
        __m512i lower_up = _mm512_maskz_mov_epi16((__mmask32)spins[tile], lower);
        __m512i upper_up = _mm512_maskz_mov_epi16((__mmask32)(spins[tile] >> 32), upper);
        all = _mm512_reduce_add_epi32(
            _mm512_add_epi32(_mm512_madd_epi16(lower, ones), _mm512_madd_epi16(upper, ones)));
        up = _mm512_reduce_add_epi32(
            _mm512_add_epi32(_mm512_madd_epi16(lower_up, ones), _mm512_madd_epi16(upper_up, ones)));
#else
        for (size_t i = 0; i < HOPFIELD_TILE; i++) {
            all += fields[i];
            up += fields[i] & -(int32_t)(spins[tile] >> i & 1);
        }
#endif
        sum += 2 * (int64_t)up - all;
    }
    return sum;
}

/* --- first fields from overlaps, for all lanes at once --------------------------------------------- */

/* Unsigned, so that sums of trials that were given up may wrap. */
typedef int16_t trial_lanes __attribute__((vector_size(2 * HOPFIELD_LANES), may_alias));
typedef uint16_t trial_sums __attribute__((vector_size(2 * HOPFIELD_LANES), may_alias));

void KERNEL(add_group_sums)(size_t count, const uint64_t *words, const int16_t *tables, int16_t *sums,
                            int16_t *largest) {
    const trial_sums *table = (const trial_sums *)tables;
    trial_sums *sum = (trial_sums *)sums;
    trial_lanes most = *(const trial_lanes *)largest;
    for (size_t i = 0; i < count; i++) {
        trial_sums total = sum[i];
        uint64_t word = words[i];
        for (size_t group = 0; group < HOPFIELD_WORD_GROUPS; group++, word >>= HOPFIELD_GROUP_BITS)
            total += table[group * HOPFIELD_GROUP_VALUES + (word & (HOPFIELD_GROUP_VALUES - 1))];
        sum[i] = total;
        trial_sums below = (trial_sums)((trial_lanes)total < 0);
        trial_lanes size = (trial_lanes)((total ^ below) - below), grown = size > most;
        most = (size & grown) | (most & ~grown);
    }
    *(trial_lanes *)largest = most;
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
    for (size_t t = 0; t < lanes; t++) {
        int16_t *out = fields + t * fields_stride;
#if defined(__AVX512BW__)
        for (size_t i = 0; i < HOPFIELD_TILE; i += 32) {
            __m512i constant = _mm512_mask_blend_epi16((__mmask32)(bits[t * bits_stride] >> i),
                                                       _mm512_set1_epi16(down[t]), _mm512_set1_epi16(up[t]));
            _mm512_storeu_si512(out + i, _mm512_add_epi16(_mm512_load_si512(&turned[t][i]), constant));
        }
#else
        uint64_t word = bits[t * bits_stride];
        for (size_t i = 0; i < HOPFIELD_TILE; i++)
            out[i] = (int16_t)(turned[t][i] + (word >> i & 1 ? up[t] : down[t]));
#endif
    }
}
