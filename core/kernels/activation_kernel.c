/* exp, tanh and the logistic function of float32 arrays. */
#include "core/kernels/activation.h"
#include "core/kernels/isa.h"

/* An elementwise function over an array: whole vectors, then the rest in one padded vector. */
#define DEFINE_ELEMENTWISE(name, function)                                                                   \
    void KERNEL(name)(size_t count, const float *in, float *out) {                                           \
        size_t i = 0;                                                                                        \
        for (; i + VECTOR_LANES <= count; i += VECTOR_LANES)                                                 \
            vec_store(out + i, function(vec_load(in + i)));                                                  \
        if (i == count) return;                                                                              \
        float rest[VECTOR_LANES] = {0};                                                                      \
        memcpy(rest, in + i, (count - i) * sizeof *in);                                                      \
        vec_store(rest, function(vec_load(rest)));                                                           \
        memcpy(out + i, rest, (count - i) * sizeof *out);                                                    \
    }

DEFINE_ELEMENTWISE(exp_f32, vec_exp)
DEFINE_ELEMENTWISE(tanh_f32, vec_tanh)
DEFINE_ELEMENTWISE(sigmoid_f32, vec_sigmoid)
