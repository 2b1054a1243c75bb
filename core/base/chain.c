#include "core/base/chain.h"

#include <stdatomic.h>

static atomic_uint_fast64_t operations, kernel;

static void raise_to(atomic_uint_fast64_t *longest, uint64_t walked) {
    uint_fast64_t known = atomic_load_explicit(longest, memory_order_relaxed);
    while (known < walked && !atomic_compare_exchange_weak_explicit(
                                 longest, &known, walked, memory_order_relaxed, memory_order_relaxed)) {
    }
}

void chain_report(struct chain walked) {
    raise_to(&operations, walked.operations);
    raise_to(&kernel, walked.kernel);
}

struct chain chain_longest(void) {
    return (struct chain){.operations = atomic_load_explicit(&operations, memory_order_relaxed),
                          .kernel = atomic_load_explicit(&kernel, memory_order_relaxed)};
}

void chain_reset(void) {
    atomic_store_explicit(&operations, 0, memory_order_relaxed);
    atomic_store_explicit(&kernel, 0, memory_order_relaxed);
}
