/* A journal's lines: checksum (XXH64 of the JSON, 16 hexadecimal digits), a space, JSON, newline. An entry is
 * a schema or a record; JSON keeps newlines out of a line, so that reading finds its feet again after damage.
 * Private to this folder. */
#ifndef RESULTS_JOURNAL_ENTRY_H
#define RESULTS_JOURNAL_ENTRY_H

#include <jansson.h>

#include "results/buffer.h"
#include "results/record.h"

/* Appends the line of a record, {"experiment", "version", "fields": {...}}, or of a schema (see schema.h).
 * STATUS_NO_MEMORY leaves the buffer as it was. */
enum status entry_append_record(struct buffer *lines, const struct record *record);
enum status entry_append_schema(struct buffer *lines, const struct schema *schema);

/* The JSON of the whole entry with which a line (without its newline) ends, or NULL. `start` is where the
 * entry starts: after 0 when damage to a newline has glued it to the line before. */
json_t *entry_parse(const char *line, size_t length, size_t *start);

/* Whether a parsed entry is a schema. */
bool entry_is_schema(const json_t *entry);

/* The record of an entry in a schema of that name and version. STATUS_FORMAT: it does not fit. */
enum status entry_to_record(const json_t *entry, const struct schema *schema, struct record **record);

#endif
