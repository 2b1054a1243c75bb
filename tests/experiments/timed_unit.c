#include "timed_unit.h"

#include <stdlib.h>
#include <string.h>

static enum status set_parameter(struct record *record, const struct field *field,
                                 const struct timed_setting *settings) {
    for (const struct timed_setting *setting = settings; setting->name; setting++) {
        if (strcmp(setting->name, field->name) != 0) continue;
        if (setting->text) return record_set_string(record, field->name, setting->text);
        return record_set_integer(record, field->name, setting->integer);
    }
    const char *text = field->default_text;
    if (!text || strcmp(text, "auto") == 0) return STATUS_OK;
    if (strcmp(text, "max") == 0) return record_set_integer(record, field->name, 1);
    if (field->type == FIELD_CHOICE) return record_set_string(record, field->name, text);
    if (field->type == FIELD_REAL) return record_set_real(record, field->name, strtod(text, NULL));
    return record_set_integer(record, field->name, strtoll(text, NULL, 10));
}

struct record *timed_record(const struct experiment *experiment, const struct timed_setting *settings) {
    struct record *record;
    if (record_create(&experiment->schema, &record) != STATUS_OK) return NULL;
    enum status status = record_set_integer(record, "repeat", 0);
    for (const struct field *field = experiment->schema.parameters; field->name && status == STATUS_OK;
         field++)
        status = set_parameter(record, field, settings);
    if (status == STATUS_OK) return record;
    record_destroy(&record);
    return NULL;
}

bool timed_is_complete(struct record *record) {
    const struct schema *schema = record->schema;
    for (const struct field *column = schema->columns; column->name; column++)
        if (record_value(record, column->name)->count == 0) return false;
    return record_set_string(record, "identity", "0123456789abcdef") == STATUS_OK &&
           record_set_string(record, "status", "done") == STATUS_OK &&
           record_complete(record, NULL) == STATUS_OK;
}
