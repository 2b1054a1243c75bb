/* How fast two ranks of a team exchange messages. */
#include "parallel/team_comm.h"

#include "core/base/memory.h"

enum {
    LINK_TAG = 2,
    LATENCY_BYTES = 8,
    LATENCY_TRIPS = 200,
    BANDWIDTH_BYTES = 4 << 20, /* large enough that the latency is below a hundredth on known links */
    BANDWIDTH_TRIPS = 4,
    BATCHES = 7
};

/* Seconds of one way, mean over `trips` there and back. */
static double ping_pong(const struct team *team, int bytes, int trips, char *buffer) {
    int last = team->size - 1;
    double start = parallel_seconds();
    for (int trip = 0; trip < trips; trip++) {
        if (team->rank == 0) {
            MPI_Send(buffer, bytes, MPI_BYTE, last, LINK_TAG, team->comm);
            MPI_Recv(buffer, bytes, MPI_BYTE, last, LINK_TAG, team->comm, MPI_STATUS_IGNORE);
        } else {
            MPI_Recv(buffer, bytes, MPI_BYTE, 0, LINK_TAG, team->comm, MPI_STATUS_IGNORE);
            MPI_Send(buffer, bytes, MPI_BYTE, 0, LINK_TAG, team->comm);
        }
    }
    return (parallel_seconds() - start) / (2.0 * trips);
}

/* The best of several batches, after one that warms up: what disturbs a message only ever delays it. */
static double best_one_way(const struct team *team, int bytes, int trips, char *buffer) {
    ping_pong(team, bytes, trips, buffer);
    double best = ping_pong(team, bytes, trips, buffer);
    for (int batch = 1; batch < BATCHES; batch++) {
        double seconds = ping_pong(team, bytes, trips, buffer);
        if (seconds < best) best = seconds;
    }
    return best;
}

void team_measure_link(struct team *team, double *latency, double *bandwidth) {
    *latency = *bandwidth = 0;
    if (team->size == 1) return;
    int plays = team->rank == 0 || team->rank == team->size - 1;
    char *buffer = plays ? memory_allocate(BANDWIDTH_BYTES, 1) : NULL;
    enum status status = plays && !buffer ? STATUS_NO_MEMORY : STATUS_OK;
    double seconds[2] = {0, 0};
    if (team_agree(team, status, NULL) == STATUS_OK) {
        if (plays) {
            seconds[0] = best_one_way(team, LATENCY_BYTES, LATENCY_TRIPS, buffer);
            seconds[1] = best_one_way(team, BANDWIDTH_BYTES, BANDWIDTH_TRIPS, buffer);
        }
        team_rendezvous(team);
        team_broadcast(team, sizeof seconds, seconds);
        *latency = seconds[0];
        *bandwidth = BANDWIDTH_BYTES / seconds[1];
    }
    memory_free(buffer);
}
