/* What the parts of a split layer cost, from measured rates: for predictions of attention's schedules and of
 * the splits of other layers. All local. */
#ifndef PARALLEL_COST_H
#define PARALLEL_COST_H

#include "parallel/schedule.h"

/* Operations on the visible pairs of the rows of one rank with the keys of another, all heads and batch
 * items: 4 * pairs * head_width. Both ranks hold their part of the sequence under split->layout, of
 * split->ranks parts; the mask's rows stand at positions 0, 1, 2 ... In closed form: the time depends on
 * neither length nor ranks. 0 if and only if no pair is visible. */
double cost_rank_flops(const struct attention_split *split, const struct attention_mask *mask, int query_rank,
                       int key_rank);

/* The same of the rows of one rank with all keys: the sum over all key ranks. */
double cost_rows_flops(const struct attention_split *split, const struct attention_mask *mask,
                       int query_rank);

/* The same of the tile at a place of a grid with so many columns, a divisor of the ranks: the rows of the
 * ranks row * columns .. row * columns + columns - 1 with the keys of the ranks column, column + columns ...
 * In time proportional to ranks / columns, striped to columns. */
double cost_tile_flops(const struct attention_split *split, const struct attention_mask *mask, int columns,
                       int row, int column);

/* Seconds of so many messages, one after the other, that carry so many bytes together; 0 of none. */
double cost_transfer(const struct schedule_rates *rates, double messages, double bytes);

/* Seconds of copying so many bytes in memory: of the order that any core of these years reaches, which is all
 * that matters beside computing and messages. */
double cost_copy(double bytes);

#endif
