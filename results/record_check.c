#include <math.h>
#include <string.h>

#include "results/cells.h"
#include "results/schema.h"

/* Whether the field's arrays have the count that another array of the dimension set before them. */
static enum status check_array(const struct record *record, size_t index, bool done,
                               const struct field **firsts, size_t *counts, struct error *error) {
    const struct field *field = schema_field(record->schema, index);
    size_t count = record->values[index].count;
    if (count == 0 && !done) return STATUS_OK;
    const struct field **first = &firsts[field->dimension];
    if (!*first) {
        *first = field;
        counts[field->dimension] = count;
    }
    size_t expected = counts[field->dimension];
    if (count == expected) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "%s: %s has %zu values and %s has %zu, both are per %s",
                     record->schema->name, (*first)->name, expected, field->name, count,
                     field_dimension_name(field->dimension));
}

enum status record_complete(const struct record *record, struct error *error) {
    const struct schema *schema = record->schema;
    bool done = strcmp(record_text(record, COMMON_STATUS), "done") == 0;
    const struct field *firsts[DIMENSION_COUNT] = {NULL};
    size_t counts[DIMENSION_COUNT] = {0};
    if (*record_text(record, COMMON_IDENTITY) == '\0')
        return error_set(error, STATUS_INVALID, "%s: a record has no identity", schema->name);
    size_t count = schema_field_count(schema);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = schema_field(schema, i);
        if (field->dimension != DIMENSION_SCALAR)
            CHECK(check_array(record, i, done, firsts, counts, error));
        else if (done && i != COMMON_REASON && record->values[i].count == 0)
            return error_set(error, STATUS_INVALID, "%s: the record is done, but %s was not set",
                             schema->name, field->name);
    }
    return STATUS_OK;
}

/* A scalar that is not set and one that was set to the missing value are one and the same in a file. */
static bool scalars_equal(const struct record *a, const struct record *b, size_t index) {
    const struct field *field = schema_field(a->schema, index);
    if (field_is_text(field)) return strcmp(record_text(a, index), record_text(b, index)) == 0;
    const struct value *left = &a->values[index], *right = &b->values[index];
    bool left_missing = left->count == 0 || number_is_missing(field, left, 0);
    bool right_missing = right->count == 0 || number_is_missing(field, right, 0);
    if (left_missing || right_missing) return left_missing && right_missing;
    return memcmp(left->integers, right->integers, sizeof *left->integers) == 0;
}

bool record_equal(const struct record *a, const struct record *b) {
    if (!schema_equal(a->schema, b->schema)) return false;
    size_t count = schema_field_count(a->schema);
    for (size_t i = 0; i < count; i++) {
        const struct value *left = &a->values[i], *right = &b->values[i];
        if (schema_field(a->schema, i)->dimension == DIMENSION_SCALAR) {
            if (!scalars_equal(a, b, i)) return false;
        } else if (left->count != right->count ||
                   (left->count &&
                    memcmp(left->integers, right->integers, left->count * sizeof *left->integers)))
            return false;
    }
    return true;
}

bool records_agree(const struct record *a, const struct record *b, const char *const *fields) {
    for (size_t i = 0; fields[i] != NULL; i++) {
        int index = schema_find(a->schema, fields[i]);
        if (index >= 0 && field_is_text(schema_field(a->schema, (size_t)index))) {
            if (strcmp(record_string(a, fields[i]), record_string(b, fields[i])) != 0) return false;
            continue;
        }
        double left = record_real(a, fields[i]), right = record_real(b, fields[i]);
        if (left != right && !(isnan(left) && isnan(right))) return false;
    }
    return true;
}
