/* Timing of a timed unit: warm-up, samples until the interval is tight or a cap is reached, all kept. */
#ifndef EXPERIMENTS_TIMING_H
#define EXPERIMENTS_TIMING_H

#include "experiments/experiment.h"

enum { TIMING_CHANNELS_MAX = 4, TIMING_SAMPLES_MAX = 200 };

/* One pass: runs the work once and adds the seconds it took into seconds[channel]. */
typedef void timing_pass(void *context, double *seconds);

struct timing {
    size_t samples;
    double seconds[TIMING_CHANNELS_MAX][TIMING_SAMPLES_MAX]; /* maximum over ranks, per channel */
    double reference_before, reference_after;                /* seconds of the small reference kernel */
    bool disturbed; /* the reference differs by more than a tenth: a noisy neighbour */
};

/* Collects samples of `channels` quantities: after one warm-up, at least 5 samples, then on until the 95 % interval of the
 * median of channel 0 is within 2 % or 2 seconds or TIMING_SAMPLES_MAX samples are spent (a pass longer than the
 * cap is sampled at least 3 times). Collective over the team; every rank takes the same number of passes. */
void timing_collect(struct team *team, size_t channels, timing_pass *pass, void *context,
                    struct timing *timing);

/* Sets the columns reference_before, reference_after and disturbed, which every timed experiment has. */
enum status timing_record(const struct timing *timing, struct record *record);

/* The rows of a timed experiment's column table for what timing_record sets. */
#define TIMING_FIELDS                                                                                        \
    {"reference_before", FIELD_REAL, DIMENSION_SCALAR, "s", NULL, 0, 0, NULL, 0,                             \
     "Time of a small fixed kernel before the samples"},                                                     \
        {"reference_after", FIELD_REAL, DIMENSION_SCALAR, "s", NULL, 0, 0, NULL, 0,                          \
         "Time of the same kernel after them"},                                                              \
    {                                                                                                        \
        "disturbed", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, 0,                              \
            "1 when the two differ by more than a tenth: something else ran on the machine"                  \
    }

#endif
