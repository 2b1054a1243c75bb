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

static inline uint64_t unstable_of(const struct hopfield_spins *state, size_t tile, uint64_t below,
                                   uint64_t above) {
    return (state->up[tile] & below) | (state->down[tile] & above);
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

/* The loops for one type of fields: `both` and its half are what one field gets for each unit of a row. */
#define DEFINE_FIELD_LOOPS(field, suffix)                                                                    \
    static inline uint64_t unstable_##suffix(const struct hopfield_spins *state, size_t tile,                \
                                             const field *fields) {                                          \
        uint8_t below[HOPFIELD_TILE], above[HOPFIELD_TILE];                                                  \
        field low = (field)state->low, high = (field)state->high;                                            \
        for (size_t i = 0; i < HOPFIELD_TILE; i++) {                                                         \
            below[i] = fields[i] < low;                                                                      \
            above[i] = fields[i] > high;                                                                     \
        }                                                                                                    \
        return unstable_of(state, tile, bits_of_bytes(below), bits_of_bytes(above));                         \
    }                                                                                                        \
    static inline size_t flip_loop_##suffix(const struct hopfield_spins *state, field factor,                \
                                            const int8_t *row, const int8_t *next_row, field *fields,        \
                                            uint32_t *list) {                                                \
        size_t count = 0;                                                                                    \
        for (size_t tile = 0; tile < state->tiles; tile++) {                                                 \
            size_t first = tile * HOPFIELD_TILE;                                                             \
            __builtin_prefetch(next_row + first);                                                            \
            for (size_t i = first; i < first + HOPFIELD_TILE; i++)                                           \
                fields[i] = (field)(fields[i] + (field)(factor * row[i]));                                   \
            uint64_t bits = unstable_##suffix(state, tile, fields + first);                                  \
            if (bits) count += list_bits(bits, first, list + count);                                         \
        }                                                                                                    \
        return count;                                                                                        \
    }                                                                                                        \
    static inline size_t list_loop_##suffix(const struct hopfield_spins *state, const field *fields,         \
                                            uint32_t *list) {                                                \
        size_t count = 0;                                                                                    \
        for (size_t tile = 0; tile < state->tiles; tile++)                                                   \
            count += list_bits(unstable_##suffix(state, tile, fields + tile * HOPFIELD_TILE),                \
                               tile * HOPFIELD_TILE, list + count);                                          \
        return count;                                                                                        \
    }

DEFINE_FIELD_LOOPS(int32_t, i32)

#if defined(__AVX512BW__)

/* Unstable neurons of a tile as two masks. Bits are loaded as masks: what the processor does with masks is
 * slower than loading them. */
struct masks {
    __mmask32 lower, upper;
};

static inline __attribute__((always_inline)) struct masks compare_i16(__m512i lower, __m512i upper,
                                                                      __m512i low, __m512i high,
                                                                      const uint32_t *up,
                                                                      const uint32_t *down) {
    return (struct masks){
        _kor_mask32(_mm512_mask_cmplt_epi16_mask(_load_mask32((__mmask32 *)up), lower, low),
                    _mm512_mask_cmpgt_epi16_mask(_load_mask32((__mmask32 *)down), lower, high)),
        _kor_mask32(_mm512_mask_cmplt_epi16_mask(_load_mask32((__mmask32 *)(up + 1)), upper, low),
                    _mm512_mask_cmpgt_epi16_mask(_load_mask32((__mmask32 *)(down + 1)), upper, high)),
    };
}

static inline size_t list_masks(struct masks unstable, size_t first, uint32_t *list) {
    return list_bits((uint64_t)_cvtmask32_u32(unstable.upper) << 32 | _cvtmask32_u32(unstable.lower), first,
                     list);
}

/* Twice the entries of a row to or from the fields; what becomes unstable is seen while it is in registers.
 */
