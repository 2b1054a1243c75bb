/* Reading campaigns and results named on the command line. */
#ifndef ANALYSIS_PROGRAM_LOAD_H
#define ANALYSIS_PROGRAM_LOAD_H

#include "experiments/campaign/campaign.h"
#include "results/store.h"

/* Reads and parses a campaign; its mistakes go to standard error. Local. */
enum status load_campaign(const char *path, const struct resources *resources, struct campaign **campaign,
                          struct error *error);

/* Reads `count` result files into one. STATUS_MISMATCH, with `engram compare` named, when they do not belong
 * together. */
enum status load_results(size_t count, char *const *paths, struct results **results, struct error *error);

#endif
