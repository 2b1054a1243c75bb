/* What a campaign will take, without running it. */
#ifndef EXPERIMENTS_CAMPAIGN_PLAN_H
#define EXPERIMENTS_CAMPAIGN_PLAN_H

#include "experiments/campaign/campaign.h"
#include "results/store.h"

struct plan_options {
    struct resources resources;
    size_t memory_per_rank;        /* bytes; 0: what this host has, divided by the ranks */
    const struct results *machine; /* results with a `machine` record for time estimates, or NULL */
};

/* Prints, per experiment and in total: units, work, the largest memory per rank, pending units and units that
 * do not fit; time when a machine record is given. Where thresholds are refined these are the first round's,
 * and a line says how many units the budget allows. Where the machine record has messages between ranks,
 * lines say which of the splits asked for is predicted to be fastest. */
void plan_print(const struct campaign *campaign, const struct plan_options *options, FILE *out);

#endif
