/* 16-bit integers in the widest vectors of the instruction set this source is compiled for, a tile of 64 of
 * them, and what chooses lanes by bits. Internal to this folder. */
#ifndef CORE_KERNELS_WORDS_H
#define CORE_KERNELS_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/kernels/hopfield_row.h"
#include "core/kernels/vector.h"

/* Every word of 64 bits has a bit for each lane of WORD_CHUNKS vectors, as many as hold a tile. */
enum { WORD_LANES = VECTOR_BYTES / 2, WORD_CHUNKS = HOPFIELD_TILE / WORD_LANES };

typedef int16_t vec_words __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* The x86 instruction of that name on 16-bit lanes, and the type it works on. */
#if defined(__AVX512BW__)
#define WORDS_X86(name) _mm512_##name##_epi16
typedef __m512i words_x86;
#elif defined(__AVX2__)
#define WORDS_X86(name) _mm256_##name##_epi16
typedef __m256i words_x86;
#elif defined(__x86_64__)
#define WORDS_X86(name) _mm_##name##_epi16
typedef __m128i words_x86;
#endif

VECTOR_INLINE vec_words words_set(int16_t value) {
    return value - (vec_words){0};
}

VECTOR_INLINE vec_words words_load(const int16_t *from) {
    vec_words v;
    memcpy(&v, from, sizeof v);
    return v;
}

VECTOR_INLINE void words_store(int16_t *to, vec_words v) {
    memcpy(to, &v, sizeof v);
}

VECTOR_INLINE vec_words words_max(vec_words a, vec_words b) {
#if defined(WORDS_X86)
    return (vec_words)WORDS_X86(max)((words_x86)a, (words_x86)b);
#else
    const vec_words larger = a > b;
    return (a & larger) | (b & ~larger);
#endif
}

/* --- lanes chosen by bits --------------------------------------------------------------------------- */

#if defined(__AVX512BW__)

VECTOR_INLINE __mmask32 words_mask(const uint64_t *word, int chunk) {
    uint32_t bits;
    memcpy(&bits, (const char *)word + (size_t)chunk * sizeof bits, sizeof bits);
    return bits;
}

/* yes where the lane's bit of a chunk of the word is set, else no. */
VECTOR_INLINE vec_words words_choose(const uint64_t *word, int chunk, vec_words yes, vec_words no) {
    return (vec_words)_mm512_mask_blend_epi16(words_mask(word, chunk), (__m512i)no, (__m512i)yes);
}

/* sum + value where the bit is set, else sum. */
VECTOR_INLINE vec_words words_add_where(vec_words sum, const uint64_t *word, int chunk, vec_words value) {
    return (vec_words)_mm512_mask_add_epi16((__m512i)sum, words_mask(word, chunk), (__m512i)sum,
                                            (__m512i)value);
}

#else

/* All bits of a lane set where its bit is: as many bits as there are lanes are fetched by themselves, so that
 * they come from memory into every lane at once. */
VECTOR_INLINE vec_words words_mask(const uint64_t *word, int chunk) {
    static const uint16_t BITS[16] = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                      1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
#if defined(__AVX2__)
    uint16_t bits;
    memcpy(&bits, (const char *)word + (size_t)chunk * sizeof bits, sizeof bits);
#else
    uint16_t bits = (uint16_t)(*word >> chunk * WORD_LANES);
#endif
    vec_words own;
    memcpy(&own, BITS, sizeof own);
    return (vec_words)((words_set((int16_t)bits) & own) == own);
}

VECTOR_INLINE vec_words words_choose(const uint64_t *word, int chunk, vec_words yes, vec_words no) {
    return ((yes ^ no) & words_mask(word, chunk)) ^ no;
}

VECTOR_INLINE vec_words words_add_where(vec_words sum, const uint64_t *word, int chunk, vec_words value) {
    return sum + (value & words_mask(word, chunk));
}

#endif

#if VECTOR_BYTES == 32
/* Packing keeps the halves of vectors apart: so their quarters come back into order. */
enum { QUARTERS = 0xD8 };
#endif

/* Bit i: lane i of the tile is negative. */
VECTOR_INLINE uint64_t words_negative(const vec_words tile[WORD_CHUNKS]) {
#if defined(__AVX512BW__)
    return _cvtmask64_u64(
        _mm512_kunpackd(_mm512_movepi16_mask((__m512i)tile[1]), _mm512_movepi16_mask((__m512i)tile[0])));
#elif defined(__AVX2__)
    const __m256i lower = _mm256_packs_epi16((__m256i)tile[0], (__m256i)tile[1]);
    const __m256i upper = _mm256_packs_epi16((__m256i)tile[2], (__m256i)tile[3]);
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(lower, QUARTERS)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(upper, QUARTERS)) << 32;
#else
    uint64_t bits = 0;
    VECTOR_UNROLL for (int n = 0; n < WORD_CHUNKS; n += 2) {
#if defined(__x86_64__)
        const __m128i bytes = _mm_packs_epi16((__m128i)tile[n], (__m128i)tile[n + 1]);
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << n * WORD_LANES;
#else
        for (int i = 0; i < 2 * WORD_LANES; i++)
            bits |= (uint64_t)(tile[n + i / WORD_LANES][i % WORD_LANES] < 0) << (n * WORD_LANES + i);
#endif
    }
    return bits;
