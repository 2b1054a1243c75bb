#include "experiments/campaign/expand.h"

#include <string.h>

#include "core/base/memory.h"

/* Points that are rejected alike would fill pages: so many are shown, the rest is counted. */
enum { REJECTED_SHOWN = 3 };

/* The place on every axis. */
struct odometer {
    size_t count;
    const struct axis **axes;
    const struct step **steps;
    size_t *places; /* of the steps, from 0 */
};

/* What all points of an entry have in common. */
struct expansion {
    struct unit_list *list;
    const struct experiment *experiment;
    int64_t repeats;
    const struct refinement *refinement; /* NULL: none */
    size_t first_curve;
};

static enum status odometer_create(const struct axes *axes, struct odometer *odometer) {
    size_t count = 0;
    for (const struct axis *axis = axes->first; axis; axis = axis->next)
        count++;
    odometer->count = 0;
    odometer->axes = memory_allocate(count, sizeof *odometer->axes);
    odometer->steps = memory_allocate(count, sizeof *odometer->steps);
    odometer->places = memory_allocate(count, sizeof *odometer->places);
    if (!odometer->axes || !odometer->steps || !odometer->places) return STATUS_NO_MEMORY;
    for (const struct axis *axis = axes->first; axis; axis = axis->next) {
        odometer->axes[odometer->count] = axis;
        odometer->steps[odometer->count++] = axis->steps;
    }
    return STATUS_OK;
}

static void odometer_clear(struct odometer *odometer) {
    memory_free(odometer->axes);
    memory_free(odometer->steps);
    memory_free(odometer->places);
}

/* To the next point, the last axis fastest; false after the last point. */
static bool odometer_advance(struct odometer *odometer) {
    for (size_t a = odometer->count; a-- > 0;) {
        odometer->steps[a] = odometer->steps[a]->next;
        odometer->places[a]++;
        if (odometer->steps[a]) return true;
        odometer->steps[a] = odometer->axes[a]->steps;
        odometer->places[a] = 0;
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

/* The number of the point's combination, in the order in which combinations come; *new: it is there for the
 * first time, since the varied parameter stands at its first value. */
static size_t find_combination(const struct odometer *odometer, const struct axis *varied, bool *new) {
    size_t combination = 0;
    for (size_t a = 0; a < odometer->count; a++)
        if (odometer->axes[a] == varied)
            *new = odometer->places[a] == 0;
        else
            combination = combination * odometer->axes[a]->count + odometer->places[a];
    return combination;
}

/* The curve that a point lies on, made with its first point. */
static enum status find_curve(const struct expansion *expansion, const struct odometer *odometer,
                              const struct record *values, size_t *curve) {
    const struct refinement *refinement = expansion->refinement;
    struct curves *curves = &expansion->list->curves;
    bool new = false;
    *curve = expansion->first_curve + find_combination(odometer, refinement->axis, &new);
    if (!new) return STATUS_OK;
    struct curve made = {.experiment = expansion->experiment,
                         .entry = curves->entries,
                         .refinement = *refinement,
                         .next_repeat = expansion->repeats};
    CHECK(record_copy(values, &made.values));
    made.key = curve_hash(made.experiment, values, expansion->list->seed, refinement->vary);
    made.refinement.axis = NULL;
    return curves_add(curves, &made);
}

/* The units of a point of which all parameters that the file gives are set. */
static enum status add_point(const struct expansion *expansion, const struct odometer *odometer,
                             struct record *values, struct error *error) {
    struct unit_list *list = expansion->list;
    struct unit point;
    size_t curve = 0, place = 0;
    if (expansion->refinement) CHECK(find_curve(expansion, odometer, values, &curve));
    CHECK(unit_resolve(expansion->experiment, list->resources, values, &point, error));
    for (int64_t repeat = 0; repeat < expansion->repeats; repeat++) {
        CHECK(unit_list_add(list, &point, repeat, &place));
        if (expansion->refinement) CHECK(curves_add_member(&list->curves, curve, place));
    }
    return STATUS_OK;
}

static enum status expand_point(const struct expansion *expansion, const struct odometer *odometer,
                                struct error *error) {
    const struct schema *schema = &expansion->experiment->schema;
    struct record *values;
    CHECK(record_create(schema, &values));
    enum status status = set_parameters(values, schema, odometer, expansion->list->resources, error);
    if (status == STATUS_OK) status = add_point(expansion, odometer, values, error);
    record_destroy(&values);
    return status;
}

/* Whether the limits hold; prints the mistake otherwise. */
static bool check_size(const struct unit_list *list, const struct axes *axes, int64_t repeats,
                       const struct refinement *refinement, struct yaml_source *source,
                       const struct yaml_node *entry, size_t *reserved) {
    double units = count_points(axes) * (double)repeats,
           before = (double)(list->count + list->curves.reserved);
    double curves = refinement ? units / (double)refinement->first_round : 0;
    double most = refinement ? curves * (double)refinement->budget : units;
    if (units + before > CAMPAIGN_UNITS_MAX)
        yaml_mistake(source, entry, "%.4g units, of at most %d", units, CAMPAIGN_UNITS_MAX);
    else if (most + before > CAMPAIGN_UNITS_MAX)
        yaml_mistake(
            source, entry,
            "%.4g units when the budgets of %.4g thresholds are spent, of at most %d: give a smaller "
            "budget under refine",
            most, curves, CAMPAIGN_UNITS_MAX);
    else if (curves + (double)list->curves.count > CURVES_MAX)
        yaml_mistake(source, entry, "%.4g thresholds, of at most %d", curves, CURVES_MAX);
    else {
        *reserved = (size_t)(most - units);
        return true;
    }
    return false;
}

/* All points; those that the experiment rejects are mistakes. */
static enum status walk(const struct expansion *expansion, struct odometer *odometer,
                        struct yaml_source *source, const struct yaml_node *entry) {
    enum status status;
    size_t rejected = 0;
    do {
        struct error error = {STATUS_OK, ""};
        status = expand_point(expansion, odometer, &error);
        if (status == STATUS_INVALID && rejected++ < REJECTED_SHOWN)
            yaml_mistake(source, entry, "%s", error.text);
        if (status == STATUS_INVALID) status = STATUS_OK;
    } while (status == STATUS_OK && odometer_advance(odometer));
    if (rejected > REJECTED_SHOWN)
        yaml_mistake(source, entry, "... and %zu more points of this entry", rejected - REJECTED_SHOWN);
    return status;
}

enum status expand_units(struct unit_list *list, const struct axes *axes, const struct experiment *experiment,
                         int64_t repeats, const struct refinement *refinement, struct yaml_source *source,
                         const struct yaml_node *entry) {
    struct expansion expansion = {list, experiment, repeats, refinement, list->curves.count};
    struct odometer odometer;
    size_t reserved;
    if (!check_size(list, axes, repeats, refinement, source, entry, &reserved)) return STATUS_OK;
    enum status status = odometer_create(axes, &odometer);
    if (status == STATUS_OK) status = walk(&expansion, &odometer, source, entry);
    odometer_clear(&odometer);
    if (refinement) list->curves.entries++;
    list->curves.reserved += reserved;
    return status;
}
