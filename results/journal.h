/* The journal R.h5.journal/: one append-only file per rank, a line an entry: checksum, space, JSON. A
 * finished unit is never lost: damaged lines are skipped, good ones kept. */
#ifndef RESULTS_JOURNAL_H
#define RESULTS_JOURNAL_H

#include "results/record.h"

/* --- the folder: one rank (the first) does this --------------------------------------------------- */

struct journal_lock;

/* Creates the folder if needed and locks it until journal_unlock or the process's end, however it ends.
 * STATUS_LOCKED with who holds it; STATUS_IO. */
enum status journal_lock(const char *result_path, struct journal_lock **lock, struct error *error);

/* Unlocks, and takes the folder away when nothing was put into it. NULL is fine. */
void journal_unlock(struct journal_lock **lock);

/* Writes the provenance (JSON text, see provenance.h) into the folder, synced. Replaces an older one. */
enum status journal_write_provenance(const char *result_path, const char *json, struct error *error);

/* Removes the entries of all ranks and the provenance; the caller holds the lock and keeps it. Whatever else
 * is in the folder stays. STATUS_IO. */
enum status journal_clear(const char *result_path, struct error *error);

/* The same, and the lock and the folder, if nothing else is in it; a lock that is held is still to be given
 * back. No folder there: STATUS_OK. STATUS_IO. */
enum status journal_remove(const char *result_path, struct error *error);

/* Whether there is a journal with a provenance or a rank's file in it; also true where nobody can look. */
bool journal_exists(const char *result_path);

/* --- one rank's file ------------------------------------------------------------------------------ */

struct journal;

/* Opens (creates, or continues) rank's file. A background thread syncs at most a second after an append; it
 * blocks all signals. STATUS_IO, STATUS_NO_MEMORY. */
enum status journal_open(const char *result_path, int rank, struct journal **journal, struct error *error);

/* Appends a completed record (STATUS_INVALID otherwise); its schema must outlive the journal. On a failed
 * write (a full disk) the file is cut back to its last whole entry, and STATUS_IO says why; a later append
 * may succeed. After a failed sync nobody knows what is on the disk: every call from then on gives STATUS_IO.
 */
enum status journal_append(struct journal *journal, const struct record *record, struct error *error);

/* Syncs now: after it returns nothing is being written in the background. STATUS_IO. */
enum status journal_sync(struct journal *journal, struct error *error);

/* Syncs and closes, whatever it returns. NULL is fine. STATUS_IO. */
enum status journal_close(struct journal **journal, struct error *error);

#endif
