/* Modern continuous Hopfield networks (Ramsauer et al. 2020): states are real vectors, one update is
 * xi <- X softmax(beta X^T xi) with the stored patterns as the columns of X. That is attention with the
 * patterns as keys and values, the states as queries and beta as the scale, and it is computed as such. */
#ifndef CORE_ASSOCIATIVE_MODERN_H
#define CORE_ASSOCIATIVE_MODERN_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* Patterns of independent normal entries, each scaled to norm sqrt(dimension): patterns[count][dimension].
 * Entry k is number k of (key, RANDOM_PATTERNS, 0), so that a set begins with the smaller sets of its key.
 * Uses OpenMP threads. */
void modern_draw(size_t dimension, size_t count, uint64_t key, float *patterns);

struct modern;

/* A network of these patterns[count][dimension], which must stay as they are while it lives, for batches of
 * `states` states. STATUS_INVALID: a size is 0, or the dimension beyond ATTENTION_WIDTH_MAX.
 * STATUS_NO_MEMORY. */
enum status modern_create(size_t dimension, size_t count, const float *patterns, size_t states,
                          struct modern **network);
void modern_destroy(struct modern **network);

/* The factor 1/sqrt(dimension) at which an update is attention of Transformers. */
float modern_attention_beta(const struct modern *network);

/* One update of states[states][dimension] into `updated`, elsewhere. */
void modern_update(struct modern *network, float beta, const float *states, float *updated);

/* An update that moves a state by at most this, relative to the norm of patterns, leaves it at rest: some ten
 * times what rounding leaves. */
#define MODERN_REST 1e-5

/* Updates all states in place until each is at rest, or `most` times. updates[states]: how many it took, the
 * one that found it at rest included; most + 1: it was not found at rest. A state's course does not depend
 * on the others. */
void modern_settle(struct modern *network, float beta, size_t most, float *states, size_t *updates);

/* How many patterns the next update of each state would mix: 1 / sum over patterns of p^2, p = softmax(beta
 * X^T xi). 1: a single one; the number of patterns: their plain average. */
void modern_mixed(struct modern *network, float beta, const float *states, double *mixed);

/* Norm of the difference of two vectors over the norm of the second. */
double modern_relative_error(size_t dimension, const float *vector, const float *wanted);

/* Bytes of a network on so many threads, the patterns included; operations of one update of all states. */
double modern_bytes(size_t dimension, size_t count, size_t states, int threads);
double modern_operations(size_t dimension, size_t count, size_t states);

#endif
