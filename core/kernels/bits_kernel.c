/* Bit patterns: spins as bits, distances between rows of bits, and the tiles of couplings made from them. All
 * are integers and exact. */
#include "core/kernels/isa.h"

#include <stdbool.h>
#include <string.h>

#include "core/kernels/hopfield_row.h"
#include "core/kernels/vector.h"

/* Without an instruction for it the compiler would call a function for each word, which cannot be vectorised.
 */
static inline uint64_t count_bits(uint64_t word) {
#if defined(__POPCNT__) || defined(__aarch64__)
    return (uint64_t)__builtin_popcountll(word);
#else
    word -= word >> 1 & 0x5555555555555555U;
    word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FU;
    return word * 0x0101010101010101U >> 56;
#endif
}

void KERNEL(hamming)(size_t words, const uint64_t *row, size_t count, const uint64_t *rows,
                     int32_t *distances) {
    for (size_t j = 0; j < count; j++) {
        const uint64_t *other = rows + j * words;
        uint64_t differing = 0;
        for (size_t w = 0; w < words; w++)
            differing += count_bits(row[w] ^ other[w]);
        distances[j] = (int32_t)differing;
    }
}

size_t KERNEL(count_ones)(size_t words, const uint64_t *bits) {
    size_t count = 0;
    for (size_t w = 0; w < words; w++)
        count += count_bits(bits[w]);
    return count;
}

/* --- spins as bits ---------------------------------------------------------------------------------- */

/* +1 and -1 differ in all bits above the lowest; the product gathers the lowest bits of eight bytes, byte b
 * to bit 56 + b. */
static inline uint64_t pack_eight(const int8_t *spins) {
    uint64_t bytes = 0;
    for (unsigned b = 0; b < 8; b++)
        bytes |= (uint64_t)(uint8_t)spins[b] << 8 * b;
    return (~(bytes >> 1) & 0x0101010101010101U) * 0x0102040810204080U >> 56;
}

void KERNEL(pack_spins)(size_t neurons, const int8_t *spins, uint64_t *bits) {
    for (size_t first = 0; first < neurons; first += 64) {
        size_t count = neurons - first < 64 ? neurons - first : 64, i = 0;
        uint64_t word = 0;
#if defined(__AVX512BW__)
        if (count == 64) word = ~(uint64_t)_mm512_movepi8_mask(_mm512_loadu_si512(spins + first)), i = 64;
#elif VECTOR_BYTES == 32
        for (; i + 32 <= count; i += 32)
            word |= (uint64_t) ~(uint32_t)_mm256_movemask_epi8(
                        _mm256_loadu_si256((const __m256i *)(spins + first + i)))
                    << i;
#endif
        for (; i + 8 <= count; i += 8)
            word |= pack_eight(spins + first + i) << i;
        for (; i < count; i++)
            word |= (uint64_t)(spins[first + i] > 0) << i;
        bits[first / 64] = word;
    }
}

/* Byte b keeps bit b of eight copies; adding 127 carries into the top bit where that is not 0. */
static inline void unpack_eight(uint64_t bits, int8_t *spins) {
    uint64_t chosen = (bits & 0xff) * 0x0101010101010101U & 0x8040201008040201U;
    uint64_t ones = (chosen + 0x7f7f7f7f7f7f7f7fU) >> 7 & 0x0101010101010101U;
    uint64_t bytes = ~(uint64_t)0 - ones * 0xfe;
    for (unsigned b = 0; b < 8; b++)
        spins[b] = (int8_t)(uint8_t)(bytes >> 8 * b);
}

void KERNEL(unpack_spins)(size_t neurons, const uint64_t *bits, int8_t *spins) {
    size_t i = 0;
#if defined(__AVX512BW__)
    for (; i + 64 <= neurons; i += 64)
        _mm512_storeu_si512(spins + i, _mm512_mask_blend_epi8((__mmask64)bits[i / 64], _mm512_set1_epi8(-1),
                                                              _mm512_set1_epi8(1)));
#endif
    for (; i + 8 <= neurons; i += 8)
        unpack_eight(bits[i / 64] >> i % 64, spins + i);
    for (; i < neurons; i++)
        spins[i] = bits[i / 64] >> i % 64 & 1 ? 1 : -1;
}

/* --- sixteen bytes ---------------------------------------------------------------------------------- */

typedef uint8_t bytes_16 __attribute__((vector_size(16), may_alias));

#if defined(__clang__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (bytes_16){__VA_ARGS__})
#endif

#define INTERLEAVE_LOW(a, b)  SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b) SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

