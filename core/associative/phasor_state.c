#include "core/associative/phasor_state.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

static const double TURN = 6.283185307179586477;

enum status phasor_state_allocate(const struct phasor_patterns *patterns, struct phasor_state *state) {
    *state = (struct phasor_state){
        .patterns = patterns,
        .roots = memory_allocate((size_t)patterns->states, sizeof *state->roots),
        .spins = memory_allocate(patterns->neurons, sizeof *state->spins),
        .re = memory_allocate(patterns->stride, sizeof *state->re),
        .im = memory_allocate(patterns->stride, sizeof *state->im),
        .zero = 0x1p-32 * (double)patterns->count * (double)patterns->neurons,
    };
    if (!state->roots || !state->spins || !state->re || !state->im) return STATUS_NO_MEMORY;
    for (size_t k = 0; k < (size_t)patterns->states; k++)
        state->roots[k] = phasor_root(patterns->states, k);
    return STATUS_OK;
}

void phasor_state_clear(struct phasor_state *state) {
    memory_free(state->roots);
    memory_free(state->spins);
    memory_free(state->re);
    memory_free(state->im);
}

double phasor_state_bytes(size_t neurons, size_t patterns) {
    double lines = 4 * MEMORY_ALIGNMENT;
    return 16.0 * ((double)neurons + (double)patterns + PHASOR_STATES_MOST) + lines;
}

static size_t row_of(const struct phasor_state *state, size_t neuron) {
    return neuron * state->patterns->stride;
}

/* Adds to all overlaps what a neuron gains. */
static void add_to_overlaps(struct phasor_state *state, size_t neuron, double complex gain) {
    const struct phasor_patterns *patterns = state->patterns;
    const double factor[2] = {creal(gain), cimag(gain)};
    size_t row = row_of(state, neuron);
    kernels()->add_conjugate_f64(patterns->stride, factor, patterns->re + row, patterns->im + row, state->re,
                                 state->im);
}

void phasor_state_set(struct phasor_state *state, const double complex *spins) {
    memcpy(state->spins, spins, state->patterns->neurons * sizeof *spins);
    memset(state->re, 0, state->patterns->stride * sizeof *state->re);
    memset(state->im, 0, state->patterns->stride * sizeof *state->im);
    for (size_t i = 0; i < state->patterns->neurons; i++)
        add_to_overlaps(state, i, spins[i]);
}

/* N h_i = sum_p xi_i M - P s_i. */
static double complex field_of(const struct phasor_state *state, size_t neuron) {
    const struct phasor_patterns *patterns = state->patterns;
    size_t row = row_of(state, neuron);
    double dot[2];
    kernels()->complex_dot_f64(patterns->stride, patterns->re + row, patterns->im + row, state->re, state->im,
                               dot);
    return phasor_number(dot[0], dot[1]) - (double)patterns->count * state->spins[neuron];
}

/* How far a points along b: Re(a^* b). */
static double along(double complex a, double complex b) {
    return creal(a) * creal(b) + cimag(a) * cimag(b);
}

static double complex nearest_phase(const struct phasor_state *state, double complex field,
                                    double complex spin) {
    double magnitude = cabs(field);
    if (magnitude <= state->zero) return spin;
    double complex wanted = field / magnitude;
    return cabs(wanted - spin) < PHASOR_STEP_LEAST ? spin : wanted;
}

static double complex nearest_root(const struct phasor_state *state, double complex field,
                                   double complex spin) {
    long states = state->patterns->states;
    long nearest = (lround(carg(field) / TURN * (double)states) + states) % states;
    double complex wanted = state->roots[nearest];
    double least = along(wanted, field) - state->zero;
    if (along(spin, field) >= least) return spin;
    for (long side = -1; side <= 1; side += 2) {
        double complex other = state->roots[(nearest + states + side) % states];
        if (along(other, field) >= least && along(other, spin) > along(wanted, spin)) wanted = other;
    }
    return wanted;
}

double complex phasor_state_wanted(const struct phasor_state *state, size_t neuron) {
    double complex field = field_of(state, neuron), spin = state->spins[neuron];
    return state->patterns->states == PHASOR_ANY ? nearest_phase(state, field, spin)
                                                 : nearest_root(state, field, spin);
}

void phasor_state_change(struct phasor_state *state, size_t neuron, double complex spin) {
    add_to_overlaps(state, neuron, spin - state->spins[neuron]);
    state->spins[neuron] = spin;
}

double phasor_state_alignment(const struct phasor_state *state) {
    double sum = 0;
    for (size_t p = 0; p < state->patterns->count; p++)
        sum += state->re[p] * state->re[p] + state->im[p] * state->im[p];
    return sum;
}
