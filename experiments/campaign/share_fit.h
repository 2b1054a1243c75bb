/* Where a share passes a level: a probit curve fitted to successes in trials, with an honest error. */
#ifndef EXPERIMENTS_CAMPAIGN_SHARE_FIT_H
#define EXPERIMENTS_CAMPAIGN_SHARE_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* One unit: so many successes in so many trials at a place of the varied parameter. Trials of one unit, and
 * of units with one cluster (the same random inputs), are not independent of each other. */
struct observation {
    double place, successes, trials;
    uint64_t cluster;
};

/* The fitted share at x is Phi(intercept + slope x). */
struct share_fit {
    double intercept, slope, slope_error; /* standard error */
    double threshold, threshold_error;    /* where the share is the level, and its standard error */
    double freedom;                       /* degrees of freedom of the errors */
    double design_effect;                 /* variance of the threshold over that of independent trials */
};

/* Probit regression by Fisher scoring (McCullagh & Nelder 1989, ch. 2). Errors by the delta method from the
 * spread between clusters ("sandwich"; Liang & Zeger 1986), which needs no model of how the trials of a
 * cluster depend on each other. Observations of one cluster must be neighbours. 0 < level < 1.
 * STATUS_INVALID: there is no finite fit (one outcome only, one place only, or all successes on one side of
 * all failures), or fewer than three clusters. Pure. */
enum status share_fit(size_t count, const struct observation *observations, double level,
                      struct share_fit *fit);

/* Quantile of the standard normal distribution, 0 < p < 1, to about 1e-12 for p within 1e-6 ... 1 - 1e-6. */
double normal_quantile(double p);

/* Standard normal density over sqrt(p (1 - p)), squared: what a trial tells at a place of that quantile. */
double probit_weight(double quantile);

/* Half the width of a 95 % interval in standard errors (Student's t), freedom > 0; INFINITY below 2. */
double student_half_width(double freedom);

#endif
