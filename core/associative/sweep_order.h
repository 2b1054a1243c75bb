/* The random order of a sweep, written out: for dynamics that look at every neuron. */
#ifndef CORE_ASSOCIATIVE_SWEEP_ORDER_H
#define CORE_ASSOCIATIVE_SWEEP_ORDER_H

#include "core/base/random.h"
#include "core/base/status.h"

struct sweep_order;

/* Memory for orders of so many neurons. STATUS_NO_MEMORY. */
enum status sweep_order_create(size_t neurons, struct sweep_order **order);
void sweep_order_destroy(struct sweep_order **order);

/* Bytes it takes. */
double sweep_order_bytes(size_t neurons);

/* The neurons by the random numbers at sweep << 32 | neuron, ties by neuron: the order in which
 * dynamics_asynchronous would have them. Valid until the next call. */
const uint32_t *sweep_order_draw(struct sweep_order *order, struct random_source source, uint64_t sweep);

#endif
