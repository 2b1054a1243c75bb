/* The neurons that may have to flip in a sweep, next one first: ranks are uniform random numbers, so each
 * falls into a bucket of its own, nearly, and a bitmap of buckets finds the first. */
#ifndef CORE_ASSOCIATIVE_RANK_BUCKETS_H
#define CORE_ASSOCIATIVE_RANK_BUCKETS_H

#include "core/associative/rank_queue.h"
#include "core/base/status.h"

struct rank_buckets;

/* An empty queue that holds up to `neurons` entries. STATUS_NO_MEMORY. */
enum status rank_buckets_create(size_t neurons, struct rank_buckets **queue);
void rank_buckets_destroy(struct rank_buckets **queue);

/* Bytes of such a queue. */
double rank_buckets_bytes(size_t neurons);

void rank_buckets_push(struct rank_buckets *queue, struct rank_entry entry);

/* Takes the first entry; false when there is none. */
bool rank_buckets_pop(struct rank_buckets *queue, struct rank_entry *first);

/* Lists up to `most` neurons that are likely to come next, in that order; returns how many. */
size_t rank_buckets_next(const struct rank_buckets *queue, size_t most, uint32_t *neurons);

#endif
