#include "core/base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static atomic_size_t in_use, high_water, limit;
static atomic_long failures_after = -1;

/* Stands in the MEMORY_ALIGNMENT bytes before every array. */
struct header {
    size_t bytes;  /* with the header */
    size_t before; /* of pages that were mapped before this, the header of a large array */
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

/* --- large arrays --------------------------------------------------------------------------------- */

/* Sanitizers know arrays from malloc only. */
#if defined(__SANITIZE_ADDRESS__)
#define PAGES_OF_OUR_OWN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PAGES_OF_OUR_OWN 0
#endif
#endif
#if !defined(PAGES_OF_OUR_OWN)
#define PAGES_OF_OUR_OWN 1
#endif

/* Arrays from this size on lie in pages of their own, as large ones as the system has: where rows are read at
 * random, each row otherwise is another page that the processor must look up. They are zero when the system
 * gives them, page by page to the thread that writes first. */
enum { HUGE_PAGE = 1 << 21 };

static bool is_large(size_t bytes) {
    return PAGES_OF_OUR_OWN && bytes >= HUGE_PAGE;
}

static struct header *map_large(size_t bytes) {
#if PAGES_OF_OUR_OWN
    char *pages = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)pages % HUGE_PAGE) % HUGE_PAGE;
    /* Not past the last whole one, which would take memory that nobody asked for. */
#ifdef MADV_HUGEPAGE
    madvise(pages + before, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    struct header *header = (struct header *)(pages + before);
    header->before = before;
    return header;
#else
    (void)bytes;
    return NULL;
#endif
}

static void unmap_large(struct header *header) {
    munmap((char *)header - header->before, header->bytes + HUGE_PAGE);
}

/* --- arrays --------------------------------------------------------------------------------------- */

static struct header *allocate_zeroed(size_t bytes) {
    if (is_large(bytes)) return map_large(bytes);
    struct header *header = aligned_alloc(MEMORY_ALIGNMENT, bytes);
    return header ? memset(header, 0, bytes) : NULL;
}

void *memory_allocate(size_t count, size_t size) {
    if (size && count > (SIZE_MAX - 2 * (size_t)HUGE_PAGE) / size) return NULL;
    size_t payload = (count * size + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    size_t bytes = payload + MEMORY_ALIGNMENT;
    if (failure_is_due() || !reserve(bytes)) return NULL;
    struct header *header = allocate_zeroed(bytes);
    if (!header) {
        atomic_fetch_sub(&in_use, bytes);
        return NULL;
    }
    header->bytes = bytes;
    return (char *)header + MEMORY_ALIGNMENT;
}

void memory_free(void *pointer) {
    if (!pointer) return;
    struct header *header = (struct header *)((char *)pointer - MEMORY_ALIGNMENT);
    atomic_fetch_sub(&in_use, header->bytes);
    if (is_large(header->bytes))
        unmap_large(header);
    else
        free(header);
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
