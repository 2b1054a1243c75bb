/* Schedules that are timed in turns, and one process alone beside them. */
#ifndef PARALLEL_BENCH_BENCH_MEASURE_H
#define PARALLEL_BENCH_BENCH_MEASURE_H

#include "parallel/bench/bench_data.h"
#include "parallel/bench/bench_options.h"

enum { BENCH_SCHEDULES_MAX = 16, BENCH_SAMPLES_MAX = 1000 };

/* One schedule's run on this rank, and its times. */
struct bench_entrant {
    const struct schedule *schedule; /* NULL: one process with the threads of all ranks */
    struct attention_split split;    /* its grid resolved */
    char reason[200];                /* why auto took it, or empty */
    double seconds_predicted;
    struct schedule_run *run;     /* of a schedule */
    struct attention_plan *alone; /* of one process, on rank 0 */
    struct bench_data *data;
    double max_abs_error;              /* of this rank */
    double seconds[BENCH_SAMPLES_MAX]; /* of the slowest rank */
    struct split_traffic sums;         /* of this rank, over all samples */
};

struct bench {
    struct team *world;
    const struct bench_options *options;
    struct attention_mask mask;
    int on_host, place; /* of this rank */
    struct schedule_rates rates;
    size_t count, samples;
    struct bench_entrant *entrants;              /* [BENCH_SCHEDULES_MAX]; with a baseline it is the first */
    struct bench_data data[BENCH_SCHEDULES_MAX]; /* shared by entrants with the same share */
    size_t data_count;
};

/* Pins the ranks, measures rates, creates the runs, and passes once through each to check the results. The
 * same status on every rank; destroy it also when it fails. STATUS_INVALID: the schedule refuses the split,
 * or one process cannot have the threads of several hosts; STATUS_NO_MEMORY. Collective. */
enum status bench_create(struct team *world, const struct bench_options *options, struct bench *bench,
                         struct error *error);
void bench_destroy(struct bench *bench);

/* Rounds of one pass of each entrant, for the seconds of the options, at least three. Collective. */
void bench_sample(struct bench *bench);

#endif
