/* Scoring functions: how well a query and a key go together (the chapter's table; Luong et al. 2015, Bahdanau
 * et al. 2015). Every query against every key, float32. */
#ifndef CORE_ATTENTION_SCORING_H
#define CORE_ATTENTION_SCORING_H

#include <stddef.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* q and k are of width D.
 *   additive     v . tanh(W k + U q)
 *   dot          k . q
 *   scaled       k . q / sqrt(D)
 *   bilinear     k . W q
 *   low_rank     (U k) . (V q), U and V of `rank` rows: bilinear with W = U^T V */
enum scoring {
    SCORING_ADDITIVE,
    SCORING_DOT,
    SCORING_SCALED,
    SCORING_BILINEAR,
    SCORING_LOW_RANK,
    SCORING_COUNT
};

struct scorer_shape {
    enum scoring scoring;
    size_t queries, keys, width;
    size_t rank; /* of SCORING_LOW_RANK, 1 .. width; else not looked at */
};

struct scorer;

/* Memory and weights for calls of one shape. Matrices are normal with variance 1 / width, v with 1 / width
 * too, drawn from `weights`, W, U, V and v by their part. STATUS_INVALID: a size is 0 or more than a product
 * takes. STATUS_NO_MEMORY. */
enum status scorer_create(const struct scorer_shape *shape, struct random_source weights,
                          struct scorer **scorer);
void scorer_destroy(struct scorer **scorer);

/* scores[queries][keys] of queries[queries][width] and keys[keys][width], finite. Uses OpenMP threads,
 * products those of BLAS; one call at a time. */
void scorer_forward(struct scorer *scorer, const float *queries, const float *keys, float *scores);

/* The same for one query in float64: scores[keys]. STATUS_NO_MEMORY. */
enum status scorer_reference_row(const struct scorer *scorer, const float *query, const float *keys,
                                 double *scores);

/* Bytes that scorer_create takes; 0 for an invalid shape. */
double scorer_bytes(const struct scorer_shape *shape);

/* Operations of a forward pass, those that the work counters count: a multiply-add is two, an exponential
 * one. */
double scorer_flops(const struct scorer_shape *shape);

#endif
