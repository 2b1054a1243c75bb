#include "analysis/crossing.h"

#include <math.h>

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

static void last_crossing(const void *context, struct resampler *resampler, double *values) {
    const struct place_pairs *pairs = context;
    double before = 0;
    values[0] = NAN;
    for (size_t i = 0; i < pairs->count; i++) {
        double excess = log(sweep_point_median(pairs->first[i], resampler) /
                            sweep_point_median(pairs->second[i], resampler));
        if (i > 0 && before < 0 && excess >= 0) {
            double low = log(pairs->first[i - 1]->x), high = log(pairs->first[i]->x);
            values[0] = exp(low + (high - low) * before / (before - excess));
        }
        /* Cheaper again after having been dearer: the earlier crossing was not for good. */
        if (excess < 0) values[0] = NAN;
        before = excess;
    }
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
    double at;
    last_crossing(&pairs, &themselves, &at);
    if (isfinite(at) && pairs.fewest_samples == 1) {
        crossing->at = interval_exact(at, pairs.count);
    } else if (isfinite(at)) {
        return bootstrap_interval(last_crossing, &pairs, key, pairs.fewest_samples, pairs.count,
                                  &crossing->at);
    } else if (crossing->cheaper == 0) {
        double end = crossing->lowest;
        crossing->at = (struct interval){end, 0, end, 0, end, pairs.count};
    } else {
        double end = crossing->highest;
        crossing->at = (struct interval){end, end, INFINITY, end, INFINITY, pairs.count};
    }
    return STATUS_OK;
}
