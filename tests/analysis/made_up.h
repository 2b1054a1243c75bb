/* A ledger and results that are made up, with every verdict and with hostile texts, for tests of reports. */
#ifndef TESTS_ANALYSIS_MADE_UP_H
#define TESTS_ANALYSIS_MADE_UP_H

#include "analysis/claim.h"

#define MADE_UP_HOSTILE "<script>alert('x')</script>\"&\x1b[31m\xff"

enum { MADE_UP_ROWS = 4 };
extern const struct claim made_up_claims[MADE_UP_ROWS];

/* One row of each verdict; the first has two plots, the second a plot behind the fold. */
struct ledger *made_up_ledger(void);
void made_up_ledger_free(struct ledger *ledger);

/* Two records, one failed, of an unfinished and damaged run; to be destroyed. */
struct results *made_up_results(void);

#endif
