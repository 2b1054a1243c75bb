/* From the axes of an entry to units. */
#ifndef EXPERIMENTS_CAMPAIGN_EXPAND_H
#define EXPERIMENTS_CAMPAIGN_EXPAND_H

#include "experiments/campaign/axes.h"
#include "experiments/campaign/units.h"

/* Appends the units of all points of the axes, `repeats` of each, the last axis fastest and repeats within. A
 * point that misses a parameter or that its experiment rejects is a mistake at `entry`. With a refinement
 * (else NULL) every combination of the parameters that it does not vary becomes a curve. STATUS_NO_MEMORY. */
enum status expand_units(struct unit_list *list, const struct axes *axes, const struct experiment *experiment,
                         int64_t repeats, const struct refinement *refinement, struct yaml_source *source,
                         const struct yaml_node *entry);

#endif
