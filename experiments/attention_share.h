/* One rank's share of an attention layer: its arrays, its projections, and the check of its output. For the
 * attention experiment only. */
#ifndef EXPERIMENTS_ATTENTION_SHARE_H
#define EXPERIMENTS_ATTENTION_SHARE_H

#include "core/attention/attention.h"
#include "parallel/schedule.h"

/* The queries, keys and values of the core are drawn as standard normals, each number by its place in the
 * whole layer, so that they are the same however the layer is split, and so that the check does not hang on
 * the projections. The projections multiply inputs and weights of their own. */
struct attention_data {
    struct attention_shape shape; /* of the whole */
    struct attention_mask mask;
    struct attention_share share;
    uint64_t key;
    size_t *positions;       /* [share rows] in the sequence */
    float *queries, *output; /* [batch][share heads][share rows][head_width] */
    float *keys, *values;    /* [batch][share kv_heads][share rows][head_width] */
    float *log_sum_exp;      /* [batch][share heads][share rows] */
    float *inputs;           /* [batch][share rows][heads * head_width] */
    float *query_weights;    /* [heads * head_width][share heads * head_width] */
    float *key_weights;      /* [heads * head_width][share kv_heads * head_width] */
    float *value_weights;
    float *output_weights; /* [share heads * head_width][heads * head_width] */
    float *projected;      /* [batch][share rows][heads * head_width]: each product in turn */
};

/* Allocates and draws; shape, mask, share and key are set before. STATUS_NO_MEMORY. Local. */
enum status attention_data_create(struct attention_data *data);
void attention_data_destroy(struct attention_data *data);

/* Bytes of the arrays of such a share, and of the check. */
double attention_data_bytes(const struct attention_shape *shape, const struct attention_share *share);

/* Operations of both projection steps on such a share. */
double attention_projection_flops(const struct attention_shape *shape, const struct attention_share *share);

/* Queries, keys and values of the share's rows and heads from the inputs: three products. Local. */
void attention_project_inputs(struct attention_data *data);

/* What the share's heads contribute to the layer's output: one product. Where the heads are split over ranks
 * these are partial sums, whose sum over the ranks is left out. Local. */
void attention_project_output(struct attention_data *data);

/* Compares output rows of the share with a float64 reference: per head up to 64 drawn from the whole
 * sequence, and its first and last. Regenerates the keys and values that this rank does not hold. Local. */
enum status attention_data_check(const struct attention_data *data, double *max_abs_error,
                                 size_t *rows_checked);

#endif
