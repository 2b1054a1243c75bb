/* Shares of small networks that recall all their patterns, against load: one curve per way of learning. */
#ifndef ANALYSIS_BOLTZMANN_CURVE_H
#define ANALYSIS_BOLTZMANN_CURVE_H

#include <stdbool.h>

#include "analysis/statistics.h"
#include "results/store.h"

/* From where patterns have to be reached: themselves; a random neuron flipped; a random tenth flipped;
 * whichever one neuron flipped. */
enum recall_criterion { RECALL_NONE, RECALL_ONE, RECALL_TENTH, RECALL_EACH, RECALL_CRITERIA };

extern const char *const recall_names[RECALL_CRITERIA];

/* Whether a pattern with a field of zero counts as recalled. */
enum recall_ties { TIES_KEPT, TIES_LOST, TIES_COUNT };

enum { RECALL_LOADS_MAX = 40, RECALL_CURVES_MAX = 64, RECALL_NETWORKS_LEAST = 16 };

/* All networks of one load. */
struct recall_cell {
    double patterns, networks, operations;         /* operations: of learning one network */
    double successes[RECALL_CRITERIA][TIES_COUNT]; /* networks that recall all patterns */
};

/* One way of learning. */
struct recall_curve {
    const struct record *first; /* names it: neurons, rule, expectation, epochs, step, biases */
    double neurons, epochs;
    size_t records, count;
    struct recall_cell cells[RECALL_LOADS_MAX]; /* rising */
};

struct recall_curves {
    size_t count;
    struct recall_curve curves[RECALL_CURVES_MAX];
};

/* The columns that are read. */
#define RECALL_COLUMNS                                                                                       \
    "neurons load rule expectation epochs step biases patterns operations recalled recalled_one "            \
    "recalled_tenth recalled_each firm firm_one firm_tenth firm_each"

/* Gathers the table boltzmann_capacity. Large: memory_free it. STATUS_NO_MEMORY. */
enum status recall_curves_create(const struct results *results, struct recall_curves **curves);

/* The curve of that rule and biases ("no", "yes"), with that many neurons (0: the most there are) and the
 * most epochs below `epochs_below`; NULL: none. */
const struct recall_curve *recall_curve_find(const struct recall_curves *curves, const char *rule,
                                             const char *biases, double neurons, double epochs_below);

/* The load at which half of the networks recall all patterns: the last crossing from at least half to less,
 * interpolated between loads with RECALL_NETWORKS_LEAST networks each. Interval by bootstrap over networks;
 * unknown where there is no crossing. STATUS_NO_MEMORY. */
enum status recall_threshold(const struct recall_curve *curve, enum recall_criterion criterion,
                             enum recall_ties ties, uint64_t key, struct interval *threshold);

#endif
