/* Which of the splits that a campaign compares is predicted to be fastest. */
#ifndef EXPERIMENTS_CAMPAIGN_PLAN_SPLITS_H
#define EXPERIMENTS_CAMPAIGN_PLAN_SPLITS_H

#include "experiments/campaign/campaign.h"
#include "results/store.h"

/* Prints a line for each experiment and number of ranks with problems that are split in two ways or more: how
 * many of them each way is fastest for. Nothing without a machine record that has messages between ranks. */
void plan_splits_print(const struct campaign *campaign, const struct results *machine, FILE *out);

#endif
