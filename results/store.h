/* Results as a whole: tables and provenance in memory; read from R.h5 and its journal, written as R.h5. */
#ifndef RESULTS_STORE_H
#define RESULTS_STORE_H

#include <jansson.h>

#include "results/record.h"

/* Everything one or more files hold. */
struct results {
    json_t *provenance;   /* object: see provenance.h; of the first file */
    size_t source_count;  /* files merged */
    char **sources;       /* their paths */
    json_t **provenances; /* [source_count] */
    size_t table_count;
    struct table *tables;   /* by name */
    size_t damaged_entries; /* journal lines that were skipped */
    bool unfinished;        /* a journal was read: the run is going on or broke off */
};

enum status results_create(struct results **results);
void results_destroy(struct results **results);

/* Reads R.h5 and, if there is one, its journal (entries there win). Neither there: STATUS_NOT_FOUND. A
 * foreign, truncated or changed file: STATUS_FORMAT with a sentence that names it. STATUS_MISMATCH: file and
 * journal hold an experiment in two versions. STATUS_IO, STATUS_NO_MEMORY. *results is NULL on failure. */
enum status results_read(const char *path, struct results **results, struct error *error);

/* Adds `more` to `into`; records of one identity are kept once, done before failed. STATUS_MISMATCH with a
 * sentence when both hold timed records and the machine or build fingerprints differ, or schema versions or
 * seeds do; `into` is as it was then. Of two done records the one of `more` stays. STATUS_NO_MEMORY: `into`
 * may hold a part of `more`. */
enum status results_merge(struct results *into, const struct results *more, struct error *error);

/* The table of that experiment, or NULL. Valid until a table is added. */
const struct table *results_table(const struct results *results, const char *name);

/* The record of that experiment and identity, or NULL. Valid until one of that identity is added. */
const struct record *results_find(const struct results *results, const char *experiment,
                                  const char *identity);

/* Adds a copy of a record to its table (creating it), replacing one of the same identity unless that one is
 * done and this one is not. STATUS_MISMATCH: the table has other fields or another version. STATUS_NO_MEMORY.
 */
enum status results_add(struct results *results, const struct record *record);

/* Orders every table by the given identities (those not named come last, by identity). STATUS_NO_MEMORY. */
enum status results_order(struct results *results, size_t count, const char *const *identities);

/* Writes path as a new HDF5 file (also valid netCDF-4), whole or not at all: image in memory, temporary file,
 * sync, rename, sync of the folder. STATUS_IO, STATUS_NO_MEMORY; STATUS_FAILED: HDF5 refused, for lack of
 * memory or because a field is named as a dimension. */
enum status results_write(const struct results *results, const char *path, struct error *error);

/* Moves an older results file out of the way, to PATH.replaced. One that is there already is what a run that
 * did not end has replaced: it stays, and the file at `path`, which is part of that run, goes. Nothing there:
 * STATUS_OK. STATUS_EXISTS: something else than HDF5 is there, and stays. STATUS_IO. */
enum status results_set_aside(const char *path, struct error *error);

/* Whether results_set_aside would not refuse. STATUS_EXISTS, STATUS_IO. */
enum status results_may_replace(const char *path, struct error *error);

/* Removes what results_set_aside left. */
void results_drop_aside(const char *path);

/* The HDF5 library's version. */
void results_hdf5_version(char *text, size_t size);

#endif
