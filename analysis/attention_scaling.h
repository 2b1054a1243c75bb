/* Strong and weak scaling of split attention: every timed record on several ranks beside its base on one. */
#ifndef ANALYSIS_ATTENTION_SCALING_H
#define ANALYSIS_ATTENTION_SCALING_H

#include "analysis/scaling.h"

enum { SCALING_POINTS_MAX = 256, SCALING_RANKS_MAX = 64 };

enum scaling_kind {
    SCALING_STRONG, /* the same problem on more ranks */
    SCALING_WEAK    /* as many rows a rank: the length grows with the ranks */
};

/* Efficiency is the rate of a rank (operations of visible pairs per second) over the rate of the base on one
 * rank; the bound is the same of the cost model's times. */
struct scaling_point {
    const struct record *record, *base;
    size_t schedule; /* index into split_schedules */
    size_t curve;    /* points of one problem (weak: of one base) under one schedule share it */
    double ranks;
    double efficiency, bound;                 /* bound NaN: the model said nothing */
    double work;                              /* operations of the record over ranks and those of its base */
    struct sweep_point seconds, base_seconds; /* samples of the core */
};

struct scaling_curves {
    size_t count, curves;
    size_t shared;     /* records left out: no core for every thread, or disturbed */
    size_t unbased;    /* records left out: nothing to compare with on one rank */
    double most_ranks; /* 0: no points */
    struct scaling_point points[SCALING_POINTS_MAX];
};

/* Gathers the points of one kind among the records of `all`. The base is the fastest record on one rank with
 * as many threads. Clear the curves in any case. STATUS_NO_MEMORY. */
enum status scaling_gather(const struct selection *all, enum scaling_kind kind, double cores,
                           struct scaling_curves *curves);
void scaling_clear(struct scaling_curves *curves);

/* Geometric means, and the range, over the points of one schedule at one number of ranks. */
struct scaling_efficiency {
    double ranks, mean, low, high, bound; /* bound NaN: no point has one */
    size_t count, bounded;
};

/* Those of one schedule by rising ranks into all[SCALING_RANKS_MAX], the first on 1 rank, where everything is
 * the base; how many: 1 when the schedule has no points. */
size_t scaling_efficiencies(const struct scaling_curves *curves, size_t schedule,
                            struct scaling_efficiency *all);

/* Operations of the visible pairs of a record, all ranks: 4 pairs d H B. */
double scaling_operations(const struct record *record);

/* Median of the seconds of the core; NaN for none. STATUS_NO_MEMORY. */
enum status scaling_seconds(const struct record *record, double *seconds);

#endif
