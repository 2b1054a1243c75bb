/* What an exchange of rows for heads moves and holds; for the sources of this folder only. All local. */
#ifndef PARALLEL_HEAD_EXCHANGE_SIZE_H
#define PARALLEL_HEAD_EXCHANGE_SIZE_H

#include "parallel/schedule.h"

/* Why the messages cannot be sent, or NULL. */
const char *head_exchange_refuses(const struct attention_split *split, int ways);

/* Elements that leave `rank`. With B, d, H of the shape, n rows on the rank, N in its group, h of H query
 * heads that it computes and k(v) key/value heads that rank v of the group reads: B d n (H - h) its queries,
 * to the other ranks of the group
 *   + 2 B d n (sum of k(v) over the others)   its keys and values
 *   + B d h (N - n)                       the outputs of their rows
 *   + B h (N - n)                         and their log-sum-exps, if split->log_sum_exp. */
uint64_t head_exchange_elements(const struct attention_split *split, int ways, int rank);

/* Floats that a rank holds in messages between `other_rows` rows of the others and its own heads, and between
 * `own_rows` of its own and the heads of the others; with one batch item the latter are where the arrays are.
 */
size_t head_exchange_floats_by_heads(const struct attention_shape *shape, int ways, int way,
                                     size_t other_rows);
size_t head_exchange_floats_by_rows(const struct attention_shape *shape, int ways, int way, size_t own_rows);

/* Both, on the rank that holds most. */
size_t head_exchange_floats(const struct attention_split *split, int ways);

#endif
