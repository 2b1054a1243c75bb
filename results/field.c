#include "results/field.h"

#include <string.h>

const struct field common_fields[] = {
    [COMMON_IDENTITY] = {"identity", FIELD_STRING, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
                         "Hash of everything that determines the unit"},
    [COMMON_REPEAT] = {"repeat", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
                       "Number of the realisation of the random inputs"},
    [COMMON_STATUS] = {"status", FIELD_STRING, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
                       "Whether the unit was done or failed"},
    [COMMON_REASON] = {"reason", FIELD_STRING, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
                       "Why the unit failed"},
    [COMMON_COUNT] = {.name = NULL},
};

size_t field_table_count(const struct field *fields) {
    size_t count = 0;
    while (fields && fields[count].name)
        count++;
    return count;
}

size_t schema_field_count(const struct schema *schema) {
    return COMMON_COUNT + field_table_count(schema->parameters) + field_table_count(schema->columns);
}

const struct field *schema_field(const struct schema *schema, size_t index) {
    if (index < COMMON_COUNT) return &common_fields[index];
    index -= COMMON_COUNT;
    size_t parameters = field_table_count(schema->parameters);
    return index < parameters ? &schema->parameters[index] : &schema->columns[index - parameters];
}

/* Place of a name in a table of fields; the table's length if it is not there. */
static size_t find_in(const struct field *fields, const char *name) {
    size_t i = 0;
    while (fields && fields[i].name && strcmp(fields[i].name, name) != 0)
        i++;
    return i;
}

int schema_find(const struct schema *schema, const char *name) {
    const struct field *const tables[] = {common_fields, schema->parameters, schema->columns};
    size_t before = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        size_t i = find_in(tables[t], name);
        if (tables[t] && tables[t][i].name) return (int)(before + i);
        before += i;
    }
    return -1;
}

bool schema_equal(const struct schema *a, const struct schema *b) {
    if (a == b) return true;
    size_t count = schema_field_count(a), parameters = field_table_count(a->parameters);
    if (strcmp(a->name, b->name) != 0 || a->version != b->version || a->timed != b->timed ||
        count != schema_field_count(b) || parameters != field_table_count(b->parameters))
        return false;
    for (size_t i = COMMON_COUNT; i < count; i++) {
        const struct field *left = schema_field(a, i), *right = schema_field(b, i);
        if (strcmp(left->name, right->name) != 0 || left->type != right->type ||
            left->dimension != right->dimension)
            return false;
    }
    return true;
}

const char *field_type_name(enum field_type type) {
    static const char *const names[] = {"integer", "real", "choice", "string"};
    return names[type];
}

const char *field_dimension_name(enum field_dimension dimension) {
    static const char *const names[DIMENSION_COUNT] = {"scalar", "sample", "rank", "trial", "pixel", "sweep"};
    return names[dimension];
}
