#include "analysis/attention_scaling.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "analysis/attention_split.h"
#include "core/base/memory.h"

double scaling_operations(const struct record *record) {
    double length = record_real(record, "length");
    bool causal = strcmp(record_string(record, "mask"), "causal") == 0;
    double pairs = causal ? length * (length + 1) / 2 : length * length;
    return 4 * pairs * record_real(record, "head_width") * record_real(record, "heads") *
           record_real(record, "batch");
}

/* The samples of the core, rising; count 0 when there are none that can be used. */
static enum status take_samples(const struct record *record, struct sweep_point *samples) {
    size_t count;
    *samples = (struct sweep_point){.values = record_numbers(record, "seconds_core", &count)};
    if (samples->values == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (samples->values[i] > 0 && isfinite(samples->values[i]))
            samples->values[samples->count++] = samples->values[i];
    gsl_sort(samples->values, 1, samples->count);
    samples->typical = statistics_median(samples->count, samples->values);
    return STATUS_OK;
}

enum status scaling_seconds(const struct record *record, double *seconds) {
    struct sweep_point samples;
    CHECK(take_samples(record, &samples));
    *seconds = samples.typical;
    memory_free(samples.values);
    return STATUS_OK;
}

static bool is_base(const struct record *record, const struct record *other, enum scaling_kind kind) {
    static const char *const alike[] = {"batch", "head_width", "heads",   "kv_heads",
                                        "mask",  "repeat",     "threads", NULL};
    double length = record_real(record, "length") / (kind == SCALING_WEAK ? record_real(record, "ranks") : 1);
    return record_real(other, "ranks") == 1 && record_real(other, "length") == length &&
           records_agree(record, other, alike);
}

/* The fastest record on one rank, of those whose times count; NULL when there is none. */
static enum status find_base(const struct selection *all, const struct record *record, enum scaling_kind kind,
                             double cores, const struct record **base) {
    double least = INFINITY;
    *base = NULL;
    for (size_t i = 0; i < all->count; i++) {
        double seconds;
        const struct record *other = all->records[i];
        if (!is_base(record, other, kind) || !split_times_count(other, cores)) continue;
        CHECK(scaling_seconds(other, &seconds));
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
        if (other->schedule == point->schedule && other->base == point->base) return other->curve;
    }
    return curves->curves;
}

static bool is_usable(const struct scaling_point *point) {
    return point->schedule < SPLIT_SCHEDULES && point->seconds.count > 0 && point->base_seconds.count > 0 &&
           isfinite(point->work) && point->work > 0;
}

static void complete_point(struct scaling_point *point) {
    double predicted = record_real(point->record, "seconds_predicted");
    double base_predicted = record_real(point->base, "seconds_predicted");
    point->ranks = record_real(point->record, "ranks");
    point->work = scaling_operations(point->record) / point->ranks / scaling_operations(point->base);
    point->efficiency = point->work * point->base_seconds.typical / point->seconds.typical;
    point->bound = predicted > 0 ? point->work * base_predicted / predicted : NAN;
    if (!(point->bound > 0) || !isfinite(point->bound)) point->bound = NAN;
    while (point->schedule < SPLIT_SCHEDULES && !split_ran_under(point->record, point->schedule))
        point->schedule++;
}

static void free_point(struct scaling_point *point) {
    memory_free(point->seconds.values);
    memory_free(point->base_seconds.values);
}

static enum status add_point(const struct record *record, const struct record *base,
                             struct scaling_curves *curves) {
    if (curves->count == SCALING_POINTS_MAX) return STATUS_OK;
    struct scaling_point point = {.record = record, .base = base};
    enum status status = take_samples(record, &point.seconds);
    if (status == STATUS_OK) status = take_samples(base, &point.base_seconds);
    if (status == STATUS_OK) complete_point(&point);
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

enum status scaling_gather(const struct selection *all, enum scaling_kind kind, double cores,
                           struct scaling_curves *curves) {
    *curves = (struct scaling_curves){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i], *base;
        if (!record_has_several_ranks(record)) continue;
        if (!split_times_count(record, cores)) {
            curves->shared++;
            continue;
        }
        CHECK(find_base(all, record, kind, cores, &base));
        if (base == NULL)
            curves->unbased++;
        else
            CHECK(add_point(record, base, curves));
    }
    return STATUS_OK;
}

void scaling_clear(struct scaling_curves *curves) {
    for (size_t i = 0; i < curves->count; i++)
        free_point(&curves->points[i]);
    curves->count = 0;
}

/* --- by schedule and ranks ----------------------------------------------------------------------------- */

static struct scaling_efficiency efficiency_at(const struct scaling_curves *curves, size_t schedule,
                                               double ranks) {
    struct scaling_efficiency at = {.ranks = ranks, .low = INFINITY};
    for (size_t i = 0; i < curves->count; i++) {
        const struct scaling_point *point = &curves->points[i];
        if (point->schedule != schedule || point->ranks != ranks) continue;
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
    return at;
}

/* The next larger number of ranks that the schedule ran on; infinity when there is none. */
static double next_ranks(const struct scaling_curves *curves, size_t schedule, double ranks) {
    double next = INFINITY;
    for (size_t i = 0; i < curves->count; i++) {
        const struct scaling_point *point = &curves->points[i];
        if (point->schedule == schedule && point->ranks > ranks) next = fmin(next, point->ranks);
    }
    return next;
}

size_t scaling_efficiencies(const struct scaling_curves *curves, size_t schedule,
                            struct scaling_efficiency *all) {
    size_t count = 0;
    all[count++] = (struct scaling_efficiency){.ranks = 1, .mean = 1, .low = 1, .high = 1, .bound = 1};
    for (double ranks = 1; count < SCALING_RANKS_MAX;) {
        ranks = next_ranks(curves, schedule, ranks);
        if (isinf(ranks)) break;
        all[count++] = efficiency_at(curves, schedule, ranks);
    }
    return count;
}
