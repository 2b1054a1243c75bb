#include "analysis/finding.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"

struct measurement *finding_measurement(struct finding *finding, const char *unit, const char *name, ...) {
    if (finding->measurement_count == CLAIM_MEASUREMENTS_MAX) return NULL;
    struct measurement *measurement = &finding->measurements[finding->measurement_count++];
    *measurement = (struct measurement){.prediction = NAN, .value = NAN};
    measurement->low = measurement->low_999 = -INFINITY;
    measurement->high = measurement->high_999 = INFINITY;
    snprintf(measurement->unit, sizeof measurement->unit, "%s", unit);
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(measurement->name, sizeof measurement->name, name, arguments);
    va_end(arguments);
    return measurement;
}

void measurement_set(struct measurement *measurement, const struct interval *interval) {
    if (measurement == NULL || interval == NULL) return;
    measurement->value = interval->value;
    measurement->low = interval->low;
    measurement->high = interval->high;
    measurement->low_999 = interval->low_999;
    measurement->high_999 = interval->high_999;
    measurement->n = interval->n;
}

void measurement_decides(struct measurement *measurement, enum criterion criterion, double prediction,
                         double tolerance) {
    if (measurement == NULL) return;
    measurement->criterion = criterion;
    measurement->prediction = prediction;
    measurement->tolerance = tolerance;
}

struct plot *finding_plot(struct finding *finding, const char *name, const char *title, const char *x_label,
                          const char *y_label) {
    if (finding->plot_count == CLAIM_PLOTS_MAX) return NULL;
    struct plot *plot = &finding->plots[finding->plot_count++];
    snprintf(plot->name, sizeof plot->name, "%s", name);
    snprintf(plot->title, sizeof plot->title, "%s", title);
    snprintf(plot->x_label, sizeof plot->x_label, "%s", x_label);
    snprintf(plot->y_label, sizeof plot->y_label, "%s", y_label);
    return plot;
}

struct finding_table *finding_table(struct finding *finding, const char *name, const char *title,
                                    const char *row_head) {
    if (finding->table_count == CLAIM_TABLES_MAX) return NULL;
    struct finding_table *table = &finding->tables[finding->table_count];
    *table = (struct finding_table){.rows = memory_allocate(TABLE_ROWS_MAX, sizeof *table->rows)};
    if (table->rows == NULL) return NULL;
    snprintf(table->name, sizeof table->name, "%s", name);
    snprintf(table->title, sizeof table->title, "%s", title);
    snprintf(table->row_head, sizeof table->row_head, "%s", row_head);
    finding->table_count++;
    return table;
}

void finding_capacity(struct finding *finding, const char *model, double claimed,
                      const struct interval *measured, const char *definition, ...) {
    if (finding->capacity_count == CLAIM_CAPACITIES_MAX || !(measured->value > 0)) return;
    struct known_capacity *capacity = &finding->capacities[finding->capacity_count++];
    *capacity = (struct known_capacity){
        .claimed = claimed, .value = measured->value, .low = measured->low, .high = measured->high};
    snprintf(capacity->model, sizeof capacity->model, "%s", model);
    va_list arguments;
    va_start(arguments, definition);
    vsnprintf(capacity->definition, sizeof capacity->definition, definition, arguments);
    va_end(arguments);
}

void finding_sizes(struct finding *finding, const char *format, ...) {
    size_t room = sizeof finding->sizes, length = strlen(finding->sizes);
    if (length > 0 && length + 3 < room)
        length += (size_t)snprintf(finding->sizes + length, room - length, ", ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->sizes + length, room - length, format, arguments);
    va_end(arguments);
}

void finding_say(struct finding *finding, const char *format, ...) {
    size_t length = strlen(finding->reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->reason + length, sizeof finding->reason - length, format, arguments);
    va_end(arguments);
}

void finding_end_sentence(struct finding *finding) {
    size_t length = strlen(finding->reason);
    while (length > 0 && strchr(" ;,.", finding->reason[length - 1]))
        length--;
    if (length == 0 || length + 1 >= sizeof finding->reason) return;
    memcpy(finding->reason + length, ".", 2);
}

enum status plot_series(struct plot *plot, const char *label, enum plot_style style, int colour, size_t count,
                        const double *x, const double *y, const double *low, const double *high) {
    if (plot == NULL || plot->series_count == PLOT_SERIES_MAX || count == 0) return STATUS_OK;
    const struct series *series = plot_add(plot, label, style, colour, count, x, y, low, high);
    return series == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

const struct series *plot_last_series(const struct plot *plot) {
    return plot == NULL || plot->series_count == 0 ? NULL : &plot->series[plot->series_count - 1];
}

enum status plot_curve(struct plot *plot, const char *label, enum plot_style style, int colour, double low,
                       double high, int logarithmic, double (*curve)(double x, const void *context),
                       const void *context) {
    enum { POINTS = 81 };
    double x[POINTS], y[POINTS];
    size_t count = 0;
    for (int i = 0; i < POINTS; i++) {
        double part = (double)i / (POINTS - 1);
        x[count] = logarithmic ? low * pow(high / low, part) : low + (high - low) * part;
        y[count] = curve(x[count], context);
        count += isfinite(y[count]);
    }
    return plot_series(plot, label, style, colour, count, x, y, NULL, NULL);
}
