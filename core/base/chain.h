/* How many operations of a layer had to wait for one another: what stays sequential however many workers
 * there are (Vaswani et al. 2017, table 1). Code that walks such a chain reports how far it came. */
#ifndef CORE_BASE_CHAIN_H
#define CORE_BASE_CHAIN_H

#include <stdint.h>

struct chain {
    uint64_t operations; /* products and reductions of the layer, each of which needs the one before */
    uint64_t kernel;     /* pieces that one thread took one after the other on the way through them */
};

/* Keeps the longest way in each of the two; callable from any thread, meant for once per piece of work. */
void chain_report(struct chain walked);

/* The longest ways reported in this process since chain_reset. */
struct chain chain_longest(void);
void chain_reset(void);

#endif
