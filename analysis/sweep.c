#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "analysis/scaling.h"
#include "core/base/memory.h"

/* Distinct values of the variable in the group of `first` and the ratio of the largest to the smallest. */
static size_t group_extent(const struct selection *selection, const struct record *first,
                           const char *variable, const char *const *fixed, double *ratio) {
    double seen[SWEEP_POINTS_MAX], low = INFINITY, high = 0;
    size_t distinct = 0;
    for (size_t i = 0; i < selection->count; i++) {
        double x = record_real(selection->records[i], variable);
        if (!(x > 0) || !records_agree(first, selection->records[i], fixed)) continue;
        low = fmin(low, x);
        high = fmax(high, x);
        size_t place = 0;
        while (place < distinct && seen[place] != x)
            place++;
        if (place == distinct && distinct < SWEEP_POINTS_MAX) seen[distinct++] = x;
    }
    *ratio = distinct == 0 ? 0 : high / low;
    return distinct;
}

static const struct record *widest_group(const struct selection *selection, const char *variable,
                                         const char *const *fixed) {
    const struct record *best = NULL;
    double best_ratio = 0;
    size_t best_count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *first = selection->records[i];
        size_t earlier = 0;
        while (earlier < i && !records_agree(selection->records[earlier], first, fixed))
            earlier++;
        if (earlier < i) continue;
        double ratio;
        size_t count = group_extent(selection, first, variable, fixed, &ratio);
        if (count < SWEEP_POINTS_LEAST || ratio < best_ratio) continue;
        if (ratio == best_ratio && count <= best_count) continue;
        best = first, best_ratio = ratio, best_count = count;
    }
    return best;
}

/* The point at x, made if it is new; NULL when there is no room. */
static struct sweep_point *point_at(struct sweep *sweep, double x) {
    for (size_t i = 0; i < sweep->count; i++) {
        if (sweep->points[i].x == x) return &sweep->points[i];
    }
    if (sweep->count == SWEEP_POINTS_MAX) return NULL;
    struct sweep_point *point = &sweep->points[sweep->count++];
    *point = (struct sweep_point){.x = x};
    return point;
}

/* The positive numbers among values, moved to the front; how many. */
static size_t keep_positive(size_t count, double *values) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (values[i] > 0 && isfinite(values[i])) values[kept++] = values[i];
    return kept;
}

static enum status append(size_t count, const double *values, struct sweep_point *point) {
    if (point->values == NULL) point->values = memory_allocate(SWEEP_VALUES_MAX, sizeof *point->values);
    if (point->values == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && point->count < SWEEP_VALUES_MAX; i++)
        point->values[point->count++] = values[i];
    return STATUS_OK;
}

static void order(struct sweep_point *point) {
    gsl_sort(point->values, 1, point->count);
    point->typical = gsl_stats_median_from_sorted_data(point->values, 1, point->count);
}

enum status sweep_point_read(const struct selection *selection, const char *const *columns,
                             struct sweep_point *point) {
    *point = (struct sweep_point){.x = NAN, .typical = NAN};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < selection->count && status == STATUS_OK; i++) {
        size_t count;
        double *values = record_sums(selection->records[i], columns, &count);
        if (values == NULL) status = STATUS_NO_MEMORY;
        size_t usable = values == NULL ? 0 : keep_positive(count, values);
        if (usable > 0) status = append(usable, values, point);
        memory_free(values);
    }
    if (status != STATUS_OK)
        sweep_point_clear(point);
    else if (point->count > 0)
        order(point);
    return status;
}

void sweep_point_clear(struct sweep_point *point) {
    memory_free(point->values);
    *point = (struct sweep_point){.x = NAN, .typical = NAN};
}

static enum status add_record(const struct record *record, const char *variable, const char *const *columns,
                              struct sweep *sweep) {
    size_t count;
    double *values = record_sums(record, columns, &count);
    if (values == NULL) return STATUS_NO_MEMORY;
    size_t usable = keep_positive(count, values);
    struct sweep_point *point = usable > 0 ? point_at(sweep, record_real(record, variable)) : NULL;
    enum status status = point != NULL ? append(usable, values, point) : STATUS_OK;
    memory_free(values);
    sweep->records += point != NULL;
    return status;
}

static int by_x(const void *left, const void *right) {
    const struct sweep_point *a = left, *b = right;
    return (a->x > b->x) - (a->x < b->x);
}

enum status sweep_find(const struct selection *selection, const char *variable, const char *const *fixed,
                       const char *const *columns, struct sweep *sweep) {
    *sweep = (struct sweep){.first = widest_group(selection, variable, fixed)};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < selection->count && sweep->first != NULL && status == STATUS_OK; i++) {
        const struct record *record = selection->records[i];
        if (!(record_real(record, variable) > 0) || !records_agree(sweep->first, record, fixed)) continue;
        status = add_record(record, variable, columns, sweep);
    }
    if (status != STATUS_OK) {
        sweep_clear(sweep);
        return status;
    }
    for (size_t i = 0; i < sweep->count; i++)
        order(&sweep->points[i]);
    qsort(sweep->points, sweep->count, sizeof sweep->points[0], by_x);
    return STATUS_OK;
}

void sweep_clear(struct sweep *sweep) {
    for (size_t i = 0; i < sweep->count; i++)
        memory_free(sweep->points[i].values);
    *sweep = (struct sweep){0};
}
