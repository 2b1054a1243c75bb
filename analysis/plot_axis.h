/* The axes of a plot: what they span, and where their tics are. Private to this folder. */
#ifndef ANALYSIS_PLOT_AXIS_H
#define ANALYSIS_PLOT_AXIS_H

#include <stdio.h>

#include "analysis/plot.h"

struct plot_axis {
    char name; /* 'x' or 'y' */
    bool log;
    bool binary; /* a logarithmic axis whose points lie at powers of two */
    double low, high;
};

/* The axis as the plot asks for it, else what its drawable points and bars span, and a margin or the
 * map. */
struct plot_axis plot_axis_of(const struct plot *plot, char name);

/* Whether a point of a series can be drawn on such axes. */
bool plot_drawable(const struct plot *plot, const struct series *series, size_t point);

/* Prints range, scale and tics for gnuplot. */
void plot_axis_print(const struct plot_axis *axis, FILE *out);

#endif
