/* How retrievals from diluted networks end, by asymmetry of the dilution (claims.md HF1). */
#ifndef ANALYSIS_DILUTION_ENDS_H
#define ANALYSIS_DILUTION_ENDS_H

#include "analysis/statistics.h"
#include "results/store.h"

enum { DILUTION_CURVES_MAX = 16, DILUTION_PLACES_MAX = 24 };

/* The columns that this reads of the table hopfield_dilution. */
#define DILUTION_COLUMNS                                                                                     \
    "neurons load dynamics kept asymmetry initial_overlap sweep_cap trials capped energy_checks energy_rises"

/* Runs that neither came to rest nor reached a 2-cycle within the limit on sweeps. */
struct dilution_place {
    double asymmetry;
    size_t sets;
    struct interval share; /* of the runs; by bootstrap over sets */
};

/* All that only asymmetry tells apart. */
struct dilution_curve {
    const char *dynamics;
    double neurons, load, kept, initial_overlap, sweep_cap;
    size_t count;
    struct dilution_place places[DILUTION_PLACES_MAX]; /* by rising asymmetry */
};

struct dilution_ends {
    size_t records, count;
    struct dilution_curve curves[DILUTION_CURVES_MAX]; /* by dynamics, size, load */
    /* Of symmetric dilution, where the energy exists: */
    double symmetric_runs, symmetric_capped, energy_checks, energy_rises;
};

/* Measures; without data all is zero. STATUS_NO_MEMORY. */
enum status dilution_ends_measure(const struct results *results, struct dilution_ends *ends);

#endif