/* --- distances between a few rows and a packed tile ------------------------------------------------- */

#if defined(__AVX512VPOPCNTDQ__)

/* Four rows against four vectors of eight: 16 sums, 4 vectors of the tile and the words of the rows stay in
 * registers. `count` <= 4 is a constant where this is inlined. */
static inline __attribute__((always_inline)) void distances_of_rows(size_t words, size_t count,
                                                                    const uint64_t *rows, size_t stride,
                                                                    const uint64_t *packed,
                                                                    int32_t *distances) {
    __m512i sums[4][4];
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < 4; v++)
            sums[r][v] = _mm512_setzero_si512();
    for (size_t w = 0; w < words; w++) {
        __m512i tile[4];
        for (size_t v = 0; v < 4; v++)
            tile[v] = _mm512_loadu_si512(packed + w * HOPFIELD_TILE + 8 * v);
        for (size_t r = 0; r < count; r++) {
            __m512i word = _mm512_set1_epi64((long long)rows[r * stride + w]);
            for (size_t v = 0; v < 4; v++)
                sums[r][v] =
                    _mm512_add_epi64(sums[r][v], _mm512_popcnt_epi64(_mm512_xor_si512(word, tile[v])));
        }
    }
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < 4; v++)
            _mm256_storeu_si256((__m256i *)(distances + r * HOPFIELD_TILE + 8 * v),
                                _mm512_cvtepi64_epi32(sums[r][v]));
}

void KERNEL(hamming_tile)(size_t words, size_t count, const uint64_t *rows, size_t stride,
                          const uint64_t *packed, int32_t *distances) {
    for (size_t half = 0; half < HOPFIELD_TILE; half += HOPFIELD_TILE / 2) {
        size_t r = 0;
        for (; r + 4 <= count; r += 4)
            distances_of_rows(words, 4, rows + r * stride, stride, packed + half,
                              distances + r * HOPFIELD_TILE + half);
        for (; r < count; r++)
            distances_of_rows(words, 1, rows + r * stride, stride, packed + half,
                              distances + r * HOPFIELD_TILE + half);
    }
}

#elif VECTOR_BYTES == 32

/* Of four bits a and four bits b, the number that differ is one of 16 bytes, which a names and b chooses: one
 * shuffle of bytes counts for 32 neurons of the tile at once. So the tile's words are spread, a plane for
 * each four bits. Bytes bear the sums of BYTES_HOLD words, 16 bits easily those of as many words as are
 * spread at a time, 15 KiB. */
enum { NIBBLES = 16, WORDS_AT_ONCE = 15, BYTES_HOLD = 3, ROWS_AT_ONCE = 4 };

struct nibbles {
    _Alignas(VECTOR_BYTES) uint8_t planes[NIBBLES][HOPFIELD_TILE];
};

/* One word of all rows of the tile. Interleaving vectors i and i + 4 moves the highest bit of a byte's number
 * to the lowest: four times over, and bytes of one place in their words stand side by side. */
static inline void spread_words(const uint64_t *packed, struct nibbles *spread) {
    for (size_t first = 0; first < HOPFIELD_TILE; first += 16) {
        bytes_16 rows[8], next[8];
        VECTOR_UNROLL for (size_t i = 0; i < 8; i++) rows[i] = *(const bytes_16 *)(packed + first + 2 * i);
        VECTOR_UNROLL for (unsigned round = 0; round < 4; round++) {
            VECTOR_UNROLL for (size_t i = 0; i < 4; i++) {
                next[2 * i] = INTERLEAVE_LOW(rows[i], rows[i + 4]);
                next[2 * i + 1] = INTERLEAVE_HIGH(rows[i], rows[i + 4]);
            }
            VECTOR_UNROLL for (size_t i = 0; i < 8; i++) rows[i] = next[i];
        }
        VECTOR_UNROLL for (size_t i = 0; i < 8; i++) {
            *(bytes_16 *)(spread->planes[2 * i] + first) = rows[i] & 15;
            *(bytes_16 *)(spread->planes[2 * i + 1] + first) = rows[i] >> 4 & 15;
        }
    }
}

/* differing[a] has for each b the number of bits in which they differ. */
static inline void fill_differing(__m128i differing[NIBBLES]) {
    const __m128i ones = _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m128i all = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int a = 0; a < NIBBLES; a++)
        differing[a] = _mm_shuffle_epi8(ones, _mm_xor_si128(all, _mm_set1_epi8((char)a)));
}

