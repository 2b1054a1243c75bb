#include "results/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "results/durable.h"
#include "results/journal_entry.h"
#include "results/journal_folder.h"
#include "results/syncer.h"

/* A schema of which this journal has records. */
struct known {
    const struct schema *schema;
    size_t records;
};

struct journal {
    int file;
    char *path;
    off_t end; /* of the last whole entry */
    bool torn; /* something may stand behind it that could not be cut off */
    struct syncer *syncer;
    struct buffer lines; /* of the entry being appended */
    struct known *known;
    size_t known_count;
};

static enum status failed(const struct journal *journal, const char *what, int reason, struct error *error) {
    return error_set(error, STATUS_IO, "cannot %s %s: %s", what, journal->path, strerror(reason));
}

static enum status no_memory(const struct journal *journal, struct error *error) {
    return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", journal->path);
}

/* --- appending -------------------------------------------------------------------------------------- */

/* Writes the lines, or cuts the file back to what it was. */
static enum status write_lines(struct journal *journal, struct error *error) {
    const struct buffer *lines = &journal->lines;
    enum status status = journal->torn ? durable_append(journal->file, "\n", 1) : STATUS_OK;
    if (status == STATUS_OK) status = durable_append(journal->file, lines->bytes, lines->size);
    if (status == STATUS_OK) {
        journal->end += (off_t)lines->size + (journal->torn ? 1 : 0);
        journal->torn = false;
        syncer_note(journal->syncer);
        return STATUS_OK;
    }
    int reason = errno;
    journal->torn = ftruncate(journal->file, journal->end) != 0;
    return failed(journal, "write", reason, error);
}

/* The entry of a schema, new to this journal or not. NULL: out of memory. */
static struct known *know(struct journal *journal, const struct schema *schema) {
    for (size_t i = 0; i < journal->known_count; i++)
        if (journal->known[i].schema == schema) return &journal->known[i];
    struct known *more = memory_allocate(journal->known_count + 1, sizeof *more);
    if (!more) return NULL;
    if (journal->known_count) memcpy(more, journal->known, journal->known_count * sizeof *more);
    memory_free(journal->known);
    journal->known = more;
    more[journal->known_count] = (struct known){schema, 0};
    return &more[journal->known_count++];
}

static bool is_power_of_two(size_t count) {
    return (count & (count - 1)) == 0;
}

/* All records of a table need its schema, so it must survive whatever part of a file is damaged: it stands
 * before the first record and again after the 1st, 2nd, 4th, 8th ... */
static enum status compose(struct journal *journal, const struct known *known, const struct record *record) {
    journal->lines.size = 0;
    if (known->records == 0) CHECK(entry_append_schema(&journal->lines, record->schema));
    CHECK(entry_append_record(&journal->lines, record));
    return is_power_of_two(known->records + 1) ? entry_append_schema(&journal->lines, record->schema)
                                               : STATUS_OK;
}

enum status journal_append(struct journal *journal, const struct record *record, struct error *error) {
    CHECK(record_complete(record, error));
    int failure = syncer_failure(journal->syncer);
    if (failure) return failed(journal, "sync", failure, error);
    struct known *known = know(journal, record->schema);
    if (!known || compose(journal, known, record) != STATUS_OK) return no_memory(journal, error);
    CHECK(write_lines(journal, error));
    known->records++;
    return STATUS_OK;
}

/* --- opening and closing ------------------------------------------------------------------------------ */

/* A writer that was killed within a write leaves a line without end, which must not swallow the next one. */
static enum status find_end(struct journal *journal, struct error *error) {
    char last = '\n';
    journal->end = lseek(journal->file, 0, SEEK_END);
    if (journal->end < 0) return failed(journal, "read", errno, error);
    if (journal->end > 0 && pread(journal->file, &last, 1, journal->end - 1) != 1)
        return failed(journal, "read", errno, error);
    journal->torn = last != '\n';
    return STATUS_OK;
}

static enum status open_file(struct journal *journal, struct error *error) {
    journal->file = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (journal->file < 0) return failed(journal, "open", errno, error);
    CHECK(find_end(journal, error));
    CHECK(durable_sync_folder_of(journal->path, error));
    if (syncer_create(journal->file, &journal->syncer) != STATUS_OK) return no_memory(journal, error);
    return STATUS_OK;
}

static void release(struct journal **journal) {
    if ((*journal)->file >= 0) close((*journal)->file);
    syncer_destroy(&(*journal)->syncer);
    buffer_free(&(*journal)->lines);
    memory_free((*journal)->known);
    memory_free((*journal)->path);
    memory_free(*journal);
    *journal = NULL;
}

enum status journal_open(const char *result_path, int rank, struct journal **journal, struct error *error) {
    *journal = memory_allocate(1, sizeof **journal);
    if (!*journal) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    (*journal)->file = -1;
    (*journal)->path = journal_rank_path(result_path, rank);
    enum status status = (*journal)->path
                             ? open_file(*journal, error)
                             : error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    if (status != STATUS_OK) release(journal);
    return status;
}

enum status journal_sync(struct journal *journal, struct error *error) {
    int failure = syncer_flush(journal->syncer);
    return failure ? failed(journal, "sync", failure, error) : STATUS_OK;
}

enum status journal_close(struct journal **journal, struct error *error) {
    if (!*journal) return STATUS_OK;
    enum status status = journal_sync(*journal, error);
    syncer_destroy(&(*journal)->syncer);
    int closed = close((*journal)->file);
    (*journal)->file = -1;
    if (closed != 0 && status == STATUS_OK) status = failed(*journal, "close", errno, error);
    release(journal);
    return status;
}
