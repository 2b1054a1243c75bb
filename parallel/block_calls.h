/* Attention of one rank's queries to one block of keys after the other, merged; for the sources of this
 * folder only. */
#ifndef PARALLEL_BLOCK_CALLS_H
#define PARALLEL_BLOCK_CALLS_H

#include "parallel/exchange.h"
#include "parallel/schedule.h"
#include "parallel/head_runs.h"

enum { BLOCK_SIZES_MAX = 3 };

/* What stays the same from block to block. */
struct block_shape {
    struct attention_shape whole; /* heads are numbered within it */
    struct head_range heads;      /* those of the queries and of the blocks */
    size_t rows;                  /* of the queries; may be 0 */
    int sizes_count;
    size_t sizes[BLOCK_SIZES_MAX]; /* the different numbers of keys that blocks have, none 0 */
    bool merges;                   /* there is more than one block */
};

struct block_calls {
    struct block_shape of;
    size_t items, items_groups; /* batch items of one call, and how often they make the batch */
    size_t runs_count;
    struct head_run runs[HEAD_RUNS_MAX];
    struct attention_plan *plans[HEAD_RUNS_MAX][BLOCK_SIZES_MAX];
    float *partial_output, *partial_log_sum_exp; /* of one call; NULL when nothing is merged */
    struct message_clock *clock;
};

/* The queries [batch][heads][rows][head_width] and what becomes of them; log_sum_exp may be NULL unless
 * results are merged. */
struct block_queries {
    const float *queries;
    float *output, *log_sum_exp;
};

/* Keys and values [batch][kv_heads][rows][head_width]; rows is one of the sizes. */
struct key_block {
    size_t rows;
    const float *keys, *values;
};

/* Whether a batch item sees something else than the others is for the caller to know (items_differ): then
 * items are computed apart, so that those without a visible key can be left out. `messages`, driven on
 * meanwhile, may be empty. STATUS_NO_MEMORY; then destroy it all the same. Local. */
enum status block_calls_create(struct block_calls *made, const struct block_shape *of, bool items_differ,
                               struct exchange *messages);
void block_calls_destroy(struct block_calls *gone);

/* Bytes that block_calls_create takes at most, beside the struct. */
size_t block_calls_bytes(const struct block_shape *of, int threads);

/* Attends to a block: `first` writes the output, later blocks are merged into it. `visible` [items_groups]
 * says for each group of items whether there is a visible pair at all; for the first block it is not asked,
 * since rows that see nothing must be written too. The mask's key lengths are of the whole batch. Seconds go
 * to the clock's traffic. Allocates nothing. */
void block_calls_attend(struct block_calls *calls, const struct attention_mask *mask, const bool *visible,
                        float scale, const struct block_queries *rows, const struct key_block *block,
                        bool first);

#endif
