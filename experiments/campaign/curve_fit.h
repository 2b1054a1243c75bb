/* A threshold that holds also where the curve has another shape than the fitted one. */
#ifndef EXPERIMENTS_CAMPAIGN_CURVE_FIT_H
#define EXPERIMENTS_CAMPAIGN_CURVE_FIT_H

#include <stdbool.h>

#include "experiments/campaign/share_fit.h"

/* Fewer degrees of freedom than this do not decide anything. */
enum { CURVE_FREEDOM_MIN = 10 };

struct curve_fit {
    struct share_fit fit; /* of the threshold and its error */
    double slope;         /* of the fit to all units: which are near, and where new ones go, by one measure */
    double beside;        /* how far from the level new places should be, in quantiles of that fit */
    bool sound;           /* by places near the level, or by a precision too coarse for the shape to matter */
};

/* Fits all units (see share_fit), then those near the level if they suffice; how near follows from the
 * precision (half-width of the interval) that the threshold is to have. near[count] is scratch.
 * STATUS_INVALID: there is no fit. Pure. */
enum status curve_fit(double level, double precision, size_t count, const struct observation *observations,
                      struct observation *near, struct curve_fit *curve);

/* Whether the slope certainly has its sign: otherwise nothing is known of the threshold. */
bool curve_has_slope(const struct share_fit *fit);

#endif
