/* Files that survive a power cut. Private to this folder. */
#ifndef RESULTS_DURABLE_H
#define RESULTS_DURABLE_H

#include <stddef.h>

#include "core/base/status.h"

/* Writes `size` bytes at the end of a file; errno on failure, after which part of them may be there. */
enum status durable_append(int file, const void *bytes, size_t size);

/* Where a file at `path` is or would be, links followed also where they lead to nothing; to be given back
 * with memory_free. NULL: out of memory. */
char *durable_place(const char *path);

/* Writes the file whole or not at all: PATH.partial, sync, rename, sync of the folder; a link stays one. On
 * STATUS_IO the file at `path` is what it was. */
enum status durable_replace(const char *path, const void *bytes, size_t size, struct error *error);

/* Syncs the folder that holds `path`: the names in it. */
enum status durable_sync_folder_of(const char *path, struct error *error);

/* first + second, to be given back with memory_free; NULL: out of memory. */
char *path_join(const char *first, const char *second);

#endif
