/* Old results that new ones are to replace: kept until those are there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "results/durable.h"
#include "results/store.h"

/* No name that people give to a copy of their own. */
#define SUFFIX ".replaced"

/* Whether a file begins as all of HDF5 do, or is empty. */
static bool is_hdf5(const char *path) {
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char start[sizeof signature];
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t read = fread(start, 1, sizeof start, file);
    fclose(file);
    return read == 0 || (read == sizeof start && memcmp(start, signature, sizeof start) == 0);
}

enum status results_may_replace(const char *path, struct error *error) {
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? STATUS_OK
                               : error_set(error, STATUS_IO, "cannot look at %s: %s", path, strerror(errno));
    if (S_ISREG(status.st_mode) && is_hdf5(path)) return STATUS_OK;
    return error_set(error, STATUS_EXISTS, "%s is there and holds no results; it is not replaced", path);
}

enum status results_set_aside(const char *path, struct error *error) {
    CHECK(results_may_replace(path, error));
    char *place = durable_place(path), *aside = place ? path_join(place, SUFFIX) : NULL;
    enum status status = STATUS_OK;
    if (!aside)
        status = error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    else if ((access(aside, F_OK) == 0 ? unlink(place) : rename(place, aside)) != 0 && errno != ENOENT)
        status = error_set(error, STATUS_IO, "cannot set %s aside: %s", path, strerror(errno));
    memory_free(place);
    memory_free(aside);
    return status;
}

void results_drop_aside(const char *path) {
    char *place = durable_place(path), *aside = place ? path_join(place, SUFFIX) : NULL;
    if (aside) unlink(aside);
    memory_free(place);
    memory_free(aside);
}
