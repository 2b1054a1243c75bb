#include "experiments/campaign/curves.h"

#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "experiments/campaign/parameter.h"

enum { FIRST_CAPACITY = 16 };

/* An array with room for one more item: the old one, or a copy of twice the capacity. */
static enum status make_room(void **items, size_t count, size_t size, size_t *capacity) {
    if (count < *capacity) return STATUS_OK;
    size_t larger = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    void *copy = memory_allocate(larger, size);
    if (!copy) return STATUS_NO_MEMORY;
    if (count) memcpy(copy, *items, count * size);
    memory_free(*items);
    *items = copy;
    *capacity = larger;
    return STATUS_OK;
}

enum status curves_add(struct curves *curves, const struct curve *curve) {
    void *items = curves->curves;
    enum status status = make_room(&items, curves->count, sizeof *curves->curves, &curves->capacity);
    curves->curves = items;
    if (status == STATUS_OK) {
        curves->curves[curves->count++] = *curve;
    } else {
        struct record *values = curve->values;
        record_destroy(&values);
    }
    return status;
}

enum status curves_add_member(struct curves *curves, size_t curve, size_t unit) {
    void *items = curves->members;
    enum status status =
        make_room(&items, curves->member_count, sizeof *curves->members, &curves->member_capacity);
    curves->members = items;
    if (status != STATUS_OK) return status;
    curves->members[curves->member_count++] = (struct member){curve, unit};
    curves->curves[curve].units++;
    return STATUS_OK;
}

void curves_clear(struct curves *curves) {
    for (size_t i = 0; i < curves->count; i++)
        record_destroy(&curves->curves[i].values);
    memory_free(curves->curves);
    memory_free(curves->members);
    *curves = (struct curves){0};
}

/* A parameter's value as text; "auto" when it is open. */
static void value_text(const struct record *values, const struct field *field, char *text, size_t size) {
    char number[REAL_TEXT_SIZE];
    bool is_number = field->type == FIELD_INTEGER || field->type == FIELD_REAL;
    if (is_number) parameter_format_real(record_real(values, field->name), number);
    if (record_value(values, field->name)->count == 0)
        snprintf(text, size, "auto");
    else
        snprintf(text, size, "%s", is_number ? number : record_string(values, field->name));
}

/* Whether curves of one entry differ in a parameter. */
static bool differs(const struct curves *curves, const struct curve *curve, const struct field *field) {
    char mine[100], other[100];
    value_text(curve->values, field, mine, sizeof mine);
    for (size_t i = 0; i < curves->count; i++) {
        if (curves->curves[i].entry != curve->entry) continue;
        value_text(curves->curves[i].values, field, other, sizeof other);
        if (strcmp(mine, other) != 0) return true;
    }
    return false;
}

void curve_describe(const struct curves *curves, const struct curve *curve, char *text, size_t size) {
    const struct schema *schema = &curve->experiment->schema;
    size_t used = (size_t)snprintf(text, size, "%s", schema->name);
    const char *before = " with ";
    for (const struct field *field = schema->parameters; field->name && used < size; field++) {
        char value[100];
        if (field == curve->refinement.vary || !differs(curves, curve, field)) continue;
        value_text(curve->values, field, value, sizeof value);
        used += (size_t)snprintf(text + used, size - used, "%s%s %s", before, field->name, value);
        before = ", ";
    }
}
