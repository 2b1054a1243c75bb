/* A claim: a row of the ledger. It names the experiment and the columns it reads; no experiment knows it. */
#ifndef ANALYSIS_CLAIM_H
#define ANALYSIS_CLAIM_H

#include "analysis/plot.h"
#include "analysis/verdict.h"
#include "results/store.h"

enum { CLAIM_MEASUREMENTS_MAX = 24, CLAIM_PLOTS_MAX = 6 };

/* What a claim's function fills in. */
struct finding {
    struct measurement measurements[CLAIM_MEASUREMENTS_MAX];
    size_t measurement_count;
    size_t records;      /* records it used */
    char sizes[160];     /* "N = 250 ... 2000, 16 sets each" */
    char reason[600];    /* one sentence: what was compared with what */
    struct plot plots[CLAIM_PLOTS_MAX];
    size_t plot_count;
};

struct claim {
    const char *id;         /* "HC1a" */
    const char *statement;  /* in the chapter's words */
    const char *source;     /* paper or section */
    const char *prediction; /* for people: "0.135 - 0.145" */
    const char *experiment; /* the table it reads */
    const char *columns;    /* the columns it reads, separated by spaces; a test checks that they exist */
    const char *decided_by; /* the campaign that decides it when this one cannot */
    enum status (*find)(const struct table *table, struct finding *finding);
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

/* Decides every claim on the results. A claim whose table is missing is inconclusive, saying which campaign would
 * decide it. */
enum status ledger_create(const struct results *results, struct ledger **ledger);
void ledger_destroy(struct ledger **ledger);

/* The next measurement of a finding, zeroed, with prediction and value NaN; NULL when it is full. */
struct measurement *finding_measurement(struct finding *finding, const char *name, const char *unit);

/* The next plot of a finding; NULL when it is full. */
struct plot *finding_plot(struct finding *finding, const char *name, const char *title);

#endif
