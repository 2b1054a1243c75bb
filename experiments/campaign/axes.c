#include "experiments/campaign/axes.h"

#include <string.h>

#include "experiments/campaign/values.h"

enum { NAMES_MAX = 128 };

/* The entry being read. */
struct reader {
    const struct experiment *experiment;
    struct yaml_source *source;
    struct arena *arena;
    struct axes *axes;
    const char *names[NAMES_MAX];             /* what may be set: the parameters, and shape; ended by NULL */
    const struct yaml_node *given[NAMES_MAX]; /* the key that set it, or that was likely meant to */
    bool without_shape;                       /* a shape is asked for that does not exist */
};

static void list_names(struct reader *reader) {
    size_t count = 0;
    for (const struct field *field = reader->experiment->schema.parameters; field->name; field++)
        if (count < NAMES_MAX - 2) reader->names[count++] = field->name;
    reader->names[count++] = "shape";
    reader->names[count] = NULL;
}

static const struct field *find_parameter(const struct reader *reader, const char *name) {
    for (const struct field *field = reader->experiment->schema.parameters; field->name; field++)
        if (strcmp(field->name, name) == 0) return field;
    return NULL;
}

/* Index of a name, or -1. */
static int find_name(const struct reader *reader, const char *name) {
    for (int i = 0; reader->names[i]; i++)
        if (strcmp(reader->names[i], name) == 0) return i;
    return -1;
}

