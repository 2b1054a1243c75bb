#include "results/record.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/text.h"

/* Scalars live behind the record's values in the same block, so that a record without arrays and texts is one
 * allocation. */
union cell {
    int64_t integer;
    double real;
    char *text;
};

_Static_assert(sizeof(union cell) == sizeof(int64_t) && sizeof(double) == sizeof(int64_t),
               "cells of 8 bytes");

static union cell *cell_of(const struct record *record, size_t index) {
    return (union cell *)(record->values + schema_field_count(record->schema)) + index;
}

bool field_is_text(const struct field *field) {
    return field->type == FIELD_CHOICE || field->type == FIELD_STRING;
}

bool number_is_missing(const struct field *field, const struct value *value, size_t i) {
    return field->type == FIELD_REAL ? isnan(value->reals[i]) : value->integers[i] == INT64_MIN;
}

enum status record_create(const struct schema *schema, struct record **record) {
    size_t count = schema_field_count(schema);
    *record = memory_allocate(1, sizeof **record + count * (sizeof(struct value) + sizeof(union cell)));
    if (!*record) return STATUS_NO_MEMORY;
    (*record)->schema = schema;
    (*record)->values = (struct value *)(*record + 1);
    return STATUS_OK;
}

/* Gives back what a field holds outside the record's block. */
static void release(struct record *record, size_t index) {
    struct value *value = &record->values[index];
    union cell *cell = cell_of(record, index);
    if (value->count > 0 && field_is_text(schema_field(record->schema, index)))
        memory_free(cell->text);
    else if (value->count > 1)
        memory_free(value->integers);
    *value = (struct value){.count = 0};
}

void record_destroy(struct record **record) {
    if (!*record) return;
    size_t count = schema_field_count((*record)->schema);
    for (size_t i = 0; i < count; i++)
        release(*record, i);
    memory_free(*record);
    *record = NULL;
}

enum status record_put_numbers(struct record *record, size_t index, size_t count, const void *numbers) {
    void *place = count > 1 ? memory_allocate(count, sizeof(union cell)) : cell_of(record, index);
    if (!place) return STATUS_NO_MEMORY;
    release(record, index);
    if (count == 0) return STATUS_OK;
    struct value *value = &record->values[index];
    *value = (struct value){count, {.integers = place}};
    memcpy(place, numbers, count * sizeof(union cell));
    if (schema_field(record->schema, index)->type == FIELD_REAL)
        for (size_t i = 0; i < count; i++)
            if (isnan(value->reals[i])) value->reals[i] = NAN; /* neither journal nor CSV keeps its payload */
    return STATUS_OK;
}

enum status record_put_text(struct record *record, size_t index, const char *text) {
    char *copy = text_copy_valid(text);
    if (!copy) return STATUS_NO_MEMORY;
    release(record, index);
    union cell *cell = cell_of(record, index);
    cell->text = copy;
    record->values[index] = (struct value){1, {.strings = &cell->text}};
    return STATUS_OK;
}

enum status record_copy_as(const struct record *from, const struct schema *schema, struct record **to) {
    CHECK(record_create(schema, to));
    enum status status = STATUS_OK;
    size_t count = schema_field_count(schema);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const struct value *value = &from->values[i];
        if (value->count == 0) continue;
        status = field_is_text(schema_field(schema, i))
                     ? record_put_text(*to, i, value->strings[0])
                     : record_put_numbers(*to, i, value->count, value->integers);
    }
    if (status != STATUS_OK) record_destroy(to);
    return status;
}

enum status record_copy(const struct record *from, struct record **to) {
    return record_copy_as(from, from->schema, to);
}

/* The field's index, or -1 when it is not one of that type that takes `count` values. */
static int settable(const struct record *record, const char *name, enum field_type type, bool array) {
    int index = schema_find(record->schema, name);
    if (index < 0) return -1;
    const struct field *field = schema_field(record->schema, (size_t)index);
    bool same_type = field->type == type || (type == FIELD_STRING && field->type == FIELD_CHOICE);
    return same_type && (field->dimension != DIMENSION_SCALAR) == array ? index : -1;
}

static enum status set_numbers(struct record *record, const char *name, enum field_type type, bool array,
                               size_t count, const void *numbers) {
    int index = settable(record, name, type, array);
    return index < 0 ? STATUS_INVALID : record_put_numbers(record, (size_t)index, count, numbers);
}

enum status record_set_integer(struct record *record, const char *name, int64_t value) {
    return set_numbers(record, name, FIELD_INTEGER, false, 1, &value);
}

enum status record_set_real(struct record *record, const char *name, double value) {
    return set_numbers(record, name, FIELD_REAL, false, 1, &value);
}

enum status record_set_integers(struct record *record, const char *name, size_t count,
                                const int64_t *values) {
    return set_numbers(record, name, FIELD_INTEGER, true, count, values);
}

enum status record_set_reals(struct record *record, const char *name, size_t count, const double *values) {
    return set_numbers(record, name, FIELD_REAL, true, count, values);
}

/* Fields that come from a file carry no list of choices: all texts were chosen once. */
static bool is_choice(const struct field *field, const char *text) {
    if (field->type != FIELD_CHOICE || !field->choices) return true;
    for (const char *const *choice = field->choices; *choice; choice++)
        if (strcmp(*choice, text) == 0) return true;
    return false;
}

enum status record_set_string(struct record *record, const char *name, const char *value) {
    int index = settable(record, name, FIELD_STRING, false);
    if (index < 0 || !is_choice(schema_field(record->schema, (size_t)index), value)) return STATUS_INVALID;
    return record_put_text(record, (size_t)index, value);
}

const struct value *record_value(const struct record *record, const char *name) {
    int index = schema_find(record->schema, name);
    return index < 0 ? NULL : &record->values[index];
}

int64_t record_integer(const struct record *record, const char *name) {
    int index = schema_find(record->schema, name);
    if (index < 0 || schema_field(record->schema, (size_t)index)->type != FIELD_INTEGER) return INT64_MIN;
    const struct value *value = &record->values[index];
    return value->count > 0 ? value->integers[0] : INT64_MIN;
}

double record_real(const struct record *record, const char *name) {
    int index = schema_find(record->schema, name);
    if (index < 0) return NAN;
    const struct field *field = schema_field(record->schema, (size_t)index);
    const struct value *value = &record->values[index];
    if (field_is_text(field) || value->count == 0 || number_is_missing(field, value, 0)) return NAN;
    return field->type == FIELD_REAL ? value->reals[0] : (double)value->integers[0];
}

const char *record_text(const struct record *record, size_t index) {
    const struct value *value = &record->values[index];
    bool text = value->count > 0 && field_is_text(schema_field(record->schema, index));
    return text ? value->strings[0] : "";
}

const char *record_string(const struct record *record, const char *name) {
    int index = schema_find(record->schema, name);
    return index < 0 ? "" : record_text(record, (size_t)index);
}
