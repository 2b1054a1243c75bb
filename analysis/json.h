/* JSON for programs. Private to this folder. */
#ifndef ANALYSIS_JSON_H
#define ANALYSIS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/verdict.h"
#include "core/base/status.h"

/* A number; null where it is not finite. */
json_t *json_finite(double value);

/* A text; bytes that are not UTF-8 become U+FFFD, since JSON takes nothing else. NULL: out of memory. */
json_t *json_text(const char *value);

/* A measurement with all that its verdict follows from: {name, unit, value, low, high, low_999, high_999, n}
 * and, where it decides, {prediction, tolerance, precision, criterion, definition, standing}; reported only:
 * prediction null, and nothing else of the second kind. A limit of null sets no bound; no precision: the
 * width of the interval does not matter. NULL: out of memory. */
json_t *json_measurement(const struct measurement *measurement);

/* Writes the document with a line end and takes it over. NULL: STATUS_NO_MEMORY. STATUS_IO. */
enum status json_write(json_t *root, FILE *out);

#endif
