/* Sixteen 32-bit integers, and addition where bits are set: what kernels over all patterns are made of.
 * Internal to this folder. */
#ifndef CORE_KERNELS_LANES_H
#define CORE_KERNELS_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

enum { LANES = 16, WORD_BITS = 64, CHUNKS = WORD_BITS / LANES };

/* Wider than some instruction sets have: the compiler splits them. may_alias: they are read from plain
 * arrays. */
typedef int32_t lanes_i32 __attribute__((vector_size(4 * LANES), may_alias));
typedef uint32_t lanes_u32 __attribute__((vector_size(4 * LANES), may_alias));

static const lanes_u32 LANE_BIT = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                   1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};

/* Vectors go by pointer: by value they would have another calling convention per instruction set. */
static inline void lanes_load(lanes_u32 *to, const int32_t *from) {
    memcpy(to, from, sizeof *to);
}

/* The value where the lane's bit is set, else 0, added to the sum. */
static inline void lanes_add_where(lanes_u32 *sum, uint64_t bits, const lanes_u32 *value) {
#if defined(__AVX512F__)
    *sum = (lanes_u32)_mm512_mask_add_epi32((__m512i)*sum, (__mmask16)bits, (__m512i)*sum, (__m512i)*value);
#else
    lanes_u32 picked = LANE_BIT & (uint32_t)bits;
    *sum += *value & (lanes_u32)(picked == LANE_BIT);
#endif
}

/* The same with the bits of one chunk of a word. With AVX-512 they are fetched as the mask they are: shifted
 * out of the word, as the portable form has it, they cost 1.7 times as much. */
static inline void lanes_add_where_chunk(lanes_u32 *sum, const uint64_t *word, int chunk,
                                         const lanes_u32 *value) {
#if defined(__AVX512F__)
    uint16_t bits;
    memcpy(&bits, (const char *)word + (size_t)chunk * sizeof bits, sizeof bits);
    lanes_add_where(sum, bits, value);
#else
    lanes_add_where(sum, *word >> chunk * LANES, value);
#endif
}

/* The lanes as signed numbers, added up. */
static inline int64_t lanes_total(const lanes_u32 *sums) {
    int64_t sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += (int32_t)(*sums)[lane];
    return sum;
}

#endif
