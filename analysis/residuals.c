/* What a fit leaves of the data it was fitted to, as a plot of its own behind the fold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/finding.h"
#include "core/base/memory.h"

static struct plot *residual_plot(struct finding *finding, const struct plot *plot, enum residual kind) {
    static const char *const labels[] = {
        [RESIDUAL_RATIO] = "measured over fit", [RESIDUAL_DIFFERENCE] = "measured minus fit"};
    char name[sizeof plot->name + 16], title[sizeof plot->title + 16];
    snprintf(name, sizeof name, "%s_residuals", plot->name);
    for (size_t i = 0; i < finding->plot_count; i++)
        if (strcmp(finding->plots[i].name, name) == 0) return &finding->plots[i];
    snprintf(title, sizeof title, "%s: residuals", plot->title);
    struct plot *residuals = finding_plot(finding, name, title, plot->x_label, labels[kind]);
    if (residuals == NULL) return NULL;
    residuals->folded = true;
    residuals->x_log = plot->x_log;
    residuals->beside = kind == RESIDUAL_RATIO;
    return residuals;
}

static double residual(double value, double fitted, enum residual kind) {
    return kind == RESIDUAL_RATIO ? value / fitted : value - fitted;
}

/* The line on which all points of a perfect fit lie, as wide as all series. */
static enum status extend_line(struct plot *residuals, const struct series *points, enum residual kind) {
    double level = kind == RESIDUAL_RATIO ? 1 : 0, ends[2] = {INFINITY, -INFINITY},
           levels[2] = {level, level};
    for (size_t i = 0; i < points->count; i++) {
        ends[0] = fmin(ends[0], points->x[i]);
        ends[1] = fmax(ends[1], points->x[i]);
    }
    if (residuals->series_count == 0)
        return plot_series(residuals, "", PLOT_DASHED, 6, 2, ends, levels, NULL, NULL);
    double *x = residuals->series[0].x;
    x[0] = fmin(x[0], ends[0]);
    x[1] = fmax(x[1], ends[1]);
    return STATUS_OK;
}

enum status finding_residuals(struct finding *finding, const struct plot *plot, const struct series *points,
                              enum residual kind, double (*curve)(double x, const void *context),
                              const void *context) {
    if (plot == NULL || points == NULL || points->count == 0) return STATUS_OK;
    struct plot *residuals = residual_plot(finding, plot, kind);
    if (residuals == NULL) return STATUS_OK;
    CHECK(extend_line(residuals, points, kind));
    size_t count = points->count;
    bool bars = points->low != NULL;
    double *left = memory_allocate(3 * count, sizeof *left);
    if (left == NULL) return STATUS_NO_MEMORY;
    double *low = left + count, *high = low + count;
    for (size_t i = 0; i < count; i++) {
        double fitted = curve(points->x[i], context);
        left[i] = residual(points->y[i], fitted, kind);
        low[i] = residual(bars ? points->low[i] : NAN, fitted, kind);
        high[i] = residual(bars ? points->high[i] : NAN, fitted, kind);
    }
    enum plot_style style = points->style == PLOT_DASHED ? PLOT_HOLLOW : PLOT_POINTS;
    enum status status = plot_series(residuals, points->label, style, points->colour, count, points->x, left,
                                     bars ? low : NULL, bars ? high : NULL);
    memory_free(left);
    return status;
}
