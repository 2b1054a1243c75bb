#include "results/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "core/base/memory.h"

char *path_join(const char *first, const char *second) {
    size_t length = strlen(first), more = strlen(second);
    char *path = memory_allocate(length + more + 1, 1);
    if (!path) return NULL;
    memcpy(path, first, length);
    memcpy(path + length, second, more + 1);
    return path;
}

enum status durable_append(int file, const void *bytes, size_t size) {
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(file, next, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return STATUS_IO;
        next += written;
        size -= (size_t)written;
    }
    return STATUS_OK;
}

enum status durable_sync_folder_of(const char *path, struct error *error) {
    char *folder = path_join(path, "");
    if (!folder) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0'; /* of "/file" the slash stays */
    int descriptor = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some network file systems cannot sync folders and say EINVAL: there is nothing more to be had there. */
    int failed = descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL);
    enum status status =
        failed ? error_set(error, STATUS_IO, "cannot sync the folder of %s: %s", path, strerror(errno))
               : STATUS_OK;
    if (descriptor >= 0) close(descriptor);
    memory_free(folder);
    return status;
}

/* Writes and syncs a new file; none is left on failure, and errno says why. */
static enum status write_synced(const char *path, const void *bytes, size_t size) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return STATUS_IO;
    enum status status = durable_append(file, bytes, size);
    if (status == STATUS_OK && fsync(file) != 0) status = STATUS_IO;
    int reason = errno;
    if (close(file) != 0 && status == STATUS_OK) {
        status = STATUS_IO;
        reason = errno;
    }
    if (status != STATUS_OK) unlink(path);
    errno = reason;
    return status;
}

static enum status replace(const char *path, const char *partial, const void *bytes, size_t size,
                           struct error *error) {
    if (write_synced(partial, bytes, size) != STATUS_OK)
        return error_set(error, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
    if (rename(partial, path) != 0) {
        int reason = errno;
        unlink(partial);
        return error_set(error, STATUS_IO, "cannot write %s: %s", path, strerror(reason));
    }
    return durable_sync_folder_of(path, error);
}

/* What the link at `path` says, read from the folder that the link is in; NULL: out of memory, or no link. */
static char *read_link(const char *path) {
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0) return NULL;
    target[length] = '\0';
    const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
    char *folder = path_join(path, "");
    if (folder) folder[slash ? slash - path + 1 : 0] = '\0';
    char *place = folder ? path_join(folder, target) : NULL;
    memory_free(folder);
    return place;
}

char *durable_place(const char *path) {
    enum { LINKS_MAX = 40 };
    char *place = path_join(path, "");
    for (int links = 0; place && links < LINKS_MAX; links++) {
        struct stat status;
        if (lstat(place, &status) != 0 || !S_ISLNK(status.st_mode)) break;
        char *next = read_link(place);
        memory_free(place);
        place = next;
    }
    return place;
}

enum status durable_replace(const char *path, const void *bytes, size_t size, struct error *error) {
    char *place = durable_place(path), *partial = place ? path_join(place, ".partial") : NULL;
    enum status status = partial ? replace(place, partial, bytes, size, error)
                                 : error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    memory_free(place);
    memory_free(partial);
    return status;
}
