/* Scaling of split attention over ranks: what its records and their bounds are. */
#ifndef ANALYSIS_ATTENTION_SCALING_H
#define ANALYSIS_ATTENTION_SCALING_H

#include "analysis/rank_scaling.h"

/* Ways are schedules; weak scaling keeps the rows of a rank; bounded by the cost model's times. */
extern const struct scaling_subject attention_scaling;

/* Operations of the visible pairs of a record, all ranks: 4 pairs d H B. */
double attention_operations(const struct record *record);

#endif
