/* Sweeps of a Hopfield network neuron by neuron, fields from the patterns: for sweeps in which so many
 * neurons flip that looking at all of them costs less than adding up a row for each flip. */
#ifndef CORE_ASSOCIATIVE_WALKER_H
#define CORE_ASSOCIATIVE_WALKER_H

#include <stdbool.h>

#include "core/associative/patterns.h"
#include "core/base/random.h"

struct walker;

/* Whether halves of overlaps of so many neurons fit 16 bits. */
bool walker_fits(size_t neurons);

/* For patterns whose walker fits. STATUS_NO_MEMORY. */
enum status walker_create(const struct patterns *patterns, struct walker **walker);
void walker_destroy(struct walker **walker);
double walker_bytes(size_t neurons, size_t patterns);

/* Starts at spins[neurons], which the sweeps change, with the overlaps M_mu at
 * overlaps[mu / 64 * tile_stride + mu % 64]; and what the overlaps are now. */
void walker_begin(struct walker *walker, int8_t *spins, const int32_t *overlaps, size_t tile_stride);
void walker_overlaps(const struct walker *walker, int32_t *overlaps, size_t tile_stride);

/* Looks at all neurons in the order of the sweep and flips those that are unstable at their turn: listed in
 * *flipped until the next call. Returns how many. */
size_t walker_sweep(struct walker *walker, struct random_source order, uint64_t sweep,
                    const uint32_t **flipped);

/* Neurons in which the state differs from the nearest pattern or its opposite. */
size_t walker_distance(const struct walker *walker);

/* sum_i s_i N h_i = sum_mu M_mu^2 - P N, exact. */
int64_t walker_alignment(const struct walker *walker);

#endif
