#include "results/export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "results/cells.h"
#include "results/text.h"

/* Quoted if it must be (RFC 4180, section 2, rules 5 to 7). */
static void write_text(FILE *out, const char *text) {
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_number(FILE *out, const struct field *field, const struct value *value, size_t i) {
    char text[TEXT_NUMBER_SIZE];
    if (field->type == FIELD_REAL)
        text_from_real(value->reals[i], text);
    else
        snprintf(text, sizeof text, "%" PRId64, value->integers[i]);
    fputs(number_is_missing(field, value, i) ? "nan" : text, out);
}

/* A missing scalar is an empty cell; a missing one among others needs a word to keep its place. */
static void write_cell(FILE *out, const struct record *record, size_t index) {
    const struct field *field = schema_field(record->schema, index);
    const struct value *value = &record->values[index];
    if (field_is_text(field)) {
        write_text(out, record_text(record, index));
        return;
    }
    if (field->dimension == DIMENSION_SCALAR && value->count && number_is_missing(field, value, 0)) return;
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0) fputc(' ', out);
        write_number(out, field, value, i);
    }
}

enum status export_csv(const struct table *table, FILE *out, struct error *error) {
    size_t count = schema_field_count(table->schema);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) fputc(',', out);
        write_text(out, schema_field(table->schema, i)->name);
    }
    fputc('\n', out);
    for (size_t r = 0; r < table->count && !ferror(out); r++) {
        for (size_t i = 0; i < count; i++) {
            if (i > 0) fputc(',', out);
            write_cell(out, table->records[r], i);
        }
        fputc('\n', out);
    }
    if (fflush(out) == 0 && !ferror(out)) return STATUS_OK;
    return error_set(error, STATUS_IO, "cannot write the table: %s", strerror(errno));
}
