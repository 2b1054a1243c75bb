/* Blocks of keys and values that travel round a ring of ranks; for the sources of this folder only. */
#ifndef PARALLEL_RING_PASS_H
#define PARALLEL_RING_PASS_H

#include "parallel/block_calls.h"

/* Each group of `ways` consecutive ranks has the rows of one block, and its ranks share out the heads; the
 * ranks with the same heads in all groups make a ring. A rank keeps its queries, and what it computes with
 * one block after the other is merged by the sums of exponentials (Liu, Zaharia, Abbeel 2023, Ring Attention
 * with Blockwise Transformers). With one group it is attention without messages. */
struct ring_pass;

/* Why the ring's messages cannot be sent, or NULL. */
const char *ring_pass_refuses(const struct attention_split *split, int ways);

/* Elements that leave `rank`: 2 B kv_heads d (S - rows of the next group), with the kv_heads that the rank
 * has; every block but the one that was born on the next rank goes there once. */
uint64_t ring_pass_elements(const struct attention_split *split, int ways, int rank);

/* Bytes of a pass, of the rank that needs most. */
size_t ring_pass_bytes(const struct attention_split *split, int ways, int threads);

/* For the heads head_range_of(shape, ways, rank % ways) and the rows of the rank's group. The team, the clock
 * and the mask with its key lengths must live as long as the pass. `adjoining`: on every rank the values
 * follow the keys in memory, so that they are one message. STATUS_NO_MEMORY, then *pass is NULL. Local. */
enum status ring_pass_create(const struct team *team, const struct attention_split *split, int ways,
                             const struct attention_mask *mask, bool adjoining, struct message_clock *clock,
                             struct ring_pass **pass);
void ring_pass_destroy(struct ring_pass **pass);

/* Attends the queries to the rank's own block and to all others; rows->log_sum_exp may be NULL unless
 * split->log_sum_exp was set. Adds to the clock's traffic. Collective over the ring. Allocates nothing. */
void ring_pass_forward(struct ring_pass *pass, float scale, const struct block_queries *rows,
                       const float *keys, const float *values);

#endif
