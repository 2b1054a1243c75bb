/* Runs a campaign's units on all ranks: journal, resume, progress, stop signals, and the final file. */
#ifndef EXPERIMENTS_CAMPAIGN_RUNNER_H
#define EXPERIMENTS_CAMPAIGN_RUNNER_H

#include "experiments/campaign/campaign.h"

struct run_options {
    const char *output; /* R.h5 */
    bool resume, force;
    double time_limit; /* seconds; 0: none */
    int team_size;     /* ranks per counted unit; 0 or 1: one */
    int threads;       /* per rank; 0: cores / ranks on the host */
    const char *const *command_line;
};

struct run_summary {
    size_t done, failed, skipped,
        pending; /* skipped: were in the file already; pending: need more ranks or time */
    bool stopped;
};

/* Collective over the world. STATUS_OK with the counts in *summary; STATUS_EXISTS, STATUS_LOCKED,
 * STATUS_MISMATCH, STATUS_FORMAT before anything ran; STATUS_IO when results could not be stored (what was
 * journalled stays). STATUS_INVALID: a unit's memory is more than the host has, with the figures. */
enum status run_campaign(struct team *world, struct campaign *campaign, const struct run_options *options,
                         struct run_summary *summary, struct error *error);

#endif
