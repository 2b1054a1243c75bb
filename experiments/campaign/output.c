#include "experiments/campaign/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "results/provenance.h"

/* Results of another seed are other random data. */
static enum status check_seed(const struct campaign *campaign, const struct results *finished,
                              const char *path, struct error *error) {
    json_t *seed = json_object_get(finished->provenance, "seed");
    if (!json_is_integer(seed) || json_integer_value(seed) == campaign->seed) return STATUS_OK;
    return error_set(error, STATUS_MISMATCH,
                     "%s was made with seed %" JSON_INTEGER_FORMAT
                     ", the campaign says %lld; choose another output, "
                     "or --force to start afresh",
                     path, json_integer_value(seed), (long long)campaign->seed);
}

/* Records of another schema version mean something else. */
static enum status check_schema(const struct schema *old, const char *path, struct error *error) {
    const struct experiment *experiment = experiment_named(old->name);
    if (!experiment)
        return error_set(error, STATUS_MISMATCH, "%s holds records of %s, which this program does not know",
                         path, old->name);
    if (schema_equal(&experiment->schema, old)) return STATUS_OK;
    if (experiment->schema.version == old->version)
        return error_set(error, STATUS_MISMATCH,
                         "%s holds records of %s with other columns than this program's", path, old->name);
    return error_set(error, STATUS_MISMATCH,
                     "%s holds records of %s in schema version %d, this program writes version %d", path,
                     old->name, old->version, experiment->schema.version);
}

/* Timings of two machines or builds do not belong into one file. */
static enum status check_fingerprint(const char *name, const json_t *now, const struct results *finished,
                                     const char *path, struct error *error) {
    const char *old = json_string_value(json_object_get(finished->provenance, name));
    const char *new = json_string_value(json_object_get(now, name));
    if (!old || !new || strcmp(old, new) == 0) return STATUS_OK;
    return error_set(
        error, STATUS_MISMATCH,
        "%s holds timings with %s %s, this run has %s; choose another output (`engram compare` puts two "
        "files side by side), or --force to start afresh",
        path, name, old, new);
}

static enum status check_compatible(const struct campaign *campaign, const json_t *provenance,
                                    const struct results *finished, const char *path, struct error *error) {
    CHECK(check_seed(campaign, finished, path, error));
    for (size_t t = 0; t < finished->table_count; t++) {
        const struct schema *schema = finished->tables[t].schema;
        CHECK(check_schema(schema, path, error));
        if (!schema->timed) continue;
        CHECK(check_fingerprint("machine_fingerprint", provenance, finished, path, error));
        CHECK(check_fingerprint("build_fingerprint", provenance, finished, path, error));
    }
    return STATUS_OK;
}

static enum status read_finished(const struct campaign *campaign, const json_t *provenance, const char *path,
                                 struct output *output, struct error *error) {
    enum status status = results_read(path, &output->finished, error);
    if (status == STATUS_NOT_FOUND) return STATUS_OK; /* a first run may be called with --resume */
    if (status != STATUS_OK) return status;
    return check_compatible(campaign, provenance, output->finished, path, error);
}

static enum status write_provenance(const char *path, const json_t *provenance, struct error *error) {
    char *text = json_dumps(provenance, JSON_INDENT(2));
    if (!text) return error_set(error, STATUS_NO_MEMORY, "no memory for the provenance");
    enum status status = journal_write_provenance(path, text, error);
    free(text);
    return status;
}

enum status output_open(const struct campaign *campaign, const struct run_options *options,
                        const json_t *provenance, struct output *output, struct error *error) {
    const char *path = options->output;
    bool old_journal = journal_exists(path);
    *output = (struct output){.path = path, .new_journal = !old_journal};
    bool there = access(path, F_OK) == 0 || old_journal;
    if (there && !options->resume && !options->force)
        return error_set(error, STATUS_EXISTS,
                         "%s is there already: --resume runs what is missing, --force starts afresh", path);
    if (options->force) CHECK(results_may_replace(path, error));
    CHECK(journal_lock(path, &output->lock, error));
    return options->force ? STATUS_OK : read_finished(campaign, provenance, path, output, error);
}

/* Of a file without a journal nothing changes if nothing is added. */
static bool stays_as_it_is(const struct output *output) {
    return output->finished && !output->finished->unfinished;
}

enum status output_begin(struct output *output, bool force, json_t *provenance, struct error *error) {
    output->adds_to_file = stays_as_it_is(output);
    output->new_journal = false;
    if (force) {
        CHECK(journal_clear(output->path, error));
        CHECK(results_set_aside(output->path, error));
    }
    if (output->finished && provenance_continue(provenance, output->finished->provenance) != STATUS_OK)
        return error_set(error, STATUS_NO_MEMORY, "no memory for the provenance");
    return write_provenance(output->path, provenance, error);
}

/* Nothing that was journalled may go with the journals: a damaged disk, or a network file system that does
 * not show another host's file yet, must not cost a record. */
static enum status check_complete(const struct campaign *campaign, const struct results *results,
                                  const char *path, size_t stored, struct error *error) {
    size_t there = 0;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        const struct unit *unit = &campaign->units[i];
        there += results_find(results, unit->experiment->schema.name, unit->identity) != NULL;
    }
    if (there >= stored) return STATUS_OK;
    return error_set(error, STATUS_IO,
                     "only %zu of %zu units can be read back from %s and its journal, which stays; "
                     "--resume goes on",
                     there, stored, path);
}

static enum status order_and_write(const struct campaign *campaign, struct results *results, const char *path,
                                   struct error *error) {
    const char **order = memory_allocate(campaign->unit_count, sizeof *order);
    enum status status =
        order ? STATUS_OK : error_set(error, STATUS_NO_MEMORY, "no memory to order the records");
    for (size_t i = 0; order && i < campaign->unit_count; i++)
        order[i] = campaign->units[i].identity;
    if (status == STATUS_OK) status = results_order(results, campaign->unit_count, order);
    if (status == STATUS_OK) status = results_write(results, path, error);
    memory_free(order);
    return status;
}

/* The old file's records and the journals' come out of results_read together. */
enum status output_finish(const struct campaign *campaign, const struct output *output,
                          const struct run_summary *summary, struct error *error) {
    struct results *results = NULL;
    size_t added = summary->done + summary->failed;
    if (added == 0 && output->adds_to_file) return journal_remove(output->path, error);
    CHECK(results_read(output->path, &results, error));
    enum status status = check_complete(campaign, results, output->path, summary->skipped + added, error);
    if (status == STATUS_OK &&
        json_object_set_new(results->provenance, "units_pending", json_integer((json_int_t)summary->pending)))
        status = error_set(error, STATUS_NO_MEMORY, "no memory for the provenance");
    if (status == STATUS_OK) status = order_and_write(campaign, results, output->path, error);
    if (status == STATUS_OK) status = journal_remove(output->path, error);
    if (status == STATUS_OK && summary->pending == 0) results_drop_aside(output->path);
    results_destroy(&results);
    return status;
}

void output_close(struct output *output) {
    results_destroy(&output->finished);
    if (!output->lock) return;
    if (output->new_journal) journal_remove(output->path, NULL);
    journal_unlock(&output->lock);
}