/* Sixteen times each four bits of a row's words: where in `differing` their byte stands. */
struct choices {
    uint8_t of_words[WORDS_AT_ONCE][NIBBLES];
};

static inline void spread_row(size_t words, const uint64_t *row, struct choices *choices) {
    for (size_t w = 0; w < words; w++) {
        const __m128i bytes = _mm_loadl_epi64((const __m128i *)(row + w)), upper = _mm_set1_epi8((char)0xF0);
        _mm_storeu_si128(
            (__m128i *)choices->of_words[w],
            _mm_unpacklo_epi8(_mm_and_si128(_mm_slli_epi16(bytes, 4), upper), _mm_and_si128(bytes, upper)));
    }
}

/* Counts of up to BYTES_HOLD words of a few rows, from `first` on, added to wider ones; `count` is a constant
 * where this is inlined. */
VECTOR_INLINE void count_words(size_t first, size_t end, const size_t count, const struct choices *choices,
                               const struct nibbles *tile, const __m128i *differing,
                               uint16_t counts[][HOPFIELD_TILE]) {
    union {
        __m256i vectors[2];
        uint8_t bytes[HOPFIELD_TILE];
    } sums[ROWS_AT_ONCE];
    VECTOR_UNROLL for (size_t r = 0; r < count; r++) sums[r].vectors[0] = sums[r].vectors[1] =
        _mm256_setzero_si256();
    for (size_t w = first; w < end; w++)
        for (size_t n = 0; n < NIBBLES; n += 2)
            VECTOR_UNROLL for (size_t half = n; half < n + 2; half++) {
                const __m256i lower = _mm256_load_si256((const __m256i *)tile[w].planes[half]);
                const __m256i upper = _mm256_load_si256((const __m256i *)tile[w].planes[half] + 1);
                VECTOR_UNROLL for (size_t r = 0; r < count; r++) {
                    const char *chosen = (const char *)differing + choices[r].of_words[w][half];
                    const __m256i table = _mm256_broadcastsi128_si256(*(const __m128i *)chosen);
                    sums[r].vectors[0] =
                        _mm256_add_epi8(sums[r].vectors[0], _mm256_shuffle_epi8(table, lower));
                    sums[r].vectors[1] =
                        _mm256_add_epi8(sums[r].vectors[1], _mm256_shuffle_epi8(table, upper));
                }
            }
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < HOPFIELD_TILE; i++)
            counts[r][i] = (uint16_t)(counts[r][i] + sums[r].bytes[i]);
}

/* distances = or += those of up to WORDS_AT_ONCE words. */
VECTOR_INLINE void distances_of_rows(size_t words, const size_t count, const uint64_t *rows, size_t stride,
                                     const struct nibbles *tile, const __m128i *differing, bool add,
                                     int32_t *distances) {
    struct choices choices[ROWS_AT_ONCE];
    uint16_t counts[ROWS_AT_ONCE][HOPFIELD_TILE] = {{0}};
    for (size_t r = 0; r < count; r++)
        spread_row(words, rows + r * stride, &choices[r]);
    for (size_t first = 0; first < words; first += BYTES_HOLD)
        count_words(first, words - first < BYTES_HOLD ? words : first + BYTES_HOLD, count, choices, tile,
                    differing, counts);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < HOPFIELD_TILE; i++)
            distances[r * HOPFIELD_TILE + i] = counts[r][i] + (add ? distances[r * HOPFIELD_TILE + i] : 0);
}

void KERNEL(hamming_tile)(size_t words, size_t count, const uint64_t *rows, size_t stride,
                          const uint64_t *packed, int32_t *distances) {
    struct nibbles tile[WORDS_AT_ONCE];
    __m128i differing[NIBBLES];
    fill_differing(differing);
    for (size_t first = 0; first < words; first += WORDS_AT_ONCE) {
        const size_t here = words - first < WORDS_AT_ONCE ? words - first : WORDS_AT_ONCE;
        for (size_t w = 0; w < here; w++)
            spread_words(packed + (first + w) * HOPFIELD_TILE, &tile[w]);
        size_t r = 0;
        for (; r + ROWS_AT_ONCE <= count; r += ROWS_AT_ONCE)
            distances_of_rows(here, ROWS_AT_ONCE, rows + r * stride + first, stride, tile, differing,
                              first > 0, distances + r * HOPFIELD_TILE);
        for (; r < count; r++)
            distances_of_rows(here, 1, rows + r * stride + first, stride, tile, differing, first > 0,
                              distances + r * HOPFIELD_TILE);
    }
}

#else

