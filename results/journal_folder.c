#include "results/journal_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "results/durable.h"
#include "results/journal.h"

char *journal_folder(const char *result_path) {
    return path_join(result_path, ".journal");
}

char *journal_path(const char *result_path, const char *name) {
    char *folder = path_join(result_path, ".journal/");
    char *path = folder ? path_join(folder, name) : NULL;
    memory_free(folder);
    return path;
}

char *journal_rank_path(const char *result_path, int rank) {
    char name[40];
    snprintf(name, sizeof name, "rank-%05d.journal", rank);
    return journal_path(result_path, name);
}

static int is_rank_file(const struct dirent *entry) {
    int rank, end = 0;
    sscanf(entry->d_name, "rank-%d.journal%n", &rank, &end);
    return end > 0 && entry->d_name[end] == '\0';
}

enum status journal_rank_files(const char *result_path, struct journal_names *names, struct error *error) {
    *names = (struct journal_names){0, NULL};
    char *folder = journal_folder(result_path);
    if (!folder) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    int count = scandir(folder, &names->entries, is_rank_file, alphasort);
    enum status status = STATUS_OK;
    if (count >= 0)
        names->count = (size_t)count;
    else if (errno != ENOENT && errno != ENOTDIR)
        status = error_set(error, STATUS_IO, "cannot list %s: %s", folder, strerror(errno));
    memory_free(folder);
    return status;
}

void journal_names_free(struct journal_names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->entries[i]);
    free(names->entries);
    *names = (struct journal_names){0, NULL};
}

enum status journal_look(const char *result_path, bool *exists, struct error *error) {
    struct journal_names names;
    char *provenance = journal_path(result_path, JOURNAL_PROVENANCE);
    if (!provenance) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    *exists = access(provenance, F_OK) == 0;
    memory_free(provenance);
    if (*exists) return STATUS_OK;
    CHECK(journal_rank_files(result_path, &names, error));
    *exists = names.count > 0;
    journal_names_free(&names);
    return STATUS_OK;
}

bool journal_exists(const char *result_path) {
    bool exists = true;
    return journal_look(result_path, &exists, NULL) != STATUS_OK || exists;
}

enum status journal_write_provenance(const char *result_path, const char *json, struct error *error) {
    char *path = journal_path(result_path, JOURNAL_PROVENANCE);
    if (!path) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    enum status status = durable_replace(path, json, strlen(json), error);
    memory_free(path);
    return status;
}

static enum status remove_file(const char *result_path, const char *name, struct error *error) {
    char *path = journal_path(result_path, name);
    if (!path) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    enum status status = STATUS_OK;
    if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        status = error_set(error, STATUS_IO, "cannot remove %s: %s", path, strerror(errno));
    memory_free(path);
    return status;
}

enum status journal_clear(const char *result_path, struct error *error) {
    struct journal_names names;
    CHECK(journal_rank_files(result_path, &names, error));
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < names.count; i++)
        status = remove_file(result_path, names.entries[i]->d_name, error);
    journal_names_free(&names);
    if (status == STATUS_OK) status = remove_file(result_path, JOURNAL_PROVENANCE ".partial", error);
    return status == STATUS_OK ? remove_file(result_path, JOURNAL_PROVENANCE, error) : status;
}

enum status journal_remove(const char *result_path, struct error *error) {
    CHECK(journal_clear(result_path, error));
    CHECK(remove_file(result_path, JOURNAL_LOCK, error));
    char *folder = journal_folder(result_path);
    if (!folder) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    enum status status = STATUS_OK;
    /* A folder in which somebody else keeps files stays. */
    if (rmdir(folder) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
        status = error_set(error, STATUS_IO, "cannot remove %s: %s", folder, strerror(errno));
    memory_free(folder);
    return status;
}
