/* What the rows on scaling over ranks have in common: efficiency against its bound, and by way and ranks. */
#ifndef ANALYSIS_RANK_SCALING_REPORT_H
#define ANALYSIS_RANK_SCALING_REPORT_H

#include "analysis/finding.h"
#include "analysis/rank_scaling.h"

/* Bounds are taken for good to about this: rates are measured on another problem, work is no time. */
#define SCALING_BOUND_TOLERANCE 0.1

/* "strong" and "weak", by kind. */
extern const char *const scaling_kind_names[];

/* Decides that efficiency is at most its bound, as geometric mean over the points that have one; curves and
 * samples are resampled. `bound` names it: "the model's bound". Two ranks alone can refute it and not confirm
 * it. STATUS_NO_MEMORY. */
enum status scaling_report_share(enum scaling_kind kind, const char *bound,
                                 const struct scaling_curves *curves, struct finding *finding);

/* Efficiency of each way on the most ranks it ran on, with its bound. STATUS_NO_MEMORY. */
enum status scaling_report_ways(enum scaling_kind kind, const struct scaling_subject *subject,
                                const struct scaling_curves *curves, struct finding *finding);

/* How a plot of curves shows them. */
struct scaling_view {
    bool gain;        /* efficiency times ranks: in strong scaling the time on one rank over that on all */
    bool bounds;      /* bounds too, dashed */
    int first_colour; /* of way 0 */
};

/* Draws the curve of one way; nothing when it has no points. NULL plot: nothing. STATUS_NO_MEMORY. */
enum status scaling_plot_way(const struct scaling_view *view, const struct scaling_subject *subject,
                             size_t way, const struct scaling_curves *curves, struct plot *plot);

#endif
