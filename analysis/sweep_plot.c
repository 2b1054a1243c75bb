#include "analysis/sweep_plot.h"

#include <math.h>

#include <gsl/gsl_statistics_double.h>

#include "analysis/finding.h"

enum status sweep_plot_points(struct plot *plot, const char *label, enum plot_style style, int colour,
                              const struct sweep *sweep, size_t first, size_t end) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX], low[SWEEP_POINTS_MAX], high[SWEEP_POINTS_MAX];
    for (size_t i = first; i < end; i++) {
        const struct sweep_point *point = &sweep->points[i];
        x[i - first] = point->x;
        y[i - first] = point->typical;
        low[i - first] = gsl_stats_quantile_from_sorted_data(point->values, 1, point->count, 0.025);
        high[i - first] = gsl_stats_quantile_from_sorted_data(point->values, 1, point->count, 0.975);
    }
    return plot_series(plot, label, style, colour, end - first, x, y, low, high);
}

double power_law_curve(double x, const void *context) {
    const struct power_law *law = context;
    return law->factor * pow(x, law->exponent.value);
}
