/* Records by field index: what the journal and the file fill records through. Private to this folder. */
#ifndef RESULTS_CELLS_H
#define RESULTS_CELLS_H

#include "results/record.h"

/* Choices and strings. */
bool field_is_text(const struct field *field);

/* Whether number `i` of a value is the missing value of its field. */
bool number_is_missing(const struct field *field, const struct value *value, size_t i);

/* Replaces the numbers of a field with `count` of its type: int64_t or double. */
enum status record_put_numbers(struct record *record, size_t index, size_t count, const void *numbers);

/* Replaces a field's text. */
enum status record_put_text(struct record *record, size_t index, const char *text);

/* A copy that points to another schema, which must have the same fields. */
enum status record_copy_as(const struct record *from, const struct schema *schema, struct record **to);

/* The text of field `index`, "" where none is set. */
const char *record_text(const struct record *record, size_t index);

#endif
