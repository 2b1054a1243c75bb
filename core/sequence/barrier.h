/* A meeting of threads that is taken every few microseconds: they wait by looking, and give way to others
 * once that took long, as when there are more threads than processors. Internal to this folder. */
#ifndef CORE_SEQUENCE_BARRIER_H
#define CORE_SEQUENCE_BARRIER_H

#include <stdatomic.h>
#include <stddef.h>

struct barrier {
    size_t threads;
    _Alignas(64) atomic_size_t arrived;
    _Alignas(64) atomic_size_t round; /* how many meetings there were */
};

/* For `threads` threads, before any of them waits. */
void barrier_begin(struct barrier *barrier, size_t threads);

/* Returns when all threads have called it; what each wrote before, all can read then. */
void barrier_wait(struct barrier *barrier);

#endif
