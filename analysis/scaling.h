/* How a cost grows with one variable while the others stay fixed: sweeps of records, exponents with
 * intervals. */
#ifndef ANALYSIS_SCALING_H
#define ANALYSIS_SCALING_H

#include "analysis/selection.h"
#include "analysis/statistics.h"

enum {
    SWEEP_POINTS_MAX = 32,
    SWEEP_POINTS_LEAST = 3, /* a line through two points proves nothing */
    SWEEP_VALUES_MAX = 1024 /* samples of one point over all its repeats */
};

/* The variable must vary by this factor at least, in what is fitted. */
#define SWEEP_RATIO_LEAST 4.0

/* One place of the variable: every record there, and its samples. */
struct sweep_point {
    double x;
    size_t count;
    double *values; /* [count], rising */
    double typical; /* their median */
};

/* Records that differ in one variable only (and in their repeat). */
struct sweep {
    size_t count; /* points, rising in x */
    struct sweep_point points[SWEEP_POINTS_MAX];
    size_t records;
    const struct record *first; /* of the records: what the fixed values are */
};

/* Finds among the selected records the sweep in `variable`, all of `fixed` (a list ended by NULL) agreeing,
 * that spans the largest ratio; among equals the one with more points. The sum of `columns` (scalars or
 * samples; a list ended by NULL) gives the values; those that are missing or not positive are passed over. No
 * sweep: count 0. STATUS_NO_MEMORY. */
enum status sweep_find(const struct selection *selection, const char *variable, const char *const *fixed,
                       const char *const *columns, struct sweep *sweep);
void sweep_clear(struct sweep *sweep);

/* All samples of the selected records as one point, whose x is NaN: the sum of `columns` as in sweep_find.
 * None: count 0, typical NaN. Clear it with sweep_point_clear. STATUS_NO_MEMORY. */
enum status sweep_point_read(const struct selection *selection, const char *const *columns,
                             struct sweep_point *point);
void sweep_point_clear(struct sweep_point *point);

/* The median of a point's samples, drawn anew; they rise. */
double sweep_point_median(const struct sweep_point *point, struct resampler *resampler);

/* A power law fitted to a sweep. */
struct power_law {
    struct interval exponent;
    double factor;
    size_t first;                    /* points before it were left out */
    struct interval offset_exponent; /* c of the competing model a + b x^c on all points; NaN: not fitted */
    double offset, offset_factor;
};

/* Fits all points. Interval by bootstrap over sizes (at least three different ones in a replicate, two where
 * there are only three) and over the samples of each, with Student's t for the degrees of freedom that a line
 * through so few sizes leaves. Unknown exponent: fewer than SWEEP_POINTS_LEAST points or a ratio below
 * SWEEP_RATIO_LEAST. */
enum status power_law_fit(const struct sweep *sweep, uint64_t key, struct power_law *law);

/* The same on the asymptotic range only: from the smallest size upwards, points are left out while the local
 * exponent between a point and its neighbour differs by more than `tolerance` from the exponent over the last
 * three points and at least SWEEP_POINTS_LEAST points over a factor SWEEP_RATIO_LEAST remain. Fits the
 * competing model as well, on all points (five or more). */
enum status power_law_fit_asymptotic(const struct sweep *sweep, double tolerance, uint64_t key,
                                     struct power_law *law);

#endif