static inline __attribute__((always_inline)) size_t flip_vectors(const struct hopfield_spins *state,
                                                                 const int sign, const int8_t *row,
                                                                 const int8_t *next_row, int16_t *fields,
                                                                 uint32_t *list) {
    const __m512i low = _mm512_set1_epi16((short)state->low), high = _mm512_set1_epi16((short)state->high);
    const uint32_t *up = (const uint32_t *)state->up, *down = (const uint32_t *)state->down;
    const size_t tiles = state->tiles;
    size_t count = 0;
    for (size_t tile = 0; tile < tiles; tile++) {
        size_t first = tile * HOPFIELD_TILE;
        _mm_prefetch((const char *)(next_row + first), _MM_HINT_T0);
        __m512i a = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(row + first)));
        __m512i b = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(row + first + 32)));
        __m512i lower = _mm512_loadu_si512(fields + first), upper = _mm512_loadu_si512(fields + first + 32);
        a = _mm512_add_epi16(a, a);
        b = _mm512_add_epi16(b, b);
        lower = sign > 0 ? _mm512_add_epi16(lower, a) : _mm512_sub_epi16(lower, a);
        upper = sign > 0 ? _mm512_add_epi16(upper, b) : _mm512_sub_epi16(upper, b);
        _mm512_storeu_si512(fields + first, lower);
        _mm512_storeu_si512(fields + first + 32, upper);
        struct masks unstable = compare_i16(lower, upper, low, high, up + 2 * tile, down + 2 * tile);
        if (__builtin_expect(!_kortestz_mask32_u8(unstable.lower, unstable.upper), 0))
            count += list_masks(unstable, first, list + count);
    }
    return count;
}

size_t KERNEL(flip_row_i16)(const struct hopfield_spins *state, int32_t sign, const int8_t *row,
                            const int8_t *next_row, int16_t *fields, uint32_t *list) {
    return sign > 0 ? flip_vectors(state, 1, row, next_row, fields, list)
                    : flip_vectors(state, -1, row, next_row, fields, list);
}

size_t KERNEL(list_unstable_i16)(const struct hopfield_spins *state, const int16_t *fields, uint32_t *list) {
    const __m512i low = _mm512_set1_epi16((short)state->low), high = _mm512_set1_epi16((short)state->high);
    const uint32_t *up = (const uint32_t *)state->up, *down = (const uint32_t *)state->down;
    size_t count = 0;
    for (size_t tile = 0; tile < state->tiles; tile++) {
        const int16_t *here = fields + tile * HOPFIELD_TILE;
        struct masks unstable = compare_i16(_mm512_loadu_si512(here), _mm512_loadu_si512(here + 32), low,
                                            high, up + 2 * tile, down + 2 * tile);
        if (!_kortestz_mask32_u8(unstable.lower, unstable.upper))
            count += list_masks(unstable, tile * HOPFIELD_TILE, list + count);
    }
    return count;
}

#else

DEFINE_FIELD_LOOPS(int16_t, i16)

size_t KERNEL(flip_row_i16)(const struct hopfield_spins *state, int32_t sign, const int8_t *row,
                            const int8_t *next_row, int16_t *fields, uint32_t *list) {
    return flip_loop_i16(state, (int16_t)(2 * sign), row, next_row, fields, list);
}

size_t KERNEL(list_unstable_i16)(const struct hopfield_spins *state, const int16_t *fields, uint32_t *list) {
    return list_loop_i16(state, fields, list);
}

#endif

size_t KERNEL(flip_row_i32)(const struct hopfield_spins *state, int32_t sign, const int8_t *row,
                            const int8_t *next_row, int32_t *fields, uint32_t *list) {
    return flip_loop_i32(state, 2 * sign, row, next_row, fields, list);
}

size_t KERNEL(list_unstable_i32)(const struct hopfield_spins *state, const int32_t *fields, uint32_t *list) {
    return list_loop_i32(state, fields, list);
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
                          const int16_t *common, int16_t self, int16_t *fields, size_t fields_stride) {
    _Alignas(64) int16_t turned[HOPFIELD_LANES][HOPFIELD_TILE];
    for (size_t i = 0; i < HOPFIELD_TILE; i += 8)
        for (size_t t = 0; t < HOPFIELD_LANES; t += 8)
            transpose_words(sums + i * HOPFIELD_LANES + t, &turned[t][i]);
    for (size_t t = 0; t < lanes; t++) {
        int16_t *out = fields + t * fields_stride, up = (int16_t)(common[t] - self);
        int16_t down = (int16_t)(common[t] + self);
#if defined(__AVX512BW__)
        for (size_t i = 0; i < HOPFIELD_TILE; i += 32) {
            __m512i constant = _mm512_mask_blend_epi16((__mmask32)(bits[t * bits_stride] >> i),
                                                       _mm512_set1_epi16(down), _mm512_set1_epi16(up));
            _mm512_storeu_si512(out + i, _mm512_add_epi16(_mm512_load_si512(&turned[t][i]), constant));
        }
#else
        uint64_t word = bits[t * bits_stride];
        for (size_t i = 0; i < HOPFIELD_TILE; i++)
            out[i] = (int16_t)(turned[t][i] + (word >> i & 1 ? up : down));
#endif
    }
}
