/* One set of positions in order and permuted, and what attention makes of both. For the experiment
 * attention_identities only. */
#ifndef EXPERIMENTS_ATTENTION_PAIR_H
#define EXPERIMENTS_ATTENTION_PAIR_H

#include "core/attention/attention.h"

struct attention_side {
    float *queries, *output; /* [batch][heads][length][head_width] */
    float *keys, *values;    /* [batch][kv_heads][length][head_width] */
};

struct attention_pair {
    struct attention_shape shape; /* set these three before creation */
    struct attention_mask mask;
    uint64_t key;
    struct attention_side ordered, permuted;
    float *single;     /* outputs of the heads of the ordered side, each alone */
    size_t *order;     /* place i of the permuted side holds position order[i] */
    double *reference; /* [head_width] */
};

/* Allocates, draws the inputs (standard normal) and the order, and permutes. STATUS_NO_MEMORY; destroy it in
 * any case. */
enum status attention_pair_create(struct attention_pair *pair);
void attention_pair_destroy(struct attention_pair *pair);

/* Bytes of all that and of the workspace with `threads` threads. */
double attention_pair_bytes(const struct attention_shape *shape, int threads);

/* Fills both outputs and that of the heads alone. STATUS_NO_MEMORY. */
enum status attention_pair_attend(struct attention_pair *pair);

/* Largest difference between all heads at once and each alone. */
double attention_pair_concatenation(const struct attention_pair *pair);

/* Largest difference between the output of permuted positions and the permuted output. */
double attention_pair_permutation(const struct attention_pair *pair);

/* Largest error of an output that was made from the inputs of a side: per head the first row, the last and 64
 * drawn, or all if there are fewer. *checked: how many rows. */
double attention_pair_error(const struct attention_pair *pair, const struct attention_side *side,
                            const float *output, size_t *checked);

/* Largest magnitude of a value. */
double attention_pair_largest_value(const struct attention_pair *pair);

#endif
