/* The score matrix of one attention cut into a grid of tiles, one a rank; for the sources of this folder
 * only. All local. */
#ifndef PARALLEL_TILE_GRID_H
#define PARALLEL_TILE_GRID_H

#include "parallel/schedule.h"

/* Rank r sits in grid row r / columns and grid column r % columns. The query rows of a grid row are those of
 * its ranks, the keys of a grid column those of its ranks. rows * columns = ranks. One column: every rank
 * gathers all keys and computes its own rows. */
struct tile_grid {
    int rows;    /* a: ranks that compute with the same keys */
    int columns; /* b: ranks that share out the keys of one query */
};

/* The pieces that a pass is cut into, so that the messages of one travel while another one is computed: batch
 * items and key/value heads, with all query heads that read them. All of one shape; query and key length are
 * those of the whole. */
struct attention_shape tile_piece(const struct attention_shape *shape);

/* NULL, or why this grid cannot be. */
const char *tile_refuses(const struct attention_split *split, struct tile_grid grid);

/* Rows of the rank that has most, under any layout. */
size_t tile_rows_most(const struct attention_split *split);

/* All heads of the rank's part of the sequence. */
struct attention_share tile_share(const struct attention_split *split, int rank);

/* Elements that leave `rank`: with n rows on the rank, N on its grid row, B items and heads of width d
 *   B H d n (b - 1)             its queries, to the other ranks of its grid row
 *   + 2 B H_kv d n (a - 1)      its keys and values, to the other ranks of its grid column
 *   + B H (d + 1) (N - n)       what its tile gives for rows that are not its own, with log-sum-exps. */
uint64_t tile_elements_sent(const struct attention_split *split, struct tile_grid grid, int rank);

/* The most of any rank. */
uint64_t tile_elements_of_busiest(const struct attention_split *split, struct tile_grid grid);

/* Predicted seconds of the slowest rank. */
double tile_seconds(const struct attention_split *split, struct tile_grid grid,
                    const struct attention_mask *mask, const struct schedule_rates *rates);

#endif
