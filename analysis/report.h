/* The ledger for people and programs. */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include <stdio.h>

#include "analysis/claim.h"

/* The table on a terminal, 80 to 120 columns, with stamps and notes of the run's provenance. */
enum status report_text(const struct ledger *ledger, const struct results *results, FILE *out);

/* The same in Markdown, with a table per row. */
enum status report_markdown(const struct ledger *ledger, const struct results *results, FILE *out);

/* {"schema": 2, "claims": [{id, statement, source, verdict, reason, records, measurements, tables: [{name,
 * title, caption, columns, rows: [{name, cells}]}]}]}; measurements as json_measurement makes them, so that
 * every verdict follows from its row; missing numbers are null. */
enum status report_json(const struct ledger *ledger, FILE *out);

/* Writes report.html (one file, plots inside, no network), ledger.json and plots/NAME.svg, .csv into
 * `folder`, creating it. */
enum status report_write(const struct ledger *ledger, const struct results *results, const char *folder,
                         struct error *error);

#endif
