/* Sharing out heads; for the sources of this folder only. */
#ifndef PARALLEL_HEAD_RUNS_H
#define PARALLEL_HEAD_RUNS_H

#include "core/attention/attention.h"

/* Consecutive query heads, and the key/value heads that they read. */
struct head_range {
    size_t first, count;
    size_t kv_first, kv_count;
};

/* The heads of one of `ways` that share them out evenly (at most as many ways as query heads): the first ways
 * have one more. A key/value head that the heads of two ways read belongs to both. */
struct head_range head_range_of(const struct attention_shape *shape, int ways, int way);

/* Query heads that one call of attention can take: whole groups, or heads of one group. A range may begin and
 * end within a group of heads, which makes three runs at most. */
enum { HEAD_RUNS_MAX = 3 };

struct head_run {
    size_t head, kv_head;         /* the first ones, counted from the range's first */
    struct attention_shape shape; /* of one call */
};

/* Cuts a range into runs and returns their number. A single run takes the whole batch in one call; several
 * runs lie apart in each batch item, so they take one item a call. Lengths are those of `shape`. */
size_t head_runs_cut(const struct attention_shape *shape, struct head_range range,
                     struct head_run runs[HEAD_RUNS_MAX]);

#endif
