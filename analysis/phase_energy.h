/* Energies of states that dynamics come to from a pattern and from random spins: which of them lie lower. */
#ifndef ANALYSIS_PHASE_ENERGY_H
#define ANALYSIS_PHASE_ENERGY_H

#include "analysis/phase_points.h"

/* Where both energies per neuron are one. */
struct phase_energy {
    double neurons,
        temperature;      /* the largest size and the lowest temperature that both starts have; 0: none */
    struct interval load; /* between the loads beside it; below it retrieval lies lower */
};

/* Unknown where the loads do not reach from one side to the other. STATUS_NO_MEMORY. */
enum status phase_energy_compare(const struct phase_points *points, struct phase_energy *energy);

#endif
