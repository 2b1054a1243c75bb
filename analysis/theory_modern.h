/* Modern continuous Hopfield networks with many random patterns: the mean over the patterns' directions. */
#ifndef ANALYSIS_THEORY_MODERN_H
#define ANALYSIS_THEORY_MODERN_H

/* Patterns of norm sqrt(d) in random directions, inverse temperature beta, a start at a pattern: how many at
 * which one update ends at that relative error. The others together weigh (P - 1) M with M = E exp(beta d t),
 * t the cosine between two patterns, against exp(beta d), and pull towards t' xi, t' = d ln M / d(beta d):
 * error = (1 - t') times the share of their weight. The sum is taken at its mean, what they pull sideways is
 * left out: right for many patterns. NaN: error not below 1 - t', which no number of patterns reaches. */
double theory_modern_patterns(double dimension, double beta, double error);

/* What ln P grows by per dimension at beta = 1: 1 - max over t of (t + ln(1 - t^2) / 2) = 0.6225. */
double theory_modern_rate(void);

#endif
