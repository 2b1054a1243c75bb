/* Retrievals of Hopfield networks, ordered by size, load and pattern set. A set is one realisation of
 * patterns; its trials are not independent of each other, so sets are what is resampled. */
#ifndef ANALYSIS_RETRIEVAL_H
#define ANALYSIS_RETRIEVAL_H

#include "analysis/selection.h"
#include "analysis/statistics.h"

/* Retrieval with a few errors, not perfect recall: what the capacity of claims.md HC1 is about. */
#define RETRIEVAL_SUCCESS_OVERLAP 0.9

/* One record. */
struct pattern_set {
    double neurons, patterns;
    double trials, successes;
    double overlap;         /* sum over all trials */
    double success_overlap; /* sum over the successful ones */
    double first_step_errors;
    double fixed;          /* trials whose pattern is a fixed point */
    double cycles, capped; /* trials that ended in a 2-cycle, that the limit on sweeps cut off */
};

/* Adds a record's trials up, columns as of retrieval_gather; *usable: it has patterns and overlaps.
 * STATUS_NO_MEMORY. */
enum status pattern_set_read(const struct record *record, double success_overlap, struct pattern_set *set,
                             bool *usable);

/* All sets of one size and number of patterns. */
struct load_cell {
    double neurons, patterns, load; /* load = patterns / neurons, as realised */
    size_t count;
    const struct pattern_set *sets;
};

/* All loads of one size, rising. */
struct size_group {
    double neurons;
    size_t count;
    const struct load_cell *cells;
};

struct retrieval {
    size_t size_count, cell_count, set_count;
    struct size_group *sizes; /* rising */
    struct load_cell *cells;
    struct pattern_set *sets;
    double capped; /* trials that were cut off by the limit on sweeps */
};

/* The columns that retrieval_create reads. */
#define RETRIEVAL_COLUMNS                                                                                    \
    "neurons load rule dynamics initial_overlap trials patterns overlap fixed_patterns cycles capped "       \
    "first_step_errors"

/* Gathers Hebbian retrievals that start at a stored pattern, under that dynamics, at loads P/N of at least
 * load_least. Records without patterns or overlaps are passed over. STATUS_NO_MEMORY. */
enum status retrieval_create(const struct results *results, const char *dynamics, double load_least,
                             struct retrieval **retrieval);

/* Gathers the selected records, whatever kind of memory they are of: columns neurons, patterns, overlap,
 * capped, first_step_errors; cycles and fixed_patterns if there are any. Trials succeed above that overlap.
 * STATUS_NO_MEMORY. */
enum status retrieval_gather(const struct selection *selection, double success_overlap,
                             struct retrieval **retrieval);

void retrieval_destroy(struct retrieval **retrieval);

/* Totals over the resampled sets of one cell. */
struct pattern_set cell_total(const struct load_cell *cell, struct resampler *resampler);

/* Fewer realisations say too little of how much they vary: cells with fewer are not used for a verdict. */
enum { RETRIEVAL_SETS_LEAST = 8 };

#endif
