/* One small network of boltzmann_capacity: patterns of its own, learned, recalled from several starts. */
#ifndef EXPERIMENTS_SMALL_NETWORK_H
#define EXPERIMENTS_SMALL_NETWORK_H

#include "core/associative/boltzmann.h"

/* How it learns: as a Boltzmann machine, down the probability flow, or by a rule of one pass. */
enum small_rule { RULE_BOLTZMANN, RULE_FLOW, RULE_OTHERS };

/* Starts: the pattern; one with a random neuron flipped; one with a random tenth flipped; each neuron
 * flipped. */
enum { RECALL_STARTS = 4 };

/* The parameters of a unit. */
struct small_networks {
    size_t neurons, patterns, networks;
    enum small_rule rule;
    const struct learning_rule *other; /* of RULE_OTHERS */
    struct boltzmann_learning learning;
};

/* What is found out about each network. */
struct small_findings {
    int64_t *kept[RECALL_STARTS], *firm[RECALL_STARTS]; /* [networks]: patterns recalled */
    double *log_likelihood, *gradient_norm;             /* [networks]; NaN for other rules */
};

/* Memory for so many networks. STATUS_NO_MEMORY; then clear it all the same. */
enum status small_findings_allocate(size_t networks, struct small_findings *findings);
void small_findings_clear(struct small_findings *findings);

/* Learns and recalls network number `network` of the data key. Errors of learning, or STATUS_NO_MEMORY. */
enum status small_network_run(const struct small_networks *settings, uint64_t data_key, size_t network,
                              struct small_findings *findings, struct error *error);

#endif
