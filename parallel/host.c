#include "parallel/host.h"

#include <limits.h>
#include <hwloc.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/blas.h"
#include "parallel/cgroup.h"

enum { DESCRIBED_THREADS_MAX = 256 };

/* A process runs on one host, and its binding is the process's: both are kept once. */
static struct {
    pthread_once_t once;
    struct host host;
    hwloc_topology_t topology;
    hwloc_cpuset_t allowed; /* where this process may run: its mask at the start */
    int pinned;             /* threads that host_bind pinned; 0: none */
} machine = {.once = PTHREAD_ONCE_INIT};

/* The index-th core that this process may use, or NULL. */
static hwloc_obj_t usable_core(int index) {
    hwloc_obj_t core = NULL;
    while ((core = hwloc_get_next_obj_by_type(machine.topology, HWLOC_OBJ_CORE, core)) != NULL)
        if (hwloc_bitmap_intersects(core->cpuset, machine.allowed) && index-- == 0) return core;
    return NULL;
}

/* The outermost cache that no more than so many cores share; 0: not told. */
static size_t cache_bytes(int cores_most) {
    static const hwloc_obj_type_t outermost_first[] = {
        HWLOC_OBJ_L5CACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L1CACHE};
    for (size_t i = 0; i < sizeof outermost_first / sizeof outermost_first[0]; i++) {
        hwloc_obj_t cache = hwloc_get_next_obj_by_type(machine.topology, outermost_first[i], NULL);
        if (!cache) continue;
        int cores = hwloc_get_nbobjs_inside_cpuset_by_type(machine.topology, cache->cpuset, HWLOC_OBJ_CORE);
        if (cores <= cores_most) return (size_t)cache->attr->cache.size;
    }
    return 0;
}

static size_t memory_limit(void) {
    size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    size_t limit = cgroup_memory_limit("");
    return limit < memory ? limit : memory;
}

static void read_machine(void) {
    struct host *host = &machine.host;
    gethostname(host->name, sizeof host->name - 1);
    host->memory = memory_limit();
    hwloc_topology_init(&machine.topology);
    hwloc_topology_set_flags(machine.topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    hwloc_topology_load(machine.topology);
    machine.allowed = hwloc_bitmap_alloc();
    if (hwloc_get_cpubind(machine.topology, machine.allowed, HWLOC_CPUBIND_PROCESS) != 0)
        hwloc_bitmap_copy(machine.allowed, hwloc_topology_get_allowed_cpuset(machine.topology));
    while (usable_core(host->cores))
        host->cores++;
    host->cores_machine = hwloc_get_nbobjs_by_type(machine.topology, HWLOC_OBJ_CORE);
    /* Some virtual machines and architectures tell of no cores. */
    if (host->cores < 1) host->cores = omp_get_num_procs();
    if (host->cores_machine < host->cores) host->cores_machine = host->cores;
    host->cache_core = cache_bytes(1);
    host->cache_last = cache_bytes(INT_MAX);
}

const struct host *host(void) {
    pthread_once(&machine.once, read_machine);
    return &machine.host;
}

/* Runs the calling thread on the core it may use by that index, or NULL: anywhere it may. */
static int pin_thread(hwloc_obj_t core) {
    hwloc_const_cpuset_t set = core ? core->cpuset : machine.allowed;
    hwloc_cpuset_t mask = hwloc_bitmap_dup(set);
    if (!mask) return -1;
    hwloc_bitmap_and(mask, mask, machine.allowed);
    int result = hwloc_set_cpubind(machine.topology, mask, HWLOC_CPUBIND_THREAD);
    hwloc_bitmap_free(mask);
    return result;
}

static void release_threads(int threads) {
#pragma omp parallel num_threads(threads)
    pin_thread(NULL);
    machine.pinned = 0;
}

/* A core that the topology does not show leaves its thread free; so does a refusal of the system. */
static int pin_threads(int first, int threads) {
    int failures = 0;
#pragma omp parallel num_threads(threads) reduction(+ : failures)
    {
        hwloc_obj_t core = usable_core(first + omp_get_thread_num());
        failures += !core || pin_thread(core) != 0;
    }
    machine.pinned = threads;
    return failures;
}

enum status host_bind(int count, int place, int threads, int *oversubscribed) {
    *oversubscribed = 0;
    if (count < 1 || place < 0 || place >= count || threads < 1) return STATUS_INVALID;
    int cores = host()->cores;
    host_unbind();
    omp_set_dynamic(0);
    blas_set_threads(threads);
    if ((long)count * threads > cores) {
        *oversubscribed = 1;
        return STATUS_OK;
    }
    if (pin_threads(place * threads, threads) == 0) return STATUS_OK;
    host_unbind();
    return STATUS_UNSUPPORTED;
}

void host_unbind(void) {
    if (machine.pinned > 0) release_threads(machine.pinned);
}

/* The calling thread's mask as a list like "0-3,8". */
static void describe_mask(char *text, size_t size) {
    text[0] = '\0';
    hwloc_cpuset_t mask = hwloc_bitmap_alloc();
    if (mask && hwloc_get_cpubind(machine.topology, mask, HWLOC_CPUBIND_THREAD) == 0)
        hwloc_bitmap_list_snprintf(text, size, mask);
    hwloc_bitmap_free(mask);
}

void host_describe_binding(char *text, size_t size) {
    host();
    char masks[DESCRIBED_THREADS_MAX][32];
    int threads = machine.pinned > 0 ? machine.pinned : omp_get_max_threads();
    if (threads > DESCRIBED_THREADS_MAX) threads = DESCRIBED_THREADS_MAX;
#pragma omp parallel num_threads(threads)
    describe_mask(masks[omp_get_thread_num()], sizeof masks[0]);
    size_t used = (size_t)snprintf(text, size, "threads on");
    for (int i = 0; i < threads && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", masks[i]);
}
