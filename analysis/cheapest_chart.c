#include "analysis/cheapest_chart.h"

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_statistics_double.h>

#include "analysis/finding.h"

enum { NOTE_CORE, NOTE_LAYER };

/* NaN for no samples. */
static double quantile(const struct sweep_point *point, double part) {
    return point->count == 0 ? NAN
                             : gsl_stats_quantile_from_sorted_data(point->values, 1, point->count, part);
}

void cheapest_chart_add(struct cheapest_chart *chart, const struct shape_costs *costs, bool time) {
    double layer = time ? costs->seconds[LAYER].typical : costs->work[LAYER];
    if (chart->count == CHART_SHAPES_MAX || isnan(layer)) return;
    size_t row = chart->count++;
    const struct published_shape *shape = costs->shape;
    snprintf(chart->names[row], sizeof chart->names[row], "%s %.0f x %.0f", shape->title, shape->length,
             shape->width);
    for (size_t i = 0; i < CANDIDATES; i++) {
        const struct sweep_point *seconds = &costs->seconds[i];
        double cost = time ? seconds->typical : costs->work[i];
        chart->cost[i][row] = cost / layer;
        chart->low[i][row] = (time ? quantile(seconds, 0.025) : cost) / layer;
        chart->high[i][row] = (time ? quantile(seconds, 0.975) : cost) / layer;
    }
}

/* "-" unless all that are compared are known. */
static const char *cheapest(const struct cheapest_chart *chart, size_t row, size_t attention) {
    size_t least = attention;
    for (size_t i = RIVALS; i < CANDIDATES; i++) {
        if (isnan(chart->cost[i][row])) return "-";
        if (chart->cost[i][row] < chart->cost[least][row]) least = i;
    }
    return least == attention ? "attention" : candidate_names[least];
}

static enum status add_rows(const struct cheapest_chart *chart, struct plot *plot) {
    snprintf(plot->note_heads[NOTE_CORE], sizeof plot->note_heads[0], "cheapest: core");
    snprintf(plot->note_heads[NOTE_LAYER], sizeof plot->note_heads[0], "whole layer");
    for (size_t row = 0; row < chart->count; row++) {
        struct plot_row *line = plot_add_row(plot, chart->names[row]);
        if (line == NULL) return STATUS_NO_MEMORY;
        snprintf(line->notes[NOTE_CORE], sizeof line->notes[0], "%s", cheapest(chart, row, CORE));
        snprintf(line->notes[NOTE_LAYER], sizeof line->notes[0], "%s", cheapest(chart, row, LAYER));
    }
    return STATUS_OK;
}

static enum status plot_candidate(const struct cheapest_chart *chart, size_t candidate, int colour, bool time,
                                  struct plot *plot) {
    double y[CHART_SHAPES_MAX];
    for (size_t row = 0; row < chart->count; row++)
        y[row] = (double)row;
    const char *name = candidate == CORE ? "attention, core" : candidate_names[candidate];
    return plot_series(plot, name, PLOT_POINTS, colour, chart->count, chart->cost[candidate], y,
                       time ? chart->low[candidate] : NULL, time ? chart->high[candidate] : NULL);
}

enum status cheapest_chart_plot(const struct cheapest_chart *chart, bool time, struct finding *finding) {
    if (chart->count == 0) return STATUS_OK;
    struct plot *plot =
        finding_plot(finding, time ? "cx6_shapes_time" : "cx6_shapes_flops",
                     time ? "Time of layers at published shapes" : "Operations of layers at published shapes",
                     time ? "time over that of attention with its projections"
                          : "operations over those of attention with projections",
                     "");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Length x width. %s Notes: the cheapest, with the core alone and with attention as a whole layer.",
        time ? "Measured, one thread; bars hold 95 % of the samples. Only shapes that were measured."
             : "From counted terms.");
    CHECK(add_rows(chart, plot));
    int colour = 0;
    for (size_t i = 0; i < CANDIDATES; i++)
        if (i != LAYER) CHECK(plot_candidate(chart, i, colour++, time, plot));
    return STATUS_OK;
}
