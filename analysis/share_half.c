#include "analysis/share_half.h"

#include <math.h>

static void make_monotone(size_t count, bool rising, const double *shares, double *monotone) {
    double sums[SHARE_PLACES_MAX], counts[SHARE_PLACES_MAX], sign = rising ? 1 : -1;
    size_t blocks = 0;
    for (size_t i = 0; i < count; i++) {
        sums[blocks] = sign * shares[i], counts[blocks++] = 1;
        while (blocks > 1 && sums[blocks - 2] / counts[blocks - 2] > sums[blocks - 1] / counts[blocks - 1]) {
            sums[blocks - 2] += sums[blocks - 1];
            counts[blocks - 2] += counts[blocks - 1];
            blocks--;
        }
    }
    for (size_t i = 0, block = 0, done = 0; i < count; i++) {
        monotone[i] = sign * sums[block] / counts[block];
        if (++done == (size_t)counts[block]) block++, done = 0;
    }
}

double share_half_place(size_t count, const double *places, const double *shares, bool rising,
                        struct resampler *resampler) {
    double monotone[SHARE_PLACES_MAX];
    if (count > SHARE_PLACES_MAX) count = SHARE_PLACES_MAX;
    make_monotone(count, rising, shares, monotone);
    for (size_t i = 1; i < count; i++) {
        double before = monotone[i - 1], after = monotone[i];
        if ((before >= 0.5) == (after >= 0.5)) continue;
        const size_t fine = 1 << 16;
        double part = (before - 0.5) / (before - after);
        if (fabs(before - after) == 1) part = ((double)resample_one(resampler, fine, fine / 2) + 0.5) / fine;
        return places[i - 1] + part * (places[i] - places[i - 1]);
    }
    return NAN;
}
