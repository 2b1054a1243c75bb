/* What the processor can do at most: multiply-adds in registers, and reading memory. */
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum {
    /* Independent chains: two multiply-adds a cycle of five cycles' latency need ten, and with their two
     * operands they fit the 16 registers of the smaller instruction sets. */
    CHAINS = 12,
    READ_CHAINS = 8
};

typedef double vec_f64 __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* x = x a + b in every chain, which tends to b / (1 - a) = 1: no overflow, no gradual underflow. The operands
 * are read from where the compiler cannot see them. */
#define DEFINE_FMA(name, real, vec)                                                                          \
    double KERNEL(name)(size_t rounds, real * result) {                                                      \
        const volatile real shrink = (real)0.9375, shift = (real)0.0625;                                     \
        vec a = shrink - (vec){0}, b = shift - (vec){0}, x[CHAINS];                                          \
        VECTOR_UNROLL                                                                                        \
        for (int chain = 0; chain < CHAINS; chain++)                                                         \
            x[chain] = (real)chain - (vec){0};                                                               \
        for (size_t round = 0; round < rounds; round++) {                                                    \
            VECTOR_UNROLL                                                                                    \
            for (int chain = 0; chain < CHAINS; chain++)                                                     \
                x[chain] = x[chain] * a + b;                                                                 \
        }                                                                                                    \
        vec sum = x[0];                                                                                      \
        for (int chain = 1; chain < CHAINS; chain++)                                                         \
            sum += x[chain];                                                                                 \
        *result = 0;                                                                                         \
        for (size_t lane = 0; lane < VECTOR_BYTES / sizeof(real); lane++)                                    \
            *result += sum[lane] / (real)CHAINS;                                                             \
        *result /= (real)(VECTOR_BYTES / sizeof(real));                                                      \
        return 2.0 * (double)CHAINS * (double)(VECTOR_BYTES / sizeof(real)) * (double)rounds;                \
    }

DEFINE_FMA(fma_f32, float, vec_real)
DEFINE_FMA(fma_f64, double, vec_f64)

float KERNEL(sum_f32)(size_t count, const float *in) {
    vec_real partial[READ_CHAINS] = {{0}};
    size_t i = 0;
    for (; i + READ_CHAINS * VECTOR_LANES <= count; i += READ_CHAINS * VECTOR_LANES) {
        VECTOR_UNROLL
        for (int chain = 0; chain < READ_CHAINS; chain++)
            partial[chain] += vec_load(in + i + chain * VECTOR_LANES);
    }
    for (int chain = 1; chain < READ_CHAINS; chain++)
        partial[0] += partial[chain];
    float sum = 0;
    for (int lane = 0; lane < VECTOR_LANES; lane++)
        sum += partial[0][lane];
    for (; i < count; i++)
        sum += in[i];
    return sum;
}
