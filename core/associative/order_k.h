/* Associative memories of order K: the energy is a sum over patterns of the K-th power of the overlap, or of
 * its products over K distinct neurons. Nothing is learned: the patterns are the network, and a neuron looks
 * at the overlaps of the state with all of them. */
#ifndef CORE_ASSOCIATIVE_ORDER_K_H
#define CORE_ASSOCIATIVE_ORDER_K_H

#include "core/associative/hopfield.h"

/* M = sum_i xi_i s_i. Full powers: E = - sum_p M_p^K (Krotov & Hopfield 2016). Distinct tuples: E = - sum_p
 * sum over i1 < ... < iK of (xi s)_i1 ... (xi s)_iK (Gardner 1987). At K = 2 both are Hebb's rule. */
enum order_family { ORDER_FULL, ORDER_DISTINCT, ORDER_FAMILY_COUNT };

/* Their names, ended by NULL. */
extern const char *const order_family_names[ORDER_FAMILY_COUNT + 1];

/* The family of that name; ORDER_FAMILY_COUNT if there is none. */
enum order_family order_family_named(const char *name);

enum { ORDER_LEAST = 2, ORDER_MOST = 4 };

struct order_rule {
    enum order_family family;
    int order; /* K */
};

/* STATUS_INVALID: no such order. STATUS_UNSUPPORTED: sizes whose sums might leave the integers they are kept
 * in. With a sentence. */
enum status order_check(struct order_rule rule, size_t neurons, size_t patterns, struct error *error);

/* Runs `trials` states to where they stay: spins[trials][neurons] in place, outcomes[trials]. Neurons follow
 * the sign of E(-s_i) - E(+s_i) one after the other, in a fresh random order each sweep: the one of
 * dynamics_asynchronous; zero keeps the state. Trials are spread over OpenMP threads; nothing depends on
 * their number. What order_check refuses; STATUS_NO_MEMORY; STATUS_FAILED if the energy kept up over the
 * flips is not that of the final state (never happened). */
enum status order_retrieve(struct order_rule rule, const struct patterns *patterns,
                           const struct hopfield_settings *settings, size_t trials, int8_t *spins,
                           struct outcome *outcomes, struct error *error);

/* counts[s] = number of neurons of state s whose flip would lower the energy, for spins[states][neurons]; 0:
 * a fixed point. */
enum status order_count_unstable(struct order_rule rule, const struct patterns *patterns, size_t states,
                                 const int8_t *spins, uint64_t *counts, struct error *error);

/* Bytes at the peak of retrieving, patterns and spins included, on as many threads as there are trials, 128
 * at most; operations of `trials` retrievals from near a pattern and of looking at as many patterns. */
double order_bytes(size_t neurons, size_t patterns, size_t trials);
double order_operations(size_t neurons, size_t patterns, size_t trials);

#endif
