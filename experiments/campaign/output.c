#include "experiments/campaign/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"

/* Results of another seed are other random data; records of another schema version mean something else. */
static enum status check_compatible(const struct campaign *campaign, const struct results *finished,
                                    const char *path, struct error *error) {
    json_t *seed = json_object_get(finished->provenance, "seed");
    if (json_is_integer(seed) && json_integer_value(seed) != campaign->seed)
        return error_set(error, STATUS_MISMATCH,
                         "%s was made with seed %" JSON_INTEGER_FORMAT
                         ", the campaign says %lld; choose another "
                         "output, or --force to start afresh",
                         path, json_integer_value(seed), (long long)campaign->seed);
    for (size_t t = 0; t < finished->table_count; t++) {
        const struct schema *old = finished->tables[t].schema;
        const struct experiment *experiment = experiment_named(old->name);
        if (!experiment)
            return error_set(error, STATUS_MISMATCH,
                             "%s holds records of %s, which this program does not know", path, old->name);
        if (experiment->schema.version != old->version)
            return error_set(error, STATUS_MISMATCH,
                             "%s holds records of %s in schema version %d, this program writes version %d",
                             path, old->name, old->version, experiment->schema.version);
    }
    return STATUS_OK;
}

static bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

static enum status read_finished(const struct campaign *campaign, const char *path, struct output *output,
                                 struct error *error) {
    enum status status = results_read(path, &output->finished, error);
    if (status == STATUS_NOT_FOUND) return STATUS_OK; /* a first run may be called with --resume */
    if (status != STATUS_OK) return status;
    return check_compatible(campaign, output->finished, path, error);
}

static enum status start_afresh(const char *path, struct error *error) {
    CHECK(journal_clear(path, error));
    if (unlink(path) != 0 && errno != ENOENT)
        return error_set(error, STATUS_IO, "cannot replace %s: %s", path, strerror(errno));
    return STATUS_OK;
}

enum status output_open(const struct campaign *campaign, const struct run_options *options,
                        struct output *output, struct error *error) {
    *output = (struct output){NULL, NULL};
    bool there = file_exists(options->output) || journal_exists(options->output);
    if (there && !options->resume && !options->force)
        return error_set(error, STATUS_EXISTS,
                         "%s is there already: --resume runs what is missing, --force starts afresh",
                         options->output);
    CHECK(journal_lock(options->output, &output->lock, error));
    if (options->force) return start_afresh(options->output, error);
    return read_finished(campaign, options->output, output, error);
}

/* The old file's records and the journals' come out of results_read together. */
enum status output_finish(const struct campaign *campaign, const struct run_options *options,
                          struct error *error) {
    struct results *results = NULL;
    CHECK(results_read(options->output, &results, error));
    const char **order = memory_allocate(campaign->unit_count, sizeof *order);
    enum status status =
        order ? STATUS_OK : error_set(error, STATUS_NO_MEMORY, "no memory to order the records");
    for (size_t i = 0; order && i < campaign->unit_count; i++)
        order[i] = campaign->units[i].identity;
    if (status == STATUS_OK) status = results_order(results, campaign->unit_count, order);
    if (status == STATUS_OK) status = results_write(results, options->output, error);
    if (status == STATUS_OK) status = journal_remove(options->output, error);
    memory_free(order);
    results_destroy(&results);
    return status;
}

void output_close(struct output *output) {
    results_destroy(&output->finished);
    if (output->lock) journal_unlock(&output->lock);
}
