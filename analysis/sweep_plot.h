/* Sweeps and the power laws fitted to them, as series of a plot. */
#ifndef ANALYSIS_SWEEP_PLOT_H
#define ANALYSIS_SWEEP_PLOT_H

#include "analysis/plot.h"
#include "analysis/scaling.h"

/* Adds points first .. end - 1: medians, with bars that hold 95 % of the samples. NULL plot: nothing.
 * STATUS_NO_MEMORY. */
enum status sweep_plot_points(struct plot *plot, const char *label, enum plot_style style, int colour,
                              const struct sweep *sweep, size_t first, size_t end);

/* factor x^exponent of the struct power_law that is the context, for plot_curve. */
double power_law_curve(double x, const void *context);

#endif
