#include "analysis/document.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status document_open(struct document *document) {
    *document = (struct document){0};
    document->out = open_memstream(&document->text, &document->size);
    return document->out ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status document_end(struct document *document) {
    int failed = ferror(document->out);
    failed |= fclose(document->out);
    document->out = NULL;
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

void document_clear(struct document *document) {
    if (document->out) fclose(document->out);
    free(document->text);
    *document = (struct document){0};
}

static enum status fail(struct error *error, const char *path) {
    return error_set(error, STATUS_IO, "%s: %s", path, strerror(errno));
}

static int write_bytes(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "we");
    if (!file) return -1;
    size_t written = fwrite(bytes, 1, size, file);
    int cause = errno;
    if (fclose(file) != 0) return -1;
    errno = cause;
    return written == size ? 0 : -1;
}

enum status document_save(const char *folder, const char *name, const char *bytes, size_t size,
                          struct error *error) {
    char path[PATH_MAX], partial[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    int longer = snprintf(partial, sizeof partial, "%s/%s.partial", folder, name);
    if (length < 0 || longer < 0 || longer >= PATH_MAX)
        return error_set(error, STATUS_IO, "%.200s...: the path is too long", folder);
    if (write_bytes(partial, bytes, size) == 0 && rename(partial, path) == 0) return STATUS_OK;
    enum status status = fail(error, path);
    unlink(partial);
    return status;
}

/* A folder that is there already is fine, anything else of that name is not. */
static int make_one(const char *path) {
    if (mkdir(path, 0777) == 0) return 0;
    int cause = errno;
    struct stat found;
    if (stat(path, &found) == 0) {
        if (S_ISDIR(found.st_mode)) return 0;
        cause = ENOTDIR;
    }
    errno = cause;
    return -1;
}

enum status document_folder(const char *path, struct error *error) {
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= PATH_MAX)
        return error_set(error, STATUS_IO, "%.200s...: the path is too long", path);
    for (char *end = part; *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char separator = *end;
        *end = '\0';
        if (*part && make_one(part) != 0) return fail(error, path);
        *end = separator;
    }
    return STATUS_OK;
}
