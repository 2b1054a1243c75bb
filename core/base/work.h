/* Counters of executed work. Each product and elementwise kernel adds what it did: masked parts of a tile
 * that are computed count, padding lanes do not, whatever the instruction set. */
#ifndef CORE_BASE_WORK_H
#define CORE_BASE_WORK_H

#include <stdint.h>

/* Floating-point operations by kind; a multiply-add counts two. */
struct work {
    uint64_t product;        /* matrix and vector products */
    uint64_t elementwise;    /* additions, scalings, comparisons outside products */
    uint64_t transcendental; /* exp, tanh, sigmoid and the like, one each */
};

/* Adds to this process's counters; callable from any thread, meant to be called once per block of work. */
void work_add(struct work done);

/* The process's counters since it started. */
struct work work_now(void);

/* end - start, kind by kind. */
struct work work_difference(struct work start, struct work end);

/* The sum of the kinds. */
uint64_t work_total(struct work work);

#endif
