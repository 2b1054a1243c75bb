/* Mean field of phasor networks at temperature 0, replica symmetric, computed (claims.md HC7; Noest 1988;
 * Cook 1989). A neuron's field is m + sqrt(load r) z, z complex normal with <|z|^2> = 1, so that with y = m /
 * sqrt(load r), c(y) = <Re z^* s(y + z)> and r = 1 / (1 - c / sqrt(load r))^2 sqrt(load) = m(y) / y - c(y),
 * m(y) = <Re s(y + z)>, s the allowed state nearest to its argument. For any phase: load = (pi/4) (exp(-x)
 * I_1(x))^2, x = y^2/2. */
#ifndef ANALYSIS_THEORY_PHASOR_H
#define ANALYSIS_THEORY_PHASOR_H

/* The largest load with a retrieval state of q states a neuron (0: any phase), the maximum over y; its
 * overlap into *overlap (may be NULL). At q = 2 and 4 that of the binary network. */
double theory_phasor_capacity(int states, double *overlap);

#endif
