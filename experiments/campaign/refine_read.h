/* The key `refine` of an entry. */
#ifndef EXPERIMENTS_CAMPAIGN_REFINE_READ_H
#define EXPERIMENTS_CAMPAIGN_REFINE_READ_H

#include "experiments/campaign/axes.h"

/* Reads what an entry wants refined; `refinement->repeats` is given. Every mistake is printed and counted in
 * the source; with a mistake the refinement is not to be used. */
void refine_read(const struct yaml_node *refine, const struct yaml_node *entry,
                 const struct experiment *experiment, const struct axes *axes, struct yaml_source *source,
                 struct refinement *refinement);

#endif
