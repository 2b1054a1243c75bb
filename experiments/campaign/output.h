/* The result file a run works on: opened by rank 0 alone. */
#ifndef EXPERIMENTS_CAMPAIGN_OUTPUT_H
#define EXPERIMENTS_CAMPAIGN_OUTPUT_H

#include "experiments/campaign/runner.h"
#include "results/journal.h"
#include "results/store.h"

struct output {
    const char *path;
    struct journal_lock *lock;
    struct results *finished; /* what an earlier run left; NULL: nothing, or --force */
    bool new_journal;         /* made by output_open, and nothing was begun in it */
    bool adds_to_file;        /* a whole file is there, which stays as it is if no unit is added */
};

/* Locks the journal and reads what is there, as --resume and --force ask; changes no results. `provenance` is
 * that of the run to come. STATUS_EXISTS: something is there and neither was given. STATUS_MISMATCH: another
 * seed or schema, or timings of another machine or build, and which. With --force STATUS_EXISTS: what is
 * there are no results. Others from the journal and the store. */
enum status output_open(const struct campaign *campaign, const struct run_options *options,
                        const json_t *provenance, struct output *output, struct error *error);

/* Begins the run: with --force sets the old results aside; writes the provenance, to which that of an earlier
 * launch is added. */
enum status output_begin(struct output *output, bool force, json_t *provenance, struct error *error);

/* Makes R.h5 of the old file and the journals, in the campaign's order, then removes the journals and, if
 * nothing is pending, what was set aside. STATUS_IO, and the journals stay: fewer units came back from the
 * disks than the summary says are stored. */
enum status output_finish(const struct campaign *campaign, const struct output *output,
                          const struct run_summary *summary, struct error *error);

/* Lets the lock go; leaves no trace of a run that did not begin. */
void output_close(struct output *output);

#endif
