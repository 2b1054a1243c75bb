/* Syncs a file in the background, at most a second after it was written to. Private to this folder. */
#ifndef RESULTS_SYNCER_H
#define RESULTS_SYNCER_H

#include "core/base/status.h"

struct syncer;

/* Starts the background thread, which blocks all signals. `file` stays the caller's and must stay open.
 * STATUS_NO_MEMORY. */
enum status syncer_create(int file, struct syncer **syncer);

/* Says that the file was written to. */
void syncer_note(struct syncer *syncer);

/* Syncs what was noted. When it returns nothing is going on in the background. Returns 0 or the errno of the
 * first sync that ever failed: after one, nobody knows which pages were lost. */
int syncer_flush(struct syncer *syncer);

/* The errno of a failed sync, or 0. */
int syncer_failure(struct syncer *syncer);

/* Ends the thread, without a last sync. */
void syncer_destroy(struct syncer **syncer);

#endif
