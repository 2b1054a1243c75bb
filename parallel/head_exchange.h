/* Rows for heads: an all-to-all within a group of ranks; for the sources of this folder only. */
#ifndef PARALLEL_HEAD_EXCHANGE_H
#define PARALLEL_HEAD_EXCHANGE_H

#include "parallel/exchange.h"
#include "parallel/schedule.h"

/* Groups of `ways` consecutive ranks: ranks g * ways .. g * ways + ways - 1. Each rank is born with its rows
 * of all heads; after the exchange it has all rows of the group, in the order of their positions, of the
 * heads head_range_of(shape, ways, rank % ways) (Jacobs et al. 2023, DeepSpeed Ulysses).
 *
 * Packing was measured against MPI datatypes and is faster: Open MPI copies a message from process to process
 * at once only when it is dense on both sides. With one batch item the heads of a rank are dense where they
 * are born, so only the side that has all rows is packed. */
struct head_exchange;

/* Bytes of an exchange, of the rank that needs most. */
size_t head_exchange_bytes(const struct attention_split *split, int ways);

/* The team and the clock must live as long as the exchange. STATUS_NO_MEMORY, then *exchange is NULL. Local.
 */
enum status head_exchange_create(const struct team *team, const struct attention_split *split, int ways,
                                 struct message_clock *clock, struct head_exchange **exchange);
void head_exchange_destroy(struct head_exchange **exchange);

/* Rows of the rank's group. */
size_t head_exchange_rows(const struct head_exchange *exchange);

/* Arrays of one rank by rows, [batch][all heads][own rows], or by heads, [batch][own heads][all rows]. */
struct exchange_inputs {
    const float *queries, *keys, *values;
};
struct exchange_gathered {
    float *queries, *keys, *values;
};

/* Queries, keys and values by rows become such by heads; the clock's traffic gets bytes and seconds, packing
 * included. Collective over the group. Allocates nothing. */
void head_exchange_gather(struct head_exchange *exchange, const struct exchange_inputs *by_rows,
                          const struct exchange_gathered *by_heads);

/* The way back of the output, and of log-sum-exps unless the split did not want them. */
void head_exchange_return(struct head_exchange *exchange, const float *output_by_heads,
                          const float *log_sum_exp_by_heads, float *output, float *log_sum_exp);

#endif
