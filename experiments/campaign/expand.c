#include "experiments/campaign/expand.h"

#include <string.h>

#include "core/base/memory.h"

/* Points that are rejected alike would fill pages: so many are shown, the rest is counted. */
enum { REJECTED_SHOWN = 3, FIRST_CAPACITY = 64 };

/* The place on every axis. */
struct odometer {
    size_t count;
    const struct axis **axes;
    const struct step **steps;
};

static enum status odometer_create(const struct axes *axes, struct odometer *odometer) {
    size_t count = 0;
    for (const struct axis *axis = axes->first; axis; axis = axis->next)
        count++;
    odometer->count = 0;
    odometer->axes = memory_allocate(count, sizeof *odometer->axes);
    odometer->steps = memory_allocate(count, sizeof *odometer->steps);
    if (!odometer->axes || !odometer->steps) return STATUS_NO_MEMORY;
    for (const struct axis *axis = axes->first; axis; axis = axis->next) {
        odometer->axes[odometer->count] = axis;
        odometer->steps[odometer->count++] = axis->steps;
    }
    return STATUS_OK;
}

static void odometer_clear(struct odometer *odometer) {
    memory_free(odometer->axes);
    memory_free(odometer->steps);
}

/* To the next point, the last axis fastest; false after the last point. */
static bool odometer_advance(struct odometer *odometer) {
    for (size_t a = odometer->count; a-- > 0;) {
        odometer->steps[a] = odometer->steps[a]->next;
        if (odometer->steps[a]) return true;
        odometer->steps[a] = odometer->axes[a]->steps;
    }
    return false;
}

/* The number of points, or a value beyond the limit. */
static double count_points(const struct axes *axes) {
    double points = 1;
    for (const struct axis *axis = axes->first; axis; axis = axis->next)
        points *= (double)axis->count;
    return points;
}

/* What `max` stands for in a parameter of that name. */
static int64_t maximum_of(const struct resources *resources, const struct field *field) {
    return strcmp(field->name, "ranks") == 0 ? resources->ranks : resources->threads;
}

/* What the file says about a parameter at this point: explicitly, else by a shape, else NULL. */
static const struct parameter_value *find_value(const struct odometer *odometer, const struct field *field) {
    const struct parameter_value *of_shape = NULL;
    for (size_t a = 0; a < odometer->count; a++)
        for (const struct setting *s = odometer->steps[a]->settings; s; s = s->next) {
            if (s->field != field) continue;
            if (!s->from_shape) return &s->value;
            of_shape = &s->value;
        }
    return of_shape;
}

/* Sets each parameter once: `auto` in the file must leave it open even where the default is a value. */
static enum status set_parameters(struct record *record, const struct schema *schema,
                                  const struct odometer *odometer, const struct resources *resources,
                                  struct error *error) {
    for (const struct field *field = schema->parameters; field->name; field++) {
        struct parameter_value preset;
        const struct parameter_value *value = find_value(odometer, field);
        if (!value && field->default_text) {
            CHECK(parameter_read(field, field->default_text, &preset, error));
            value = &preset;
        }
        if (value) CHECK(parameter_set(record, field, value, maximum_of(resources, field)));
    }
    return STATUS_OK;
}

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

static enum status resolve_point(struct record *record, const struct experiment *experiment,
                                 const struct odometer *odometer, const struct resources *resources,
                                 struct error *error) {
    CHECK(set_parameters(record, &experiment->schema, odometer, resources, error));
    CHECK(let_experiment_resolve(record, experiment, resources, error));
    return check_resolved(record, &experiment->schema, error);
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
    size_t capacity = list->capacity ? 2 * list->capacity : FIRST_CAPACITY;
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
    *list =
        (struct unit_list){list->resources, list->seed, list->count, capacity, units, 2 * capacity, slots};
    for (size_t i = 0; i < list->count; i++)
        *find_slot(list, units[i].identity) = (uint32_t)i + 1;
    return STATUS_OK;
}

/* Adds a repeat of the point unless a unit of that identity is there. */
static enum status add_repeat(struct unit_list *list, const struct unit *point, int64_t repeat) {
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
        return status;
    }
    list->units[list->count] = unit;
    *slot = (uint32_t)++list->count;
    return STATUS_OK;
}

/* What the repeats of a point have in common, once its values are resolved. */
static void describe_unit(struct unit *unit) {
    const struct schema *schema = &unit->experiment->schema;
    struct point point = unit_point(unit);
    unit->ranks = schema_find(schema, "ranks") >= 0 ? (int)record_integer(unit->values, "ranks") : 0;
    unit->estimate = unit->experiment->estimate(&point);
}

static enum status expand_point(struct unit_list *list, const struct experiment *experiment,
                                const struct odometer *odometer, int64_t repeats, struct error *error) {
    struct unit point = {.experiment = experiment};
    CHECK(record_create(&experiment->schema, &point.values));
    enum status status = resolve_point(point.values, experiment, odometer, list->resources, error);
    if (status == STATUS_OK) describe_unit(&point);
    for (int64_t repeat = 0; repeat < repeats && status == STATUS_OK; repeat++)
        status = add_repeat(list, &point, repeat);
    record_destroy(&point.values);
    return status;
}

enum status expand_units(struct unit_list *list, const struct axes *axes, const struct experiment *experiment,
                         int64_t repeats, struct yaml_source *source, const struct yaml_node *entry) {
    double units = count_points(axes) * (double)repeats;
    if (units + (double)list->count > CAMPAIGN_UNITS_MAX) {
        yaml_mistake(source, entry, "%.4g units, of at most %d", units, CAMPAIGN_UNITS_MAX);
        return STATUS_OK;
    }
    struct odometer odometer;
    size_t rejected = 0;
    enum status status = odometer_create(axes, &odometer);
    if (status == STATUS_OK) do {
            struct error error = {STATUS_OK, ""};
            status = expand_point(list, experiment, &odometer, repeats, &error);
            if (status == STATUS_INVALID && rejected++ < REJECTED_SHOWN)
                yaml_mistake(source, entry, "%s", error.text);
            if (status == STATUS_INVALID) status = STATUS_OK;
        } while (status == STATUS_OK && odometer_advance(&odometer));
    if (rejected > REJECTED_SHOWN)
        yaml_mistake(source, entry, "... and %zu more points of this entry", rejected - REJECTED_SHOWN);
    odometer_clear(&odometer);
    return status;
}

void unit_list_clear(struct unit_list *list) {
    for (size_t i = 0; i < list->count; i++)
        record_destroy(&list->units[i].values);
    memory_free(list->units);
    memory_free(list->slot_units);
    *list = (struct unit_list){0};
}
