/* The widest vectors of the instruction set this source is compiled for, as compiler vector types, and the
 * few operations on them that C lacks. Internal to this folder. */
#ifndef CORE_KERNELS_VECTOR_H
#define CORE_KERNELS_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { VECTOR_LANES = 16 };
#elif defined(__AVX2__)
enum { VECTOR_LANES = 8 };
#else
enum { VECTOR_LANES = 4 };
#endif

/* 32 registers, else 16. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define VECTOR_MANY_REGISTERS 1
#else
#define VECTOR_MANY_REGISTERS 0
#endif

#define VECTOR_BYTES  (VECTOR_LANES * 4)
#define VECTOR_INLINE static inline __attribute__((always_inline))

/* Arrays of vectors must become registers: loops over them are unrolled whole. */
#if defined(__clang__)
#define VECTOR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define VECTOR_UNROLL _Pragma("GCC unroll 16")
#endif

/* may_alias: they are read from and written to plain arrays. */
typedef float vec_f32 __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef int32_t vec_i32 __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef uint32_t vec_u32 __attribute__((vector_size(VECTOR_BYTES), may_alias));

VECTOR_INLINE vec_f32 vec_set(float value) {
    return value - (vec_f32){0};
}

VECTOR_INLINE vec_f32 vec_load(const float *from) {
    vec_f32 v;
    memcpy(&v, from, sizeof v);
    return v;
}

VECTOR_INLINE void vec_store(float *to, vec_f32 v) {
    memcpy(to, &v, sizeof v);
}

/* where ? yes : no, lane by lane; `where` is the result of a comparison. */
VECTOR_INLINE vec_f32 vec_select(vec_i32 where, vec_f32 yes, vec_f32 no) {
    return (vec_f32)(((vec_i32)yes & where) | ((vec_i32)no & ~where));
}

/* The larger and the smaller; b where either is not a number. */
VECTOR_INLINE vec_f32 vec_max(vec_f32 a, vec_f32 b) {
#if defined(__AVX512F__)
    return (vec_f32)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec_f32)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
    return (vec_f32)_mm_max_ps((__m128)a, (__m128)b);
#else
    return vec_select(a > b, a, b);
#endif
}

VECTOR_INLINE vec_f32 vec_min(vec_f32 a, vec_f32 b) {
#if defined(__AVX512F__)
    return (vec_f32)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec_f32)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
    return (vec_f32)_mm_min_ps((__m128)a, (__m128)b);
#else
    return vec_select(a < b, a, b);
#endif
}

/* Adding this and taking it away again rounds to the nearest integer, which stays in the low bits between. */
static const float VECTOR_ROUND = 0x1.8p23F;

/* 2^x for x <= 0; below -126 some value from 0 to 2^-126. Relative error below 1.5e-7: the polynomial's is
 * 9.2e-8 on [-1/2, 1/2], fitted for least largest relative error with 2^0 = 1 exact. */
VECTOR_INLINE vec_f32 vec_exp2_nonpositive(vec_f32 x) {
    x = vec_max(vec_set(-126.0F), x);
    vec_f32 shifted = x + VECTOR_ROUND;
    vec_f32 f = x - (shifted - VECTOR_ROUND);
    vec_f32 p = vec_set(0.0013264642F);
    p = p * f + 0.009671576F;
    p = p * f + 0.055507347F;
    p = p * f + 0.24022241F;
    p = p * f + 0.693147F;
    p = p * f + 1.0F;
    return (vec_f32)((vec_u32)p + ((vec_u32)shifted << 23));
}

#endif
