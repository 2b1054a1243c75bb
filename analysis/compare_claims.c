/* Claims of two results side by side. */
#include <math.h>
#include <string.h>

#include "analysis/compare.h"

const struct ledger_row *compare_find_row(const struct ledger *ledger, const char *id) {
    for (size_t i = 0; i < ledger->count; i++)
        if (strcmp(ledger->rows[i].claim->id, id) == 0) return &ledger->rows[i];
    return NULL;
}

/* Names may come twice, in operations and in seconds. */
static bool is_same_quantity(const struct measurement *a, const struct measurement *b) {
    return strcmp(a->name, b->name) == 0 && strcmp(a->unit, b->unit) == 0;
}

static const struct measurement *find_measurement(const struct finding *finding,
                                                  const struct measurement *like) {
    for (size_t i = 0; i < finding->measurement_count; i++)
        if (is_same_quantity(&finding->measurements[i], like)) return &finding->measurements[i];
    return NULL;
}

void compare_each_measurement(const struct ledger_row *a, const struct ledger_row *b,
                              void (*each)(const struct measurement *a, const struct measurement *b,
                                           void *context),
                              void *context) {
    for (size_t i = 0; i < a->finding.measurement_count; i++) {
        const struct measurement *mine = &a->finding.measurements[i];
        const struct measurement *other = find_measurement(&b->finding, mine);
        if (other && !(isnan(mine->value) && isnan(other->value))) each(mine, other, context);
    }
}

/* Exact values agree only if equal; measured ones overlap at 95 % or lie apart at 99.9 %. */
enum compare_outcome compare_measurements(const struct measurement *a, const struct measurement *b) {
    if (isnan(a->value) || isnan(b->value)) return COMPARE_UNCLEAR;
    bool exact = a->low_999 == a->high_999 && b->low_999 == b->high_999;
    if (exact && a->value == b->value) return COMPARE_EQUAL;
    if (a->high_999 < b->low_999 || b->high_999 < a->low_999) return COMPARE_DIFFERENT;
    bool bounded = isfinite(a->low) && isfinite(a->high) && isfinite(b->low) && isfinite(b->high);
    return bounded && a->low <= b->high && b->low <= a->high ? COMPARE_NO_DIFFERENCE : COMPARE_UNCLEAR;
}

/* One limit of ln b - ln a: the distances of both values from their limits on that side, in quadrature. */
static double log_distance(double value, double limit, double other, double other_limit) {
    return hypot(log(value / limit), log(other / other_limit));
}

struct interval compare_ratio(const struct measurement *a, const struct measurement *b) {
    bool positive = a->low_999 > 0 && b->low_999 > 0 && isfinite(a->value) && isfinite(b->value);
    if (!positive) return interval_unknown(NAN, 0);
    double ratio = b->value / a->value;
    return (struct interval){
        .value = ratio,
        .low = ratio * exp(-log_distance(b->value, b->low, a->value, a->high)),
        .high = ratio * exp(log_distance(b->value, b->high, a->value, a->low)),
        .low_999 = ratio * exp(-log_distance(b->value, b->low_999, a->value, a->high_999)),
        .high_999 = ratio * exp(log_distance(b->value, b->high_999, a->value, a->low_999)),
        .n = a->n < b->n ? a->n : b->n};
}

enum status compare_sides_create(const char *name_a, const struct results *a, const char *name_b,
                                 const struct results *b, struct compare_sides *sides) {
    *sides = (struct compare_sides){.name_a = name_a, .name_b = name_b, .a = a, .b = b};
    enum status status = comparison_create(a, b, &sides->comparison);
    if (status == STATUS_OK) status = ledger_create(a, &sides->ledger_a);
    if (status == STATUS_OK) status = ledger_create(b, &sides->ledger_b);
    if (status != STATUS_OK) compare_sides_clear(sides);
    return status;
}

void compare_sides_clear(struct compare_sides *sides) {
    comparison_destroy(&sides->comparison);
    ledger_destroy(&sides->ledger_a);
    ledger_destroy(&sides->ledger_b);
}
