#include <sys/stat.h>

#include "results/hdf5_read.h"
#include "results/journal_folder.h"
#include "results/journal_read.h"
#include "results/shelf.h"

enum { ATTEMPTS = 5 };

/* Which file is at a path; all zero: none. */
struct presence {
    dev_t device;
    ino_t number;
};

static struct presence look(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) return (struct presence){0, 0};
    return (struct presence){status.st_dev, status.st_ino};
}

/* The file, and over it the journal. */
static enum status read_both(const char *path, struct results *results, struct error *error) {
    struct error why = {STATUS_OK, ""};
    enum status status = hdf5_read(path, results, &why);
    bool journal;
    CHECK(journal_look(path, &journal, error));
    if (status != STATUS_OK && (status != STATUS_NOT_FOUND || !journal))
        return error_set(error, status, "%s", why.text);
    if (journal) CHECK(journal_read(path, results, error));
    if (results_add_source(results, path, results->provenance) == STATUS_OK) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "%s: %s", path, status_text(STATUS_NO_MEMORY));
}

/* A run that ends while we read puts its file in place and then takes the journal away: whoever looked for
 * the file before and for the journal after saw neither. Such a reading is done anew. */
enum status results_read(const char *path, struct results **results, struct error *error) {
    enum status status = STATUS_OK;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct presence before = look(path);
        status = results_create(results);
        if (status != STATUS_OK) return error_set(error, status, "%s: %s", path, status_text(status));
        status = read_both(path, *results, error);
        struct presence after = look(path);
        if (status != STATUS_OK) results_destroy(results);
        if (before.device == after.device && before.number == after.number) break;
        if (attempt + 1 < ATTEMPTS) results_destroy(results);
    }
    return status;
}
