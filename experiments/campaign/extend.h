/* Units that a later round adds to a campaign. */
#ifndef EXPERIMENTS_CAMPAIGN_EXTEND_H
#define EXPERIMENTS_CAMPAIGN_EXTEND_H

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/refine.h"

/* Further units of a curve: so many repeats at each place. */
struct addition {
    size_t curve, place_count, repeats;
    double places[REFINE_PLACES_MAX];
};

/* Adds the units of all additions after those there are. Their repeat numbers follow those that the curve has
 * used at any place, so that also parameters that leave the random inputs alone get new ones. Where the
 * experiment rejects a place, the curve's `refusal` says why, and the rest of its addition is dropped. Units
 * of the campaign move in memory. STATUS_NO_MEMORY. Local; all ranks make the same of the same. */
enum status campaign_extend(struct campaign *campaign, const struct resources *resources, size_t count,
                            const struct addition *additions);

#endif
