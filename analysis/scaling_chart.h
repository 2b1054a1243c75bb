/* A chart of rows: each way to split on the most ranks it ran on, strong and weak scaling beside each other.
 */
#ifndef ANALYSIS_SCALING_CHART_H
#define ANALYSIS_SCALING_CHART_H

#include "analysis/plot.h"
#include "analysis/rank_scaling.h"

/* Efficiencies by row. */
struct scaling_marks {
    size_t count;
    double value[PLOT_ROWS_MAX], low[PLOT_ROWS_MAX], high[PLOT_ROWS_MAX], row[PLOT_ROWS_MAX];
};

/* In the making; begins with the plot and zeros. */
struct scaling_chart {
    struct plot *plot;
    struct scaling_marks measured[SCALING_KINDS], bounds;
};

/* Adds a row for a way with points in any of curves[SCALING_KINDS]; nothing without. STATUS_NO_MEMORY. */
enum status scaling_chart_way(struct scaling_chart *chart, const struct scaling_subject *subject, size_t way,
                              const struct scaling_curves *curves);

/* Draws the rows. STATUS_NO_MEMORY. */
enum status scaling_chart_end(struct scaling_chart *chart);

#endif
