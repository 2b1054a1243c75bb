#include "analysis/crossing.h"

#include <math.h>

/* Interpolations that differ by less, relatively, are the same. */
#define NO_SPREAD 1e-3

/* The places of both curves, rising. */
struct place_pairs {
    size_t count, fewest_samples;
    const struct sweep_point *first[SWEEP_POINTS_MAX], *second[SWEEP_POINTS_MAX];
};

static void match_places(const struct sweep *first, const struct sweep *second, struct place_pairs *pairs) {
    *pairs = (struct place_pairs){.fewest_samples = SWEEP_VALUES_MAX};
    for (size_t i = 0, k = 0; i < first->count && k < second->count;) {
        const struct sweep_point *a = &first->points[i], *b = &second->points[k];
        if (a->x == b->x) {
            pairs->first[pairs->count] = a;
            pairs->second[pairs->count++] = b;
            if (a->count < pairs->fewest_samples) pairs->fewest_samples = a->count;
            if (b->count < pairs->fewest_samples) pairs->fewest_samples = b->count;
        }
        i += a->x <= b->x;
        k += b->x <= a->x;
    }
}

/* The crossing with the ratio interpolated linearly, and with its logarithm against that of the place. */
static void last_crossing(const void *context, struct resampler *resampler, double *values) {
    const struct place_pairs *pairs = context;
    double before = 1;
    values[0] = values[1] = NAN;
    for (size_t i = 0; i < pairs->count; i++) {
        double ratio =
            sweep_point_median(pairs->first[i], resampler) / sweep_point_median(pairs->second[i], resampler);
        if (i > 0 && before < 1 && ratio >= 1) {
            double low = pairs->first[i - 1]->x, high = pairs->first[i]->x;
            values[0] = low + (high - low) * (1 - before) / (ratio - before);
            values[1] = low * pow(high / low, log(before) / log(before / ratio));
        }
        /* Cheaper again after having been dearer: the earlier crossing was not for good. */
        if (ratio < 1) values[0] = values[1] = NAN;
        before = ratio;
    }
}

static void crossing_statistic(const void *context, struct resampler *resampler, double *values) {
    double both[2];
    last_crossing(context, resampler, both);
    values[0] = both[0];
}

enum status crossing_measure(const struct sweep *first, const struct sweep *second, uint64_t key,
                             struct crossing *crossing) {
    struct place_pairs pairs;
    match_places(first, second, &pairs);
    *crossing = (struct crossing){.places = pairs.count, .at = interval_unknown(NAN, 0)};
    if (pairs.count < 2) return STATUS_OK;
    crossing->lowest = pairs.first[0]->x;
    crossing->highest = pairs.first[pairs.count - 1]->x;
    for (size_t i = 0; i < pairs.count; i++)
        crossing->cheaper += pairs.first[i]->typical < pairs.second[i]->typical;
    struct resampler themselves = {.identity = 1};
    double at[2];
    last_crossing(&pairs, &themselves, at);
    if (isfinite(at[0]) && pairs.fewest_samples == 1) {
        double low = fmin(at[0], at[1]), high = fmax(at[0], at[1]);
        if (high - low < NO_SPREAD * at[0]) low = high = at[0];
        crossing->at = (struct interval){at[0], low, high, low, high, pairs.count};
    } else if (isfinite(at[0])) {
        return bootstrap_interval(crossing_statistic, &pairs, key, pairs.fewest_samples, pairs.count,
                                  &crossing->at);
    } else if (crossing->cheaper == 0) {
        double end = crossing->lowest;
        crossing->at = (struct interval){end, -INFINITY, end, -INFINITY, end, pairs.count};
    } else {
        double end = crossing->highest;
        crossing->at = (struct interval){end, end, INFINITY, end, INFINITY, pairs.count};
    }
    return STATUS_OK;
}
