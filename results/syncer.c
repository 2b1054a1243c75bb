#include "results/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"

enum { DELAY_MILLISECONDS = 900 }; /* the rest of the second is for the sync to begin */

struct syncer {
    int file;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool dirty;   /* noted, not yet being synced */
    bool syncing; /* some thread is in fdatasync */
    bool ending;
    int failure;
    struct timespec due; /* of the sync, when dirty */
};

/* Called with the mutex held, which is free during the sync itself. */
static void sync_now(struct syncer *syncer) {
    syncer->dirty = false;
    syncer->syncing = true;
    pthread_mutex_unlock(&syncer->mutex);
    int failure = fdatasync(syncer->file) == 0 ? 0 : errno;
    pthread_mutex_lock(&syncer->mutex);
    syncer->syncing = false;
    if (!syncer->failure) syncer->failure = failure;
    pthread_cond_broadcast(&syncer->changed);
}

static void *run(void *argument) {
    struct syncer *syncer = argument;
    pthread_mutex_lock(&syncer->mutex);
    while (!syncer->ending) {
        if (!syncer->dirty || syncer->syncing)
            pthread_cond_wait(&syncer->changed, &syncer->mutex);
        else if (pthread_cond_timedwait(&syncer->changed, &syncer->mutex, &syncer->due) == ETIMEDOUT &&
                 syncer->dirty && !syncer->syncing)
            sync_now(syncer);
    }
    pthread_mutex_unlock(&syncer->mutex);
    return NULL;
}

/* Signals are for the main thread, which knows what to do with them. */
static int start_thread(struct syncer *syncer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&syncer->thread, NULL, run, syncer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

static void release(struct syncer **syncer) {
    pthread_cond_destroy(&(*syncer)->changed);
    pthread_mutex_destroy(&(*syncer)->mutex);
    memory_free(*syncer);
    *syncer = NULL;
}

enum status syncer_create(int file, struct syncer **syncer) {
    *syncer = memory_allocate(1, sizeof **syncer);
    if (!*syncer) return STATUS_NO_MEMORY;
    (*syncer)->file = file;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&(*syncer)->mutex, NULL);
    pthread_cond_init(&(*syncer)->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (start_thread(*syncer) == 0) return STATUS_OK;
    release(syncer);
    return STATUS_NO_MEMORY;
}

void syncer_note(struct syncer *syncer) {
    pthread_mutex_lock(&syncer->mutex);
    if (!syncer->dirty) {
        syncer->dirty = true;
        clock_gettime(CLOCK_MONOTONIC, &syncer->due);
        long nanoseconds = syncer->due.tv_nsec + DELAY_MILLISECONDS * 1000000L;
        syncer->due.tv_sec += nanoseconds / 1000000000L;
        syncer->due.tv_nsec = nanoseconds % 1000000000L;
        pthread_cond_broadcast(&syncer->changed);
    }
    pthread_mutex_unlock(&syncer->mutex);
}

int syncer_flush(struct syncer *syncer) {
    pthread_mutex_lock(&syncer->mutex);
    while (syncer->syncing)
        pthread_cond_wait(&syncer->changed, &syncer->mutex);
    if (syncer->dirty) sync_now(syncer);
    int failure = syncer->failure;
    pthread_mutex_unlock(&syncer->mutex);
    return failure;
}

int syncer_failure(struct syncer *syncer) {
    pthread_mutex_lock(&syncer->mutex);
    int failure = syncer->failure;
    pthread_mutex_unlock(&syncer->mutex);
    return failure;
}

void syncer_destroy(struct syncer **syncer) {
    if (!*syncer) return;
    pthread_mutex_lock(&(*syncer)->mutex);
    (*syncer)->ending = true;
    pthread_cond_broadcast(&(*syncer)->changed);
    pthread_mutex_unlock(&(*syncer)->mutex);
    pthread_join((*syncer)->thread, NULL);
    release(syncer);
}
