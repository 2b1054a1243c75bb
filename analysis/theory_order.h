/* Reference values for associative memories of order K, computed from their formulas (claims.md HC4). The
 * scaled load a is the variance of the crosstalk: P/N^(K-1) times (2K-3)!! for full powers, (K-1)! for
 * distinct tuples. */
#ifndef ANALYSIS_THEORY_ORDER_H
#define ANALYSIS_THEORY_ORDER_H

#include <stdbool.h>

/* a over P/N^(K-1). */
double theory_order_scale(int order, bool distinct);

/* Overlap of the retrieval state in mean field: the largest m = erf(m^(K-1) / sqrt(2 a)) for K >= 3, and
 * theory_overlap for K = 2, where the other patterns are correlated with the state. 0 beyond the spinodal, 1
 * at a = 0. */
double theory_order_overlap(int order, double scaled_load);

/* The scaled load beyond which that state is none: max over y of erf(y)^(2K-2) / (2 y^2), K >= 3. */
double theory_order_spinodal(int order);

/* The scaled load at which that share of a stored pattern's neurons flips in the first step: Gaussian
 * crosstalk of variance a against a signal of 1. */
double theory_order_first_step_load(double error);

#endif
