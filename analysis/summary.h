/* One figure of the capacities of all models: claim beside measurement, each with its definition. */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include "analysis/claim.h"

/* Collects the capacities that the rows of the ledger hand over (finding_capacity) into a chart of rows in
 * ledger order, on a logarithmic axis; those of rows that stay inconclusive have a mark of their own. The
 * plot is zeroed first, and has no rows if nothing is measured; the caller clears it. What is beyond
 * PLOT_ROWS_MAX is dropped. STATUS_NO_MEMORY. */
enum status summary_plot(const struct ledger *ledger, struct plot *plot);

#endif
