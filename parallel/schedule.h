/* Ways to split one attention over the ranks of a team. One file and one table entry each. */
#ifndef PARALLEL_SCHEDULE_H
#define PARALLEL_SCHEDULE_H

#include "core/attention/attention.h"
#include "parallel/layout.h"
#include "parallel/team.h"
#include "parallel/traffic.h"

/* What is split, and over what. */
struct attention_split {
    struct attention_shape shape; /* of the whole; query and key lengths are equal */
    enum sequence_layout layout;  /* of the rows, where they are split */
    int ranks;
    /* Of a schedule with a grid: hybrid: the ranks U that share out the heads; tiles: the ranks that share
     * out the keys of one query. A divisor of `ranks`; 0: what the schedule's choose_ways says. */
    int ways;
    bool log_sum_exp; /* they are wanted too: schedules that compute rows elsewhere must send them back */
};

/* The part of the whole attention that is born on, and stays with, one rank. */
struct attention_share {
    size_t head_first, heads;       /* query heads */
    size_t kv_head_first, kv_heads; /* key/value heads they read */
    struct sequence_part part;      /* rows of queries, keys, values and output */
    size_t rows;                    /* of the part */
};

/* What a machine does, measured; for predictions. */
struct schedule_rates {
    double flops;     /* of attention, a second and rank */
    double latency;   /* s of a small message */
    double bandwidth; /* bytes/s of a large one */
};

struct schedule_run;

struct schedule {
    const char *name;
    const char *summary;
    const char *needs; /* of heads and ranks, in words */

    /* NULL when the schedule can make this split, else the reason why not. */
    const char *(*refuses)(const struct attention_split *split);

    /* The grid with the least bytes out of the busiest rank among those that are not refused; 0 when all are.
     * NULL: the schedule has no grid and does not look at `ways`. */
    int (*choose_ways)(const struct attention_split *split);

    struct attention_share (*share)(const struct attention_split *split, int rank);

    /* Elements that must leave `rank` (claims.md AP1, general form for uneven splits). */
    uint64_t (*elements_sent)(const struct attention_split *split, int rank);

    /* Predicted seconds of a pass, slowest rank. */
    double (*seconds)(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates);

    /* Bytes of memory one rank needs beside its share of queries, keys, values and output. */
    size_t (*bytes_extra)(const struct attention_split *split, int threads);

    /* Allocates all buffers of a run; keeps a copy of the mask, whose rows stand at positions 0, 1, 2 ... The
     * same status on every rank: STATUS_INVALID when the schedule refuses, STATUS_NO_MEMORY. Collective over
     * the team, whose size is split->ranks. */
    enum status (*create)(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run);

    /* One forward pass on this rank's share, arrays dense as in core/attention with the share's heads and
     * rows. log_sum_exp may be NULL unless split->log_sum_exp was set. Collective. Allocates nothing. */
    void (*forward)(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic);

    /* Collective. */
    void (*destroy)(struct schedule_run **run);
};

/* All schedules, ended by NULL. */
const struct schedule *const *schedules(void);

/* The schedule of that name, or NULL. */
const struct schedule *schedule_named(const char *name);

/* What auto chose, and why. */
struct schedule_choice {
    const struct schedule *schedule; /* NULL: every schedule refuses */
    int ways;
    double seconds; /* predicted */
    char reason[200];
};

/* The schedule with the least predicted time among those that do not refuse; of equals the first in the
 * table. */
struct schedule_choice schedule_auto(const struct attention_split *split, const struct attention_mask *mask,
                                     const struct schedule_rates *rates);

/* Measures what the predictions need: attention on `threads` threads of every rank at once (the slowest
 * counts), and messages between the first and the last rank. Collective. STATUS_NO_MEMORY on all ranks. */
enum status schedule_measure_rates(struct team *team, struct schedule_rates *rates);

#endif
