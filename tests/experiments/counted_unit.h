/* Counted units outside a campaign, for tests. */
#ifndef TESTS_EXPERIMENTS_COUNTED_UNIT_H
#define TESTS_EXPERIMENTS_COUNTED_UNIT_H

#include "experiments/experiment.h"

/* Completes the record of a unit on this team of one, which must succeed within its estimate of memory and
 * set every column; the estimate must not be far too high either. Stops the test otherwise. */
void counted_unit_run(struct team *team, struct record *record, uint64_t key);

#endif
