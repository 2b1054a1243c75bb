/* Ways to split one attention over the ranks of a team. One file and one table entry each. */
#ifndef PARALLEL_SCHEDULE_H
#define PARALLEL_SCHEDULE_H

#include "core/attention/attention.h"
#include "parallel/team.h"

/* The part of the whole attention that is born on, and stays with, one rank. */
struct attention_share {
    size_t head_first, heads;       /* query heads */
    size_t kv_head_first, kv_heads; /* key/value heads they read */
    size_t row_first, rows;         /* of the sequence; query and key lengths are equal here */
};

/* What one forward pass did on this rank. Seconds of compute and wait are measured apart. */
struct attention_traffic {
    uint64_t bytes_sent; /* counted at the MPI calls: what left this rank */
    double seconds_compute;
    double seconds_wait; /* exposed: inside MPI, waiting for keys and values or moving them */
    double seconds_merge;
};

struct schedule_run;

struct schedule {
    const char *name;
    const char *summary;

    /* NULL when the schedule can split this shape over so many ranks, else the reason why not. */
    const char *(*refuses)(const struct attention_shape *shape, int ranks);

    struct attention_share (*share)(const struct attention_shape *shape, int ranks, int rank);

    /* Elements that must leave `rank` (claims.md AP1, general form for uneven splits). */
    uint64_t (*elements_sent)(const struct attention_shape *shape, int ranks, int rank);

    /* Bytes of memory one rank needs beside its share of queries, keys, values and output. */
    size_t (*bytes_extra)(const struct attention_shape *shape, int ranks, int threads);

    /* Allocates all buffers of a run; keeps a copy of the mask. The same status on every rank:
     * STATUS_INVALID when the schedule refuses, STATUS_NO_MEMORY. Collective over the team. */
    enum status (*create)(struct team *team, const struct attention_shape *shape,
                          const struct attention_mask *mask, struct schedule_run **run);

    /* One forward pass on this rank's share, arrays dense as in core/attention with the share's heads and
     * rows. Collective. Allocates nothing. */
    void (*forward)(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp,
                    struct attention_traffic *traffic);

    void (*destroy)(struct schedule_run **run);
};

/* All schedules, ended by NULL. */
const struct schedule *const *schedules(void);

/* The schedule of that name, or NULL. */
const struct schedule *schedule_named(const char *name);

/* The first schedule of the table's order of preference that does not refuse: what "auto" stands for. */
const struct schedule *schedule_auto(const struct attention_shape *shape, int ranks);

#endif
