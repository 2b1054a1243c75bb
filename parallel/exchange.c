#include "parallel/exchange.h"

#include "core/base/memory.h"
#include "parallel/team_comm.h"

enum status exchange_create(struct exchange *made, const struct team *team, struct message_clock *clock,
                            int capacity) {
    *made = (struct exchange){.comm = team->comm, .clock = clock, .capacity = capacity};
    made->requests = memory_allocate((size_t)capacity, sizeof *made->requests);
    return made->requests ? STATUS_OK : STATUS_NO_MEMORY;
}

void exchange_destroy(struct exchange *gone) {
    memory_free(gone->requests);
    gone->requests = NULL;
}

/* Room for one more request; the first one starts the exchange. */
static MPI_Request *next_request(struct exchange *exchange, double now) {
    struct message_clock *clock = exchange->clock;
    if (exchange->count == 0 && clock->exchanges++ == 0) clock->since = now;
    return &exchange->requests[exchange->count++];
}

static void note_end(struct exchange *exchange, double now) {
    struct message_clock *clock = exchange->clock;
    exchange->count = 0;
    if (--clock->exchanges == 0) clock->traffic->seconds_transfer += now - clock->since;
}

void exchange_send(struct exchange *exchange, const float *floats, size_t count, int rank, int tag) {
    if (count == 0) return;
    double start = parallel_seconds();
    MPI_Isend(floats, (int)count, MPI_FLOAT, rank, tag, exchange->comm, next_request(exchange, start));
    exchange->clock->traffic->bytes_sent += count * sizeof *floats;
    exchange->clock->traffic->seconds_wait += parallel_seconds() - start;
}

void exchange_receive(struct exchange *exchange, float *floats, size_t count, int rank, int tag) {
    if (count == 0) return;
    double start = parallel_seconds();
    MPI_Irecv(floats, (int)count, MPI_FLOAT, rank, tag, exchange->comm, next_request(exchange, start));
    exchange->clock->traffic->seconds_wait += parallel_seconds() - start;
}

void exchange_progress(struct exchange *exchange) {
    if (exchange->count == 0) return;
    double start = parallel_seconds();
    int done;
    MPI_Testall(exchange->count, exchange->requests, &done, MPI_STATUSES_IGNORE);
    double now = parallel_seconds();
    if (done) note_end(exchange, now);
    exchange->clock->traffic->seconds_wait += now - start;
}

void exchange_finish(struct exchange *exchange) {
    if (exchange->count == 0) return;
    double start = parallel_seconds();
    MPI_Waitall(exchange->count, exchange->requests, MPI_STATUSES_IGNORE);
    double now = parallel_seconds();
    note_end(exchange, now);
    exchange->clock->traffic->seconds_wait += now - start;
}
