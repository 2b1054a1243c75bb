/* Additive scores: sum over d of v_d tanh(a_d + b_d). With e^2a and e^2b known for every query and every key,
 *
 *     tanh(a + b) = 1 - 2 / (1 + e^2a e^2b),
 *
 * so that no exponential is left for the pairs. Two terms share one division: v/p + w/q = (v q + w p) / (p
 * q). */
#include "core/kernels/isa.h"
#include "core/kernels/score.h"
#include "core/kernels/vector.h"

/* tanh is 1 beyond, in float32; so the product of two of these is finite. */
#define POWER_MAX 0x1p50F

enum { GROUP_VECTORS = SCORE_GROUP / VECTOR_LANES };

/* 1 + e^2a e^2b of one vector of keys. */
VECTOR_INLINE vec_real one_plus_power(float query, const float *keys) {
    return vec_min(vec_set(POWER_MAX), query * vec_load(keys) + 1.0F);
}

void KERNEL(score_additive)(size_t width, const float *query, const float *keys, const float *weights,
                            float sum, float *scores) {
    vec_real total[GROUP_VECTORS];
    VECTOR_UNROLL
    for (int i = 0; i < GROUP_VECTORS; i++)
        total[i] = vec_set(0);
    size_t d = 0;
    for (; d + 2 <= width; d += 2) {
        const float v = weights[d], w = weights[d + 1];
        VECTOR_UNROLL
        for (int i = 0; i < GROUP_VECTORS; i++) {
            const float *at = keys + d * SCORE_GROUP + (size_t)i * VECTOR_LANES;
            const vec_real p = one_plus_power(query[d], at),
                           q = one_plus_power(query[d + 1], at + SCORE_GROUP);
            total[i] += (v * q + w * p) / (p * q);
        }
    }
    VECTOR_UNROLL
    for (int i = 0; i < GROUP_VECTORS; i++) {
        const size_t at = (size_t)i * VECTOR_LANES;
        if (d < width) total[i] += weights[d] / one_plus_power(query[d], keys + d * SCORE_GROUP + at);
        vec_store(scores + at, sum - 2.0F * total[i]);
    }
}
