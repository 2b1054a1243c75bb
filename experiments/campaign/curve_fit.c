#include "experiments/campaign/curve_fit.h"

#include <math.h>

/* New places lie beside the threshold, so far away in quantiles of the fitted curve: near enough that a trial
 * tells nine tenths of what it can, far enough that an error of the slope does not matter. */
static const double BESIDE_MIN = 0.1, BESIDE_MAX = 0.45;

/* A slope below so many standard errors may have either sign: nothing is known of the threshold. */
static const double SLOPE_ERRORS_MIN = 3;

/* A line through places a quantile d from the level misses a curve of another shape by about CURVATURE d^2
 * (logistic and probit differ by 0.12 d^2 at a share of 0.9): such a bias may be a fifth of the precision. */
static const double CURVATURE = 0.12, BIAS_SHARE = 0.2;

/* Units further than so many times that are left out once those within suffice: they would pull the line away
 * from where the true curve passes. */
static const double WINDOW = 1.6;

/* On both sides of the threshold, units within so many quantiles must have been seen. */
static const double ENCLOSED_WITHIN = 1.5;

/* A precision of this part of the curve's width is coarse enough for the shape not to matter. */
static const double COARSE = 0.1;

bool curve_has_slope(const struct share_fit *fit) {
    return fabs(fit->slope) >= SLOPE_ERRORS_MIN * fit->slope_error;
}

/* Whether the fit to the units near the level may stand for that to all: it rises or falls as the other, and
 * they lie well on both sides of its threshold (places next to each other give any slope by chance). */
static bool can_replace(const struct share_fit *local, const struct curve_fit *whole, size_t count,
                        const struct observation *near) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, near[i].place);
        high = fmax(high, near[i].place);
    }
    double margin = 0.5 * whole->beside / fabs(whole->slope);
    bool encloses = low <= local->threshold - margin && local->threshold + margin <= high;
    return encloses && curve_has_slope(local) && local->slope * whole->slope > 0 &&
           local->freedom >= CURVE_FREEDOM_MIN;
}

static bool is_enclosed(const struct share_fit *fit, size_t count, const struct observation *observations) {
    bool below = false, above = false;
    for (size_t i = 0; i < count; i++) {
        double away = fit->slope * (observations[i].place - fit->threshold);
        below = below || (away <= 0 && away >= -ENCLOSED_WITHIN);
        above = above || (away >= 0 && away <= ENCLOSED_WITHIN);
    }
    return below && above;
}

enum status curve_fit(double level, double precision, size_t count, const struct observation *observations,
                      struct observation *near, struct curve_fit *curve) {
    struct share_fit local;
    double middle = normal_quantile(level);
    CHECK(share_fit(count, observations, level, &curve->fit));
    curve->slope = curve->fit.slope;
    double fineness = precision * fabs(curve->fit.slope);
    curve->beside = fmax(BESIDE_MIN, fmin(BESIDE_MAX, sqrt(BIAS_SHARE / CURVATURE * fineness)));
    curve->sound = fineness >= COARSE && curve->fit.freedom >= CURVE_FREEDOM_MIN &&
                   is_enclosed(&curve->fit, count, observations);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        double quantile = curve->fit.intercept + curve->fit.slope * observations[i].place;
        if (fabs(quantile - middle) <= WINDOW * curve->beside) near[kept++] = observations[i];
    }
    if (share_fit(kept, near, level, &local) != STATUS_OK || !can_replace(&local, curve, kept, near))
        return STATUS_OK;
    curve->fit = local;
    curve->sound = true;
    return STATUS_OK;
}
