/* Sizes at which what a layer reads again and again outgrows a cache: marks in plots of its time. */
#ifndef ANALYSIS_CACHE_EDGE_H
#define ANALYSIS_CACHE_EDGE_H

#include "analysis/plot.h"
#include "analysis/scaling.h"
#include "results/store.h"

/* Bytes in float32 that a layer like that of the record reads again and again, had `variable` this value: a
 * convolution its weights, a recurrent layer the weights of a step, attention keys and values of a head. NAN:
 * they do not grow with it, or not of these layers. */
double cache_edge_bytes(const struct record *record, const char *variable, double value);

/* Adds a dotted line across the plot of a sweep for each cache that the records of the experiment `machine`
 * name and that fills within it; `part` leads its name in the key. NULL plot: nothing. STATUS_NO_MEMORY. */
enum status cache_edge_plot(const struct results *results, const struct sweep *sweep, const char *variable,
                            const char *part, int colour, struct plot *plot);

#endif
