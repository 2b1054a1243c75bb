/* What the schedules have in common; for the sources of this folder only. */
#ifndef PARALLEL_SCHEDULE_SPLIT_H
#define PARALLEL_SCHEDULE_SPLIT_H

#include "parallel/schedule.h"

/* A consecutive range of something that is dealt out to ranks. */
struct part {
    size_t first, count;
};

/* The part of `total` that falls to `rank`: parts differ by one at most, the first ranks have the larger. */
struct part split_evenly(size_t total, int ranks, int rank);

/* Why no schedule can split this shape, or NULL. */
const char *split_refuses(const struct attention_split *split);

/* A copy of the mask with key lengths of its own (memory_free), so that a run needs nothing of its caller. */
enum status split_copy_mask(const struct attention_shape *shape, const struct attention_mask *mask,
                            struct attention_mask *copy, size_t **key_lengths);

extern const struct schedule schedule_heads, schedule_ring, schedule_ulysses, schedule_hybrid,
    schedule_allgather, schedule_tiles;

#endif
