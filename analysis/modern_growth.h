/* How the number of patterns that a modern continuous Hopfield network holds grows with the dimension. */
#ifndef ANALYSIS_MODERN_GROWTH_H
#define ANALYSIS_MODERN_GROWTH_H

#include "analysis/statistics.h"
#include "results/store.h"

enum {
    MODERN_SIZES_MAX = 16,
    MODERN_SIZES_LEAST = 5, /* dimensions: a curve of three numbers takes more than four */
    MODERN_SETS_LEAST = 4   /* pattern sets at each number of patterns */
};

/* A trial succeeds within this relative error after one update (claims.md HC8). */
#define MODERN_SUCCESS_ERROR 0.1

/* The largest sqrt(dimension) must be so many times the smallest, to tell d from its root. */
#define MODERN_ROOT_RATIO_LEAST 1.4

/* The columns that are read. */
#define MODERN_GROWTH_COLUMNS "dimension patterns scaling initial_error relative_error"

struct modern_growth {
    size_t count;                               /* dimensions with numbers of patterns on both sides */
    double dimensions[MODERN_SIZES_MAX];        /* rising */
    struct interval patterns[MODERN_SIZES_MAX]; /* half of the trials succeed */
    struct interval exponent;                   /* g in ln P = a + b d^g */
    struct interval slope, root_slope;          /* b in ln P = a + b d, and = a + b sqrt(d) */
    struct interval misfit_ratio; /* residual sum of squares of the first line over that of both */
    double intercept, root_intercept;
    size_t records, fewest_sets;
};

/* Trials that start at a stored pattern under that scaling ("one", "inverse_sqrt"). Half of the trials
 * succeed where the median of their errors is the error of success, interpolated between the logarithms of
 * errors and numbers of patterns. Intervals by bootstrap over pattern sets, those of the fits over dimensions
 * too. STATUS_NO_MEMORY. */
enum status modern_growth_measure(const struct results *results, const char *scaling, uint64_t key,
                                  struct modern_growth *growth);

#endif
