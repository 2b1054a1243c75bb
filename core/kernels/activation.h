/* exp, tanh and the logistic function of one vector of float32. Internal to this folder. */
#ifndef CORE_KERNELS_ACTIVATION_H
#define CORE_KERNELS_ACTIVATION_H

#include "core/kernels/vector.h"

/* 2^n for -126 <= n <= 127. */
VECTOR_INLINE vec_real power_of_two(vec_int n) {
    return (vec_real)((vec_uint)(n + 127) << 23);
}

/* e^x = 2^n e^r with |r| <= log(2) / 2 and e^r = 1 + r + r^2 q(r); q fitted for least largest relative error
 * of e^r, 3.1e-9. n log(2) is subtracted in two parts, of which the first is exact. 2^n is applied in two
 * factors so that the range of gradual underflow is rounded once. NaN passes through. */
VECTOR_INLINE vec_real vec_exp(vec_real x) {
    const float log2_of_e = 1.44269504F, log_2_high = 0x1.63p-1F, log_2_low = -2.12194440e-4F;
    x = vec_min(vec_set(89.0F), vec_max(vec_set(-105.0F), x));
    vec_real shifted = x * log2_of_e + VECTOR_ROUND;
    vec_real n = shifted - VECTOR_ROUND;
    vec_real r = (x - n * log_2_high) - n * log_2_low;
    vec_real q = vec_set(0.0013814596F);
    q = q * r + 0.0083687175F;
    q = q * r + 0.04166839F;
    q = q * r + 0.16666521F;
    q = q * r + 0.49999994F;
    vec_real p = (q * r) * r + r + 1.0F;
    vec_int whole = (vec_int)((vec_uint)shifted - (vec_uint)vec_set(VECTOR_ROUND));
    vec_int half = whole >> 1;
    return p * power_of_two(half) * power_of_two(whole - half);
}

/* Below 0.625 an odd polynomial, x + x^3 p(x^2) of relative error 4.1e-9, since 1 - 2 / (e^2x + 1) would lose
 * all digits there. */
VECTOR_INLINE vec_real vec_tanh(vec_real x) {
    const vec_int sign_bit = (vec_int)vec_set(-0.0F);
    vec_real magnitude = (vec_real)((vec_int)x & ~sign_bit);
    vec_real square = x * x;
    vec_real p = vec_set(-0.005717037F);
    p = p * square + 0.020650579F;
    p = p * square - 0.053743497F;
    p = p * square + 0.13331491F;
    p = p * square - 0.33333284F;
    vec_real near = magnitude + magnitude * (square * p);
    vec_real far = 1.0F - 2.0F / (vec_exp(magnitude + magnitude) + 1.0F);
    vec_real result = vec_select(magnitude < 0.625F, near, far);
    return (vec_real)((vec_int)result | ((vec_int)x & sign_bit));
}

VECTOR_INLINE vec_real vec_sigmoid(vec_real x) {
    return 1.0F / (1.0F + vec_exp(-x));
}

#endif
