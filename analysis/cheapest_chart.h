/* All layers' costs at published shapes as charts of rows. */
#ifndef ANALYSIS_CHEAPEST_CHART_H
#define ANALYSIS_CHEAPEST_CHART_H

#include "analysis/claim.h"
#include "analysis/shape_costs.h"

enum { CHART_SHAPES_MAX = 16 };

/* Costs of one kind, operations or seconds, over those of attention with its projections. */
struct cheapest_chart {
    size_t count;
    char names[CHART_SHAPES_MAX][48];
    double cost[CANDIDATES][CHART_SHAPES_MAX]; /* NaN: not measured */
    double low[CANDIDATES][CHART_SHAPES_MAX], high[CANDIDATES][CHART_SHAPES_MAX];
};

/* Adds a shape as the next row, by operations or by times, whose bars hold 95 % of the samples. One too many
 * is dropped, and for times one where attention was not measured. */
void cheapest_chart_add(struct cheapest_chart *chart, const struct shape_costs *costs, bool time);

/* Draws it; a full finding gets none, nor does an empty chart give one. STATUS_NO_MEMORY. */
enum status cheapest_chart_plot(const struct cheapest_chart *chart, bool time, struct finding *finding);

#endif
