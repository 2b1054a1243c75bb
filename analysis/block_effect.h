/* Retrievals with updates in blocks beside those that update one neuron after the other: same patterns, same
 * starts, same random orders. */
#ifndef ANALYSIS_BLOCK_EFFECT_H
#define ANALYSIS_BLOCK_EFFECT_H

#include "analysis/statistics.h"
#include "results/store.h"

/* What one pattern set came to in blocks less what it came to one by one. */
struct block_pair {
    double neurons, load, block, trials;
    double overlap; /* difference of the mean final overlaps */
    double success; /* difference of the shares that succeed */
};

/* All pairs of one size, load and block. */
struct block_cell {
    double neurons, load, block;
    double trials; /* of all pairs together */
    size_t count;
    const struct block_pair *pairs;
};

/* Large networks of one size and load: the mean overlap of trials that succeed, with its interval over
 * pattern sets; of a single set, whose trials are not independent, the limits are infinite. */
struct block_network {
    double neurons, load;
    size_t sets;
    struct interval overlap;
};

struct block_effect {
    size_t pair_count, cell_count, network_count;
    struct block_pair *pairs;
    struct block_cell *cells;          /* by neurons, load, block, all rising */
    struct block_network *networks;    /* from LARGE_NETWORK neurons on, by neurons, load */
    double whole_trials, whole_cycles; /* with one block of all neurons */
    double capped;
    size_t records;
};

/* From here on a single trial scatters about the theory for infinite size by a few 0.001, as 1 / sqrt(N). */
#define LARGE_NETWORK 20000

/* The columns that block_effect_create reads. */
#define BLOCK_EFFECT_COLUMNS "neurons load block initial_overlap overlap cycles capped"

/* Gathers retrievals that start at a stored pattern. STATUS_NO_MEMORY. */
enum status block_effect_create(const struct results *results, struct block_effect **effect);
void block_effect_destroy(struct block_effect **effect);

/* Means over the pattern sets of a cell, with intervals over them. */
enum status block_cell_overlap(const struct block_cell *cell, struct interval *interval);
enum status block_cell_success(const struct block_cell *cell, struct interval *interval);

#endif
