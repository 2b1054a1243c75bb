/* The machine under the ranks: cores, memory that may be used, and pinning (hwloc). */
#ifndef PARALLEL_HOST_H
#define PARALLEL_HOST_H

#include <stddef.h>

#include "parallel/team.h"

struct host {
    char name[64];
    int cores;            /* physical cores this process may run on */
    int cores_machine;    /* physical cores of the machine */
    size_t memory;        /* bytes that may be used: the smallest of RAM and the cgroup limits above us (v1 and v2) */
    size_t cache_last;    /* bytes of the last-level cache */
};

/* Reads the host once; the same pointer ever after. Local. */
const struct host *host(void);

/* Pins this rank's OpenMP threads, one per core: with `count` ranks on the host, rank `place` of them takes the
 * cores place * threads ... Sets the number of OpenMP and BLAS threads. When threads * count exceeds the
 * cores nothing is pinned and *oversubscribed is set. Local. */
enum status host_bind(int count, int place, int threads, int *oversubscribed);

/* Undoes the pinning. Local. */
void host_unbind(void);

/* "rank 0: threads on 0 1; ..." for `engram info` and provenance: this rank's part. Local. */
void host_describe_binding(char *text, size_t size);

#endif
