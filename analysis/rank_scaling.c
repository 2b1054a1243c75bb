#include "analysis/rank_scaling.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "analysis/attention_split.h"
#include "core/base/memory.h"

enum { EFFICIENCY_KEY = 0x5241 };

/* The positive samples, rising; count 0 when there are none that can be used. */
static enum status take_samples(const struct record *record, const char *column,
                                struct sweep_point *samples) {
    size_t count;
    *samples = (struct sweep_point){.values = record_numbers(record, column, &count)};
    if (samples->values == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (samples->values[i] > 0 && isfinite(samples->values[i]))
            samples->values[samples->count++] = samples->values[i];
    gsl_sort(samples->values, 1, samples->count);
    samples->typical = statistics_median(samples->count, samples->values);
    return STATUS_OK;
}

enum status scaling_seconds(const struct record *record, const char *column, double *seconds) {
    struct sweep_point samples;
    CHECK(take_samples(record, column, &samples));
    *seconds = samples.typical;
    memory_free(samples.values);
    return STATUS_OK;
}

/* --- points beside their base -------------------------------------------------------------------------- */

/* Where points are gathered from. */
struct gathering {
    const struct scaling_subject *subject;
    enum scaling_kind kind;
    double cores;
    struct selection all;
};

static bool is_base(const struct gathering *from, const struct record *record, size_t way,
                    const struct record *other) {
    const char *grown = from->kind == SCALING_WEAK ? from->subject->grows(way) : "";
    if (record_real(other, "ranks") != 1) return false;
    for (const char *const *field = from->subject->problem; *field != NULL; field++) {
        const char *const alone[] = {*field, NULL};
        bool grows = strcmp(*field, grown) == 0;
        double expected = record_real(other, *field) * record_real(record, "ranks");
        if (grows ? record_real(record, *field) != expected : !records_agree(record, other, alone))
            return false;
    }
    return true;
}

/* The fastest record on one rank, of those whose times count; NULL when there is none. */
static enum status find_base(const struct gathering *from, const struct record *record, size_t way,
                             const struct record **base) {
    double least = INFINITY;
    *base = NULL;
    for (size_t i = 0; i < from->all.count; i++) {
        double seconds;
        const struct record *other = from->all.records[i];
        if (!is_base(from, record, way, other) || !split_times_count(other, from->cores)) continue;
        CHECK(scaling_seconds(other, from->subject->seconds, &seconds));
        if (!(seconds < least)) continue;
        least = seconds;
        *base = other;
    }
    return STATUS_OK;
}

/* The curve that the new point belongs to: one of those before it, or the next. */
static size_t curve_of(const struct scaling_curves *curves, const struct scaling_point *point) {
    for (size_t i = 0; i < curves->count; i++) {
        const struct scaling_point *other = &curves->points[i];
        if (other->way == point->way && other->base == point->base) return other->curve;
    }
    return curves->curves;
}

static bool is_usable(const struct scaling_point *point) {
    return point->seconds.count > 0 && point->base_seconds.count > 0 && isfinite(point->work) &&
           point->work > 0;
}

static enum status complete_point(const struct gathering *from, struct scaling_point *point) {
    const struct scaling_subject *subject = from->subject;
    double growth = from->kind == SCALING_STRONG
                        ? 1
                        : subject->operations(point->record) / subject->operations(point->base);
    CHECK(take_samples(point->record, subject->seconds, &point->seconds));
    CHECK(take_samples(point->base, subject->seconds, &point->base_seconds));
    point->ranks = record_real(point->record, "ranks");
    point->work = growth / point->ranks;
    point->efficiency = point->work * point->base_seconds.typical / point->seconds.typical;
    CHECK(subject->bound(point, &point->bound));
    if (!(point->bound > 0) || !isfinite(point->bound)) point->bound = NAN;
    return STATUS_OK;
}

static void free_point(struct scaling_point *point) {
    memory_free(point->seconds.values);
    memory_free(point->base_seconds.values);
}

static enum status add_point(const struct gathering *from, const struct record *record, size_t way,
                             const struct record *base, struct scaling_curves *curves) {
    if (curves->count == SCALING_POINTS_MAX) return STATUS_OK;
    struct scaling_point point = {.record = record, .base = base, .way = way};
    enum status status = complete_point(from, &point);
    if (status != STATUS_OK || !is_usable(&point)) {
        free_point(&point);
        return status;
    }
    point.curve = curve_of(curves, &point);
    if (point.curve == curves->curves) curves->curves++;
    curves->most_ranks = fmax(curves->most_ranks, point.ranks);
    curves->points[curves->count++] = point;
    return STATUS_OK;
}

/* The way that the record was split; `ways` for none of them. */
static size_t way_of(const struct scaling_subject *subject, const struct record *record) {
    size_t way = 0;
    while (way < subject->ways && !subject->is_split(record, way))
        way++;
    return way;
}

static enum status gather_record(const struct gathering *from, const struct record *record,
                                 struct scaling_curves *curves) {
    const struct record *base;
    size_t way = way_of(from->subject, record);
    if (!record_has_several_ranks(record) || way == from->subject->ways) return STATUS_OK;
    if (!split_times_count(record, from->cores)) {
        curves->shared++;
        return STATUS_OK;
    }
    CHECK(find_base(from, record, way, &base));
    if (base != NULL) return add_point(from, record, way, base, curves);
    curves->unbased++;
    return STATUS_OK;
}

enum status scaling_gather(const struct results *results, const struct scaling_subject *subject,
                           enum scaling_kind kind, struct scaling_curves *curves) {
    struct gathering from = {.subject = subject, .kind = kind, .cores = split_cores(results)};
    enum status status = selection_create(results, subject->experiment, &from.all);
    for (size_t i = 0; i < from.all.count && status == STATUS_OK; i++)
        status = gather_record(&from, from.all.records[i], curves);
    selection_destroy(&from.all);
    return status;
}

void scaling_clear(struct scaling_curves *curves) {
    for (size_t i = 0; i < curves->count; i++)
        free_point(&curves->points[i]);
    *curves = (struct scaling_curves){0};
}

/* --- by way and ranks ---------------------------------------------------------------------------------- */

double scaling_redrawn(const struct scaling_point *point, struct resampler *resampler) {
    double seconds = sweep_point_median(&point->seconds, resampler);
    double base = sweep_point_median(&point->base_seconds, resampler);
    return point->work * base / seconds;
}

static void redraw(const void *context, struct resampler *resampler, double *values) {
    values[0] = scaling_redrawn(context, resampler);
}

/* Of a single point: what its samples leave open. */
static enum status narrow_to_samples(const struct scaling_point *point, struct scaling_efficiency *at) {
    struct interval interval;
    size_t samples = point->seconds.count;
    CHECK(bootstrap_interval(redraw, point, EFFICIENCY_KEY, samples, samples, &interval));
    at->low = interval.low;
    at->high = interval.high;
    return STATUS_OK;
}

static enum status efficiency_at(const struct scaling_curves *curves, size_t way, double ranks,
                                 struct scaling_efficiency *made) {
    struct scaling_efficiency at = {.ranks = ranks, .low = INFINITY};
    const struct scaling_point *last = NULL;
    for (size_t i = 0; i < curves->count; i++) {
        const struct scaling_point *point = &curves->points[i];
        if (point->way != way || point->ranks != ranks) continue;
        last = point;
        at.mean += log(point->efficiency);
        at.low = fmin(at.low, point->efficiency);
        at.high = fmax(at.high, point->efficiency);
        at.count++;
        if (isnan(point->bound)) continue;
        at.bound += log(point->bound);
        at.bounded++;
    }
    at.mean = exp(at.mean / (double)at.count);
    at.bound = at.bounded == 0 ? NAN : exp(at.bound / (double)at.bounded);
    if (at.count == 1) CHECK(narrow_to_samples(last, &at));
    *made = at;
    return STATUS_OK;
}

/* The next larger number of ranks that was run, split that way; infinity when there is none. */
static double next_ranks(const struct scaling_curves *curves, size_t way, double ranks) {
    double next = INFINITY;
    for (size_t i = 0; i < curves->count; i++) {
        const struct scaling_point *point = &curves->points[i];
        if (point->way == way && point->ranks > ranks) next = fmin(next, point->ranks);
    }
    return next;
}

enum status scaling_efficiencies(const struct scaling_curves *curves, size_t way,
                                 struct scaling_efficiency *all, size_t *count) {
    *count = 1;
    all[0] = (struct scaling_efficiency){.ranks = 1, .mean = 1, .low = 1, .high = 1, .bound = 1};
    for (double ranks = 1; *count < SCALING_RANKS_MAX; ++*count) {
        ranks = next_ranks(curves, way, ranks);
        if (isinf(ranks)) break;
        CHECK(efficiency_at(curves, way, ranks, &all[*count]));
    }
    return STATUS_OK;
}
