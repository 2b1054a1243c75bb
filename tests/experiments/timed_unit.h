/* A unit of a timed experiment, set up and run by hand. */
#ifndef TESTS_EXPERIMENTS_TIMED_UNIT_H
#define TESTS_EXPERIMENTS_TIMED_UNIT_H

#include "experiments/experiment.h"

/* A parameter and its value, as text or, where that is NULL, as integer. */
struct timed_setting {
    const char *name;
    int64_t integer;
    const char *text;
};

/* A record of the experiment with these parameters (ended by a NULL name), all others at their defaults where
 * those are numbers or choices, else missing; NULL when one cannot be set. */
struct record *timed_record(const struct experiment *experiment, const struct timed_setting *settings);

/* Whether every column of a record that timed_record made was set, so that it could be stored. */
bool timed_is_complete(struct record *record);

extern const struct experiment experiment_machine, experiment_attention, experiment_convolution,
    experiment_recurrent;

#endif
