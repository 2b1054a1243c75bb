/* What the parts of the runner share while a campaign runs. */
#ifndef EXPERIMENTS_CAMPAIGN_RUN_H
#define EXPERIMENTS_CAMPAIGN_RUN_H

#include "experiments/campaign/progress.h"
#include "experiments/campaign/refine.h"
#include "experiments/campaign/runner.h"
#include "experiments/campaign/tallies.h"
#include "results/journal.h"
#include "results/store.h"

/* When a unit has its turn. */
enum turn {
    TURN_NEVER,  /* in the file already, or it asks for more ranks than there are */
    TURN_SHARED, /* from the queue, side by side with others */
    TURN_ALONE   /* timed, or too large to run on every rank of a host at once */
};

struct run {
    struct team *world;
    struct campaign *campaign;
    const struct run_options *options;
    int host_ranks, host_place; /* ranks on this host, and which of them this is */
    int threads;                /* per rank, while all ranks work */
    double started;             /* parallel_seconds at the start */
    size_t first;               /* unit of the present round; the first round has all units of the file */
    unsigned char *turns;       /* [unit_count], enum turn */
    struct tallies tallies;   /* of the units that this rank ran or found finished; of earlier rounds: all */
    struct journal *journal;  /* this rank's */
    struct progress progress; /* printed by rank 0 */
    size_t done, failed;      /* counted on the rank that wrote the record */
};

/* Bytes that a rank may hold when `sharing` ranks work on its host; a tenth is left to the libraries. */
size_t run_memory_share(int sharing);

/* Rough seconds of a unit on one rank, for the order of things and the progress line. */
double unit_expected_seconds(const struct unit *unit);

/* Whether this rank was asked to stop, or the time is up. Local. */
bool run_should_stop(const struct run *run);

/* Runs one unit on a team and journals its record, as done or as failed with the reason; the status is that
 * of the journal. Collective over the team. */
enum status run_unit(struct run *run, const struct unit *unit, struct team *team, struct error *error);

/* All TURN_SHARED units of the round, from a queue, the longest first. Collective over the world; the status
 * is this rank's. */
enum status run_shared_units(struct run *run, struct error *error);

/* All TURN_ALONE units of the round, one after the other; all other ranks sleep. Collective over the world;
 * agreed. */
enum status run_lone_units(struct run *run, struct error *error);

/* The provenance of this run on rank 0, NULL on the others; json_decref it. Collective over the world,
 * agreed. */
enum status run_describe(struct run *run, json_t **provenance, struct error *error);

/* Decides the turn of every unit of the round from what the file holds already (rank 0 knows) and what the
 * ranks can do; counts into *summary. STATUS_INVALID with the figures when a unit's memory is more than the
 * host has; not in later rounds, where such a unit is to fail alone. Collective over the world, agreed.
 * `finished` (rank 0 only, may be NULL) are the results so far. */
enum status run_take_stock(struct run *run, const struct results *finished, struct run_summary *summary,
                           struct error *error);

/* What is known of a curve that is refined. */
struct curve_state {
    struct refine_step step;
    bool waits; /* for a unit that failed, is pending or was not reached */
};

struct rounds {
    struct curve_state *states; /* [curves]: rank 0's */
    struct resources resources;
};

/* Before the first round. Collective over the world, agreed. */
enum status rounds_create(const struct run *run, struct rounds *rounds, struct error *error);

/* Ends the present round, all of whose units have had their turn: decides where each curve goes on and adds
 * the units to the campaign, as the next round. *more is false when no curve goes on. A curve with a unit
 * that failed, or is pending, waits: the next round follows from whole rounds alone, so that it is the same
 * however often the run broke off. Collective over the world, agreed. */
enum status rounds_next(struct run *run, struct rounds *rounds, bool *more, struct error *error);

/* Lines on standard error: where the curves stand that go on, and where they go. Rank 0. */
void rounds_show(const struct run *run, const struct rounds *rounds);

/* A line for each curve on standard error: its threshold, and how it ended. Rank 0. */
void rounds_report(const struct run *run, const struct rounds *rounds);

void rounds_clear(struct rounds *rounds);

#endif
