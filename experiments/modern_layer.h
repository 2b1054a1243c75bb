/* One update of a modern network beside a layer of attention and beside the formula in float64 (claims HC8).
 */
#ifndef EXPERIMENTS_MODERN_LAYER_H
#define EXPERIMENTS_MODERN_LAYER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* An update, row by row. */
struct modern_update {
    size_t dimension, patterns, states;
    double beta;
    const float *stored;  /* [patterns][dimension] */
    const float *before;  /* [states][dimension] */
    const float *updated; /* [states][dimension]: what the network made of them */
};

/* *differences: numbers that differ in any bit from the output of an attention layer of two heads, in which
 * the same queries, keys and values stand in arrays of their own. *reference: largest relative difference of
 * its rows from the formula in float64, over the first two states. STATUS_NO_MEMORY. */
enum status modern_layer_compare(const struct modern_update *update, int64_t *differences, double *reference);

#endif
