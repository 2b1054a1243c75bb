/* Networks in a heat bath, ordered by start, size, load and temperature (claims.md HF4). A set is one
 * realisation of patterns; sets are what is resampled. */
#ifndef ANALYSIS_PHASE_POINTS_H
#define ANALYSIS_PHASE_POINTS_H

#include <stdbool.h>

#include "analysis/selection.h"
#include "analysis/statistics.h"

/* The columns that this reads of the table hopfield_phases. */
#define PHASE_COLUMNS "neurons load temperature start patterns overlap order energy largest_overlap"

/* A trial keeps its pattern when its mean overlap is above this share of the overlap at which theory's
 * retrieval states end, at that load; where they never begin, of the one at the capacity. */
#define PHASE_KEPT_SHARE 0.75

/* One record: sums over its trials. */
struct phase_set {
    const struct record *record;
    bool random; /* starts from random spins, not from a pattern */
    double neurons, load, temperature;
    double realised; /* patterns / neurons */
    int64_t repeat;
    double trials, overlap, order, energy;
    double kept, kept_overlap; /* trials with such an overlap with their pattern, and its sum over them */
    double found;              /* trials whose final state has it with any pattern */
};

/* All sets of one start, size, load and temperature. */
struct phase_cell {
    bool random;
    double neurons, load, realised, temperature;
    size_t count;
    const struct phase_set *sets;
};

/* The temperatures of one start, size and load, rising. */
struct phase_curve {
    bool random;
    double neurons, load, realised;
    double end, end_overlap; /* theory: T_M, NaN beyond the capacity, and the overlap that is lost there */
    size_t count;            /* cells */
    size_t fewest; /* sets of a cell, of pattern starts up to T = 1, where retrieval must have ended */
    const struct phase_cell *cells;
};

/* Curves from patterns before those from random spins, then by size and load. */
struct phase_points {
    size_t set_count, cell_count, curve_count;
    struct phase_set *sets;
    struct phase_cell *cells;
    struct phase_curve *curves;
};

/* Gathers all records that have what it takes. STATUS_NO_MEMORY. */
enum status phase_points_create(const struct results *results, struct phase_points **points);
void phase_points_destroy(struct phase_points **points);

/* Means over the trials of the resampled sets of a cell. */
struct phase_means {
    double overlap, order, energy, kept, found;
    double kept_overlap; /* over the trials that keep their pattern; NaN: none */
};
struct phase_means phase_cell_means(const struct phase_cell *cell, struct resampler *resampler);

/* One of them with its interval. STATUS_NO_MEMORY. */
enum phase_quantity { PHASE_OVERLAP, PHASE_KEPT_OVERLAP, PHASE_ORDER, PHASE_QUANTITY_COUNT };
enum status phase_cell_interval(const struct phase_cell *cell, enum phase_quantity quantity,
                                struct interval *interval);

/* The temperature at which half of the trials keep their pattern; at which q falls below a value. The same
 * sets are drawn at all temperatures, since they are the same patterns. Unknown where the temperatures do not
 * reach from one side to the other. STATUS_NO_MEMORY. */
enum status phase_curve_end(const struct phase_curve *curve, struct interval *interval);
enum status phase_curve_melting(const struct phase_curve *curve, double order, struct interval *interval);

#endif
