/* Refining a threshold: from the units so far to the next ones, or to the end. */
#ifndef EXPERIMENTS_CAMPAIGN_REFINE_H
#define EXPERIMENTS_CAMPAIGN_REFINE_H

#include <stdbool.h>

#include "experiments/campaign/share_fit.h"

enum { REFINE_PLACES_MAX = 2 };

/* What is asked for. */
struct refine_aim {
    double level;            /* the share whose place is sought */
    double precision;        /* half-width of the 95 % interval */
    double minimum, maximum; /* of the varied parameter */
    double step;             /* of the first round's places, on average */
    double grain;            /* places are multiples of it (see refine_grain) */
    size_t repeats;          /* of each place in the first round */
    size_t budget;           /* units in all */
};

enum refine_state {
    REFINE_GOING,       /* more units follow */
    REFINE_REACHED,     /* the interval is as tight as asked */
    REFINE_SPENT,       /* the budget is spent */
    REFINE_NO_CROSSING, /* the share stays on one side of the level within the bounds */
    REFINE_NO_SHARE     /* successes are not a part of the trials */
};

/* What is known, and what comes next. */
struct refine_step {
    enum refine_state state;
    double threshold, half_width; /* half_width is INFINITY while there is no interval */
    size_t place_count;           /* 0 unless going */
    double places[REFINE_PLACES_MAX];
    size_t repeats; /* of each place */
};

/* A power of ten of at most half the precision; at least 1 for whole numbers. */
double refine_grain(double precision, bool whole);

/* Decides from all units so far; those of one cluster must be neighbours. Pure: the same units in the same
 * order give the same step. near[count] is scratch. */
struct refine_step refine_decide(const struct refine_aim *aim, size_t count,
                                 const struct observation *observations, struct observation *near);

#endif
