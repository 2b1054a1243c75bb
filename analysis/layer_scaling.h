/* Scaling of convolution and recurrence over ranks: what their records and their bounds are. */
#ifndef ANALYSIS_LAYER_SCALING_H
#define ANALYSIS_LAYER_SCALING_H

#include "analysis/rank_scaling.h"

/* Ways are layer_split_ways, each of one of the two. In weak scaling a rank keeps its sequences, positions,
 * units or layers. Bound: the mean over ranks of the operations that each counted, over those that stand
 * between the first rank's start and the last one's end: of the busiest rank; in a pipeline of C chunks, one
 * of each stage and C - 1 of the busiest. NaN where they were not counted. */
extern const struct scaling_subject convolution_scaling, recurrence_scaling;

#endif
