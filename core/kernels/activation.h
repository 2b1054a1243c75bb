/* exp, tanh and the logistic function of one vector of float32. Internal to this folder. */
#ifndef CORE_KERNELS_ACTIVATION_H
#define CORE_KERNELS_ACTIVATION_H

#include "core/kernels/vector.h"

/* 2^n for -126 <= n <= 127. */
VECTOR_INLINE vec_real power_of_two(vec_int n) {
    return (vec_real)((vec_uint)(n + 127) << 23);
}

/* x = n log(2) + r with |r| <= log(2) / 2, and e^r - 1 = r + r^2 q(r); q fitted for least largest relative
 * error of e^r, 3.1e-9. n log(2) is subtracted in two parts, of which the first is exact. */
struct exp_parts {
    vec_int n;
    vec_real r, r_minus; /* r + r^2 q(r) is r + r_minus */
};

VECTOR_INLINE struct exp_parts vec_exp_parts(vec_real x) {
    const float log2_of_e = 1.44269504F, log_2_high = 0x1.63p-1F, log_2_low = -2.12194440e-4F;
    vec_real shifted = x * log2_of_e + VECTOR_ROUND;
    vec_real n = shifted - VECTOR_ROUND;
    vec_real r = (x - n * log_2_high) - n * log_2_low;
    vec_real q = vec_set(0.0013814596F);
    q = q * r + 0.0083687175F;
    q = q * r + 0.04166839F;
    q = q * r + 0.16666521F;
    q = q * r + 0.49999994F;
    return (struct exp_parts){
        .n = (vec_int)((vec_uint)shifted - (vec_uint)vec_set(VECTOR_ROUND)), .r = r, .r_minus = (q * r) * r};
}

/* 2^n is applied in two factors so that the range of gradual underflow is rounded once. NaN passes through.
 */
VECTOR_INLINE vec_real vec_exp(vec_real x) {
    const struct exp_parts parts = vec_exp_parts(vec_min(vec_set(89.0F), vec_max(vec_set(-105.0F), x)));
    const vec_int half = parts.n >> 1;
    return (parts.r_minus + parts.r + 1.0F) * power_of_two(half) * power_of_two(parts.n - half);
}

/* tanh(x) = m / (m + 2) with m = e^2x - 1 = 2^n (e^r - 1) + (2^n - 1), which loses no digits near 0, where n
 * is 0. Beyond 10 it is 1 in float32. */
VECTOR_INLINE vec_real vec_tanh(vec_real x) {
    const vec_int sign_bit = (vec_int)vec_set(-0.0F);
    const vec_real magnitude = (vec_real)((vec_int)x & ~sign_bit);
    const struct exp_parts parts = vec_exp_parts(vec_min(vec_set(20.0F), magnitude + magnitude));
    const vec_real power = power_of_two(parts.n);
    const vec_real m = power * (parts.r_minus + parts.r) + (power - 1.0F);
    return (vec_real)((vec_int)(m / (m + 2.0F)) | ((vec_int)x & sign_bit));
}

/* Below -87 it is 0, off by 2e-38. */
VECTOR_INLINE vec_real vec_sigmoid(vec_real x) {
    const struct exp_parts parts = vec_exp_parts(vec_min(vec_set(87.0F), vec_max(vec_set(-87.0F), -x)));
    const vec_real power = (parts.r_minus + parts.r + 1.0F) * power_of_two(parts.n);
    return (vec_real)((vec_int)(1.0F / (1.0F + power)) & ~(x < -87.0F));
}

#endif
