/* Pictures of a capacity for the rows that rest on it. */
#ifndef ANALYSIS_CAPACITY_PLOTS_H
#define ANALYSIS_CAPACITY_PLOTS_H

#include "analysis/capacity.h"
#include "analysis/finding.h"

/* Replica symmetry broken, and simulations of the time with their error: Steffan & Kuehn 1994. Hopfield's own
 * estimate: 1982. */
#define CAPACITY_SYMMETRY_BROKEN       0.138186
#define CAPACITY_SIMULATIONS           0.145
#define CAPACITY_SIMULATIONS_DEVIATION 0.009
#define CAPACITY_HOPFIELD              0.15

/* Shares of successes against load with fitted curves: sizes that double from the smallest, the other sizes,
 * and both closely about the loads where they cross. STATUS_NO_MEMORY. */
enum status capacity_plot_curves(const struct capacity *capacity, struct finding *finding);

/* Half-success loads and crossings against N^(-1/2), extrapolations, and published figures beside them.
 * STATUS_NO_MEMORY. */
enum status capacity_plot_extrapolation(const struct capacity *capacity, struct finding *finding);

/* Synchronous updates beside asynchronous ones at the smallest and the largest size that has both: successes,
 * 2-cycles, runs that were cut off. STATUS_NO_MEMORY. */
enum status capacity_plot_dynamics(const struct retrieval *asynchronous, const struct retrieval *synchronous,
                                   struct finding *finding);

/* Estimates side by side with published figures. STATUS_NO_MEMORY. */
enum status capacity_plot_estimates(const struct capacity *capacity, struct finding *finding);

#endif
