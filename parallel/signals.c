#include "parallel/signals.h"

#include <signal.h>
#include <stddef.h>

/* A handler may do no more than set this; nothing else in the process changes it. */
static volatile sig_atomic_t stop_requested;

static void note_stop(int signal) {
    (void)signal;
    stop_requested = 1;
}

void signals_watch(void) {
    static const int watched[] = {SIGTERM, SIGINT, SIGUSR1};
    /* SA_RESTART: writes to the journal must not break off with EINTR. */
    struct sigaction action = {.sa_handler = note_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        sigaction(watched[i], &action, NULL);
}

bool signals_stop_requested(void) {
    return stop_requested != 0;
}
