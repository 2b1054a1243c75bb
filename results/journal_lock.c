#include "results/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "results/durable.h"
#include "results/journal_folder.h"

struct journal_lock {
    int file;
    char *result_path;
    char *path; /* of the lock file */
};

enum { HOLDER_SIZE = 200 };

static enum status create_folder(const char *result_path, struct error *error) {
    char *folder = journal_folder(result_path);
    if (!folder) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    enum status status = STATUS_OK;
    if (mkdir(folder, 0777) == 0)
        status = durable_sync_folder_of(folder, error);
    else if (errno != EEXIST)
        status = error_set(error, STATUS_IO, "cannot create %s: %s", folder, strerror(errno));
    memory_free(folder);
    return status;
}

/* Locks of open file descriptions go with the last descriptor, so the system unlocks for a killed process;
 * unlike a process's own locks they also exclude a second opening within one process. */
static bool try_lock(int file) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(file, F_OFD_SETLK, &whole) == 0;
}

/* Whether `path` is the file that `file` was opened as: its holder may have removed it meanwhile. */
static bool is_still_at(int file, const char *path) {
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static enum status refuse(int file, const char *path, const char *result_path, struct error *error) {
    if (errno != EAGAIN && errno != EACCES)
        return error_set(error, STATUS_IO, "cannot lock %s: %s", path, strerror(errno));
    char holder[HOLDER_SIZE] = "";
    ssize_t length = pread(file, holder, sizeof holder - 1, 0);
    holder[length > 0 ? length : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    return error_set(error, STATUS_LOCKED, "%s is in use by another run (%s)", result_path,
                     *holder ? holder : "which has not said who it is");
}

/* Opens and locks the file that is at `path` when all is done. */
static enum status open_locked(const char *path, const char *result_path, int *file, struct error *error) {
    for (;;) {
        *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (*file < 0) return error_set(error, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
        bool locked = try_lock(*file);
        if (locked && is_still_at(*file, path)) return STATUS_OK;
        enum status status = locked ? STATUS_OK : refuse(*file, path, result_path, error);
        close(*file);
        if (status != STATUS_OK) return status;
    }
}

/* For the message that others get. A disk that is too full for it is no reason not to run. */
static void sign(int file) {
    char host[HOLDER_SIZE / 2] = "", text[HOLDER_SIZE];
    gethostname(host, sizeof host - 1);
    int length = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
    if (ftruncate(file, 0) == 0) durable_append(file, text, (size_t)length);
}

static void release(struct journal_lock **lock) {
    memory_free((*lock)->result_path);
    memory_free((*lock)->path);
    memory_free(*lock);
    *lock = NULL;
}

enum status journal_lock(const char *result_path, struct journal_lock **lock, struct error *error) {
    *lock = memory_allocate(1, sizeof **lock);
    if (!*lock) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    (*lock)->result_path = path_join(result_path, "");
    (*lock)->path = journal_path(result_path, JOURNAL_LOCK);
    enum status status = (*lock)->result_path && (*lock)->path
                             ? create_folder(result_path, error)
                             : error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    if (status == STATUS_OK) status = open_locked((*lock)->path, result_path, &(*lock)->file, error);
    if (status == STATUS_OK)
        sign((*lock)->file);
    else
        release(lock);
    return status;
}

void journal_unlock(struct journal_lock **lock) {
    if (!*lock) return;
    /* Only the holder removes a lock file, so what is there and is ours stays so while we look. */
    if (is_still_at((*lock)->file, (*lock)->path) && !journal_exists((*lock)->result_path))
        journal_remove((*lock)->result_path, NULL);
    close((*lock)->file);
    release(lock);
}
