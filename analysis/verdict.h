/* What a row of the ledger says, decided by rule and never by hand (claims.md). */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

enum verdict { VERDICT_REPRODUCED, VERDICT_NOT_REPRODUCED, VERDICT_INCONCLUSIVE, VERDICT_DEFINITION_DEPENDENT };

const char *verdict_name(enum verdict verdict);

/* One measured quantity against its prediction. Intervals come from resampling what varies. */
struct measurement {
    char name[96];
    char unit[16];
    double prediction;        /* NaN: reported only, not decided */
    double tolerance;         /* how exactly the claim is meant; 0: equality */
    double precision;         /* widest 95 % half-interval that can decide; 0: three times the tolerance */
    double value;             /* NaN: not measured */
    double low, high;         /* 95 % */
    double low_999, high_999; /* 99.9 % */
    size_t n;                 /* samples behind it */
    int definition;           /* measurements of one row may belong to different stated definitions: 0, 1, ... */
};

/* Reproduced: the 95 % interval is narrow enough and overlaps prediction +- tolerance. Not reproduced: the
 * 99.9 % interval misses it. Inconclusive: otherwise, or not measured. */
enum verdict verdict_of_measurement(const struct measurement *measurement);

/* All decided measurements of one definition: not reproduced if any is, else inconclusive if any is, else
 * reproduced. Over definitions: if one is reproduced and another not reproduced, definition-dependent; if all
 * agree, that; else inconclusive. No decided measurement: inconclusive. */
enum verdict verdict_of_row(size_t count, const struct measurement *measurements);

#endif
