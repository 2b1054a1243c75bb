/* What finished units count, as far as curves that are refined need it. */
#ifndef EXPERIMENTS_CAMPAIGN_TALLIES_H
#define EXPERIMENTS_CAMPAIGN_TALLIES_H

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/share_fit.h"

/* The counts by the names of their fields, and what each unit has of them. */
struct tallies {
    size_t name_count; /* 0: no curve, and nothing is noted */
    const char **names;
    size_t unit_count, capacity;
    double *counts; /* [unit_count][1 + name_count]: 1 when the unit is done; then its counts */
};

/* Lists what the curves need; there are no units yet. STATUS_NO_MEMORY. */
enum status tallies_create(const struct curves *curves, struct tallies *tallies);
void tallies_clear(struct tallies *tallies);

/* Room for so many units in all; new ones are not done. STATUS_NO_MEMORY. */
enum status tallies_grow(struct tallies *tallies, size_t units);

/* Notes the counts of a finished unit. */
void tallies_note(struct tallies *tallies, size_t unit, const struct record *record);

/* The counts of `units` units from `first`, in one row: to be added up over ranks, each of which noted its
 * own. */
double *tallies_from(struct tallies *tallies, size_t first, size_t units, size_t *count);

bool tallies_done(const struct tallies *tallies, size_t unit);

/* A finished unit as a curve sees it. */
struct observation tallies_observe(const struct tallies *tallies, const struct curve *curve,
                                   const struct unit *units, size_t unit);

#endif
