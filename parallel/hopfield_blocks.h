/* Hebbian retrieval in blocks (core/associative/block_retrieval.h), the neurons split over the ranks of a
 * team. */
#ifndef PARALLEL_HOPFIELD_BLOCKS_H
#define PARALLEL_HOPFIELD_BLOCKS_H

#include "core/associative/block_retrieval.h"
#include "parallel/team.h"

struct hopfield_blocks;

/* What this rank's retrievals handed to MPI. */
struct hopfield_traffic {
    uint64_t sums;       /* collective sums */
    uint64_t bytes_sent; /* operands of these, as handed over */
    double seconds_wait; /* in them, the wait for slower ranks included */
};

/* A network of random patterns and room for retrievals in blocks of `block` neurons. Rank r of R has neurons
 * floor(r N / R) and up to that of the next rank. The team must outlive it. STATUS_INVALID as
 * block_retrieval_create and pattern_slice_create say; STATUS_NO_MEMORY on all ranks when one has none.
 * Collective. */
enum status hopfield_blocks_create(struct team *team, size_t neurons, size_t patterns, size_t block,
                                   struct hopfield_blocks **made);

/* Local. */
void hopfield_blocks_destroy(struct hopfield_blocks **gone);

/* Bytes of the rank with the most. Local. */
double hopfield_blocks_bytes(size_t neurons, size_t patterns, size_t block, int ranks);

/* The patterns of patterns_draw for that key. Local. */
void hopfield_blocks_draw(struct hopfield_blocks *blocks, uint64_t key);

/* A retrieval; the outcome and the status, STATUS_OK or STATUS_FAILED, are the same on all ranks and for any
 * number of ranks and threads. Collective. */
enum status hopfield_blocks_retrieve(struct hopfield_blocks *blocks, const struct block_settings *settings,
                                     struct block_outcome *outcome);

/* The final spins of this rank's neurons, int8_t[count] from number *first on. Local. */
const int8_t *hopfield_blocks_spins(const struct hopfield_blocks *blocks, size_t *first, size_t *count);

/* Since it was created. Local. */
struct hopfield_traffic hopfield_blocks_traffic(const struct hopfield_blocks *blocks);

#endif
