#include "results/shelf.h"

/* Whether both say the same under a key of the provenance, or both nothing. */
static bool agree(const struct results *a, const struct results *b, const char *key) {
    json_t *left = json_object_get(a->provenance, key), *right = json_object_get(b->provenance, key);
    return left && right ? json_equal(left, right) : left == right;
}

static const char *source_of(const struct results *results) {
    return results->source_count ? results->sources[0] : "the results at hand";
}

static bool holds_timings(const struct results *results) {
    for (size_t i = 0; i < results->table_count; i++)
        if (results->tables[i].schema->timed && results->tables[i].count > 0) return true;
    return false;
}

/* Timings belong to one machine and one build. */
static enum status check_timings(const struct results *into, const struct results *more,
                                 struct error *error) {
    if (!holds_timings(into) || !holds_timings(more)) return STATUS_OK;
    const char *differs = !agree(into, more, "machine_fingerprint") ? "machines"
                          : !agree(into, more, "build_fingerprint") ? "builds"
                                                                    : NULL;
    if (!differs) return STATUS_OK;
    return error_set(
        error, STATUS_MISMATCH,
        "%s and %s hold timings of different %s, which cannot be merged: put them side by side with "
        "`engram compare`",
        source_of(into), source_of(more), differs);
}

static enum status check_tables(const struct results *into, const struct results *more, struct error *error) {
    for (size_t i = 0; i < more->table_count; i++) {
        const struct schema *theirs = more->tables[i].schema;
        const struct table *ours = results_table(into, theirs->name);
        if (ours && ours->schema->version != theirs->version)
            return error_set(error, STATUS_MISMATCH, "%s holds %s in schema version %d, %s in version %d",
                             source_of(into), theirs->name, ours->schema->version, source_of(more),
                             theirs->version);
    }
    return STATUS_OK;
}

static enum status add_all(struct results *into, const struct results *more, struct error *error) {
    for (size_t t = 0; t < more->table_count; t++) {
        struct table *table;
        enum status status = results_shelve(into, more->tables[t].schema, &table);
        for (size_t r = 0; status == STATUS_OK && r < more->tables[t].count; r++)
            status = results_add(into, more->tables[t].records[r]);
        if (status == STATUS_MISMATCH)
            return error_set(error, status, "%s and %s hold %s with different columns", source_of(into),
                             source_of(more), more->tables[t].schema->name);
        if (status != STATUS_OK) return error_set(error, status, "%s", status_text(status));
    }
    return STATUS_OK;
}

enum status results_merge(struct results *into, const struct results *more, struct error *error) {
    if (!agree(into, more, "seed"))
        return error_set(error, STATUS_MISMATCH, "%s and %s come from campaigns with different seeds",
                         source_of(into), source_of(more));
    CHECK(check_tables(into, more, error));
    CHECK(check_timings(into, more, error));
    CHECK(add_all(into, more, error));
    for (size_t i = 0; i < more->source_count; i++)
        if (results_add_source(into, more->sources[i], more->provenances[i]) != STATUS_OK)
            return error_set(error, STATUS_NO_MEMORY, "%s", status_text(STATUS_NO_MEMORY));
    into->damaged_entries += more->damaged_entries;
    into->unfinished = into->unfinished || more->unfinished;
    return STATUS_OK;
}
