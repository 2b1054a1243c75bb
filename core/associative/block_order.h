/* A random order of a network's neurons, cut into blocks, as one slice of the neurons sees it. Every slice
 * finds the cuts by itself, from the random numbers of all neurons: nothing is sent. */
#ifndef CORE_ASSOCIATIVE_BLOCK_ORDER_H
#define CORE_ASSOCIATIVE_BLOCK_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"

struct block_order;

/* For neurons first .. first + count - 1 of `neurons` < 2^32 and up to `blocks` >= 1 blocks.
 * STATUS_NO_MEMORY. */
enum status block_order_create(size_t neurons, size_t first, size_t count, size_t blocks,
                               struct block_order **order);
void block_order_destroy(struct block_order **order);

/* Bytes of such an order. */
double block_order_bytes(size_t neurons, size_t count, size_t blocks);

/* Puts neuron i at the rank of random_bits(source, round << 32 | i) among all, equal ones by number, and cuts
 * after every `size` >= 1 neurons; the last of the `blocks` blocks takes what is left. Uses OpenMP threads.
 */
void block_order_draw(struct block_order *order, struct random_source source, uint64_t round, size_t size,
                      size_t blocks);

/* The slice's neurons in a block, counted from `first`, in no special order; how many goes into *count. */
const uint32_t *block_order_members(const struct block_order *order, size_t block, size_t *count);

#endif
