/* A claim: a row of the ledger. It names the experiments and the columns it reads; no experiment knows it. */
#ifndef ANALYSIS_CLAIM_H
#define ANALYSIS_CLAIM_H

#include "analysis/finding_table.h"
#include "analysis/plot.h"
#include "analysis/statistics.h"
#include "analysis/verdict.h"
#include "results/store.h"

enum {
    CLAIM_MEASUREMENTS_MAX = 64,
    CLAIM_PLOTS_MAX = 12,
    CLAIM_TABLES_MAX = 4,
    CLAIM_SOURCES_MAX = 4,
    CLAIM_CAPACITIES_MAX = 12
};

/* A capacity that a row speaks of, in patterns per neuron, for the figure that shows all of them. */
struct known_capacity {
    char model[48];
    char definition[80];     /* in a few words: what counts as stored, at which size */
    double claimed;          /* NaN: no figure is claimed */
    double value, low, high; /* measured, 95 % */
};

/* What a claim's function fills in. Large: keep it on the heap. */
struct finding {
    struct measurement measurements[CLAIM_MEASUREMENTS_MAX];
    size_t measurement_count;
    size_t records;   /* records it used */
    char sizes[160];  /* "N = 250 ... 2000, 16 sets each" */
    char reason[900]; /* one sentence: what was compared with what */
    struct plot plots[CLAIM_PLOTS_MAX];
    size_t plot_count;
    struct finding_table tables[CLAIM_TABLES_MAX];
    size_t table_count;
    struct known_capacity capacities[CLAIM_CAPACITIES_MAX];
    size_t capacity_count;
};

/* A table that a claim reads. */
struct claim_source {
    const char *experiment;
    const char *columns; /* parameters and columns, separated by spaces; a test checks that they exist */
};

struct claim {
    const char *id;                                     /* "HC1a" */
    const char *statement;                              /* in the chapter's words */
    const char *source;                                 /* paper or section */
    const char *prediction;                             /* for people: "0.135 - 0.145" */
    struct claim_source sources[CLAIM_SOURCES_MAX + 1]; /* ended by one whose experiment is NULL */
    const char *decided_by; /* the campaign that decides it when this one cannot */

    /* Measures. Whatever the tables hold (missing, empty, failed records, missing numbers) it fills in what
     * can be said and leaves the rest unmeasured; only STATUS_NO_MEMORY is an error. */
    enum status (*find)(const struct results *results, struct finding *finding);
};

/* One decided row. */
struct ledger_row {
    const struct claim *claim;
    enum verdict verdict;
    struct finding finding;
};

struct ledger {
    size_t count;
    struct ledger_row *rows;
};

/* All claims in ledger order, ended by NULL. */
const struct claim *const *claims(void);

/* Decides every claim on the results. A row that stays inconclusive names the campaign that would decide it.
 */
enum status ledger_create(const struct results *results, struct ledger **ledger);
void ledger_destroy(struct ledger **ledger);

/* Decides one claim on the results into *row, which the caller clears with ledger_row_clear. */
enum status ledger_decide(const struct claim *claim, const struct results *results, struct ledger_row *row);
void ledger_row_clear(struct ledger_row *row);

#endif
