/* The forward pass of hybrid_split.h: functions of a schedule with the ranks that share out the heads as a
 * further argument; for the sources of this folder only. */
#ifndef PARALLEL_HYBRID_PASS_H
#define PARALLEL_HYBRID_PASS_H

#include "parallel/hybrid_split.h"

size_t hybrid_bytes_extra(const struct attention_split *split, int ways, int threads);

enum status hybrid_create(struct team *team, const struct attention_split *split, int ways,
                          const struct attention_mask *mask, struct schedule_run **run);

void hybrid_forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic);

void hybrid_destroy(struct schedule_run **run);

#endif
