/* Shares of runs, where the runs of one pattern set are not independent of each other. */
#ifndef ANALYSIS_SET_SHARE_H
#define ANALYSIS_SET_SHARE_H

#include "analysis/statistics.h"

/* What the runs of one set came to. */
struct set_share {
    double successes, trials; /* trials > 0 */
};

/* The share over `count` >= 1 sets with its interval: by bootstrap over sets, hence unknown for a single one.
 * Where all runs end alike, resampling says nothing of what is rare: each set counts as one run of Wilson's
 * interval then, which is safe. STATUS_NO_MEMORY. */
enum status set_share_interval(size_t count, const struct set_share *sets, uint64_t key,
                               struct interval *interval);

#endif
