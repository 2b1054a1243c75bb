/* The progress of a run on standard error: a line that renews itself on a terminal, now and then a plain line
 * elsewhere. */
#ifndef EXPERIMENTS_CAMPAIGN_PROGRESS_H
#define EXPERIMENTS_CAMPAIGN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    bool terminal;
    size_t units, units_done, round;
    double expected, expected_done; /* seconds by the estimates, all and done */
    double started, shown;          /* seconds of the steady clock */
};

/* No units yet: see progress_extend. */
void progress_start(struct progress *progress);

/* A round begins, of so many more units; those of earlier rounds are done. */
void progress_extend(struct progress *progress, size_t units, double expected_seconds);

/* Makes way for lines of others on a terminal. */
void progress_clear(const struct progress *progress);

/* Shows the state if the last time was long enough ago; `doing` names what is under way. */
void progress_show(struct progress *progress, const char *doing);

/* Shows the final state and ends the line. */
void progress_end(struct progress *progress);

#endif
