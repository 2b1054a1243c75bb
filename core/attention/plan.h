/* The workspace of attention calls of one shape. Shared by the sources of this folder only. */
#ifndef CORE_ATTENTION_PLAN_H
#define CORE_ATTENTION_PLAN_H

#include "core/attention/internal.h"

/* What one thread needs for one block of queries; the arrays are those of struct attention_block. */
struct attention_workspace {
    float *output, *maximum, *sums;
    struct attention_range *visible;
    struct key_range *seen; /* [rows] over all keys */
};

struct attention_plan {
    struct attention_shape shape;
    int threads;
    size_t slots;                           /* key/value heads that are packed at a time */
    size_t keys_per_head, values_per_head;  /* floats of one packed head; values_per_head 0: read in place */
    float *packed_keys, *packed_values;     /* [slots] packed heads, panel after panel */
    struct attention_workspace *workspaces; /* [threads], pointing into scratch */
    char *scratch;
    attention_progress *progress; /* may be NULL */
    void *progress_context;
};

/* Blocks of ATTENTION_BLOCK_ROWS queries of one head. */
size_t attention_query_blocks(const struct attention_shape *shape);

#endif
