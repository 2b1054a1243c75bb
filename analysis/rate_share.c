#include "analysis/rate_share.h"

#include <math.h>

enum status rate_share_product(const struct results *results, double threads, double *rate) {
    struct selection machine;
    *rate = NAN;
    CHECK(selection_create(results, "machine", &machine));
    selection_keep_number(&machine, "ranks", 1);
    selection_keep_number(&machine, "threads", threads);
    for (size_t i = 0; i < machine.count; i++) {
        double product = record_real(machine.records[i], "blas_f32");
        if (product > 0 && isfinite(product)) *rate = fmax(*rate, product);
    }
    selection_destroy(&machine);
    return STATUS_OK;
}

/* The points that have both. */
struct rates {
    double product;
    size_t count;
    double work[SWEEP_POINTS_MAX];
    const struct sweep_point *time[SWEEP_POINTS_MAX];
};

static void pair_points(const struct sweep *work, const struct sweep *time, size_t first,
                        struct rates *rates) {
    for (size_t t = first; t < time->count; t++)
        for (size_t w = 0; w < work->count; w++) {
            if (work->points[w].x != time->points[t].x) continue;
            rates->work[rates->count] = work->points[w].typical;
            rates->time[rates->count++] = &time->points[t];
        }
}

static void mean_share(const void *context, struct resampler *resampler, double *values) {
    const struct rates *rates = context;
    double sum = 0;
    for (size_t i = 0; i < rates->count; i++) {
        size_t pick = resample_one(resampler, rates->count, i);
        double seconds = sweep_point_median(rates->time[pick], resampler);
        sum += log(rates->work[pick] / seconds / rates->product);
    }
    values[0] = exp(sum / (double)rates->count);
}

enum status rate_share_measure(const struct sweep *work, const struct sweep *time, size_t first,
                               double product_rate, uint64_t key, struct interval *share) {
    struct rates rates = {.product = product_rate};
    *share = interval_unknown(NAN, 0);
    pair_points(work, time, first, &rates);
    if (isnan(product_rate) || rates.count == 0) return STATUS_OK;
    return bootstrap_interval(mean_share, &rates, key, rates.count, rates.count, share);
}
