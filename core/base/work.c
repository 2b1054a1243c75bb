#include "core/base/work.h"

#include <stdatomic.h>

static atomic_uint_fast64_t product, elementwise, transcendental;

void work_add(struct work done) {
    atomic_fetch_add_explicit(&product, done.product, memory_order_relaxed);
    atomic_fetch_add_explicit(&elementwise, done.elementwise, memory_order_relaxed);
    atomic_fetch_add_explicit(&transcendental, done.transcendental, memory_order_relaxed);
}

struct work work_now(void) {
    return (struct work){
        .product = atomic_load_explicit(&product, memory_order_relaxed),
        .elementwise = atomic_load_explicit(&elementwise, memory_order_relaxed),
        .transcendental = atomic_load_explicit(&transcendental, memory_order_relaxed),
    };
}

struct work work_difference(struct work start, struct work end) {
    return (struct work){
        .product = end.product - start.product,
        .elementwise = end.elementwise - start.elementwise,
        .transcendental = end.transcendental - start.transcendental,
    };
}

uint64_t work_total(struct work work) {
    return work.product + work.elementwise + work.transcendental;
}
