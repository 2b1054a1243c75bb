/* One JSON object a line for each entrant. */
#ifndef PARALLEL_BENCH_BENCH_REPORT_H
#define PARALLEL_BENCH_BENCH_REPORT_H

#include <stdio.h>

#include "parallel/bench/bench_measure.h"

/* Rates count the visible pairs, all ranks together, at the median and the quartiles of the samples. Of a
 * schedule: means over the samples of each rank's seconds, as maximum over the ranks and as mean. With a
 * baseline "of_one_process" is its time over the schedule's, round by round: median and quartiles; 1 is no
 * loss. Written by rank 0. Collective. */
void bench_report(struct bench *bench, FILE *file);

#endif
