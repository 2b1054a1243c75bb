#include "results/export.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "results/cells.h"
#include "results/text.h"

static json_t *number_to_json(const struct field *field, const struct value *value, size_t i) {
    char text[TEXT_NUMBER_SIZE];
    if (number_is_missing(field, value, i)) return json_null();
    if (field->type == FIELD_INTEGER) return json_integer(value->integers[i]);
    if (isfinite(value->reals[i])) return json_real(value->reals[i]);
    text_from_real(value->reals[i], text);
    return json_string(text);
}

static json_t *cell_to_json(const struct record *record, size_t index) {
    const struct field *field = schema_field(record->schema, index);
    const struct value *value = &record->values[index];
    if (field_is_text(field)) return json_string(record_text(record, index));
    if (field->dimension == DIMENSION_SCALAR)
        return value->count ? number_to_json(field, value, 0) : json_null();
    json_t *array = json_array();
    for (size_t i = 0; array && i < value->count; i++)
        if (json_array_append_new(array, number_to_json(field, value, i)) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *record_to_json(const struct record *record) {
    json_t *object = json_object();
    size_t count = schema_field_count(record->schema);
    for (size_t i = 0; object && i < count; i++)
        if (json_object_set_new(object, schema_field(record->schema, i)->name, cell_to_json(record, i)) !=
            0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* One record at a time: a table's arrays would fill the memory as JSON. */
enum status export_json(const struct table *table, FILE *out, struct error *error) {
    fputc('[', out);
    for (size_t r = 0; r < table->count && !ferror(out); r++) {
        json_t *object = record_to_json(table->records[r]);
        if (!object) return error_set(error, STATUS_NO_MEMORY, "no memory to write the table");
        fputs(r > 0 ? ",\n " : "\n ", out);
        json_dumpf(object, out, JSON_COMPACT);
        json_decref(object);
    }
    fputs(table->count > 0 ? "\n]\n" : "]\n", out);
    if (fflush(out) == 0 && !ferror(out)) return STATUS_OK;
    return error_set(error, STATUS_IO, "cannot write the table: %s", strerror(errno));
}
