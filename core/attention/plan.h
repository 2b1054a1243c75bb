/* How a call is cut into tasks, and its workspace, in the precision of real.h. Shared by the sources of this
 * folder only. */
#ifndef CORE_ATTENTION_PLAN_H
#define CORE_ATTENTION_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/attention/internal.h"
#include "core/kernels/attention_block.h"

/* How the work on one key/value head is cut. Follows from the shape of one query head alone, so that the bits
 * of a result depend neither on threads nor on what else is computed in the call. */
struct attention_cut {
    size_t rows;               /* of all query heads of the group; they lie one after the other */
    size_t spans, span_rows;   /* runs of rows that no block crosses: heads, or all rows if they are few */
    size_t blocks, block_rows; /* of a span */
    size_t panels;             /* of keys */
    size_t parts, part_panels; /* runs of panels that are attended to apart and merged in order */
    bool keys_packed, values_packed;
    size_t value_columns, value_step; /* of a key's values in memory; of those in one group of columns */
    size_t value_group;               /* between groups of columns */
};

/* The running state of some rows: the arrays of struct attention_block. */
struct attention_state {
    real *output, *maximum, *sums;
};

/* Panels in the kernel's order from some panel on, or where they lie when they are read in place. */
struct attention_panels {
    real *keys, *values;
};

/* What one thread has for itself. */
struct attention_workspace {
    struct attention_state state;    /* of one block of queries */
    struct attention_panels own;     /* plan.own_panels of them */
    real *queries;                   /* of a block, scaled; where keys are read in place */
    struct attention_range *visible; /* of a block */
    struct key_range *seen;          /* of a block, over all keys */
};

/* Memory that heads use in turn, and how far the present call is with it; counts go on from head to head. */
struct attention_slot {
    struct attention_panels packed; /* of a head that threads share */
    struct attention_state *parts;  /* [parts] of a head that is cut into parts */
    atomic_size_t ready;            /* panels packed, or parts attended to */
    atomic_size_t finished;         /* blocks finished, or heads merged */
};

struct REAL(attention_plan) {
    struct attention_shape shape;
    struct attention_cut cut;
    const struct kernels *kernels; /* whose order packed keys and values have */
    int threads;
    size_t heads;       /* key/value heads of the batch */
    size_t alone_heads; /* the first ones, each (or each part) done by one thread */
    size_t own_panels;  /* that each thread has room for */
    size_t slots;
    struct attention_workspace *workspaces; /* [threads] */
    struct attention_slot *slot;            /* [slots] */
    struct attention_state *part_states;    /* [slots][parts] */
    char *scratch;                          /* all arrays of reals and ranges */
    atomic_size_t next_task;                /* of the present call */
    attention_progress *progress;           /* may be NULL */
    void *progress_context;
};

typedef struct REAL(attention_plan) real_plan;

/* `group`: columns of a group of packed keys and values. */
struct attention_cut REAL(attention_cut)(const struct attention_shape *shape, size_t group);

/* Key/value heads, the first of the call, that one thread each does from packing to the end. */
size_t REAL(attention_alone_heads)(const struct attention_shape *shape, const struct attention_cut *cut,
                                   int threads);

/* Width rounded up to whole slices: the row length of values and of a block's output. */
size_t REAL(attention_padded_width)(size_t head_width);

#endif
