/* Strong and weak scaling of what is split over ranks: every timed record on several ranks beside its base on
 * one. */
#ifndef ANALYSIS_RANK_SCALING_H
#define ANALYSIS_RANK_SCALING_H

#include "analysis/scaling.h"

enum { SCALING_POINTS_MAX = 256, SCALING_RANKS_MAX = 64 };

enum scaling_kind {
    SCALING_STRONG, /* the same problem on more ranks */
    SCALING_WEAK,   /* as much of one size a rank: that size grows with the ranks */
    SCALING_KINDS
};

/* Efficiency is the rate of a rank (operations per second) over the rate of the base on one rank; in strong
 * scaling that is the base's time over this one's, a rank. */
struct scaling_point {
    const struct record *record, *base;
    size_t way;   /* number of the way to split */
    size_t curve; /* points of one problem (weak: of one base) split one way share it */
    double ranks;
    double efficiency, bound;                 /* bound NaN: nothing is known of it */
    double work;                              /* operations of the record over ranks and those of its base */
    struct sweep_point seconds, base_seconds; /* samples */
};

/* An experiment whose records are compared, and how they are read. */
struct scaling_subject {
    const char *experiment;
    const char *seconds;        /* the column of samples */
    const char *const *problem; /* fields in which a record agrees with its base, ended by NULL */
    size_t ways;
    const char *const *way_names; /* [ways], as sentences and plots call them */
    bool (*is_split)(const struct record *record, size_t way);
    /* The field of the problem that grows with the ranks in weak scaling. */
    const char *(*grows)(size_t way);
    double (*operations)(const struct record *record); /* of all ranks */
    /* The largest efficiency that the point can have, or NaN. STATUS_NO_MEMORY. */
    enum status (*bound)(const struct scaling_point *point, double *bound);
};

struct scaling_curves {
    size_t count, curves;
    size_t shared;     /* records left out: no core for every thread, or disturbed */
    size_t unbased;    /* records left out: nothing to compare with on one rank */
    double most_ranks; /* 0: no points */
    struct scaling_point points[SCALING_POINTS_MAX];
};

/* Adds the points of one kind among the subject's records to the curves, which begin as zeros. The base is
 * the fastest record on one rank. Clear the curves in any case, before the results. STATUS_NO_MEMORY. */
enum status scaling_gather(const struct results *results, const struct scaling_subject *subject,
                           enum scaling_kind kind, struct scaling_curves *curves);
void scaling_clear(struct scaling_curves *curves);

/* Over the points of one way at one number of ranks: geometric means, and the range; of a single point the
 * 95 % interval from its samples. */
struct scaling_efficiency {
    double ranks, mean, low, high, bound; /* bound NaN: no point has one */
    size_t count, bounded;
};

/* Those of one way by rising ranks into all[SCALING_RANKS_MAX], the first on 1 rank, where everything is the
 * base; *count is 1 when the way has no points. STATUS_NO_MEMORY. */
enum status scaling_efficiencies(const struct scaling_curves *curves, size_t way,
                                 struct scaling_efficiency *all, size_t *count);

/* The point's efficiency with its samples drawn anew. */
double scaling_redrawn(const struct scaling_point *point, struct resampler *resampler);

/* Median of a column of samples; NaN for none. STATUS_NO_MEMORY. */
enum status scaling_seconds(const struct record *record, const char *column, double *seconds);

#endif
