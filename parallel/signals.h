/* A request to stop (SIGTERM, SIGINT, SIGUSR1), noticed at safe points. */
#ifndef PARALLEL_SIGNALS_H
#define PARALLEL_SIGNALS_H

#include <stdbool.h>

/* Starts noticing. Local. */
void signals_watch(void);

/* Whether this rank was asked to stop. Local. */
bool signals_stop_requested(void);

#endif
