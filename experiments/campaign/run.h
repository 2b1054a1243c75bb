/* What the parts of the runner share while a campaign runs. */
#ifndef EXPERIMENTS_CAMPAIGN_RUN_H
#define EXPERIMENTS_CAMPAIGN_RUN_H

#include "experiments/campaign/progress.h"
#include "experiments/campaign/runner.h"
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
    const struct campaign *campaign;
    const struct run_options *options;
    int host_ranks, host_place; /* ranks on this host, and which of them this is */
    int threads;                /* per rank, while all ranks work */
    double started;             /* parallel_seconds at the start */
    unsigned char *turns;       /* [unit_count], enum turn */
    struct journal *journal;    /* this rank's */
    struct progress progress;   /* printed by rank 0 */
    size_t done, failed;        /* counted on the rank that wrote the record */
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

/* All TURN_SHARED units, from a queue, the longest first. Collective over the world; the status is this
 * rank's. */
enum status run_shared_units(struct run *run, struct error *error);

/* All TURN_ALONE units, one after the other; all other ranks sleep. Collective over the world; agreed. */
enum status run_lone_units(struct run *run, struct error *error);

/* The provenance of this run on rank 0, NULL on the others; json_decref it. Collective over the world,
 * agreed. */
enum status run_describe(struct run *run, json_t **provenance, struct error *error);

/* Decides every unit's turn from what the file holds already (rank 0 knows) and what the ranks can do; counts
 * into *summary. STATUS_INVALID with the figures when a unit's memory is more than the host has. Collective
 * over the world, agreed. `finished` (rank 0 only, may be NULL) are the results so far. */
enum status run_take_stock(struct run *run, const struct results *finished, struct run_summary *summary,
                           struct error *error);

#endif
