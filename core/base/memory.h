/* Aligned memory with a high-water mark and a limit. All arrays of the project come from here. */
#ifndef CORE_BASE_MEMORY_H
#define CORE_BASE_MEMORY_H

#include <stddef.h>

enum { MEMORY_ALIGNMENT = 64 }; /* bytes: one cache line, one 512-bit vector */

/* Plans count memory per thread for at most so many: they do not know the machine they are for. */
enum { MEMORY_THREADS_PLANNED = 128 };

/* Zeroed memory for count items of `size` bytes, aligned to MEMORY_ALIGNMENT; NULL when the product
 * overflows, the limit would be passed or the system has none. count 0 gives a valid pointer. */
void *memory_allocate(size_t count, size_t size);

/* Gives back what memory_allocate gave; NULL is fine. */
void memory_free(void *pointer);

/* Bytes this process holds now, and the most it held since memory_reset_high_water. */
size_t memory_in_use(void);
size_t memory_high_water(void);
void memory_reset_high_water(void);

/* Bytes this process may hold from now on; 0 means no limit. */
void memory_set_limit(size_t bytes);

/* For tests: lets `allowed` further allocations succeed and fails those after them; negative ends it. */
void memory_fail_after(long allowed);

#endif
