/* How the share of successes of one size falls with the load: a probit curve fitted to pattern sets, the load
 * of half success and where two such curves cross. */
#ifndef ANALYSIS_SUCCESS_CURVE_H
#define ANALYSIS_SUCCESS_CURVE_H

#include <stdbool.h>

#include "analysis/retrieval.h"

/* A probit through fewer loads cannot miss them. */
enum { CURVE_LOADS_LEAST = 4, CURVE_TERMS_MAX = 3 };

/* Success with probability Phi(c[0] + c[1] u + c[2] u^2), u = (load - centre) / width. */
struct success_curve {
    const struct size_group *size;
    size_t sets;        /* pattern sets at all loads */
    size_t fewest_sets; /* in any stratum: those that are resampled among each other */
    double level;       /* quantile of the share whose load is asked for; 0: one half */
    size_t terms;       /* 2: straight; 3: bent */
    double centre, width;
    double c[CURVE_TERMS_MAX];
    double scatter; /* variance of a set's successes over that of independent trials, at least 1 */
    double misfit;  /* deviations from the curve over their scatter, at least 1: intervals widen by it */
    struct interval half; /* the load of that share; whoever resamples fills it in */
};

/* Fits the size's curve, with the square term where it makes the points agree better than chance would. False
 * where the data do not determine it: fewer than four loads or eight sets, or the share not passed within the
 * measured loads. */
bool success_curve_fit(const struct size_group *size, double share, struct success_curve *curve);

/* The same on resampled sets into c, with the deviations from the curve widened by its misfit. Sets are
 * resampled among those of their load, or of neighbouring loads where one has fewer than eight. */
bool success_curve_resample(const struct success_curve *curve, struct resampler *resampler, double *c);

double success_curve_at(const struct success_curve *curve, double load);

/* The load where the curve with coefficients c falls through the share; NaN where it does not. */
double success_curve_load(const struct success_curve *curve, const double *c);

/* Where the larger size's curve falls below the smaller one's; NaN where it does not. `nearest`, for
 * replicates of curves that cross: where bent ones come nearest then. */
double success_curve_crossing(const struct success_curve *smaller, const double *c_smaller,
                              const struct success_curve *larger, const double *c_larger, bool nearest);

#endif
