/* The journal R.h5.journal/: one append-only file per rank, a line an entry: checksum, space, JSON. A finished
 * unit is never lost: damaged lines are skipped, good ones kept. */
#ifndef RESULTS_JOURNAL_H
#define RESULTS_JOURNAL_H

#include "results/record.h"

/* --- the folder: one rank (the first) does this --------------------------------------------------- */

struct journal_lock;

/* Creates the folder if needed and locks it until journal_unlock or the process's end.
 * STATUS_LOCKED with who holds it; STATUS_IO. */
enum status journal_lock(const char *result_path, struct journal_lock **lock, struct error *error);
void journal_unlock(struct journal_lock **lock);

/* Writes the provenance (JSON text, see provenance.h) into the folder, synced. Replaces an older one. */
enum status journal_write_provenance(const char *result_path, const char *json, struct error *error);

/* Removes the folder with all it holds. */
enum status journal_remove(const char *result_path, struct error *error);

/* Whether a journal folder is there. */
bool journal_exists(const char *result_path);

/* --- one rank's file ------------------------------------------------------------------------------ */

struct journal;

/* Opens (creates, or continues) rank's file. A background thread syncs at most a second after an append. */
enum status journal_open(const char *result_path, int rank, struct journal **journal, struct error *error);

/* Appends a completed record. On a failed write (a full disk) the file is cut back to its last whole entry. */
enum status journal_append(struct journal *journal, const struct record *record, struct error *error);

/* Syncs now: after it returns nothing is being written in the background. */
enum status journal_sync(struct journal *journal, struct error *error);

/* Syncs and closes. */
enum status journal_close(struct journal **journal, struct error *error);

#endif
