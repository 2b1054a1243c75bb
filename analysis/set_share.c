#include "analysis/set_share.h"

#include <math.h>

struct sets {
    size_t count;
    const struct set_share *shares;
};

static void share_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct sets *sets = context;
    double successes = 0, trials = 0;
    for (size_t i = 0; i < sets->count; i++) {
        const struct set_share *set = &sets->shares[resample_one(resampler, sets->count, i)];
        successes += set->successes;
        trials += set->trials;
    }
    values[0] = successes / trials;
}

enum status set_share_interval(size_t count, const struct set_share *sets, uint64_t key,
                               struct interval *interval) {
    struct sets all = {count, sets};
    struct resampler themselves = {.identity = 1};
    double share;
    share_statistic(&all, &themselves, &share);
    if (!(share > 0 && share < 1)) {
        *interval = interval_of_proportion(share == 1 ? count : 0, count);
        return STATUS_OK;
    }
    CHECK(bootstrap_interval(share_statistic, &all, key, count, count, interval));
    if (count < 2) return STATUS_OK;
    /* Of few sets the interval is so many standard deviations wide. */
    interval->low = fmax(interval->low, 0), interval->high = fmin(interval->high, 1);
    interval->low_999 = fmax(interval->low_999, 0), interval->high_999 = fmin(interval->high_999, 1);
    return STATUS_OK;
}
