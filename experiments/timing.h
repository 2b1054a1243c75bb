/* Timing of a timed unit: warm-up, samples until the interval is tight or a cap is reached, all kept. */
#ifndef EXPERIMENTS_TIMING_H
#define EXPERIMENTS_TIMING_H

#include "experiments/experiment.h"

enum {
    TIMING_CHANNELS_MAX = 5,
    TIMING_SAMPLES_MIN = 5,
    TIMING_SAMPLES_OF_LONG_PASSES = 3, /* of passes that take more than a quarter of the cap */
    TIMING_SAMPLES_MAX = 200
};

#define TIMING_SECONDS      0.6  /* the cap */
#define TIMING_PRECISION    0.02 /* half-width of the 95 % interval of the median, of the median */
#define TIMING_SAMPLE_LEAST 1e-3 /* seconds: passes below that are repeated within a sample */

/* One pass: runs the work once and adds the seconds it took to seconds[channel]. Collective over the team. */
typedef void timing_pass(void *context, double *seconds);

struct timing {
    size_t samples;
    double seconds[TIMING_CHANNELS_MAX][TIMING_SAMPLES_MAX]; /* of a pass, maximum over ranks, per channel */
    double reference_before, reference_after;                /* seconds of the small reference kernel */
    bool disturbed; /* the reference differs by more than a tenth: a noisy neighbour */
};

/* Collects samples of `channels` quantities: after one warm-up (two if passes are short), at least
 * TIMING_SAMPLES_MIN samples, then on until the 95 % interval of the median of channel 0 (order statistics)
 * is within TIMING_PRECISION or TIMING_SECONDS or TIMING_SAMPLES_MAX samples are spent. All ranks start a
 * sample together. A sample is one pass, or the mean of as many as fill TIMING_SAMPLE_LEAST. Collective over
 * the team; every rank takes the same number of passes. */
void timing_collect(struct team *team, size_t channels, timing_pass *pass, void *context,
                    struct timing *timing);

/* From now on at most so many seconds of samples instead of TIMING_SECONDS, and one run of the reference
 * kernel: for tests, to which times say nothing. */
void timing_limit(double seconds);

/* Sets the columns reference_before, reference_after and disturbed, which every timed experiment has. */
enum status timing_record(const struct timing *timing, struct record *record);

/* The rows of a timed experiment's column table for what timing_record sets. */
#define TIMING_FIELDS                                                                                        \
    {"reference_before",                                                                                     \
     FIELD_REAL,                                                                                             \
     DIMENSION_SCALAR,                                                                                       \
     "s",                                                                                                    \
     NULL,                                                                                                   \
     0,                                                                                                      \
     0,                                                                                                      \
     NULL,                                                                                                   \
     0,                                                                                                      \
     "Time of a small fixed kernel before the samples"},                                                     \
        {"reference_after",                                                                                  \
         FIELD_REAL,                                                                                         \
         DIMENSION_SCALAR,                                                                                   \
         "s",                                                                                                \
         NULL,                                                                                               \
         0,                                                                                                  \
         0,                                                                                                  \
         NULL,                                                                                               \
         0,                                                                                                  \
         "Time of the same kernel after them"},                                                              \
    {                                                                                                        \
        "disturbed", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, 0,                              \
            "1 when the two differ by more than a tenth: something else ran on the machine"                  \
    }

#endif
