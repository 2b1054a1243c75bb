/* The widest vectors of the instruction set and of the precision (real.h) this source is compiled for, as
 * compiler vector types, and the few operations on them that C lacks. Internal to this folder. */
#ifndef CORE_KERNELS_VECTOR_H
#define CORE_KERNELS_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/kernels/real.h"

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

/* A macro, since which shuffles there are depends on it. */
#define VECTOR_LANES (VECTOR_BYTES * 8 / REAL_BITS)

/* 32 registers, else 16. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define VECTOR_MANY_REGISTERS 1
#else
#define VECTOR_MANY_REGISTERS 0
#endif

#define VECTOR_INLINE static inline __attribute__((always_inline))

/* Arrays of vectors must become registers: loops over them are unrolled whole. */
#if defined(__clang__)
#define VECTOR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define VECTOR_UNROLL _Pragma("GCC unroll 16")
#endif

/* Integer sums stay in the order in which they are written: GCC would add terms to each other first, and run
 * out of registers for them. Without effect where there are no registers of that kind. */
#if defined(__AVX2__)
#define VECTOR_IN_ORDER(sum) __asm__("" : "+v"(sum))
#else
#define VECTOR_IN_ORDER(sum) (void)0
#endif

/* may_alias: they are read from and written to plain arrays. */
typedef real vec_real __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef real_int vec_int __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef real_uint vec_uint __attribute__((vector_size(VECTOR_BYTES), may_alias));

VECTOR_INLINE vec_real vec_set(real value) {
    return value - (vec_real){0};
}

VECTOR_INLINE vec_real vec_load(const real *from) {
    vec_real v;
    memcpy(&v, from, sizeof v);
    return v;
}

VECTOR_INLINE void vec_store(real *to, vec_real v) {
    memcpy(to, &v, sizeof v);
}

/* where ? yes : no, lane by lane; `where` is the result of a comparison. */
VECTOR_INLINE vec_real vec_select(vec_int where, vec_real yes, vec_real no) {
    return (vec_real)(((vec_int)yes & where) | ((vec_int)no & ~where));
}

/* The x86 instruction of that name for the vectors in use: maximum and minimum are single instructions which
 * vector types cannot say. */
#if defined(__AVX512F__) && REAL_BITS == 64
#define VECTOR_X86(name) _mm512_##name##_pd
typedef __m512d vec_x86;
#elif defined(__AVX512F__)
#define VECTOR_X86(name) _mm512_##name##_ps
typedef __m512 vec_x86;
#elif defined(__AVX2__) && REAL_BITS == 64
#define VECTOR_X86(name) _mm256_##name##_pd
typedef __m256d vec_x86;
#elif defined(__AVX2__)
#define VECTOR_X86(name) _mm256_##name##_ps
typedef __m256 vec_x86;
#elif defined(__x86_64__) && REAL_BITS == 64
#define VECTOR_X86(name) _mm_##name##_pd
typedef __m128d vec_x86;
#elif defined(__x86_64__)
#define VECTOR_X86(name) _mm_##name##_ps
typedef __m128 vec_x86;
#endif

/* The larger and the smaller; b where either is not a number. */
VECTOR_INLINE vec_real vec_max(vec_real a, vec_real b) {
#if defined(VECTOR_X86)
    return (vec_real)VECTOR_X86(max)((vec_x86)a, (vec_x86)b);
#else
    return vec_select(a > b, a, b);
#endif
}

VECTOR_INLINE vec_real vec_min(vec_real a, vec_real b) {
#if defined(VECTOR_X86)
    return (vec_real)VECTOR_X86(min)((vec_x86)a, (vec_x86)b);
#else
    return vec_select(a < b, a, b);
#endif
}

VECTOR_INLINE real vec_largest_lane(vec_real v) {
#if defined(__AVX512F__)
    return VECTOR_X86(reduce_max)((vec_x86)v);
#else
    real largest = v[0];
    VECTOR_UNROLL
    for (int lane = 1; lane < VECTOR_LANES; lane++)
        largest = v[lane] > largest ? v[lane] : largest;
    return largest;
#endif
}

