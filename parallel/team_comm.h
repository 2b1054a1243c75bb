/* What a team is made of; for the sources of this folder only. */
#ifndef PARALLEL_TEAM_COMM_H
#define PARALLEL_TEAM_COMM_H

#include <mpi.h>

#include "parallel/team.h"

struct team {
    MPI_Comm comm;
    int rank, size;
    int host_count, host_place; /* host_count is 0 until team_on_host was asked */
};

/* Waits for a request asleep: looks at it between naps that grow from 50 us to 5 ms. Local. */
void team_wait_asleep(MPI_Request *request);

#endif
