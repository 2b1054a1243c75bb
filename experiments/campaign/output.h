/* The result file a run works on: opened by rank 0 alone. */
#ifndef EXPERIMENTS_CAMPAIGN_OUTPUT_H
#define EXPERIMENTS_CAMPAIGN_OUTPUT_H

#include "experiments/campaign/runner.h"
#include "results/journal.h"
#include "results/store.h"

struct output {
    struct journal_lock *lock;
    struct results *finished; /* what an earlier run left; NULL: nothing */
};

/* Locks the journal and reads what is there, as --resume and --force ask. STATUS_EXISTS: something is there
 * and neither was given. STATUS_MISMATCH: another seed or schema, and which. Others from the journal and the
 * store. */
enum status output_open(const struct campaign *campaign, const struct run_options *options,
                        struct output *output, struct error *error);

/* Makes R.h5 of the old file and the journals, in the campaign's order, then removes the journals. */
enum status output_finish(const struct campaign *campaign, const struct run_options *options,
                          struct error *error);

void output_close(struct output *output);

#endif
