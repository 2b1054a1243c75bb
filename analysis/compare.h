/* Two results side by side: two machines, or two versions. Units are matched by experiment, parameters and
 * repeat, wherever they ran. */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <stdio.h>

#include "analysis/claim.h"

enum compare_outcome {
    COMPARE_EQUAL,         /* the same values, bit for bit */
    COMPARE_NO_DIFFERENCE, /* the 95 % interval holds "no difference" */
    COMPARE_UNCLEAR,       /* neither, or there is no interval */
    COMPARE_DIFFERENT      /* other values; measured ones: the 99.9 % interval excludes "no difference" */
};

const char *compare_outcome_name(enum compare_outcome outcome);

/* One column of one unit that both results hold. */
struct compare_row {
    const struct record *a, *b; /* they belong to the results */
    const struct field *field;  /* of a's schema */
    bool measured;              /* compared by ratio; otherwise counted: equal or not */
    double value_a, value_b;    /* scalars, medians of samples; NaN for other arrays and texts */
    struct interval ratio;      /* measured: b / a, by bootstrap over the samples of each */
    enum compare_outcome outcome;
};

/* All units of one experiment in one measured column. */
struct compare_summary {
    const char *experiment;
    const struct field *field;
    struct interval ratio; /* geometric mean of b / a, by bootstrap over units */
    enum compare_outcome outcome;
};

/* A column is measured when its experiment is timed and it is a real number with a unit. The rest is counted.
 * Measured columns per rank are not compared: which rank waits for which is not a property of machine or
 * version. Rows in the order of a's tables. The results must outlive it. */
struct comparison {
    size_t row_count, summary_count;
    struct compare_row *rows;
    struct compare_summary *summaries;
    size_t units;          /* that both hold, done in both */
    size_t only_a, only_b; /* units that are done in one alone */
    bool same_seed;        /* where both state one; otherwise counted columns are of other random inputs */
};

/* Compares what both hold. STATUS_NO_MEMORY. */
enum status comparison_create(const struct results *a, const struct results *b,
                              struct comparison **comparison);
void comparison_destroy(struct comparison **comparison);

/* Whether two measurements of one quantity differ, by their intervals: overlapping at 95 %, apart at 99.9 %.
 */
enum compare_outcome compare_measurements(const struct measurement *a, const struct measurement *b);

/* The ratio b / a of two measurements by their intervals alone, taken as independent: limits of the
 * logarithm's difference from those of each (Donner & Zou 2002). Unknown unless both lie above 0 with their
 * intervals. */
struct interval compare_ratio(const struct measurement *a, const struct measurement *b);

/* The row of that claim, or NULL. */
const struct ledger_row *compare_find_row(const struct ledger *ledger, const char *id);

/* Calls `each` for every measurement that both rows have and at least one has measured, in a's order. */
void compare_each_measurement(const struct ledger_row *a, const struct ledger_row *b,
                              void (*each)(const struct measurement *a, const struct measurement *b,
                                           void *context),
                              void *context);

/* Two results side by side, with all that is said about them. */
struct compare_sides {
    const char *name_a, *name_b; /* for people */
    const struct results *a, *b;
    struct comparison *comparison;
    struct ledger *ledger_a, *ledger_b;
};

/* Compares units and decides both ledgers; the results must outlive it. STATUS_NO_MEMORY. */
enum status compare_sides_create(const char *name_a, const struct results *a, const char *name_b,
                                 const struct results *b, struct compare_sides *sides);
void compare_sides_clear(struct compare_sides *sides);

/* What `engram compare` prints: where both come from, the units column by column, the claims measurement by
 * measurement. In Markdown single units are left out; JSON: {"schema": 2, a, b, units: {summaries, rows,
 * ...}, claims: [{id, verdict_a, verdict_b, measurements: [{name, a, b, ratio, outcome}]}]}, a and b as in
 * the ledger, ratios with low and high, missing numbers null. STATUS_NO_MEMORY, STATUS_IO. */
enum status compare_text(const struct compare_sides *sides, FILE *out);
enum status compare_markdown(const struct compare_sides *sides, FILE *out);
enum status compare_json(const struct compare_sides *sides, FILE *out);

/* The part of the text about claims. */
enum status compare_ledgers_text(const struct ledger *a, const struct ledger *b, FILE *out);

#endif
