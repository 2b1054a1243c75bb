/* Inputs of a rank's share, drawn by their place in the whole, so that they are the same however it is split.
 */
#ifndef PARALLEL_BENCH_BENCH_DATA_H
#define PARALLEL_BENCH_BENCH_DATA_H

#include "parallel/schedule.h"

struct bench_data {
    struct attention_shape shape; /* of the whole */
    struct attention_mask mask;
    struct attention_share share;
    size_t *positions;                       /* [share rows] */
    float *queries, *keys, *values, *output; /* [batch][share heads or kv_heads][share rows][head_width] */
};

/* Allocates and draws standard normals; destroy it also when that fails. STATUS_NO_MEMORY. Local. */
enum status bench_data_create(const struct attention_shape *shape, const struct attention_mask *mask,
                              struct attention_share share, struct bench_data *data);
void bench_data_destroy(struct bench_data *data);

/* Whether a share's arrays are those of this one. */
bool bench_data_holds(const struct bench_data *data, const struct attention_share *share);

/* The largest deviation of the output from float64, over rows spread over the share and its heads; 0 of a
 * share without rows. STATUS_NO_MEMORY. Local. */
enum status bench_data_check(const struct bench_data *data, double *max_abs_error);

#endif
