/* One forward pass over a grid of tiles: the functions of a schedule with the grid as a further argument; for
 * the sources of this folder only. Results do not depend on the number of threads: a row's partial results
 * are merged in an order that its owner's place fixes. */
#ifndef PARALLEL_TILE_PASS_H
#define PARALLEL_TILE_PASS_H

#include "parallel/tile_grid.h"

size_t tile_bytes_extra(const struct attention_split *split, struct tile_grid grid, int threads);

enum status tile_create(struct team *team, const struct attention_split *split, struct tile_grid grid,
                        const struct attention_mask *mask, struct schedule_run **run);

/* Before piece k is computed its rows are gathered; meanwhile the rows of piece k + 1 come and the partial
 * results of piece k - 1 go back to the owners of the rows. Exposed are the rows of the first piece, the
 * results of the last, and copying rows into order. */
void tile_forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                  const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic);

void tile_destroy(struct schedule_run **run);

#endif
