/* The load at which retrieval breaks, for infinitely many neurons, from success curves of several sizes
 * (claims.md HC1). Two estimators: where half of the trials succeed, and where the curves of sizes N and 2N
 * cross; both go to the capacity with a correction that falls as a power of the size. */
#ifndef ANALYSIS_CAPACITY_H
#define ANALYSIS_CAPACITY_H

#include "analysis/success_curve.h"

enum {
    CAPACITY_SIZES_MAX = 24,
    CAPACITY_SIZES_LEAST = 4 /* an extrapolation from fewer proves nothing */
};

/* Theory's exponents of the correction, and the range in which they are fitted. Half-success loads: N^(-1/2),
 * as wide as the curves are, with the next order, 1/N: nine sizes refute the first alone, so that fewer,
 * which cannot, must leave the next open too. What shifts all curves by N^(-1/2) drops out where two of them
 * cross, which leaves 1/N; an exponent fitted to the crossings may say that it has not dropped out. */
#define CAPACITY_HALF_EXPONENT     0.5
#define CAPACITY_HALF_EXPONENT_LOW 0.25
#define CAPACITY_CROSSING_EXPONENT 1.0
#define CAPACITY_EXPONENT_HIGH     1.5

/* Sizes N and 2N. */
struct curve_pair {
    size_t smaller, larger; /* into curves */
    struct interval crossing;
};

/* An extrapolation to infinite size. */
struct extrapolation {
    struct interval limit;
    double exponent, amplitudes[2]; /* of the correction; of its next order, 0 without */
    double allowed[2];              /* the range in which the exponent was fitted; both 0: it was given */
    double misfit;                  /* of the sizes, at least 1; the interval is widened by it */
};

struct capacity {
    size_t curve_count, pair_count;
    struct success_curve curves[CAPACITY_SIZES_MAX];
    struct curve_pair pairs[CAPACITY_SIZES_MAX];
    size_t left_out;        /* sizes of four loads or more that give no curve, see success_curve_fit */
    double largest_misfit;  /* of all curves */
    double largest_scatter; /* of all curves */
    size_t used_sets;       /* of all curves */
    size_t fewest_sets;     /* in any stratum of any curve */
    struct extrapolation half_leading; /* of the half-success loads, without the next order: for comparison */
    struct extrapolation half_theory, half_fitted;
    struct extrapolation crossing_theory, crossing_fitted; /* fitted: four pairs or more */
    struct interval by_half, by_crossing;                  /* both ways of extrapolating together */
    struct interval estimate;                              /* both estimators together */
};

/* Whether the exponent was fitted and lies at an end of its range: the data would have it beyond. */
bool extrapolation_is_at_limit(const struct extrapolation *made);

/* The fitted value at a size. */
double extrapolation_at(const struct extrapolation *made, double neurons);

/* Measures; what the data do not give is unknown (see interval_unknown). Intervals by bootstrap over pattern
 * sets within each size and load. STATUS_NO_MEMORY. */
enum status capacity_measure(const struct retrieval *retrieval, uint64_t key, struct capacity *capacity);

#endif
