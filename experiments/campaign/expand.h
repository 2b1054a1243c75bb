/* From the axes of an entry to units. */
#ifndef EXPERIMENTS_CAMPAIGN_EXPAND_H
#define EXPERIMENTS_CAMPAIGN_EXPAND_H

#include "experiments/campaign/axes.h"

/* Units as they are made, each identity once. */
struct unit_list {
    const struct resources *resources;
    int64_t seed;
    size_t count, capacity;
    struct unit *units;
    size_t slots;         /* of the hash table below, a power of two */
    uint32_t *slot_units; /* [slots]: 1 + the unit's number, 0 when free */
};

/* Appends the units of all points of the axes, `repeats` of each, the last axis fastest and repeats within. A
 * point that misses a parameter or that its experiment rejects is a mistake at `entry`. STATUS_NO_MEMORY. */
enum status expand_units(struct unit_list *list, const struct axes *axes, const struct experiment *experiment,
                         int64_t repeats, struct yaml_source *source, const struct yaml_node *entry);

void unit_list_clear(struct unit_list *list);

#endif
