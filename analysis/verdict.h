/* What a row of the ledger says, decided by rule and never by hand (claims.md). */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

enum verdict {
    VERDICT_REPRODUCED,
    VERDICT_NOT_REPRODUCED,
    VERDICT_INCONCLUSIVE,
    VERDICT_DEFINITION_DEPENDENT
};

const char *verdict_name(enum verdict verdict);

/* Which values agree with a prediction, and how far the 95 % interval must be among them. */
enum criterion {
    CRITERION_NEAR,     /* prediction +- tolerance; overlap is enough if the interval is narrow */
    CRITERION_WITHIN,   /* prediction +- tolerance; the whole interval must lie there */
    CRITERION_AT_MOST,  /* up to prediction + tolerance; the whole interval must lie there */
    CRITERION_AT_LEAST, /* from prediction - tolerance; the whole interval must lie there */
    CRITERION_COUNT
};

const char *criterion_name(enum criterion criterion);

/* One measured quantity against its prediction. Intervals come from resampling what varies. */
struct measurement {
    char name[96];
    char unit[16];
    enum criterion criterion;
    double prediction;        /* NaN: reported only, not decided */
    double tolerance;         /* how exactly the claim is meant; 0: equality */
    double precision;         /* widest 95 % half-interval that can decide; 0: three times the tolerance */
    double value;             /* NaN: not measured */
    double low, high;         /* 95 %; infinite where the data set no bound */
    double low_999, high_999; /* 99.9 % */
    size_t n;                 /* samples behind it */
    int definition; /* measurements of one row may belong to different stated definitions: 0, 1, ... */
};

/* How a measurement stands to its prediction. */
enum standing {
    STANDING_AGREES,
    STANDING_MISSES,     /* the 99.9 % interval holds none of the agreeing values */
    STANDING_BORDERLINE, /* neither: the 95 % interval does not meet the criterion, the 99.9 % one does not
                            miss */
    STANDING_NOISY,      /* the 95 % interval is too wide to decide */
    STANDING_UNMEASURED, /* no value, no prediction, or limits that are not ordered */
    STANDING_COUNT
};

const char *standing_name(enum standing standing);

enum standing verdict_standing(const struct measurement *measurement);

/* Reproduced: the 95 % interval is narrow enough and meets the criterion. Not reproduced: the 99.9 % interval
 * misses the agreeing values altogether. Inconclusive: otherwise, or not measured. The value and its
 * intervals must be ordered, low_999 <= low <= value <= high <= high_999; what is not ordered is
 * inconclusive. */
enum verdict verdict_of_measurement(const struct measurement *measurement);

/* The widest 95 % half-interval that can decide a measurement; NaN where the width does not matter. */
double verdict_precision(const struct measurement *measurement);

/* All decided measurements of one definition: not reproduced if any is, else inconclusive if any is, else
 * reproduced. Over definitions: if one is reproduced and another not reproduced, definition-dependent; if all
 * agree, that; else inconclusive. No decided measurement: inconclusive. */
enum verdict verdict_of_row(size_t count, const struct measurement *measurements);

#endif
