#include "experiments/campaign/values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/parameter.h"

/* Ends of a range count as reached within this part of a step: decimals are not exact in binary. */
static const double RANGE_SLACK = 1e-9;

struct range {
    double from, to, by;
    bool multiplies;
};

void check_keys(struct yaml_source *source, const struct yaml_node *mapping, const char *const *known,
                const char *what) {
    for (const struct yaml_node *value = mapping->first; value && !yaml_has_enough(source);
         value = value->next) {
        bool found = false;
        for (const char *const *name = known; *name && !found; name++)
            found = strcmp(*name, value->key->text) == 0;
        if (!found) {
            const char *near = nearest_name(value->key->text, known);
            yaml_mistake(source, value->key, "%s knows no '%.60s'%s%s%s", what, value->key->text,
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        }
        if (yaml_get(mapping, value->key->text) != value)
            yaml_mistake(source, value->key, "'%.60s' stands twice", value->key->text);
    }
}

/* A number of a range; false after printing what is wrong. */
static bool range_number(struct yaml_source *source, const struct yaml_node *range, const char *key,
                         double *number) {
    const struct yaml_node *node = yaml_get(range, key);
    if (!node) {
        yaml_mistake(source, range, "a range needs %s", key);
        return false;
    }
    char *end = NULL;
    if (node->kind == YAML_SCALAR) *number = strtod(node->text, &end);
    if (node->kind == YAML_SCALAR && end != node->text && *end == '\0' && isfinite(*number)) return true;
    yaml_mistake(source, node, "%s of a range takes a number", key);
    return false;
}

static bool read_range(struct yaml_source *source, const struct yaml_node *node, struct range *range) {
    static const char *const known[] = {"from", "to", "step", "factor", NULL};
    size_t before = source->mistakes;
    check_keys(source, node, known, "a range");
    const struct yaml_node *step = yaml_get(node, "step"), *factor = yaml_get(node, "factor");
    if ((step != NULL) == (factor != NULL)) yaml_mistake(source, node, "a range needs either step or factor");
    range->multiplies = factor != NULL;
    bool read =
        range_number(source, node, "from", &range->from) && range_number(source, node, "to", &range->to);
    if (source->mistakes > before || !read) return false;
    const char *by = range->multiplies ? "factor" : "step";
    if (!range_number(source, node, by, &range->by)) return false;
    if (range->multiplies ? range->by <= 1 || range->from <= 0 : range->by <= 0)
        yaml_mistake(source, node,
                     range->multiplies ? "a range needs from > 0 and factor > 1" : "a range needs step > 0");
    else if (range->to < range->from)
        yaml_mistake(source, node, "the range is empty: its end is below its start");
    return source->mistakes == before;
}

static enum status expand_range(const struct yaml_node *node, struct yaml_source *source, struct arena *arena,
                                struct value_text **values, size_t *count) {
    struct range range;
    if (!read_range(source, node, &range)) return STATUS_OK;
    double steps =
        range.multiplies ? log(range.to / range.from) / log(range.by) : (range.to - range.from) / range.by;
    if (!(steps < CAMPAIGN_UNITS_MAX)) {
        yaml_mistake(source, node, "the range has more than %d values", CAMPAIGN_UNITS_MAX);
        return STATUS_OK;
    }
    size_t length = (size_t)(steps * (1 + RANGE_SLACK) + RANGE_SLACK) + 1;
    *values = arena_allocate(arena, length, sizeof **values);
    if (!*values) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < length; i++) {
        char text[REAL_TEXT_SIZE];
        double value =
            range.multiplies ? range.from * pow(range.by, (double)i) : range.from + (double)i * range.by;
        parameter_format_real(value, text);
        (*values)[i] = (struct value_text){arena_text(arena, text, strlen(text)), node};
        if (!(*values)[i].text) return STATUS_NO_MEMORY;
    }
    *count = length;
    return STATUS_OK;
}

static enum status expand_list(const struct yaml_node *node, struct yaml_source *source, struct arena *arena,
                               struct value_text **values, size_t *count) {
    size_t before = source->mistakes, i = 0;
    if (node->count == 0) yaml_mistake(source, node, "the list is empty");
    *values = arena_allocate(arena, node->count, sizeof **values);
    if (!*values) return STATUS_NO_MEMORY;
    for (const struct yaml_node *item = node->first; item && !yaml_has_enough(source); item = item->next) {
        if (item->kind != YAML_SCALAR)
            yaml_mistake(source, item, "a value is expected here, not a list or mapping");
        (*values)[i++] = (struct value_text){item->text, item};
    }
    if (source->mistakes == before) *count = node->count;
    return STATUS_OK;
}

enum status values_expand(const struct yaml_node *node, struct yaml_source *source, struct arena *arena,
                          struct value_text **values, size_t *count) {
    *count = 0;
    *values = NULL;
    switch (node->kind) {
    case YAML_SEQUENCE:
        return expand_list(node, source, arena, values, count);
    case YAML_MAPPING:
        return expand_range(node, source, arena, values, count);
    case YAML_SCALAR:
        yaml_mistake(source, node, "'%.60s': a list or a range is expected; single values belong under set",
                     node->text);
    }
    return STATUS_OK;
}

bool value_whole(struct yaml_source *source, const struct yaml_node *node, const char *what, int64_t low,
                 int64_t high, int64_t *number) {
    char *end = NULL;
    errno = 0;
    if (node->kind == YAML_SCALAR) *number = strtoimax(node->text, &end, 10);
    if (node->kind == YAML_SCALAR && end != node->text && *end == '\0' && errno == 0 && *number >= low &&
        *number <= high)
        return true;
    yaml_mistake(source, node, "%s takes a whole number from %" PRId64 " to %" PRId64, what, low, high);
    return false;
}
