#include "experiments/campaign/refine_read.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/campaign/values.h"

enum {
    NAMES_MAX = 128,
    PLACES_MAX = 1000 /* of a first round, far more than are of use */
};

/* Beyond these, most of what a trial tells is about a few failures or successes in many. */
static const double LEVEL_MIN = 0.01, LEVEL_MAX = 0.99, LEVEL_USUAL = 0.5;

/* Of the bounds' distance: places are decimals of 12 digits. */
static const double PRECISION_MIN = 1e-9;

/* The entry being read. */
struct reader {
    const struct yaml_node *refine;
    const struct experiment *experiment;
    struct yaml_source *source;
};

static bool is_scalar_integer(const struct field *field) {
    return field->type == FIELD_INTEGER && field->dimension == DIMENSION_SCALAR;
}

/* A number that belongs to what is studied; ranks and threads belong to the run. */
static bool can_be_varied(const struct field *field) {
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_REAL;
    return number && field->minimum < field->maximum && !(field->flags & FIELD_MAX);
}

/* Adds the names of the fields for which `fits` holds. */
static size_t list_names(const struct field *fields, bool (*fits)(const struct field *), size_t count,
                         const char *names[NAMES_MAX]) {
    for (; fields->name && count < NAMES_MAX - 1; fields++)
        if (fits(fields)) names[count++] = fields->name;
    names[count] = NULL;
    return count;
}

static const struct field *find_field(const struct field *fields, const char *name) {
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0) return fields;
    return NULL;
}

/* The text of a key that must be a word; NULL after printing the mistake when it is not, or is missing and
 * has to be there. */
static const char *read_word(const struct reader *reader, const char *key, bool required,
                             const char *example) {
    const struct yaml_node *node = yaml_get(reader->refine, key);
    if (!node && required)
        yaml_mistake(reader->source, reader->refine, "refine needs %s, such as {%s: %s}", key, key, example);
    if (node && node->kind != YAML_SCALAR)
        yaml_mistake(reader->source, node, "%s under refine takes a name", key);
    return node && node->kind == YAML_SCALAR ? node->text : NULL;
}

static void unknown_field(const struct reader *reader, const char *key, const char *name, const char *what,
                          const char *const *names) {
    const char *near = nearest_name(name, names);
    yaml_mistake(reader->source, yaml_get(reader->refine, key), "%s has no %s '%.60s'%s%s%s",
                 reader->experiment->schema.name, what, name, near ? "; did you mean '" : "",
                 near ? near : "", near ? "'?" : "");
}

static const struct field *read_vary(const struct reader *reader) {
    const struct field *parameters = reader->experiment->schema.parameters;
    const char *name = read_word(reader, "vary", true, "load"), *names[NAMES_MAX];
    if (!name) return NULL;
    const struct field *field = find_field(parameters, name);
    list_names(parameters, can_be_varied, 0, names);
    if (!field)
        unknown_field(reader, "vary", name, "parameter", names);
    else if (!can_be_varied(field))
        yaml_mistake(reader->source, yaml_get(reader->refine, "vary"),
                     "'%s' cannot be refined: a threshold lies in a number with bounds that belongs to what "
                     "is studied",
                     name);
    return field && can_be_varied(field) ? field : NULL;
}

static const struct field *read_of(const struct reader *reader) {
    const struct field *columns = reader->experiment->schema.columns;
    const char *name = read_word(reader, "of", true, "successes"), *names[NAMES_MAX];
    if (!name) return NULL;
    const struct field *field = find_field(columns, name);
    list_names(columns, is_scalar_integer, 0, names);
    if (!field)
        unknown_field(reader, "of", name, "column", names);
    else if (!is_scalar_integer(field))
        yaml_mistake(reader->source, yaml_get(reader->refine, "of"),
                     "'%s' is no count: refine needs a column with one integer per unit", name);
    return field && is_scalar_integer(field) ? field : NULL;
}

static const struct field *read_out_of(const struct reader *reader) {
    const struct schema *schema = &reader->experiment->schema;
    const char *given = read_word(reader, "out_of", false, ""), *names[NAMES_MAX];
    if (!given && yaml_get(reader->refine, "out_of")) return NULL;
    const char *name = given ? given : "trials";
    const struct field *field = find_field(schema->parameters, name);
    if (!field) field = find_field(schema->columns, name);
    list_names(schema->columns, is_scalar_integer,
               list_names(schema->parameters, is_scalar_integer, 0, names), names);
    if (field && is_scalar_integer(field)) return field;
    if (!given)
        yaml_mistake(reader->source, reader->refine,
                     "refine needs out_of, the count that `of` is a part of: %s has no trials", schema->name);
    else if (!field)
        unknown_field(reader, "out_of", name, "parameter or column", names);
    else
        yaml_mistake(reader->source, yaml_get(reader->refine, "out_of"),
                     "'%s' is no count: out_of takes a parameter or column with one integer per unit", name);
    return NULL;
}

