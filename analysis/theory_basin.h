/* Basins of attraction of a Hebbian network in the theory of Amari & Maginu 1988. */
#ifndef ANALYSIS_THEORY_BASIN_H
#define ANALYSIS_THEORY_BASIN_H

/* The initial overlap from which synchronous updates reach the pattern, for infinitely many neurons: the
 * overlap m and the variance of the noise go on as m' = erf(m / (sqrt 2 sigma)), sigma'^2 = load + 4 p^2 + 4
 * load p m m' / sigma, with p the normal density at m / sigma and sigma^2 = load at first. Noise is taken as
 * normal and correlated over one step only, so that retrieval lasts to load 0.16, not 0.138. NaN beyond, and
 * for a load that is not positive. */
double theory_critical_overlap(double load);

#endif
