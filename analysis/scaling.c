#include "analysis/scaling.h"

#include <math.h>

#include "analysis/fit.h"
#include "core/base/memory.h"

/* Points first .. of a sweep. */
struct range {
    const struct sweep *sweep;
    size_t first;
};

static size_t range_count(const struct range *range) {
    return range->sweep->count - range->first;
}

/* Counts how often each sample is drawn and walks along them to the middle: they are in order already. */
double sweep_point_median(const struct sweep_point *point, struct resampler *resampler) {
    if (resampler->identity || point->count == 1) return point->typical;
    uint16_t drawn[SWEEP_VALUES_MAX] = {0};
    for (size_t i = 0; i < point->count; i++)
        drawn[resample_one(resampler, point->count, i)]++;
    size_t place = 0, passed = drawn[0];
    while (passed <= (point->count - 1) / 2)
        passed += drawn[++place];
    double lower = point->values[place];
    while (passed <= point->count / 2)
        passed += drawn[++place];
    return (lower + point->values[place]) / 2;
}

/* The points of a replicate: sizes drawn anew, at least `distinct` different ones, and of each the median of
 * samples drawn anew. */
static size_t draw_points(const struct range *range, struct resampler *resampler, size_t distinct, double *x,
                          double *y) {
    size_t count = range_count(range), picks[SWEEP_POINTS_MAX];
    resample_distinct(resampler, count, distinct, picks);
    for (size_t i = 0; i < count; i++) {
        const struct sweep_point *point = &range->sweep->points[range->first + picks[i]];
        x[i] = point->x;
        y[i] = sweep_point_median(point, resampler);
    }
    return count;
}

static void exponent_statistic(const void *context, struct resampler *resampler, double *values) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX], factor;
    size_t count = draw_points(context, resampler, range_count(context) > 3 ? 3 : 2, x, y);
    if (fit_power(count, x, y, &factor, &values[0]) != STATUS_OK) values[0] = NAN;
}

/* The exponent beside a fixed cost, the fixed cost and the factor. */
static void offset_statistic(const void *context, struct resampler *resampler, double *values) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX];
    size_t count = draw_points(context, resampler, 4, x, y);
    if (fit_offset_power(count, x, y, 0.1, 4, &values[1], &values[2], &values[0]) != STATUS_OK) {
        values[0] = values[1] = values[2] = NAN;
    }
}

static bool wide_enough(const struct range *range) {
    const struct sweep *sweep = range->sweep;
    return sweep->count >= range->first + SWEEP_POINTS_LEAST &&
           sweep->points[sweep->count - 1].x >= SWEEP_RATIO_LEAST * sweep->points[range->first].x;
}

/* Factor and exponent of the power law through the medians of a range. */
static enum status fit_medians(const struct range *range, double *factor, double *exponent) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX];
    for (size_t i = 0; i < range_count(range); i++) {
        x[i] = range->sweep->points[range->first + i].x;
        y[i] = range->sweep->points[range->first + i].typical;
    }
    return fit_power(range_count(range), x, y, factor, exponent);
}

/* The competing model, on all points. */
static enum status fit_with_offset(const struct sweep *sweep, uint64_t key, struct power_law *law) {
    enum { OUTPUTS = 3, GROUPS_TAKEN = 2 }; /* by the two parameters beside the level */
    struct range all = {sweep, 0};
    if (sweep->count < 5) return STATUS_OK;
    double values[OUTPUTS];
    double *replicates = memory_allocate((size_t)OUTPUTS * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    enum status status =
        bootstrap(offset_statistic, &all, OUTPUTS, key, BOOTSTRAP_REPLICATES, values, replicates);
    if (status == STATUS_OK) {
        law->offset_exponent = interval_from_replicates(values[0], BOOTSTRAP_REPLICATES, replicates,
                                                        sweep->count - GROUPS_TAKEN, law->exponent.n);
        law->offset = values[1];
        law->offset_factor = values[2];
    }
    memory_free(replicates);
    return status;
}

static enum status fit_range(const struct sweep *sweep, size_t first, uint64_t key, struct power_law *law) {
    struct range range = {sweep, first};
    *law = (struct power_law){.exponent = interval_unknown(NAN, 0),
                              .factor = NAN,
                              .first = first,
                              .offset_exponent = interval_unknown(NAN, 0)};
    if (!wide_enough(&range)) return STATUS_OK;
    double exponent;
    if (fit_medians(&range, &law->factor, &exponent) != STATUS_OK) return STATUS_OK;
    size_t samples = 0;
    for (size_t i = first; i < sweep->count; i++)
        samples += sweep->points[i].count;
    /* A line takes two of the sizes' degrees of freedom where a mean takes one: one group fewer. */
    return bootstrap_interval(exponent_statistic, &range, key, range_count(&range) - 1, samples,
                              &law->exponent);
}

enum status power_law_fit(const struct sweep *sweep, uint64_t key, struct power_law *law) {
    return fit_range(sweep, 0, key, law);
}

/* The first point of the asymptotic range. */
static size_t asymptotic_start(const struct sweep *sweep, double tolerance) {
    if (sweep->count < SWEEP_POINTS_LEAST) return 0;
    struct range tail = {sweep, sweep->count - SWEEP_POINTS_LEAST};
    double factor, exponent;
    if (fit_medians(&tail, &factor, &exponent) != STATUS_OK) return 0;
    size_t first = 0;
    struct range shorter = {sweep, 1};
    while (wide_enough(&shorter)) {
        const struct sweep_point *a = &sweep->points[first], *b = a + 1;
        double local = log(b->typical / a->typical) / log(b->x / a->x);
        if (fabs(local - exponent) <= tolerance) break;
        first++;
        shorter.first++;
    }
    return first;
}

enum status power_law_fit_asymptotic(const struct sweep *sweep, double tolerance, uint64_t key,
                                     struct power_law *law) {
    CHECK(fit_range(sweep, asymptotic_start(sweep, tolerance), key, law));
    return fit_with_offset(sweep, key, law);
}
