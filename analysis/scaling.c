#include "analysis/scaling.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "analysis/fit.h"

/* Points first .. of a sweep. */
struct range {
    const struct sweep *sweep;
    size_t first;
};

static size_t range_count(const struct range *range) {
    return range->sweep->count - range->first;
}

/* The median of a point's samples, drawn anew. */
static double resampled_median(const struct sweep_point *point, struct resampler *resampler) {
    double values[SWEEP_VALUES_MAX];
    if (resampler->identity || point->count == 1) return point->typical;
    for (size_t i = 0; i < point->count; i++) {
        values[i] = point->values[resample_one(resampler, point->count, i)];
    }
    gsl_sort(values, 1, point->count);
    return gsl_stats_median_from_sorted_data(values, 1, point->count);
}

static void exponent_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct range *range = context;
    size_t count = range_count(range), picks[SWEEP_POINTS_MAX];
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX], factor;
    resample_distinct(resampler, count, count > 3 ? 3 : 2, picks);
    for (size_t i = 0; i < count; i++) {
        const struct sweep_point *point = &range->sweep->points[range->first + picks[i]];
        x[i] = point->x;
        y[i] = resampled_median(point, resampler);
    }
    if (fit_power(count, x, y, &factor, &values[0]) != STATUS_OK) values[0] = NAN;
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
static void fit_with_offset(const struct sweep *sweep, struct power_law *law) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX];
    for (size_t i = 0; i < sweep->count; i++) {
        x[i] = sweep->points[i].x;
        y[i] = sweep->points[i].typical;
    }
    if (fit_offset_power(sweep->count, x, y, 0.1, 4, &law->offset, &law->offset_factor,
                         &law->offset_exponent) != STATUS_OK) {
        law->offset_exponent = NAN;
    }
}

static enum status fit_range(const struct sweep *sweep, size_t first, uint64_t key, struct power_law *law) {
    struct range range = {sweep, first};
    *law = (struct power_law){
        .exponent = interval_unknown(NAN, 0), .factor = NAN, .first = first, .offset_exponent = NAN};
    if (!wide_enough(&range)) return STATUS_OK;
    double exponent;
    if (fit_medians(&range, &law->factor, &exponent) != STATUS_OK) return STATUS_OK;
    size_t samples = 0;
    for (size_t i = first; i < sweep->count; i++)
        samples += sweep->points[i].count;
    fit_with_offset(sweep, law);
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
    return fit_range(sweep, asymptotic_start(sweep, tolerance), key, law);
}
