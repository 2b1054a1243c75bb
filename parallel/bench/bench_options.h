/* What schedule_bench is asked for. */
#ifndef PARALLEL_BENCH_BENCH_OPTIONS_H
#define PARALLEL_BENCH_BENCH_OPTIONS_H

#include "parallel/schedule.h"

struct bench_options {
    const char *schedule;         /* a name of the table, "auto" or "all" */
    struct attention_split split; /* ranks as there are */
    struct attention_mask mask;
    const char *mask_text;
    int threads; /* of each rank */
    double seconds;
    bool baseline; /* one process with all threads is measured too */
};

/* Reads the command line; only rank 0 speaks. 0, ECANCELED after --help, or EINVAL. Local, with the same
 * outcome on every rank. */
int bench_options_read(int argc, char **argv, int rank, int ranks, struct bench_options *options);

#endif
