#include "results/schema.h"

#include <string.h>

#include "core/base/memory.h"

/* All texts of an owned schema point into the JSON that it keeps. */
struct owned {
    struct schema schema;
    json_t *json;
    struct field *parameters, *columns;
};

static json_t *fields_to_json(const struct field *fields) {
    json_t *list = json_array();
    for (; list && fields && fields->name; fields++) {
        json_t *field = json_pack(
            "{s:s, s:s, s:s, s:s, s:i, s:s}", "name", fields->name, "type", field_type_name(fields->type),
            "dimension", field_dimension_name(fields->dimension), "unit", fields->unit ? fields->unit : "1",
            "flags", (int)fields->flags, "description", fields->description ? fields->description : "");
        if (json_array_append_new(list, field) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *schema_to_json(const struct schema *schema) {
    json_t *parameters = fields_to_json(schema->parameters);
    json_t *columns = fields_to_json(schema->columns);
    if (!parameters || !columns) {
        json_decref(parameters);
        json_decref(columns);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:i, s:b, s:o, s:o}", "schema", schema->name, "summary",
                     schema->summary ? schema->summary : "", "version", schema->version, "timed",
                     schema->timed, "parameters", parameters, "columns", columns);
}

static bool type_named(const char *name, enum field_type *type) {
    for (*type = FIELD_INTEGER; *type <= FIELD_STRING; (*type)++)
        if (strcmp(field_type_name(*type), name) == 0) return true;
    return false;
}

static bool dimension_named(const char *name, enum field_dimension *dimension) {
    for (*dimension = DIMENSION_SCALAR; *dimension < DIMENSION_COUNT; (*dimension)++)
        if (strcmp(field_dimension_name(*dimension), name) == 0) return true;
    return false;
}

static enum status field_from_json(json_t *json, struct field *field) {
    const char *type, *dimension;
    int flags;
    if (json_unpack(json, "{s:s, s:s, s:s, s:s, s:i, s:s}", "name", &field->name, "type", &type, "dimension",
                    &dimension, "unit", &field->unit, "flags", &flags, "description",
                    &field->description) != 0)
        return STATUS_FORMAT;
    field->flags = (unsigned)flags;
    if (!type_named(type, &field->type) || !dimension_named(dimension, &field->dimension))
        return STATUS_FORMAT;
    bool text = field->type == FIELD_CHOICE || field->type == FIELD_STRING;
    return text && field->dimension != DIMENSION_SCALAR ? STATUS_FORMAT : STATUS_OK;
}

/* A table of fields, ended by one without a name. */
static enum status fields_from_json(json_t *list, struct field **fields) {
    if (!json_is_array(list)) return STATUS_FORMAT;
    size_t count = json_array_size(list);
    *fields = memory_allocate(count + 1, sizeof **fields);
    if (!*fields) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        CHECK(field_from_json(json_array_get(list, i), &(*fields)[i]));
    return STATUS_OK;
}

static enum status fill(struct owned *owned) {
    struct schema *schema = &owned->schema;
    json_t *parameters, *columns;
    int timed;
    if (json_unpack(owned->json, "{s:s, s:s, s:i, s:b, s:o, s:o}", "schema", &schema->name, "summary",
                    &schema->summary, "version", &schema->version, "timed", &timed, "parameters", &parameters,
                    "columns", &columns) != 0)
        return STATUS_FORMAT;
    schema->timed = timed;
    CHECK(fields_from_json(parameters, &owned->parameters));
    CHECK(fields_from_json(columns, &owned->columns));
    schema->parameters = owned->parameters;
    schema->columns = owned->columns;
    return STATUS_OK;
}

enum status schema_from_json(json_t *json, struct schema **schema) {
    struct owned *owned = memory_allocate(1, sizeof *owned);
    *schema = (struct schema *)owned;
    if (!owned) return STATUS_NO_MEMORY;
    owned->json = json_incref(json);
    enum status status = fill(owned);
    if (status != STATUS_OK) schema_destroy(schema);
    return status;
}

enum status schema_copy(const struct schema *from, struct schema **to) {
    *to = NULL;
    json_t *json = schema_to_json(from);
    if (!json) return STATUS_NO_MEMORY;
    enum status status = schema_from_json(json, to);
    json_decref(json);
    return status;
}

void schema_destroy(struct schema **schema) {
    struct owned *owned = (struct owned *)*schema;
    if (!owned) return;
    json_decref(owned->json);
    memory_free(owned->parameters);
    memory_free(owned->columns);
    memory_free(owned);
    *schema = NULL;
}
