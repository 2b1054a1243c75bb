/* Units as they are made, each identity once, and the curves they belong to. */
#ifndef EXPERIMENTS_CAMPAIGN_UNITS_H
#define EXPERIMENTS_CAMPAIGN_UNITS_H

#include "experiments/campaign/campaign.h"

struct unit_list {
    const struct resources *resources;
    int64_t seed;
    size_t count, capacity;
    struct unit *units;
    size_t slots;         /* of the hash table below, a power of two */
    uint32_t *slot_units; /* [slots]: 1 + the unit's number, 0 when free */
    struct curves curves;
};

/* Adds a repeat of the point (whose values are copied) unless a unit of that identity is there; *place is
 * where the unit is. STATUS_NO_MEMORY. */
enum status unit_list_add(struct unit_list *list, const struct unit *point, int64_t repeat, size_t *place);

/* Makes a point of a record whose parameters are set: lets the experiment resolve what is open, and
 * estimates. The point borrows the record. STATUS_INVALID with a sentence: the experiment
 * rejects it, and at which values. */
enum status unit_resolve(const struct experiment *experiment, const struct resources *resources,
                         struct record *values, struct unit *point, struct error *error);

void unit_list_clear(struct unit_list *list);

#endif