/* a0 b0 a1 b1 ... of the lower halves of two vectors, and of the upper ones. */
#if VECTOR_LANES == 16
#define VECTOR_INTERLEAVE_LOW(a, b)                                                                          \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define VECTOR_INTERLEAVE_HIGH(a, b)                                                                         \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VECTOR_LANES == 8
#define VECTOR_INTERLEAVE_LOW(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define VECTOR_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif VECTOR_LANES == 4
#define VECTOR_INTERLEAVE_LOW(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define VECTOR_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define VECTOR_INTERLEAVE_LOW(a, b)  __builtin_shufflevector(a, b, 0, 2)
#define VECTOR_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif

/* Transposes a square. Each step interleaves rows i and i + half; as many steps as a lane's number has bits
 * rotate those bits from row to column. */
VECTOR_INLINE void vec_transpose(vec_real square[VECTOR_LANES]) {
    VECTOR_UNROLL
    for (int step = 1; step < VECTOR_LANES; step *= 2) {
        vec_real before[VECTOR_LANES];
        VECTOR_UNROLL
        for (int i = 0; i < VECTOR_LANES; i++)
            before[i] = square[i];
        VECTOR_UNROLL
        for (int i = 0; i < VECTOR_LANES / 2; i++) {
            square[2 * i] = VECTOR_INTERLEAVE_LOW(before[i], before[i + VECTOR_LANES / 2]);
            square[2 * i + 1] = VECTOR_INTERLEAVE_HIGH(before[i], before[i + VECTOR_LANES / 2]);
        }
    }
}

/* Lane i of the result is the sum of the lanes of rows[i]: the transposition, with both halves added. */
VECTOR_INLINE vec_real vec_sum_each(vec_real rows[VECTOR_LANES]) {
    VECTOR_UNROLL
    for (int half = VECTOR_LANES / 2; half > 0; half /= 2) {
        VECTOR_UNROLL
        for (int i = 0; i < half; i++)
            rows[i] = VECTOR_INTERLEAVE_LOW(rows[i], rows[i + half]) +
                      VECTOR_INTERLEAVE_HIGH(rows[i], rows[i + half]);
    }
    return rows[0];
}

#if REAL_BITS == 64

/* Adding this and taking it away again rounds to the nearest integer, which stays in the low bits between. */
static const double VECTOR_ROUND = 0x1.8p52;

enum { VECTOR_MANTISSA_BITS = 52, VECTOR_SMALLEST_POWER = -1022, VECTOR_EXP2_DEGREE = 11 };

/* 2^f on [-1/2, 1/2] from the highest power down, fitted for least largest relative error with 2^0 = 1 exact:
 * 4e-17. */
static const double VECTOR_EXP2[VECTOR_EXP2_DEGREE + 1] = {
    0x1.e729e73834a78p-32, 0x1.e61bc8c752284p-28, 0x1.b526d06f03cc6p-24, 0x1.62bfc74e00e60p-20,
    0x1.ffcbfb7be98cep-17, 0x1.4309130efd703p-13, 0x1.5d87fe78d8b25p-10, 0x1.3b2ab6fba003cp-7,
    0x1.c6b08d7049f9ap-5,  0x1.ebfbdff82c5a5p-3,  0x1.62e42fefa39efp-1,  1.0};

#else

static const float VECTOR_ROUND = 0x1.8p23F;

enum { VECTOR_MANTISSA_BITS = 23, VECTOR_SMALLEST_POWER = -126, VECTOR_EXP2_DEGREE = 5 };

/* The same for float32: 9.2e-8. */
static const float VECTOR_EXP2[VECTOR_EXP2_DEGREE + 1] = {0.0013264642F, 0.009671576F, 0.055507347F,
                                                          0.24022241F,   0.693147F,    1.0F};

#endif

/* 2^x for x <= 0; below the smallest normal power some value from 0 to it. Relative error below 1.5e-7 in
 * float32, 4e-16 in float64. */
VECTOR_INLINE vec_real vec_exp2_nonpositive(vec_real x) {
    x = vec_max(vec_set((real)VECTOR_SMALLEST_POWER), x);
    vec_real shifted = x + VECTOR_ROUND;
    vec_real f = x - (shifted - VECTOR_ROUND);
    vec_real p = vec_set(VECTOR_EXP2[0]);
    VECTOR_UNROLL
    for (int k = 1; k <= VECTOR_EXP2_DEGREE; k++)
        p = p * f + VECTOR_EXP2[k];
    return (vec_real)((vec_uint)p + ((vec_uint)shifted << VECTOR_MANTISSA_BITS));
}

#endif