/* A number within bounds; false after printing the mistake. */
static bool read_number(const struct reader *reader, const char *key, double low, double high,
                        double *number) {
    const struct yaml_node *node = yaml_get(reader->refine, key);
    char *end = NULL;
    if (node->kind == YAML_SCALAR) *number = strtod(node->text, &end);
    if (end && end != node->text && *end == '\0' && *number >= low && *number <= high) return true;
    yaml_mistake(reader->source, node, "%s under refine takes a number from %.4g to %.4g", key, low, high);
    return false;
}

static void read_precision(const struct reader *reader, struct refinement *refinement) {
    const struct field *vary = refinement->vary;
    double range = vary ? vary->maximum - vary->minimum : DBL_MAX;
    double least = vary ? PRECISION_MIN * range : DBL_MIN;
    if (vary && vary->type == FIELD_INTEGER) least = fmax(0.5, least);
    if (yaml_get(reader->refine, "precision"))
        read_number(reader, "precision", least, range, &refinement->precision);
    else
        yaml_mistake(reader->source, reader->refine,
                     "refine needs precision: half the width of the interval wanted, such as 0.001");
}

/* The axis of a parameter that stands under `vary`. */
static const struct axis *find_axis(const struct axes *axes, const struct field *field) {
    for (const struct axis *axis = axes->first; axis; axis = axis->next) {
        const struct setting *setting = axis->steps ? axis->steps->settings : NULL;
        if (setting && setting->field == field && !setting->from_shape) return axis;
    }
    return NULL;
}

static double value_of(const struct step *step, const struct field *field) {
    const struct parameter_value *value = &step->settings->value;
    if (value->word != PARAMETER_VALUE) return NAN;
    return field->type == FIELD_INTEGER ? (double)value->integer : value->real;
}

/* Whether an earlier step of the axis has the step's value. */
static bool stands_before(const struct axis *axis, const struct step *step, const struct field *field) {
    for (const struct step *earlier = axis->steps; earlier != step; earlier = earlier->next)
        if (value_of(earlier, field) == value_of(step, field)) return true;
    return false;
}

/* The first round's places: numbers, all different. */
static void read_places(const struct reader *reader, const struct yaml_node *list,
                        struct refinement *refinement) {
    const struct field *vary = refinement->vary;
    const struct axis *axis = refinement->axis;
    double low = INFINITY, high = -INFINITY;
    bool good = axis->count >= 2 && axis->count <= PLACES_MAX;
    for (const struct step *step = axis->steps; step && good; step = step->next) {
        if (!step->settings) return; /* its mistake was printed; the file is refused */
        double value = value_of(step, vary);
        good = !isnan(value) && !stands_before(axis, step, vary);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    if (!good)
        yaml_mistake(reader->source, list, "refine starts from 2 to %d different values of %s", PLACES_MAX,
                     vary->name);
    refinement->step = (high - low) / (double)(axis->count - 1);
}

/* Finds the first round, and the budget, which depends on it. */
static void read_size(const struct reader *reader, const struct yaml_node *entry, const struct axes *axes,
                      struct refinement *refinement) {
    const struct yaml_node *vary = yaml_get(entry, "vary"), *budget = yaml_get(reader->refine, "budget");
    const struct yaml_node *list = NULL;
    int64_t most = CAMPAIGN_UNITS_MAX, least = 2, units = 0;
    if (refinement->vary) {
        list = vary && vary->kind == YAML_MAPPING ? yaml_get(vary, refinement->vary->name) : NULL;
        refinement->axis = list ? find_axis(axes, refinement->vary) : NULL;
        if (!list)
            yaml_mistake(reader->source, yaml_get(reader->refine, "vary"),
                         "the values of '%s' to start from must stand under vary", refinement->vary->name);
    }
    if (refinement->axis) {
        read_places(reader, list, refinement);
        least = (int64_t)refinement->axis->count * refinement->repeats;
    }
    if (budget) {
        value_whole(reader->source, budget, "budget (units of one threshold, with the first round)", least,
                    most, &units);
    } else {
        units = least > most / REFINE_BUDGET_FACTOR ? most : least * REFINE_BUDGET_FACTOR;
    }
    refinement->first_round = (size_t)least;
    refinement->budget = (size_t)units;
}

void refine_read(const struct yaml_node *refine, const struct yaml_node *entry,
                 const struct experiment *experiment, const struct axes *axes, struct yaml_source *source,
                 struct refinement *refinement) {
    static const char *const known[] = {"vary", "of", "out_of", "at", "precision", "budget", NULL};
    struct reader reader = {refine, experiment, source};
    if (refine->kind != YAML_MAPPING) {
        yaml_mistake(source, refine,
                     "refine takes a mapping such as {vary: load, of: successes, precision: 0.001}");
        return;
    }
    check_keys(source, refine, known, "refine");
    if (experiment->kind != EXPERIMENT_COUNTED)
        yaml_mistake(source, refine->key, "only counted experiments can be refined, and %s is timed",
                     experiment->schema.name);
    refinement->vary = read_vary(&reader);
    refinement->of = read_of(&reader);
    refinement->out_of = read_out_of(&reader);
    refinement->at = LEVEL_USUAL;
    if (yaml_get(refine, "at")) read_number(&reader, "at", LEVEL_MIN, LEVEL_MAX, &refinement->at);
    read_precision(&reader, refinement);
    read_size(&reader, entry, axes, refinement);
}
