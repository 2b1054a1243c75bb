#include "experiments/campaign/units.h"

#include <string.h>

#include "core/base/memory.h"
#include "experiments/campaign/parameter.h"

enum { FIRST_CAPACITY = 64 };

/* STATUS_INVALID when the experiment left a parameter open. */
static enum status check_resolved(const struct record *record, const struct schema *schema,
                                  struct error *error) {
    for (const struct field *field = schema->parameters; field->name; field++)
        if (record_value(record, field->name)->count == 0)
            return error_set(error, STATUS_INVALID, "%s does not say what '%s' is when it is auto",
                             schema->name, field->name);
    return STATUS_OK;
}

/* Lets the experiment decide what is left open, and says at which point it could not. */
static enum status let_experiment_resolve(struct record *record, const struct experiment *experiment,
                                          const struct resources *resources, struct error *error) {
    struct error why = {STATUS_OK, ""};
    char point[240];
    if (!experiment->resolve) return STATUS_OK;
    enum status status = experiment->resolve(record, resources, &why);
    if (status == STATUS_OK) return STATUS_OK;
    parameters_describe(record, point, sizeof point);
    return error_set(error, status, "%.230s (at %s)", why.text[0] ? why.text : status_text(status), point);
}

enum status unit_resolve(const struct experiment *experiment, const struct resources *resources,
                         struct record *values, struct unit *point, struct error *error) {
    const struct schema *schema = &experiment->schema;
    CHECK(let_experiment_resolve(values, experiment, resources, error));
    CHECK(check_resolved(values, schema, error));
    *point = (struct unit){.experiment = experiment, .values = values};
    const struct point resolved = unit_point(point);
    point->ranks = schema_find(schema, "ranks") >= 0 ? (int)record_integer(values, "ranks") : 0;
    point->estimate = experiment->estimate(&resolved);
    return STATUS_OK;
}

static uint64_t identity_hash(const char *identity) {
    uint64_t hash = 0;
    for (; *identity; identity++)
        hash = hash * 31 + (unsigned char)*identity;
    return hash * 0x9E3779B97F4A7C15U;
}

static uint32_t *find_slot(const struct unit_list *list, const char *identity) {
    size_t slot = (size_t)identity_hash(identity) & (list->slots - 1);
    while (list->slot_units[slot] && strcmp(list->units[list->slot_units[slot] - 1].identity, identity) != 0)
        slot = (slot + 1) & (list->slots - 1);
    return &list->slot_units[slot];
}

/* Room for one more unit, with at least half of the slots free. */
static enum status grow(struct unit_list *list) {
    if (list->count < list->capacity) return STATUS_OK;
    size_t capacity = FIRST_CAPACITY; /* a power of two: hashes are cut to slots by a mask */
    while (capacity <= list->count)
        capacity *= 2;
    struct unit *units = memory_allocate(capacity, sizeof *units);
    uint32_t *slots = memory_allocate(2 * capacity, sizeof *slots);
    if (!units || !slots) {
        memory_free(units);
        memory_free(slots);
        return STATUS_NO_MEMORY;
    }
    if (list->count) memcpy(units, list->units, list->count * sizeof *units);
    memory_free(list->units);
    memory_free(list->slot_units);
    list->units = units;
    list->capacity = capacity;
    list->slot_units = slots;
    list->slots = 2 * capacity;
    for (size_t i = 0; i < list->count; i++)
        *find_slot(list, units[i].identity) = (uint32_t)i + 1;
    return STATUS_OK;
}

enum status unit_list_add(struct unit_list *list, const struct unit *point, int64_t repeat, size_t *place) {
    struct unit unit = *point;
    CHECK(grow(list));
    CHECK(record_copy(point->values, &unit.values));
    enum status status = record_set_integer(unit.values, "repeat", repeat);
    if (status == STATUS_OK) {
        unit_identify(&unit, list->seed);
        status = record_set_string(unit.values, "identity", unit.identity);
    }
    uint32_t *slot = find_slot(list, unit.identity);
    if (status != STATUS_OK || *slot) {
        record_destroy(&unit.values);
        *place = *slot ? *slot - 1 : 0;
        return status;
    }
    *place = list->count;
    list->units[list->count] = unit;
    *slot = (uint32_t)++list->count;
    return STATUS_OK;
}

void unit_list_clear(struct unit_list *list) {
    for (size_t i = 0; i < list->count; i++)
        record_destroy(&list->units[i].values);
    memory_free(list->units);
    memory_free(list->slot_units);
    curves_clear(&list->curves);
    *list = (struct unit_list){0};
}
