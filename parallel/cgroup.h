/* The limit on memory that control groups set; for host.c and its tests. */
#ifndef PARALLEL_CGROUP_H
#define PARALLEL_CGROUP_H

#include <stddef.h>

/* The smallest memory limit (bytes) of the control groups this process is in and of those above them, version
 * 1 and 2; SIZE_MAX when there is none. `root` goes before every path that is read: "" for the machine
 * itself, another folder for tests. Local. */
size_t cgroup_memory_limit(const char *root);

#endif
