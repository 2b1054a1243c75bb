/* Reference curves from theory, computed and never looked up. Load = patterns / neurons. */
#ifndef ANALYSIS_THEORY_H
#define ANALYSIS_THEORY_H

/* Overlap of the retrieval state of a Hebbian network at temperature 0 (replica symmetric; Amit, Gutfreund,
 * Sompolinsky 1987): m = erf(y) at the larger root y of sqrt(2 load) = erf(y)/y - (2/sqrt(pi)) exp(-y^2).
 * 0 above the capacity, 1 at load 0, NaN for a negative load. */
double theory_overlap(double load);

/* The largest load at which that state exists, the maximum over y of the right-hand side; its overlap into
 * *overlap (may be NULL). */
double theory_capacity(double *overlap);

/* Probability that a neuron of a stored pattern flips in the first step: erfc(1 / sqrt(2 load)) / 2. */
double theory_first_step_error(double load);

/* How many patterns of so many neurons can be perfect with probability `share`: one pattern is a fixed point,
 * or (all) every pattern of a set is. Neurons taken as independent, crosstalk as Gaussian: (1 - p)^N or (1 -
 * p)^(N P) with p = erfc((N - 1/2) / sqrt(2 (P - 1) (N - 1))) / 2, the probability that the P - 1 other
 * patterns turn a field; a field of zero keeps the state, which is half the 1/2. */
double theory_perfect_patterns(double neurons, double share, int all);

/* What that becomes for large N (McEliece, Posner, Rodemich & Venkatesh 1987): N / (2 ln N), N / (4 ln N). */
double theory_perfect_law(double neurons, int all);

/* --- executed work of a layer of the chapter's comparison, leading terms with constants -------------- */

enum theory_rival { RIVAL_RNN, RIVAL_GRU, RIVAL_LSTM, RIVAL_CONVOLUTION, RIVAL_COUNT };

const char *theory_rival_name(enum theory_rival rival);

/* Operations of the rival on one sequence: the products of its gates with input and state, or of its taps. */
double theory_rival_work(enum theory_rival rival, double length, double width, double kernel_size);

/* Those of the core softmax(Q K^T) V on one sequence: 4 d for each pair of positions, under a causal mask
 * those that are seen. */
double theory_core_work(double length, double width, int causal);

/* Those of the four projections, two of them to as wide keys and values: 4 L d (d + kv_width). */
double theory_projection_work(double length, double width, double kv_width);

/* The length at which self-attention's floating-point operations equal the rival's, at equal width: core
 * softmax(Q K^T) V alone, 4 L^2 d, or with the projections, + 8 L d^2 (claims.md CX6). kernel_size matters
 * for the convolution only. 0 or less: attention is never cheaper. */
double theory_crossover(enum theory_rival rival, double width, double kernel_size, int with_projections);

/* The chapter's order: attention is cheaper when L < d (recurrent), L < k d (convolution). */
double theory_crossover_order(enum theory_rival rival, double width, double kernel_size);

#endif
