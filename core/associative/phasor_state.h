/* A state of a phasor network: spins and their overlaps with all patterns. Private to phasor*.c. */
#ifndef CORE_ASSOCIATIVE_PHASOR_STATE_H
#define CORE_ASSOCIATIVE_PHASOR_STATE_H

#include "core/associative/phasor.h"

struct phasor_state {
    const struct phasor_patterns *patterns;
    double complex *roots; /* [states] */
    double complex *spins; /* [neurons] */
    double *re, *im;       /* [stride]: overlaps M_p = sum_i xi_i^* s_i */
    double zero;           /* fields N h that differ by no more are equal */
};

/* A state without contents. STATUS_NO_MEMORY: clear it all the same. */
enum status phasor_state_allocate(const struct phasor_patterns *patterns, struct phasor_state *state);
void phasor_state_clear(struct phasor_state *state);
double phasor_state_bytes(size_t neurons, size_t patterns);

/* Takes over spins[neurons] and computes their overlaps. */
void phasor_state_set(struct phasor_state *state, const double complex *spins);

/* The state that the neuron's field asks for: its present one if that is as near as the nearest; of two that
 * are, the one nearer to it. */
double complex phasor_state_wanted(const struct phasor_state *state, size_t neuron);

/* Puts a neuron into a state. */
void phasor_state_change(struct phasor_state *state, size_t neuron, double complex spin);

/* Sum of |M_p|^2: -2 N times the energy, but for a constant. */
double phasor_state_alignment(const struct phasor_state *state);

#endif
