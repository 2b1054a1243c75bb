/* Reading journals, good entries in spite of damaged ones. Private to this folder. */
#ifndef RESULTS_JOURNAL_READ_H
#define RESULTS_JOURNAL_READ_H

#include "results/store.h"

/* Adds what the journal of a result file holds: records, provenance, and the number of lines that are no
 * whole entries. A last line without an end is not counted: its writer is at it, or was killed.
 * STATUS_MISMATCH: two schemas of one name; STATUS_IO, STATUS_NO_MEMORY. */
enum status journal_read(const char *result_path, struct results *results, struct error *error);

#endif
