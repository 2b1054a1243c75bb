/* Attention of one row in float64, without blocks: what the fast one is measured against. */
#include <math.h>

#include "core/attention/internal.h"
#include "core/kernels/real.h"

static double dot(size_t count, const real *a, const real *b) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

void REAL(attention_reference_row)(const struct attention_shape *shape, const struct attention_mask *mask,
                                   double scale, const real *queries, const real *keys, const real *values,
                                   size_t batch_index, size_t head, size_t row, double *output,
                                   double *log_sum_exp) {
    size_t width = shape->head_width;
    size_t kv_head = batch_index * shape->kv_heads + head / (shape->heads / shape->kv_heads);
    const real *query = queries + ((batch_index * shape->heads + head) * shape->query_length + row) * width;
    const real *key = keys + kv_head * shape->key_length * width;
    const real *value = values + kv_head * shape->key_length * width;
    struct key_range seen = attention_visible_keys(mask, shape->key_length, batch_index, row);

    double largest = -INFINITY, sum = 0;
    for (size_t k = 0; k < width; k++)
        output[k] = 0;
    for (size_t j = seen.begin; j < seen.end; j++) {
        double score = scale * dot(width, query, key + j * width);
        if (score > largest) { /* what was summed relative to the old maximum shrinks */
            double factor = exp(largest - score);
            sum *= factor;
            for (size_t k = 0; k < width; k++)
                output[k] *= factor;
            largest = score;
        }
        double weight = exp(score - largest);
        sum += weight;
        for (size_t k = 0; k < width; k++)
            output[k] += weight * (double)value[j * width + k];
    }
    for (size_t k = 0; k < width && sum > 0; k++)
        output[k] /= sum;
    *log_sum_exp = seen.begin < seen.end ? largest + log(sum) : -INFINITY;
}
