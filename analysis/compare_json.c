/* A comparison for programs. */
#include <jansson.h>
#include <math.h>

#include "analysis/compare.h"
#include "analysis/describe.h"
#include "analysis/json.h"

/* An array in the making; an item that could not be made, or put in, leaves none. */
struct list {
    json_t *items;
    bool failed;
};

static void append(struct list *list, json_t *item) {
    list->failed |= json_array_append_new(list->items, item) != 0;
}

static json_t *finish(struct list *list) {
    if (!list->failed) return list->items;
    json_decref(list->items);
    return NULL;
}

static json_t *source_to_json(const char *name, const struct results *results) {
    json_t *object = json_pack("{s:o}", "file", json_text(name));
    static const char *const keys[] = {"campaign_name", "launchdate", "hostname", "cpu_model",
                                       "kernels",       "git_commit", "seed"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char value[400];
        describe_value(json_object_get(results->provenance, keys[i]), value, sizeof value);
        if (*value) json_object_set_new(object, keys[i], json_text(value));
    }
    return object;
}

static json_t *ratio_to_json(const char *experiment, const char *column, const struct interval *ratio,
                             enum compare_outcome outcome) {
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:s}", "experiment", experiment, "column", column,
                     "ratio", json_finite(ratio->value), "low", json_finite(ratio->low), "high",
                     json_finite(ratio->high), "n", (json_int_t)ratio->n, "outcome",
                     compare_outcome_name(outcome));
}

static json_t *row_to_json(const struct compare_row *row) {
    char unit[400];
    const struct interval none = interval_unknown(NAN, 0);
    json_t *object = ratio_to_json(row->a->schema->name, row->field->name,
                                   row->measured ? &row->ratio : &none, row->outcome);
    describe_unit(row->a, unit, sizeof unit);
    json_object_set_new(object, "unit", json_text(unit));
    json_object_set_new(object, "measured", json_boolean(row->measured));
    json_object_set_new(object, "a", json_finite(row->value_a));
    json_object_set_new(object, "b", json_finite(row->value_b));
    return object;
}

/* Counted columns that are equal are only counted. */
static json_t *units_to_json(const struct comparison *comparison) {
    struct list summaries = {.items = json_array()}, rows = {.items = json_array()};
    size_t equal = 0;
    for (size_t i = 0; i < comparison->summary_count; i++) {
        const struct compare_summary *summary = &comparison->summaries[i];
        append(&summaries,
               ratio_to_json(summary->experiment, summary->field->name, &summary->ratio, summary->outcome));
    }
    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        bool shown = row->measured || row->outcome != COMPARE_EQUAL;
        if (shown) append(&rows, row_to_json(row));
        equal += !shown;
    }
    return json_pack("{s:I, s:I, s:I, s:b, s:o, s:o, s:I}", "in_both", (json_int_t)comparison->units,
                     "only_a", (json_int_t)comparison->only_a, "only_b", (json_int_t)comparison->only_b,
                     "same_seed", comparison->same_seed, "summaries", finish(&summaries), "rows",
                     finish(&rows), "counted_equal", (json_int_t)equal);
}

static json_t *measurement_to_json(const struct measurement *a, const struct measurement *b) {
    struct interval ratio = compare_ratio(a, b);
    return json_pack("{s:o, s:o, s:o, s:[o, o, o], s:s}", "name", json_text(a->name), "a",
                     json_measurement(a), "b", json_measurement(b), "ratio", json_finite(ratio.value),
                     json_finite(ratio.low), json_finite(ratio.high), "outcome",
                     compare_outcome_name(compare_measurements(a, b)));
}

static void add_measurement(const struct measurement *a, const struct measurement *b, void *context) {
    append(context, measurement_to_json(a, b));
}

static json_t *claims_to_json(const struct ledger *a, const struct ledger *b) {
    struct list claims = {.items = json_array()};
    for (size_t i = 0; i < a->count; i++) {
        const struct ledger_row *other = compare_find_row(b, a->rows[i].claim->id);
        if (other == NULL) continue;
        struct list measurements = {.items = json_array()};
        compare_each_measurement(&a->rows[i], other, add_measurement, &measurements);
        append(&claims, json_pack("{s:o, s:s, s:s, s:o}", "id", json_text(a->rows[i].claim->id), "verdict_a",
                                  verdict_name(a->rows[i].verdict), "verdict_b", verdict_name(other->verdict),
                                  "measurements", finish(&measurements)));
    }
    return finish(&claims);
}

enum status compare_json(const struct compare_sides *sides, FILE *out) {
    json_t *root =
        json_pack("{s:i, s:o, s:o, s:o, s:o}", "schema", 2, "a", source_to_json(sides->name_a, sides->a), "b",
                  source_to_json(sides->name_b, sides->b), "units", units_to_json(sides->comparison),
                  "claims", claims_to_json(sides->ledger_a, sides->ledger_b));
    return json_write(root, out);
}
