/* 32-bit integers in the widest vectors of the instruction set this source is compiled for, and addition
 * where bits are set: what kernels over all patterns are made of. Internal to this folder. */
#ifndef CORE_KERNELS_LANES_H
#define CORE_KERNELS_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/kernels/vector.h"

/* A word of 64 bits has one for each lane of CHUNKS vectors. */
enum { LANES = VECTOR_BYTES / 4, WORD_BITS = 64, CHUNKS = WORD_BITS / LANES };

/* may_alias: they are read from plain arrays. */
typedef uint32_t lanes_u32 __attribute__((vector_size(VECTOR_BYTES), may_alias));

VECTOR_INLINE lanes_u32 lanes_set(uint32_t value) {
    return value - (lanes_u32){0};
}

VECTOR_INLINE lanes_u32 lanes_load(const int32_t *from) {
    lanes_u32 v;
    memcpy(&v, from, sizeof v);
    return v;
}

VECTOR_INLINE void lanes_store(int32_t *to, lanes_u32 v) {
    memcpy(to, &v, sizeof v);
}

/* The value where the lane's bit of a chunk of the word is set, else 0, added to the sum. The bits are
 * fetched as the mask they are, or 32 of them into every lane: shifted out of the word they cost 1.7 times as
 * much. */
#if defined(__AVX512F__)

VECTOR_INLINE lanes_u32 lanes_add_where(lanes_u32 sum, const uint64_t *word, int chunk, lanes_u32 value) {
    uint16_t bits;
    memcpy(&bits, (const char *)word + (size_t)chunk * sizeof bits, sizeof bits);
    return (lanes_u32)_mm512_mask_add_epi32((__m512i)sum, bits, (__m512i)sum, (__m512i)value);
}

#else

VECTOR_INLINE lanes_u32 lanes_add_where(lanes_u32 sum, const uint64_t *word, int chunk, lanes_u32 value) {
    static const uint32_t BITS[8] = {1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7};
    enum { HALF_CHUNKS = 32 / LANES };
    uint32_t half;
    lanes_u32 own;
    memcpy(&half, (const char *)word + (size_t)(chunk / HALF_CHUNKS) * sizeof half, sizeof half);
    memcpy(&own, BITS, sizeof own);
    own <<= chunk % HALF_CHUNKS * LANES;
    return sum + (value & (lanes_u32)((lanes_set(half) & own) == own));
}

#endif

/* The lanes as signed numbers, added up. */
VECTOR_INLINE int64_t lanes_total(lanes_u32 sums) {
    int64_t sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += (int32_t)sums[lane];
    return sum;
}

#endif
