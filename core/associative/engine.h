/* How a network is computed: from couplings, where a flip costs N, or from the patterns, where each look at a
 * field costs P but nothing has to be learned. A choice by counted operations and memory. */
#ifndef CORE_ASSOCIATIVE_ENGINE_H
#define CORE_ASSOCIATIVE_ENGINE_H

#include <stddef.h>

#include "core/associative/rule.h"

enum hopfield_engine { HOPFIELD_COUPLINGS, HOPFIELD_PATTERNS };

/* The faster engine for so many retrievals that start near patterns; couplings for rules that have nothing
 * else, patterns where the couplings could not hold the numbers or would take more than 16 GB. */
enum hopfield_engine engine_choose(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials);

/* Operations of learning and of the retrievals, in units of one lane of a vector of 16-bit integers. */
double engine_operations(const struct learning_rule *rule, enum hopfield_engine engine, size_t neurons,
                         size_t patterns, size_t trials);

/* As many flips in a sweep cost as much as looking at all neurons from the patterns. */
size_t engine_flips_worth_walk(size_t neurons, size_t patterns);

/* Whether Hebb's couplings hold |N J_ij| <= P in 16 bits and |N h_i| <= P (N - 1) in 32. */
bool engine_couplings_fit(size_t neurons, size_t patterns);

#endif
