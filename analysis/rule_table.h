/* The rules that HC5 compares, in the order of its table, and what both of its rows need of each. */
#ifndef ANALYSIS_RULE_TABLE_H
#define ANALYSIS_RULE_TABLE_H

#include "analysis/finding.h"
#include "analysis/rule_memory.h"

enum rule_index {
    HEBB,
    PSEUDO_INVERSE,
    PSEUDO_INVERSE_DIAGONAL,
    STORKEY,
    PERCEPTRON,
    PERCEPTRON_STABLE,
    PERCEPTRON_SYMMETRIC,
    FLOW,
    DREAMING_1,
    DREAMING_10,
    DREAMING_100,
    RULE_COUNT
};

struct rule_title {
    const char *name, *label;
    double refused_at; /* load from which it refuses to learn, or 0 */
};
extern const struct rule_title rule_names[RULE_COUNT];

/* In words. */
extern const char *const rule_criteria[RULE_CRITERION_COUNT];

/* Measures all rules into memories[RULE_COUNT], which is to be freed by memory_free even on failure.
 * STATUS_NO_MEMORY. */
enum status rule_table_measure(const struct results *results, struct rule_memory **memories);

/* The largest size whose capacity was found, or NULL: at the size of the basins few loads may have run. */
const struct rule_size *rule_table_largest(const struct rule_memory *memory);

/* Adds the records and the sizes of all rules to the finding. */
void rule_table_describe(const struct rule_memory *memories, struct finding *finding);

/* What the literature claims of a rule at its largest size by perfect recall (Hebb: retrieval); NaN: nothing.
 */
double rule_table_claim(size_t rule, double neurons);

/* How a rule is drawn. */
enum plot_style rule_table_style(size_t rule);
int rule_table_colour(size_t rule);

/* Whether an interval and its value are finite. */
bool interval_is_bounded(const struct interval *interval);

#endif