static void unknown_name(struct reader *reader, const struct yaml_node *key) {
    const char *near = nearest_name(key->text, reader->names);
    yaml_mistake(reader->source, key, "%s has no parameter '%.60s'%s%s%s", reader->experiment->schema.name,
                 key->text, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    /* Then it is not missing as well. */
    if (near && !reader->given[find_name(reader, near)]) reader->given[find_name(reader, near)] = key;
}

/* Whether the key may be set here and was not before; prints the mistake otherwise. */
static bool claim_name(struct reader *reader, const struct yaml_node *key) {
    int name = find_name(reader, key->text);
    if (name < 0) {
        unknown_name(reader, key);
        return false;
    }
    const struct yaml_node *before = reader->given[name];
    bool taken = before && strcmp(before->text, key->text) == 0;
    if (taken)
        yaml_mistake(reader->source, key, "'%s' is set twice in this entry, first in line %d", key->text,
                     before->line + 1);
    else
        reader->given[name] = key;
    return !taken;
}

static struct axis *add_axis(struct reader *reader) {
    struct axis *axis = arena_allocate(reader->arena, 1, sizeof *axis);
    if (!axis) return NULL;
    if (reader->axes->last)
        reader->axes->last->next = axis;
    else
        reader->axes->first = axis;
    reader->axes->last = axis;
    return axis;
}

static struct step *add_step(struct reader *reader, struct axis *axis) {
    struct step *step = arena_allocate(reader->arena, 1, sizeof *step);
    if (!step) return NULL;
    if (axis->last)
        axis->last->next = step;
    else
        axis->steps = step;
    axis->last = step;
    axis->count++;
    return step;
}

/* Checks one parameter's value and adds it to the step. */
static enum status add_setting(struct reader *reader, struct step *step, const struct field *field,
                               const char *text, const struct yaml_node *node, bool from_shape) {
    struct parameter_value value;
    struct error error;
    if (parameter_read(field, text, &value, &error) != STATUS_OK) {
        yaml_mistake(reader->source, node, "%s", error.text);
        return STATUS_OK;
    }
    struct setting *setting = arena_allocate(reader->arena, 1, sizeof *setting);
    if (!setting) return STATUS_NO_MEMORY;
    *setting = (struct setting){field, value, from_shape, step->settings};
    step->settings = setting;
    return STATUS_OK;
}

static void unknown_shape(struct reader *reader, const char *name, const struct yaml_node *node) {
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (const struct shape *shape = shapes; shape->name && count < NAMES_MAX - 1; shape++)
        if (strcmp(shape->experiment, reader->experiment->schema.name) == 0) names[count++] = shape->name;
    names[count] = NULL;
    const char *near = nearest_name(name, names);
    yaml_mistake(reader->source, node, "there is no shape '%.60s' for %s%s%s%s", name,
                 reader->experiment->schema.name, near ? "; did you mean '" : "", near ? near : "",
                 near ? "'?" : "");
}

static enum status add_shape(struct reader *reader, struct step *step, const char *name,
                             const struct yaml_node *node) {
    const struct shape *shape = shape_named(name, reader->experiment->schema.name);
    if (!shape) {
        reader->without_shape = true;
        unknown_shape(reader, name, node);
        return STATUS_OK;
    }
    for (const char *const(*setting)[2] = shape->settings; (*setting)[0]; setting++) {
        const struct field *field = find_parameter(reader, (*setting)[0]);
        if (field) CHECK(add_setting(reader, step, field, (*setting)[1], node, true));
    }
    return STATUS_OK;
}

static enum status add_value(struct reader *reader, struct step *step, const char *name,
                             struct value_text value) {
    if (strcmp(name, "shape") == 0) return add_shape(reader, step, value.text, value.node);
    return add_setting(reader, step, find_parameter(reader, name), value.text, value.node, false);
}

static enum status read_single(struct reader *reader, const struct yaml_node *value) {
    if (!claim_name(reader, value->key)) return STATUS_OK;
    if (value->kind != YAML_SCALAR) {
        yaml_mistake(reader->source, value,
                     "set takes single values; lists and ranges belong under vary or zip");
        return STATUS_OK;
    }
    struct axis *axis = add_axis(reader);
    struct step *step = axis ? add_step(reader, axis) : NULL;
    if (!step) return STATUS_NO_MEMORY;
    return add_value(reader, step, value->key->text, (struct value_text){value->text, value});
}

static enum status read_set(struct reader *reader, const struct yaml_node *set) {
    for (const struct yaml_node *value = set->first; value && !yaml_has_enough(reader->source);
         value = value->next)
        CHECK(read_single(reader, value));
    return STATUS_OK;
}

static enum status read_vary(struct reader *reader, const struct yaml_node *vary) {
    for (const struct yaml_node *list = vary->first; list && !yaml_has_enough(reader->source);
         list = list->next) {
        struct value_text *values;
        size_t count;
        bool claimed = claim_name(reader, list->key);
        CHECK(values_expand(list, reader->source, reader->arena, &values, &count));
        if (!claimed) continue;
        struct axis *axis = add_axis(reader);
        if (!axis) return STATUS_NO_MEMORY;
        for (size_t i = 0; i < count; i++) {
            struct step *step = add_step(reader, axis);
            if (!step) return STATUS_NO_MEMORY;
            CHECK(add_value(reader, step, list->key->text, values[i]));
        }
    }
    return STATUS_OK;
}

/* All keys walk one axis together; the first list gives its length. */
static enum status read_zip(struct reader *reader, const struct yaml_node *zip) {
    struct axis *axis = NULL;
    for (const struct yaml_node *list = zip->first; list && !yaml_has_enough(reader->source);
         list = list->next) {
        struct value_text *values;
        size_t count;
        bool claimed = claim_name(reader, list->key);
        CHECK(values_expand(list, reader->source, reader->arena, &values, &count));
        if (!claimed || count == 0) continue;
        if (!axis) {
            axis = add_axis(reader);
            for (size_t i = 0; axis && i < count; i++)
                if (!add_step(reader, axis)) return STATUS_NO_MEMORY;
            if (!axis) return STATUS_NO_MEMORY;
        }
        if (count != axis->count) {
            yaml_mistake(reader->source, list->key,
                         "lists under zip go in step: '%s' has %zu values, the first list %zu",
                         list->key->text, count, axis->count);
            continue;
        }
        struct step *step = axis->steps;
        for (size_t i = 0; i < count; i++, step = step->next)
            CHECK(add_value(reader, step, list->key->text, values[i]));
    }
    return STATUS_OK;
}

static enum status read_part(struct reader *reader, const struct yaml_node *entry, const char *name,
                             enum status (*read)(struct reader *, const struct yaml_node *)) {
    const struct yaml_node *part = yaml_get(entry, name);
    if (!part) return STATUS_OK;
    if (part->kind == YAML_MAPPING) return read(reader, part);
    yaml_mistake(reader->source, part, "%s takes a mapping of parameters, such as {%s: ...}", name,
                 reader->names[0]);
    return STATUS_OK;
}

/* Whether a shape gives the parameter at every step of its axis. */
static bool shapes_give(const struct axes *axes, const struct field *field) {
    for (const struct axis *axis = axes->first; axis; axis = axis->next) {
        size_t steps = 0;
        for (const struct step *step = axis->steps; step; step = step->next)
            for (const struct setting *s = step->settings; s; s = s->next)
                steps += s->from_shape && s->field == field;
        if (steps > 0 && steps == axis->count) return true;
    }
    return false;
}

/* Parameters without a default must come from somewhere. */
static void check_missing(struct reader *reader, const struct yaml_node *entry) {
    if (reader->without_shape) return;
    for (const struct field *field = reader->experiment->schema.parameters; field->name; field++) {
        int name = find_name(reader, field->name);
        if (field->default_text || name < 0 || reader->given[name] || shapes_give(reader->axes, field))
            continue;
        yaml_mistake(reader->source, yaml_get(entry, "experiment"), "%s needs the parameter '%s' (%s)",
                     reader->experiment->schema.name, field->name, field->description);
    }
}

enum status axes_read(const struct yaml_node *entry, const struct experiment *experiment,
                      struct yaml_source *source, struct arena *arena, struct axes *axes) {
    struct reader reader = {.experiment = experiment, .source = source, .arena = arena, .axes = axes};
    *axes = (struct axes){NULL, NULL};
    list_names(&reader);
    const struct yaml_node *shape = yaml_get(entry, "shape");
    if (shape) CHECK(read_single(&reader, shape));
    CHECK(read_part(&reader, entry, "set", read_set));
    CHECK(read_part(&reader, entry, "vary", read_vary));
    CHECK(read_part(&reader, entry, "zip", read_zip));
    check_missing(&reader, entry);
    return STATUS_OK;
}
