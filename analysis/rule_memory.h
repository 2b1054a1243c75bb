/* Learning rules on random patterns (claims.md HC5): the loads up to which they retrieve and recall
 * perfectly, how these grow with the size, and basins of attraction. One criterion for all rules. */
#ifndef ANALYSIS_RULE_MEMORY_H
#define ANALYSIS_RULE_MEMORY_H

#include <stdbool.h>

#include "analysis/statistics.h"
#include "results/store.h"

enum {
    RULE_SIZES_MAX = 12,
    RULE_LOADS_MAX = 24,
    RULE_SIZES_LEAST = 3,  /* of an exponent, */
    RULE_SIZES_REFUTE = 4, /* and of one that may refute: three show too little of how sizes scatter */
    RULE_SETS_LEAST = 8
};

/* The columns that this reads of the table rule_capacity. */
#define RULE_COLUMNS                                                                                         \
    "neurons load rule initial_overlap trials patterns successes perfect unlearned_neurons "                 \
    "learning_operations"

/* What is stored: half of the retrievals from a pattern end above overlap 0.9; or all patterns are fixed
 * points in half of the sets. */
enum rule_criterion { RULE_RETRIEVED, RULE_PERFECT, RULE_CRITERION_COUNT };

/* One size. */
struct rule_size {
    double neurons;
    size_t fewest_sets;                             /* of any load */
    struct interval capacity[RULE_CRITERION_COUNT]; /* load P/N */
};

/* The start from which half of the trials succeed, at one load. */
struct rule_basin {
    double load;
    struct interval overlap;
    double operations; /* of learning, mean over the sets */
};

struct rule_memory {
    const char *rule;
    size_t sets;
    size_t size_count;
    struct rule_size sizes[RULE_SIZES_MAX];         /* rising; those with eight sets at every load */
    struct interval exponent[RULE_CRITERION_COUNT]; /* of P against N over these sizes, widened by how far
                                                       they miss a power law beyond their errors */
    double basin_neurons;                           /* the size of the basins */
    size_t basin_count;
    struct rule_basin basins[RULE_LOADS_MAX]; /* by rising load */
};

/* Measures one rule; what the data do not give is unknown. `refused_at`: the load from which the rule refuses
 * to learn, hence stores nothing, or 0. Intervals by bootstrap over pattern sets. STATUS_NO_MEMORY. */
enum status rule_memory_measure(const struct results *results, const char *rule, double refused_at,
                                struct rule_memory *memory);

/* The load at which, in half of the cases, random patterns in general position can be learned at all N
 * neurons at once by couplings to the N - 1 others (Cover 1965), neurons taken as independent. NaN beyond 4
 * to 100 000 neurons. */
double rule_separable_load(double neurons);

#endif
