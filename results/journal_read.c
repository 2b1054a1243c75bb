#include "results/journal_read.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/journal_entry.h"
#include "results/journal_folder.h"
#include "results/schema.h"
#include "results/shelf.h"

/* What is done with each line: its entry, or NULL where there is none; whether its end is there. */
typedef enum status line_reader(struct results *results, json_t *entry, bool glued, bool ended);

/* --- schemas first, wherever they stand ------------------------------------------------------------- */

static enum status read_schema(struct results *results, json_t *entry, bool glued, bool ended) {
    (void)glued, (void)ended;
    if (!entry || !entry_is_schema(entry)) return STATUS_OK;
    struct schema *schema = NULL;
    enum status status = schema_from_json(entry, &schema);
    struct table *table;
    if (status == STATUS_OK) status = results_shelve(results, schema, &table);
    schema_destroy(&schema);
    return status == STATUS_FORMAT ? STATUS_OK : status; /* its records will have no table and be counted */
}

/* --- then records ------------------------------------------------------------------------------------- */

static enum status take_record(struct results *results, json_t *entry) {
    const char *name = json_string_value(json_object_get(entry, "experiment"));
    struct table *table = name ? results_find_table(results, name) : NULL;
    if (!table) return STATUS_FORMAT;
    struct record *record = NULL;
    CHECK(entry_to_record(entry, table->schema, &record));
    enum status status = results_take(results, table, &record);
    record_destroy(&record);
    return status;
}

static enum status read_record(struct results *results, json_t *entry, bool glued, bool ended) {
    if (!entry) {
        if (ended) results->damaged_entries++;
        return STATUS_OK;
    }
    if (glued) results->damaged_entries++;
    if (entry_is_schema(entry)) return STATUS_OK;
    enum status status = take_record(results, entry);
    if (status == STATUS_FORMAT) results->damaged_entries++;
    return status == STATUS_FORMAT ? STATUS_OK : status;
}

/* --- files -------------------------------------------------------------------------------------------- */

static enum status read_lines(FILE *file, struct results *results, line_reader *read) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    enum status status = STATUS_OK;
    errno = 0;
    while (status == STATUS_OK && (length = getline(&line, &capacity, file)) > 0) {
        bool ended = line[length - 1] == '\n';
        size_t start, text = (size_t)length - ended;
        if (text == 0) continue;
        json_t *entry = entry_parse(line, text, &start);
        status = read(results, entry, start > 0, ended);
        json_decref(entry);
    }
    if (status == STATUS_OK && errno == ENOMEM) status = STATUS_NO_MEMORY;
    if (status == STATUS_OK && ferror(file)) status = STATUS_IO;
    free(line);
    return status;
}

static enum status read_file(const char *path, struct results *results, line_reader *read,
                             struct error *error) {
    FILE *file = fopen(path, "re");
    if (!file) return error_set(error, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    enum status status = read_lines(file, results, read);
    if (status == STATUS_IO)
        error_set(error, status, "cannot read %s: %s", path, strerror(errno));
    else if (status == STATUS_MISMATCH)
        error_set(error, status, "%s holds an experiment in another version than the records beside it",
                  path);
    else if (status != STATUS_OK)
        error_set(error, status, "%s: %s", path, status_text(status));
    fclose(file);
    return status;
}

static enum status read_files(const char *result_path, const struct journal_names *names,
                              struct results *results, line_reader *read, struct error *error) {
    for (size_t i = 0; i < names->count; i++) {
        char *path = journal_path(result_path, names->entries[i]->d_name);
        if (!path) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
        enum status status = read_file(path, results, read, error);
        memory_free(path);
        CHECK(status);
    }
    return STATUS_OK;
}

/* The run that writes the journal has the last word on where results come from. */
static enum status read_provenance(const char *result_path, struct results *results, struct error *error) {
    char *path = journal_path(result_path, JOURNAL_PROVENANCE);
    if (!path) return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", result_path);
    FILE *file = fopen(path, "re");
    json_t *provenance = file ? json_loadf(file, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(provenance))
        results_set_provenance(results, provenance);
    else if (file)
        results->damaged_entries++;
    json_decref(provenance);
    if (file) fclose(file);
    memory_free(path);
    return STATUS_OK;
}

enum status journal_read(const char *result_path, struct results *results, struct error *error) {
    struct journal_names names;
    CHECK(journal_rank_files(result_path, &names, error));
    enum status status = read_provenance(result_path, results, error);
    if (status == STATUS_OK) status = read_files(result_path, &names, results, read_schema, error);
    if (status == STATUS_OK) status = read_files(result_path, &names, results, read_record, error);
    journal_names_free(&names);
    results->unfinished = true;
    return status;
}
