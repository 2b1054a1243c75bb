/* Scores in float64, without any of the products and powers of the fast way. */
#include <math.h>

#include "core/attention/scoring_weights.h"
#include "core/base/memory.h"

/* out[inner] = matrix^T vector, matrix[width][inner]. */
static void multiply(const struct scorer *scorer, const float *matrix, const float *vector, double *out) {
    for (size_t r = 0; r < scorer->inner; r++) {
        out[r] = matrix ? 0 : (double)vector[r];
        for (size_t d = 0; matrix && d < scorer->shape.width; d++)
            out[r] += (double)matrix[d * scorer->inner + r] * (double)vector[d];
    }
}

static double score(const struct scorer *scorer, const double *query, const double *key) {
    double sum = 0;
    for (size_t r = 0; r < scorer->inner; r++)
        sum += scorer->sum ? (double)scorer->sum[r] * tanh(query[r] + key[r]) : query[r] * key[r];
    return scorer->shape.scoring == SCORING_SCALED ? sum / sqrt((double)scorer->shape.width) : sum;
}

enum status scorer_reference_row(const struct scorer *scorer, const float *query, const float *keys,
                                 double *scores) {
    double *of_query = memory_allocate(2 * scorer->inner, sizeof *of_query),
           *of_key = of_query + scorer->inner;
    if (!of_query) return STATUS_NO_MEMORY;
    multiply(scorer, scorer->of_queries, query, of_query);
    for (size_t key = 0; key < scorer->shape.keys; key++) {
        multiply(scorer, scorer->of_keys, keys + key * scorer->shape.width, of_key);
        scores[key] = score(scorer, of_query, of_key);
    }
    memory_free(of_query);
    return STATUS_OK;
}
