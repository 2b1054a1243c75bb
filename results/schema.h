/* Schemas as JSON, so that journals and files can be read without the experiments that wrote them. Private to
 * this folder. */
#ifndef RESULTS_SCHEMA_H
#define RESULTS_SCHEMA_H

#include <jansson.h>

#include "core/base/status.h"
#include "results/field.h"

/* {"schema": name, "summary", "version", "timed", "parameters": [...], "columns": [...]}, each field with
 * name, type, dimension, unit, flags and description. Defaults, bounds and choices stay with the experiment.
 * NULL: out of memory. */
json_t *schema_to_json(const struct schema *schema);

/* A schema that owns what it points to. STATUS_FORMAT: not what schema_to_json makes. */
enum status schema_from_json(json_t *json, struct schema **schema);

enum status schema_copy(const struct schema *from, struct schema **to);
void schema_destroy(struct schema **schema);

#endif
