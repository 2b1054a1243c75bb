/* Phasor networks: neurons are complex numbers of modulus 1, one of q roots of unity or, at q = 0, of any
 * phase. Couplings J = (1/N) sum_p xi_p xi_p^* with zero diagonal; a neuron takes the allowed state nearest
 * to its field h_i = sum_j J_ij s_j (Noest 1988; Cook 1989). q = 2 is Hebb's rule. */
#ifndef CORE_ASSOCIATIVE_PHASOR_H
#define CORE_ASSOCIATIVE_PHASOR_H

#include <complex.h>

#include "core/associative/hopfield.h"

enum { PHASOR_ANY = 0, PHASOR_STATES_MOST = 1024 };

/* Phases that move by less than this in one step stay: without it runs at q = 0 would not end. */
#define PHASOR_STEP_LEAST 1e-5

/* Like C11's CMPLX, which not every compiler has: parts must be finite. */
static inline double complex phasor_number(double re, double im) {
    return re + im * I;
}

/* `count` patterns, real and imaginary parts apart; what stands past the last pattern is 0. */
struct phasor_patterns {
    int states; /* q; PHASOR_ANY: any phase */
    size_t neurons, count;
    size_t stride;   /* from neuron to neuron: whole cache lines */
    double *re, *im; /* [neurons][stride] */
};

/* Patterns of zeros. STATUS_INVALID: no neurons, no patterns, or q that is neither 0 nor 2 ...
 * PHASOR_STATES_MOST. STATUS_NO_MEMORY. */
enum status phasor_patterns_create(int states, size_t neurons, size_t count,
                                   struct phasor_patterns **patterns);
void phasor_patterns_destroy(struct phasor_patterns **patterns);

/* Independent uniform states; those of neuron i are numbers 0, 1, ... of (key, RANDOM_PATTERNS, i). Uses
 * OpenMP threads. */
void phasor_patterns_draw(struct phasor_patterns *patterns, uint64_t key);

/* Makes the pattern of that index these spins[neurons], or gives it. */
void phasor_patterns_set(struct phasor_patterns *patterns, size_t index, const double complex *spins);
void phasor_patterns_spins(const struct phasor_patterns *patterns, size_t index, double complex *spins);

/* |sum_i xi_i^* s_i| / N: a phase that all neurons share is no error. */
double phasor_overlap(const struct phasor_patterns *patterns, size_t index, const double complex *spins);

/* The root of unity exp(2 pi i index / states); at multiples of a quarter exact. */
double complex phasor_root(int states, size_t index);

/* Replaces round(N (1 - overlap)) neurons, those whose random_bits(source, neuron) are smallest, by
 * independent states: what is left of the overlap is that on average. STATUS_NO_MEMORY. */
enum status phasor_disturb(int states, size_t neurons, double overlap, struct random_source source,
                           double complex *spins);

/* Runs `trials` states to where they stay: spins[trials][neurons] in place, which must be allowed states.
 * Random order and settings as in order_retrieve; a state as near as the nearest is kept. Float64: fields
 * that differ by at most 2^-32 of the largest possible one count as equal, so that every update lowers the
 * energy. Results are the same for any number of threads, and the same on all machines of one instruction
 * set; exact sums, so on all machines, at q = 2 and 4. STATUS_NO_MEMORY; STATUS_FAILED if the overlaps kept
 * up are not those of the final state (never happened). */
enum status phasor_retrieve(const struct phasor_patterns *patterns, const struct hopfield_settings *settings,
                            size_t trials, double complex *spins, struct outcome *outcomes,
                            struct error *error);

/* counts[s] = number of neurons of state s that would change; at q = 0 those that would move by
 * PHASOR_STEP_LEAST. */
enum status phasor_count_unstable(const struct phasor_patterns *patterns, size_t states,
                                  const double complex *spins, uint64_t *counts, struct error *error);

/* As order_bytes and order_operations. */
double phasor_bytes(size_t neurons, size_t patterns, size_t trials);
double phasor_operations(size_t neurons, size_t patterns, size_t trials);

#endif
