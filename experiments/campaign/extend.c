#include "experiments/campaign/extend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "experiments/campaign/parameter.h"
#include "experiments/campaign/units.h"

/* As a campaign would write it: the same decimal, the same value. */
static double rounded(double place) {
    char text[REAL_TEXT_SIZE];
    parameter_format_real(place, text);
    return strtod(text, NULL);
}

/* The curve's parameters at a place. */
static enum status values_at(const struct curve *curve, double place, struct record **values) {
    const struct field *vary = curve->refinement.vary;
    CHECK(record_copy(curve->values, values));
    enum status status = vary->type == FIELD_INTEGER
                             ? record_set_integer(*values, vary->name, (int64_t)llround(place))
                             : record_set_real(*values, vary->name, rounded(place));
    if (status != STATUS_OK) record_destroy(values);
    return status;
}

static enum status add_units(struct unit_list *list, const struct addition *addition,
                             const struct unit *point) {
    int64_t first = list->curves.curves[addition->curve].next_repeat;
    size_t place;
    for (size_t r = 0; r < addition->repeats; r++) {
        CHECK(unit_list_add(list, point, first + (int64_t)r, &place));
        CHECK(curves_add_member(&list->curves, addition->curve, place));
    }
    return STATUS_OK;
}

static enum status add_place(struct unit_list *list, const struct addition *addition, double place,
                             struct error *error) {
    const struct curve *curve = &list->curves.curves[addition->curve];
    struct record *values;
    struct unit point;
    CHECK(values_at(curve, place, &values));
    enum status status = unit_resolve(curve->experiment, list->resources, values, &point, error);
    if (status == STATUS_OK) status = add_units(list, addition, &point);
    record_destroy(&values);
    return status;
}

static enum status add_places(struct unit_list *list, const struct addition *addition) {
    struct curve *curve = &list->curves.curves[addition->curve];
    struct error error = {STATUS_OK, ""};
    enum status status = STATUS_OK;
    for (size_t p = 0; p < addition->place_count && status == STATUS_OK; p++)
        status = add_place(list, addition, addition->places[p], &error);
    curve->next_repeat += (int64_t)addition->repeats;
    if (status != STATUS_INVALID) return status;
    snprintf(curve->refusal, sizeof curve->refusal, "%.190s", error.text);
    return STATUS_OK;
}

enum status campaign_extend(struct campaign *campaign, const struct resources *resources, size_t count,
                            const struct addition *additions) {
    /* Without room, so that the first addition makes the table of identities. */
    struct unit_list list = {.resources = resources,
                             .seed = campaign->seed,
                             .count = campaign->unit_count,
                             .units = campaign->units,
                             .curves = campaign->curves};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = add_places(&list, &additions[i]);
    campaign->units = list.units;
    campaign->unit_count = list.count;
    campaign->curves = list.curves;
    memory_free(list.slot_units);
    return status;
}