#endif
}

/* The bytes of a row as 2 b: those in even places, and those in odd ones. */
VECTOR_INLINE vec_words words_twice_even(vec_words row) {
#if defined(__AVX512BW__)
    return (vec_words)_mm512_maddubs_epi16(_mm512_set1_epi16(2), (__m512i)row);
#elif defined(__AVX2__)
    return (vec_words)_mm256_maddubs_epi16(_mm256_set1_epi16(2), (__m256i)row);
#else
    return row << 8 >> 7;
#endif
}

VECTOR_INLINE vec_words words_twice_odd(vec_words row) {
#if defined(__AVX512BW__)
    return (vec_words)_mm512_maddubs_epi16(_mm512_set1_epi16(2 << 8), (__m512i)row);
#elif defined(__AVX2__)
    return (vec_words)_mm256_maddubs_epi16(_mm256_set1_epi16(2 << 8), (__m256i)row);
#else
    return (row & (int16_t)0xFF00) >> 7;
#endif
}

/* a | (b ^ c): whose sign is set where a's is, or where those of b and c are not the same. */
VECTOR_INLINE vec_words words_or_difference(vec_words a, vec_words b, vec_words c) {
#if defined(__AVX512BW__)
    enum { OR_OF_DIFFERENCE = 0xF6 };
    return (vec_words)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, OR_OF_DIFFERENCE);
#else
    return a | (b ^ c);
#endif
}

/* --- 32-bit lanes ----------------------------------------------------------------------------------- */

typedef int32_t vec_pairs __attribute__((vector_size(VECTOR_BYTES), may_alias));

enum { PAIR_LANES = VECTOR_BYTES / 4 };

VECTOR_INLINE vec_pairs pairs_load(const int32_t *from) {
    vec_pairs v;
    memcpy(&v, from, sizeof v);
    return v;
}

VECTOR_INLINE void pairs_store(int32_t *to, vec_pairs v) {
    memcpy(to, &v, sizeof v);
}

/* The same values in 32 bits, those of the lower half of the lanes and of the upper one. */
VECTOR_INLINE void words_widen(vec_words v, vec_pairs wide[2]) {
#if defined(__AVX512BW__)
    wide[0] = (vec_pairs)_mm512_cvtepi16_epi32(_mm512_castsi512_si256((__m512i)v));
    wide[1] = (vec_pairs)_mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64((__m512i)v, 1));
#elif defined(__AVX2__)
    wide[0] = (vec_pairs)_mm256_cvtepi16_epi32(_mm256_castsi256_si128((__m256i)v));
    wide[1] = (vec_pairs)_mm256_cvtepi16_epi32(_mm256_extracti128_si256((__m256i)v, 1));
#elif defined(__x86_64__)
    wide[0] = (vec_pairs)_mm_unpacklo_epi16((__m128i)v, (__m128i)v) >> 16;
    wide[1] = (vec_pairs)_mm_unpackhi_epi16((__m128i)v, (__m128i)v) >> 16;
#else
    for (int i = 0; i < WORD_LANES; i++)
        wide[i / (WORD_LANES / 2)][i % (WORD_LANES / 2)] = v[i];
#endif
}

/* And back, signs at least: what does not fit becomes the nearest that does. */
VECTOR_INLINE vec_words words_narrow(const vec_pairs wide[2]) {
#if defined(__AVX512BW__)
    return (vec_words)_mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtsepi32_epi16((__m512i)wide[0])),
                                         _mm512_cvtsepi32_epi16((__m512i)wide[1]), 1);
#elif defined(__AVX2__)
    return (vec_words)_mm256_permute4x64_epi64(_mm256_packs_epi32((__m256i)wide[0], (__m256i)wide[1]),
                                               QUARTERS);
#elif defined(__x86_64__)
    return (vec_words)_mm_packs_epi32((__m128i)wide[0], (__m128i)wide[1]);
#else
    vec_words v;
    for (int i = 0; i < WORD_LANES; i++) {
        const int32_t value = wide[i / (WORD_LANES / 2)][i % (WORD_LANES / 2)];
        v[i] = (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
    }
    return v;
#endif
}

/* The sums of the products of neighbours. */
VECTOR_INLINE vec_pairs pairs_multiply(vec_words a, vec_words b) {
#if defined(__AVX512BW__)
    return (vec_pairs)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (vec_pairs)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
    return (vec_pairs)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    vec_pairs sums;
    for (int i = 0; i < WORD_LANES / 2; i++)
        sums[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
    return sums;
#endif
}

VECTOR_INLINE int64_t pairs_total(vec_pairs sums) {
    int64_t total = 0;
    for (int i = 0; i < WORD_LANES / 2; i++)
        total += sums[i];
    return total;
}

#endif
