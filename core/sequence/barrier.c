#include "core/sequence/barrier.h"

#include <sched.h>

/* Looks before a thread gives way: some ten microseconds, longer than the threads of an undisturbed step
 * differ. */
enum { LOOKS = 1000 };

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void barrier_begin(struct barrier *barrier, size_t threads) {
    barrier->threads = threads;
    atomic_init(&barrier->arrived, 0);
    atomic_init(&barrier->round, 0);
}

void barrier_wait(struct barrier *barrier) {
    if (barrier->threads == 1) return;
    size_t round = atomic_load_explicit(&barrier->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == barrier->threads) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->round, round + 1, memory_order_release);
        return;
    }
    for (size_t looks = 0; atomic_load_explicit(&barrier->round, memory_order_acquire) == round; looks++)
        if (looks < LOOKS)
            pause_briefly();
        else
            sched_yield();
}
