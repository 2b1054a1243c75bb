/* A queue of numbered jobs that the ranks empty together, each taking the next number when it is free.
 *
 * The ranks of one host share a counter in memory, so taking a job needs no answer from anybody. Between
 * hosts jobs are dealt out beforehand, round the ranks: without hardware for remote atomics MPI's one-sided
 * operations wait until the target's next MPI call, which may be a whole job away. */
#ifndef PARALLEL_QUEUE_H
#define PARALLEL_QUEUE_H

#include "parallel/team.h"

struct queue;

/* Jobs 0 .. count - 1. On one host they are taken in order; of several hosts each takes, in order, the jobs j
 * for which rank j mod team_size lives there. The team must outlive the queue. STATUS_INVALID: count is
 * negative. STATUS_NO_MEMORY. Collective. */
enum status queue_create(struct team *team, int64_t count, struct queue **queue);

/* The same where every `ranks` consecutive ranks pass for a host of their own (those of a group must really
 * be on one host): what happens between hosts can be seen on one machine. Collective. */
enum status queue_create_in_groups(struct team *team, int64_t count, int ranks, struct queue **queue);

/* Sleeps until all members are here. Collective. */
void queue_destroy(struct queue **queue);

/* The next job for this rank, or -1 when there is none left or the queue was stopped. Local. */
int64_t queue_next(struct queue *queue);

/* How many jobs were taken so far, by all ranks together; with several hosts, what this host's jobs suggest.
 * Local. */
int64_t queue_taken(struct queue *queue);

/* Lets every rank's next queue_next give -1 (on other hosts: as soon as the message has arrived). Local. */
void queue_stop(struct queue *queue);

#endif
