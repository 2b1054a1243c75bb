/* Where shares that fall, or rise, over places pass one half. */
#ifndef ANALYSIS_SHARE_HALF_H
#define ANALYSIS_SHARE_HALF_H

#include <stdbool.h>

#include "analysis/statistics.h"

/* More places than that are left out. */
enum { SHARE_PLACES_MAX = 48 };

/* The place of one half between its neighbours, for shares[count] at rising places, which are made monotone
 * by pooling neighbours that are not (least squares, equal weights). Where all succeed at one place and none
 * at the next the data do not say where between: any place, the middle for the data themselves. NaN: not
 * within the places. */
double share_half_place(size_t count, const double *places, const double *shares, bool rising,
                        struct resampler *resampler);

#endif
