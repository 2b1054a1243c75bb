#include "results/journal_entry.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/schema.h"
#include "results/text.h"

enum { CHECKSUM_DIGITS = 16, PREFIX = CHECKSUM_DIGITS + 1 };

/* --- values to JSON --------------------------------------------------------------------------------- */

/* JSON has no words for numbers that are not finite. */
static json_t *real_to_json(double value) {
    char text[TEXT_NUMBER_SIZE];
    if (isfinite(value)) return json_real(value);
    text_from_real(value, text);
    return json_string(text);
}

static json_t *number_to_json(const struct field *field, const struct value *value, size_t i) {
    return field->type == FIELD_REAL ? real_to_json(value->reals[i]) : json_integer(value->integers[i]);
}

static json_t *value_to_json(const struct field *field, const struct value *value) {
    if (field_is_text(field)) return json_string(value->strings[0]);
    if (field->dimension == DIMENSION_SCALAR) return number_to_json(field, value, 0);
    json_t *array = json_array();
    for (size_t i = 0; array && i < value->count; i++)
        if (json_array_append_new(array, number_to_json(field, value, i)) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* The fields that are set. */
static json_t *fields_to_json(const struct record *record) {
    json_t *fields = json_object();
    size_t count = schema_field_count(record->schema);
    for (size_t i = 0; fields && i < count; i++) {
        if (record->values[i].count == 0) continue;
        const struct field *field = schema_field(record->schema, i);
        if (json_object_set_new(fields, field->name, value_to_json(field, &record->values[i])) != 0) {
            json_decref(fields);
            return NULL;
        }
    }
    return fields;
}

/* --- lines ---------------------------------------------------------------------------------------- */

static int append_piece(const char *bytes, size_t size, void *lines) {
    return buffer_append(lines, bytes, size) == STATUS_OK ? 0 : -1;
}

static void format_checksum(const char *json, size_t length, char text[PREFIX + 1]) {
    snprintf(text, PREFIX + 1, "%016" PRIx64 " ", (uint64_t)XXH64(json, length, 0));
}

/* Takes the reference to `json`, which may be NULL for lack of memory. */
static enum status append_line(struct buffer *lines, json_t *json) {
    if (!json) return STATUS_NO_MEMORY;
    size_t start = lines->size;
    char prefix[PREFIX + 1] = {0};
    enum status status = buffer_append(lines, prefix, PREFIX);
    if (status == STATUS_OK && json_dump_callback(json, append_piece, lines, JSON_COMPACT) != 0)
        status = STATUS_NO_MEMORY;
    size_t end = lines->size;
    if (status == STATUS_OK) status = buffer_append(lines, "\n", 1);
    if (status == STATUS_OK) {
        format_checksum(lines->bytes + start + PREFIX, end - start - PREFIX, prefix);
        memcpy(lines->bytes + start, prefix, PREFIX);
    } else {
        lines->size = start;
    }
    json_decref(json);
    return status;
}

enum status entry_append_record(struct buffer *lines, const struct record *record) {
    json_t *fields = fields_to_json(record);
    if (!fields) return STATUS_NO_MEMORY;
    return append_line(lines, json_pack("{s:s, s:i, s:o}", "experiment", record->schema->name, "version",
                                        record->schema->version, "fields", fields));
}

enum status entry_append_schema(struct buffer *lines, const struct schema *schema) {
    return append_line(lines, schema_to_json(schema));
}

/* Whether the text from its first to its last byte is an entry with its right checksum. */
static bool is_whole(const char *text, size_t length) {
    char prefix[PREFIX + 1];
    if (length <= PREFIX || text[PREFIX] != '{' || text[CHECKSUM_DIGITS] != ' ' ||
        !isxdigit((unsigned char)text[0]))
        return false;
    format_checksum(text + PREFIX, length - PREFIX, prefix);
    return memcmp(prefix, text, PREFIX) == 0;
}

json_t *entry_parse(const char *line, size_t length, size_t *start) {
    for (*start = 0; *start < length; ++*start)
        if (is_whole(line + *start, length - *start))
            return json_loadb(line + *start + PREFIX, length - *start - PREFIX, JSON_REJECT_DUPLICATES, NULL);
    return NULL;
}

bool entry_is_schema(const json_t *entry) {
    return json_object_get(entry, "schema") != NULL;
}

/* --- values from JSON ------------------------------------------------------------------------------- */

static bool real_from_json(const json_t *json, double *value) {
    static const struct {
        const char *text;
        double value;
    } words[] = {{"nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}};
    *value = json_number_value(json);
    if (json_is_number(json)) return true;
    const char *text = json_string_value(json);
    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++) {
        *value = words[i].value;
        if (strcmp(text, words[i].text) == 0) return true;
    }
    return false;
}

static bool number_from_json(const struct field *field, const json_t *json, struct value *numbers, size_t i) {
    if (field->type == FIELD_REAL) return real_from_json(json, &numbers->reals[i]);
    numbers->integers[i] = json_integer_value(json);
    return json_is_integer(json);
}

static enum status put_array(const json_t *array, struct record *record, size_t index) {
    if (!json_is_array(array)) return STATUS_FORMAT;
    struct value numbers = {json_array_size(array), {NULL}};
    numbers.integers = memory_allocate(numbers.count, sizeof *numbers.integers);
    if (!numbers.integers) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < numbers.count; i++)
        if (!number_from_json(schema_field(record->schema, index), json_array_get(array, i), &numbers, i))
            status = STATUS_FORMAT;
    if (status == STATUS_OK) status = record_put_numbers(record, index, numbers.count, numbers.integers);
    memory_free(numbers.integers);
    return status;
}

static enum status put_json(const json_t *json, struct record *record, size_t index) {
    const struct field *field = schema_field(record->schema, index);
    if (field_is_text(field))
        return json_is_string(json) ? record_put_text(record, index, json_string_value(json)) : STATUS_FORMAT;
    if (field->dimension != DIMENSION_SCALAR) return put_array(json, record, index);
    int64_t cell;
    struct value number = {1, {.integers = &cell}};
    return number_from_json(field, json, &number, 0) ? record_put_numbers(record, index, 1, &cell)
                                                     : STATUS_FORMAT;
}

enum status entry_to_record(const json_t *entry, const struct schema *schema, struct record **record) {
    *record = NULL;
    json_t *fields = json_object_get(entry, "fields");
    if (!json_is_object(fields) || json_integer_value(json_object_get(entry, "version")) != schema->version)
        return STATUS_FORMAT;
    CHECK(record_create(schema, record));
    enum status status = STATUS_OK;
    const char *name;
    json_t *json;
    json_object_foreach(fields, name, json) {
        int index = schema_find(schema, name);
        status = index < 0 ? STATUS_FORMAT : put_json(json, *record, (size_t)index);
        if (status != STATUS_OK) break;
    }
    if (status == STATUS_OK && record_complete(*record, NULL) != STATUS_OK) status = STATUS_FORMAT;
    if (status != STATUS_OK) record_destroy(record);
    return status;
}
