/* The machine under the ranks: cores, memory that may be used, and pinning (hwloc). */
#ifndef PARALLEL_HOST_H
#define PARALLEL_HOST_H

#include <stddef.h>

#include "parallel/team.h"

struct host {
    char name[64];
    int cores;         /* physical cores this process may run on */
    int cores_machine; /* physical cores of the machine */
    size_t memory;     /* bytes that may be used: the least of RAM and the cgroup limits above us (v1, v2) */
    size_t cache_core; /* bytes of the largest cache that a core has for itself; 0: not told */
    size_t cache_last; /* bytes of the last-level cache; 0: not told */
};

/* Reads the host once; the same pointer ever after. Local. */
const struct host *host(void);

/* Pins this rank's OpenMP threads, one per core: with `count` ranks on the host, rank `place` of them takes
 * the cores place * threads ... Sets the number of OpenMP and BLAS threads. When threads * count exceeds the
 * cores nothing is pinned and *oversubscribed is set. STATUS_INVALID: a place or number out of range;
 * STATUS_UNSUPPORTED: the system refuses to pin (the numbers of threads are set all the same). Threads that
 * are started later inherit the first one's core: whoever changes the number of threads binds anew. Local. */
enum status host_bind(int count, int place, int threads, int *oversubscribed);

/* Undoes the pinning. Local. */
void host_unbind(void);

/* "threads on 0 1": each thread's mask as a list of processing units, for `engram info` and provenance.
 * Local. */
void host_describe_binding(char *text, size_t size);

#endif
