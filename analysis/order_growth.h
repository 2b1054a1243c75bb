/* How the number of patterns that a memory holds grows with its neurons: the largest P at a given share of
 * wrong neurons, found by interpolation in the load at every size, and its exponent. */
#ifndef ANALYSIS_ORDER_GROWTH_H
#define ANALYSIS_ORDER_GROWTH_H

#include "analysis/retrieval.h"

/* Which neurons are wrong: those of a stored pattern that the first step would flip, or those of the final
 * state, (1 - m) / 2 of all, over all trials. */
enum growth_error { GROWTH_FIRST_STEP, GROWTH_FINAL, GROWTH_ERROR_COUNT };

enum {
    GROWTH_SIZES_MAX = 16,
    GROWTH_SIZES_LEAST = 4 /* an exponent from fewer proves nothing */
};

/* The largest size must be so many times the smallest. */
#define GROWTH_RATIO_LEAST 4

struct growth {
    size_t count;                     /* sizes with loads on both sides of the share */
    double neurons[GROWTH_SIZES_MAX]; /* rising */
    struct interval patterns[GROWTH_SIZES_MAX];
    struct interval exponent;  /* of P against N, log-log; NaN with too few sizes */
    struct interval corrected; /* the same beside a factor exp(c/N): what is left for infinite N */
    double factor;             /* P = factor N^exponent */
    size_t sets, fewest_sets;  /* pattern sets of the sizes used; the fewest at one load */
};

/* The share of wrong neurons of a cell, at least half a neuron's. */
double growth_error_share(const struct load_cell *cell, enum growth_error error, struct resampler *resampler);

/* Intervals by bootstrap over pattern sets, those of the exponents over sizes too. STATUS_NO_MEMORY. */
enum status growth_measure(const struct retrieval *retrieval, enum growth_error error, double share,
                           uint64_t key, struct growth *growth);

#endif
