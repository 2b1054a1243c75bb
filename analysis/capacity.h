/* The load at which retrieval breaks, for infinitely many neurons, from success curves of several sizes
 * (claims.md HC1). Two estimators: where half of the trials succeed, and where the curves of sizes N and 2N
 * cross; both go to the capacity with a correction that falls as a power of the size. */
#ifndef ANALYSIS_CAPACITY_H
#define ANALYSIS_CAPACITY_H

#include "analysis/retrieval.h"

enum {
    CAPACITY_SIZES_MAX = 24,
    CAPACITY_SIZES_LEAST = 4 /* an extrapolation from fewer proves nothing */
};

/* Exponents of the correction that are tried when it is fitted. */
#define CAPACITY_EXPONENT_LOW  0.25
#define CAPACITY_EXPONENT_HIGH 1.5

/* One size whose curve passes one half within the measured loads. */
struct success_curve {
    const struct size_group *size;
    size_t sets;             /* pattern sets at all loads that are used */
    double intercept, slope; /* probit: success with probability Phi(intercept + slope load) */
    double misfit; /* deviations from the curve over their scatter, at least 1: intervals widen by it */
    struct interval half; /* the load of half success */
};

/* Sizes N and 2N. */
struct curve_pair {
    size_t smaller, larger; /* into curves */
    struct interval crossing;
};

/* An extrapolation to infinite size. */
struct extrapolation {
    struct interval limit;
    double amplitude, exponent;
};

struct capacity {
    size_t curve_count, pair_count;
    struct success_curve curves[CAPACITY_SIZES_MAX];
    struct curve_pair pairs[CAPACITY_SIZES_MAX];
    size_t left_out;       /* sizes with too few sets, or whose loads do not bracket one half */
    double largest_misfit; /* of all curves */
    size_t used_sets;      /* of all curves */
    size_t fewest_sets;    /* at any load of any curve */
    struct extrapolation half_square_root, half_fitted; /* of the half-success loads */
    struct extrapolation crossing;                      /* of the crossings, exponent one half */
    struct interval by_half, by_crossing;               /* both ways of extrapolating together */
    struct interval estimate;                           /* both estimators together */
};

/* Measures; what the data do not give is unknown (see interval_unknown). Intervals by bootstrap over pattern
 * sets within each size and load. STATUS_NO_MEMORY. */
enum status capacity_measure(const struct retrieval *retrieval, uint64_t key, struct capacity *capacity);

#endif
