/* Expectations under a Boltzmann machine. Private to boltzmann*.c. */
#ifndef CORE_ASSOCIATIVE_BOLTZMANN_MODEL_H
#define CORE_ASSOCIATIVE_BOLTZMANN_MODEL_H

#include "core/associative/boltzmann.h"

/* Means of s_i s_j, for i < j, and of s_i. */
struct boltzmann_moments {
    double *pairs;   /* [neurons][neurons] */
    double *singles; /* [neurons] */
};

/* Sums over all 2^N states. */
struct boltzmann_sum;
enum status boltzmann_sum_create(size_t neurons, struct boltzmann_sum **sum);
void boltzmann_sum_destroy(struct boltzmann_sum **sum);

/* The moments and ln Z; ln Z is NaN when nothing could be summed. */
void boltzmann_sum_moments(struct boltzmann_sum *sum, const struct boltzmann *machine,
                           struct boltzmann_moments *moments, double *log_partition);

/* Persistent chains. */
struct boltzmann_chains;
enum status boltzmann_chains_create(size_t neurons, uint64_t key, struct boltzmann_chains **chains);
void boltzmann_chains_destroy(struct boltzmann_chains **chains);

/* One sweep of each, then the means over them. */
void boltzmann_chains_moments(struct boltzmann_chains *chains, const struct boltzmann *machine,
                              struct boltzmann_moments *moments);

#endif
