/* What a report says about the data it rests on, and about its rows, for the terminal and for the page alike.
 * Private to this folder. */
#ifndef ANALYSIS_DESCRIBE_H
#define ANALYSIS_DESCRIBE_H

#include "analysis/claim.h"
#include "analysis/number.h"

enum { VERDICT_COUNT = VERDICT_DEFINITION_DEPENDENT + 1 };

/* Text of a provenance entry; "" when it is missing or no text. */
const char *describe_provenance(const struct results *results, const char *key);

/* Any provenance value as text (numbers, lists separated by ", ") into text[size]. */
void describe_value(const json_t *value, char *text, size_t size);

/* "3 ranks x 2 threads on 1 host" as far as it is known. */
void describe_size(const struct results *results, char *text, size_t size);

/* Calls `say` with a sentence for everything a reader must know before believing a row: stamps of any source,
 * broken-off and incomplete runs, damaged journals, failed units. */
void describe_warnings(const struct results *results, void (*say)(const char *sentence, void *context),
                       void *context);

/* Whether a record was not completed. */
bool describe_failed(const struct record *record);

/* "experiment: length=512, width=64, repeat 3" into text[size]. */
void describe_unit(const struct record *record, char *text, size_t size);

enum { DESCRIBE_QUANTITY_SIZE = 128 };

/* What was measured with its unit: "time (s)"; pure numbers have none. */
void describe_quantity(const struct measurement *measurement, char text[DESCRIBE_QUANTITY_SIZE]);

/* What a measurement is held against: "1 +- 0.02", "0.135 ... 0.145", "<= 1", "= 5"; "" when it is only
 * reported. */
void describe_prediction(const struct measurement *measurement, char text[NUMBER_INTERVAL_SIZE]);

/* Whether there is a value. */
bool describe_is_measured(const struct measurement *measurement);

/* Whether the results have no record of any experiment that the row rests on. */
bool describe_is_untouched(const struct ledger_row *row, const struct results *results);

/* Whether a row has a measurement with a value. */
bool describe_has_value(const struct ledger_row *row);

/* Whether a measurement decides. */
bool describe_decides(const struct measurement *measurement);

/* Why a row has its verdict, by its deciding measurements: "3 of 6 agree, 1 misses, 2 not measured". */
void describe_why(const struct ledger_row *row, char *text, size_t size);

/* The verdicts counted: "6 reproduced, 1 not reproduced, ...". */
void describe_tally(const struct ledger *ledger, char *text, size_t size);

#endif
