/* A queue of numbered jobs that the ranks empty together, each taking the next number when it is free. */
#ifndef PARALLEL_QUEUE_H
#define PARALLEL_QUEUE_H

#include "parallel/team.h"

struct queue;

/* Jobs 0 .. count - 1, taken in order from a shared counter; no rank serves the others. Collective. */
enum status queue_create(struct team *team, int64_t count, struct queue **queue);

/* Collective. */
void queue_destroy(struct queue **queue);

/* The next job for this rank, or -1 when there is none left or the queue was stopped. Local. */
int64_t queue_next(struct queue *queue);

/* How many jobs were taken so far, by all ranks together. Local. */
int64_t queue_taken(struct queue *queue);

/* Lets every rank's next queue_next give -1. Local. */
void queue_stop(struct queue *queue);

#endif