/* Bits are counted in bytes, all lanes alike, by additions that any instruction set has; the sums of bytes
 * hold 31 words before they must be widened. */
typedef uint64_t bit_lanes __attribute__((vector_size(VECTOR_BYTES), may_alias));

enum { BIT_LANES = VECTOR_BYTES / 8, BYTES_HOLD = 31 };

static inline bit_lanes count_in_bytes(bit_lanes word) {
    word -= word >> 1 & 0x5555555555555555U;
    word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
    return (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FU;
}

static inline bit_lanes widen_bytes(bit_lanes bytes) {
    bytes = (bytes & 0x00FF00FF00FF00FFU) + (bytes >> 8 & 0x00FF00FF00FF00FFU);
    bytes += bytes >> 16;
    return (bytes + (bytes >> 32)) & 0xFFFF;
}

void KERNEL(hamming_tile)(size_t words, size_t count, const uint64_t *rows, size_t stride,
                          const uint64_t *packed, int32_t *distances) {
    for (size_t r = 0; r < count; r++)
        for (size_t lane = 0; lane < HOPFIELD_TILE; lane += BIT_LANES) {
            bit_lanes sum = {0};
            for (size_t first = 0; first < words; first += BYTES_HOLD) {
                size_t last = words - first < BYTES_HOLD ? words : first + BYTES_HOLD;
                bit_lanes bytes = {0};
                for (size_t w = first; w < last; w++)
                    bytes += count_in_bytes(*(const bit_lanes *)(packed + w * HOPFIELD_TILE + lane) ^
                                            rows[r * stride + w]);
                sum += widen_bytes(bytes);
            }
            for (size_t v = 0; v < BIT_LANES; v++)
                distances[r * HOPFIELD_TILE + lane + v] = (int32_t)sum[v];
        }
}

#endif

/* --- tiles of couplings ----------------------------------------------------------------------------- */

/* Transposes 16 x 16 bytes: interleaving rows i and i + 8 four times over moves the bits of the row into
 * those of the column. */
static inline void transpose_bytes(const int8_t *from, int8_t *to) {
    bytes_16 rows[16], next[16];
    VECTOR_UNROLL for (size_t i = 0; i < 16; i++) rows[i] = *(const bytes_16 *)(from + i * HOPFIELD_TILE);
    VECTOR_UNROLL for (unsigned round = 0; round < 4; round++) {
        VECTOR_UNROLL for (size_t i = 0; i < 8; i++) {
            next[2 * i] = INTERLEAVE_LOW(rows[i], rows[i + 8]);
            next[2 * i + 1] = INTERLEAVE_HIGH(rows[i], rows[i + 8]);
        }
        VECTOR_UNROLL for (size_t i = 0; i < 16; i++) rows[i] = next[i];
    }
    VECTOR_UNROLL for (size_t i = 0; i < 16; i++) * (bytes_16 *)(to + i * HOPFIELD_TILE) = rows[i];
}

/* The rows of a tile as flips read them. */
static inline void place_rows(const int8_t *tile, int8_t *rows) {
    for (size_t row = 0; row < HOPFIELD_TILE; row++, tile += HOPFIELD_TILE, rows += HOPFIELD_TILE)
        for (size_t i = 0; i < HOPFIELD_TILE / 2; i++) {
            rows[2 * i] = tile[i];
            rows[2 * i + 1] = tile[i + HOPFIELD_TILE / 2];
        }
}

void KERNEL(halve_tile)(int32_t middle, const int32_t *distances, int8_t *tile, int8_t *mirror,
                        int32_t *lowest, int32_t *highest) {
    _Alignas(VECTOR_BYTES) int8_t halves[HOPFIELD_TILE * HOPFIELD_TILE],
        turned[HOPFIELD_TILE * HOPFIELD_TILE];
    int32_t low = 0, high = 0;
    for (size_t n = 0; n < HOPFIELD_TILE * HOPFIELD_TILE; n++) {
        int32_t half = middle - distances[n];
        low = half < low ? half : low;
        high = half > high ? half : high;
        half = half > INT8_MAX ? INT8_MAX : half;
        halves[n] = (int8_t)(half < -INT8_MAX ? -INT8_MAX : half);
    }
    for (size_t i = 0; i < HOPFIELD_TILE; i += 16)
        for (size_t j = 0; j < HOPFIELD_TILE; j += 16)
            transpose_bytes(halves + i * HOPFIELD_TILE + j, turned + j * HOPFIELD_TILE + i);
    place_rows(halves, tile);
    place_rows(turned, mirror);
    *lowest = low;
    *highest = high;
}
