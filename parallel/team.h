/* Teams: the ranks that run something together. The only way the rest of the program sees MPI. */
#ifndef PARALLEL_TEAM_H
#define PARALLEL_TEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

struct team;

/* Starts MPI (works without mpirun as one rank) and gives the team of all ranks, owned by this module.
 * STATUS_INVALID: it was started before. STATUS_UNSUPPORTED: the MPI library does not bear threads.
 * STATUS_NO_MEMORY on all ranks when one has none. Collective over all ranks, once. Leaves argc and argv
 * alone. */
enum status parallel_start(struct team **world);

/* Ends MPI after all teams but the world were destroyed. Collective. */
void parallel_stop(void);

int team_rank(const struct team *team);
int team_size(const struct team *team);

/* The first `size` ranks of `team` as a team of their own; the others get *part = NULL. Collective. */
enum status team_first(struct team *team, int size, struct team **part);

/* Consecutive groups of `size` ranks (the last may be smaller). Collective. */
enum status team_groups(struct team *team, int size, struct team **group);

/* This rank alone. Local. */
enum status team_alone(struct team **alone);

/* Ends a team made by the three above. Collective over its members. */
void team_destroy(struct team **team);

/* Waits for all members. Collective. team_barrier spins (for timing); team_rendezvous polls and sleeps in
 * between, so that waiting costs the working ranks nothing. */
void team_barrier(struct team *team);
void team_rendezvous(struct team *team);

/* Agrees on the worst status (the last of those in STATUS_LIST): every member returns the same one, and the
 * same text in *error (the text of the lowest rank that failed). Collective; sleeps while waiting, as
 * team_rendezvous. */
enum status team_agree(struct team *team, enum status mine, struct error *error);

/* Element-wise maximum or sum over the members, in place, on every member. Sums are taken in rank order.
 * Collective. */
void team_maximum(struct team *team, size_t count, double *values);
void team_sum(struct team *team, size_t count, double *values);

/* Every member's `bytes` bytes (below 2 GiB) into all[size * bytes], by rank. Collective. */
void team_gather(struct team *team, size_t bytes, const void *mine, void *all);

/* Rank 0's bytes to all. On the other ranks *data is allocated (memory_free) and *bytes set.
 * STATUS_NO_MEMORY on all ranks when one of them has none. Collective. */
enum status team_share(struct team *team, size_t *bytes, void **data);

/* Rank 0's fixed-size bytes to all. Collective. */
void team_broadcast(struct team *team, size_t bytes, void *data);

/* How many ranks of the team are on this rank's host, and this rank's place among them. Collective on the
 * first call for a team, then local. */
void team_on_host(struct team *team, int *count, int *place);

/* Seconds of a steady clock. Local. */
double parallel_seconds(void);

/* Latency (s) and bandwidth (bytes/s) of a message between rank 0 and the last rank, measured by
 * ping-pong; zeros for a team of one. Collective. */
void team_measure_link(struct team *team, double *latency, double *bandwidth);

/* The MPI library's version line. Local. */
void parallel_mpi_version(char *text, size_t size);

#endif
