/* The phases of a Hebbian network at temperature T, replica symmetric, computed (claims.md HF4; Amit,
 * Gutfreund & Sompolinsky, Annals of Physics 173, 1987). Load = patterns / neurons, beta = 1 / T.
 * Temperatures of 0.01 or more; below, theory.h has the limit. */
#ifndef ANALYSIS_THEORY_PHASE_H
#define ANALYSIS_THEORY_PHASE_H

/* A solution of m = <tanh beta (m + s z)>, q = <tanh^2 beta (m + s z)>, s^2 = load r, r = q / (1 - beta
 * (1 - q))^2, z normal. */
struct phase_state {
    double overlap; /* m */
    double order;   /* q, of Edwards and Anderson */
    double noise;   /* r */
};

/* The retrieval state with the larger overlap. False, and all 0: there is none. */
int theory_phase_retrieval(double load, double temperature, struct phase_state *state);

/* The spin-glass state, m = 0 < q. False, and all 0: there is none, above theory_phase_glass_temperature. */
int theory_phase_glass(double load, double temperature, struct phase_state *state);

/* Free energy per neuron of any m, q, r, at which these solutions are stationary:
 *     f = load / 2 + m^2 / 2 + load beta r (1 - q) / 2 - T <log 2 cosh beta (m + s z)>
 *         + load T / 2 (log(1 - beta (1 - q)) - beta q / (1 - beta (1 - q))). */
double theory_phase_free_energy(double load, double temperature, const struct phase_state *state);

/* The largest load with a retrieval state at a temperature, 0 from T = 1 on, and its overlap into *overlap
 * (may be NULL). Below T = 0.1 or so it rises slightly with temperature: replica symmetry is broken there. */
double theory_phase_load(double temperature, double *overlap);

/* T_M: the highest temperature with a retrieval state at a load below the capacity at T = 0.01, and its
 * overlap into *overlap (may be NULL); 1 at load 0. NaN beyond. */
double theory_phase_retrieval_temperature(double load, double *overlap);

/* The load up to which, at a temperature, the retrieval state has the lower free energy of the two;
 * from there to theory_phase_load it is metastable. The line T_c; at T = 0 it comes to about 0.05. */
double theory_phase_global_load(double temperature);

/* T_g = 1 + sqrt(load): above it no spin is frozen. */
double theory_phase_glass_temperature(double load);

#endif
