#include "core/base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t in_use, high_water, limit;
static atomic_long failures_after = -1;

/* Stands in the MEMORY_ALIGNMENT bytes before every array. */
struct header {
    size_t bytes; /* with the header */
};

_Static_assert(sizeof(struct header) <= MEMORY_ALIGNMENT, "the header fits before an aligned array");

/* Whether a test wants this allocation to fail. */
static bool failure_is_due(void) {
    long left = atomic_load(&failures_after);
    while (left > 0)
        if (atomic_compare_exchange_weak(&failures_after, &left, left - 1)) return false;
    return left == 0;
}

/* Books the bytes unless that would pass the limit. */
static bool reserve(size_t bytes) {
    size_t allowed = atomic_load(&limit);
    size_t now = atomic_fetch_add(&in_use, bytes) + bytes;
    if (allowed && now > allowed) {
        atomic_fetch_sub(&in_use, bytes);
        return false;
    }
    size_t most = atomic_load(&high_water);
    while (now > most && !atomic_compare_exchange_weak(&high_water, &most, now)) {
    }
    return true;
}

void *memory_allocate(size_t count, size_t size) {
    if (size && count > (SIZE_MAX - 2 * (size_t)MEMORY_ALIGNMENT) / size) return NULL;
    size_t payload = (count * size + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    size_t bytes = payload + MEMORY_ALIGNMENT;
    if (failure_is_due() || !reserve(bytes)) return NULL;
    char *block = aligned_alloc(MEMORY_ALIGNMENT, bytes);
    if (!block) {
        atomic_fetch_sub(&in_use, bytes);
        return NULL;
    }
    ((struct header *)block)->bytes = bytes;
    return memset(block + MEMORY_ALIGNMENT, 0, payload);
}

void memory_free(void *pointer) {
    if (!pointer) return;
    char *block = (char *)pointer - MEMORY_ALIGNMENT;
    atomic_fetch_sub(&in_use, ((struct header *)block)->bytes);
    free(block);
}

size_t memory_in_use(void) {
    return atomic_load(&in_use);
}

size_t memory_high_water(void) {
    return atomic_load(&high_water);
}

void memory_reset_high_water(void) {
    atomic_store(&high_water, atomic_load(&in_use));
}

void memory_set_limit(size_t bytes) {
    atomic_store(&limit, bytes);
}

void memory_fail_after(long allowed) {
    atomic_store(&failures_after, allowed);
}
