#include "core/kernels/rates.h"

#include <omp.h>

#include "core/kernels/kernels.h"

double rates_fma_f32(size_t rounds) {
    const struct kernels *table = kernels();
    double flops = 0;
#pragma omp parallel reduction(+ : flops)
    {
        float result;
        flops += table->fma_f32(rounds, &result);
    }
    return flops;
}

double rates_fma_f64(size_t rounds) {
    const struct kernels *table = kernels();
    double flops = 0;
#pragma omp parallel reduction(+ : flops)
    {
        double result;
        flops += table->fma_f64(rounds, &result);
    }
    return flops;
}

double rates_read(size_t count, const float *data) {
    const struct kernels *table = kernels();
#pragma omp parallel
    {
        size_t threads = (size_t)omp_get_num_threads(), thread = (size_t)omp_get_thread_num();
        size_t first = count / threads * thread;
        size_t part = thread + 1 < threads ? count / threads : count - first;
        table->sum_f32(part, data + first);
    }
    return (double)count * (double)sizeof *data;
}
