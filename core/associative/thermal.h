/* A trial in a heat bath: what dynamics_glauber needs beside the retrieval, and its sums over time. Private
 * to this folder. */
#ifndef CORE_ASSOCIATIVE_THERMAL_H
#define CORE_ASSOCIATIVE_THERMAL_H

#include "core/associative/heat_bath.h"
#include "core/associative/state.h"
#include "core/associative/sweep_order.h"

struct thermal {
    /* Set by thermal_begin. */
    const struct heat_bath *bath;
    struct random_source noise; /* index sweep << 32 | neuron */
    const int8_t *reference;    /* [neurons] */
    struct thermal_averages *averages;

    /* Memory of the thread. */
    size_t neurons;
    struct sweep_order *order;
    uint64_t *bits; /* [neurons] of the sweep */
    int8_t *spins;  /* [neurons], kept beside the state's */
    int32_t *sums;  /* [2][neurons]: of spins over the halves of the measurement */

    /* Sums over the measured sweeps. */
    int64_t overlap; /* N m now */
    size_t sweeps, second_half;
    double overlap_sum, overlap_squares, alignment_sum;
};

/* STATUS_NO_MEMORY. */
enum status thermal_create(size_t neurons, struct thermal **thermal);
void thermal_destroy(struct thermal **thermal);

/* Bytes of one. */
double thermal_bytes(size_t neurons);

/* Begins a trial: `number` counts within the settings' arrays, `part` tells its random numbers apart. */
void thermal_begin(struct thermal *thermal, const struct heat_bath *bath, const struct state *state,
                   size_t number, uint64_t key, uint32_t part);

/* Takes note of a flip that happened. */
void thermal_flipped(struct thermal *thermal, size_t neuron);

/* Counts the state at the end of a sweep that is measured. */
void thermal_measure(struct thermal *thermal, const struct state *state);

/* Writes the averages of the trial. */
void thermal_end(struct thermal *thermal);

#endif
