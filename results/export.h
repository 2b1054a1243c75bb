/* Tables as text for other programs. */
#ifndef RESULTS_EXPORT_H
#define RESULTS_EXPORT_H

#include <stdio.h>

#include "results/record.h"

/* An array of objects, one per record, array columns as arrays; missing numbers are null, infinite ones
 * the texts "inf" and "-inf". STATUS_IO, STATUS_NO_MEMORY. */
enum status export_json(const struct table *table, FILE *out, struct error *error);

/* A header line, then a line per record; array columns as values separated by spaces within the cell; quoted
 * as RFC 4180 asks, lines end with a newline. Reals in the shortest form that reads back the same. A missing
 * scalar is an empty cell, a missing number within an array is nan. STATUS_IO. */
enum status export_csv(const struct table *table, FILE *out, struct error *error);

#endif
