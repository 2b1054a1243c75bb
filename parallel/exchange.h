/* Messages of floats that are under way together, and what they cost; for the sources of this folder only. */
#ifndef PARALLEL_EXCHANGE_H
#define PARALLEL_EXCHANGE_H

#include <mpi.h>

#include "parallel/team.h"
#include "parallel/traffic.h"

/* What the exchanges of one pass have in common. */
struct message_clock {
    struct split_traffic *traffic; /* all time in the functions below is added to seconds_wait */
    int exchanges;                 /* under way */
    double since;                  /* they have been without a pause */
};

/* Started together, finished together. */
struct exchange {
    MPI_Comm comm;
    struct message_clock *clock;
    int capacity, count;
    MPI_Request *requests; /* [capacity] */
};

/* Room for so many messages, coming and going. STATUS_NO_MEMORY. Local. */
enum status exchange_create(struct exchange *made, const struct team *team, struct message_clock *clock,
                            int capacity);
void exchange_destroy(struct exchange *gone);

/* Adds a message to or from a rank of the team; what is sent is counted in the clock's traffic. Messages
 * without floats are left out, so both sides must know the count. The exchange has capacity left. */
void exchange_send(struct exchange *exchange, const float *floats, size_t count, int rank, int tag);
void exchange_receive(struct exchange *exchange, float *floats, size_t count, int rank, int tag);

/* Drives the messages on, since Open MPI moves large ones only inside its calls. */
void exchange_progress(struct exchange *exchange);

/* Waits until all messages have left and come. */
void exchange_finish(struct exchange *exchange);

#endif
