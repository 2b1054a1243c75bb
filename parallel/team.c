/* Starting and ending MPI, and making teams. */
#include "parallel/team_comm.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/memory.h"

/* MPI itself is one per process, and so is the team of all ranks. */
static struct team *world_team;

/* The team takes over comm when it could be made. */
static enum status team_wrap(MPI_Comm comm, struct team **team) {
    struct team *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->comm = comm;
    MPI_Comm_rank(comm, &made->rank);
    MPI_Comm_size(comm, &made->size);
    *team = made;
    return STATUS_OK;
}

/* The team of all ranks, on all of them or on none. */
static enum status make_world(struct team **world) {
    MPI_Comm comm;
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    int worst = (int)team_wrap(comm, world);
    MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_INT, MPI_MAX, comm);
    if (worst == STATUS_OK) return STATUS_OK;
    memory_free(*world);
    *world = NULL;
    MPI_Comm_free(&comm);
    return (enum status)worst;
}

enum status parallel_start(struct team **world) {
    *world = NULL;
    int initialized;
    MPI_Initialized(&initialized);
    if (initialized) return STATUS_INVALID;
    int provided;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return STATUS_FAILED;
    enum status status = provided < MPI_THREAD_FUNNELED ? STATUS_UNSUPPORTED : make_world(&world_team);
    if (status != STATUS_OK) MPI_Finalize();
    *world = world_team;
    return status;
}

void parallel_stop(void) {
    team_destroy(&world_team);
    MPI_Finalize();
}

int team_rank(const struct team *team) {
    return team->rank;
}

int team_size(const struct team *team) {
    return team->size;
}

/* Every rank must know when another could not get its handle: nobody may go on with a broken team. */
static enum status team_split(struct team *team, int colour, struct team **part) {
    *part = NULL;
    MPI_Comm comm;
    MPI_Comm_split(team->comm, colour, team->rank, &comm);
    enum status status = comm == MPI_COMM_NULL ? STATUS_OK : team_wrap(comm, part);
    status = team_agree(team, status, NULL);
    if (status == STATUS_OK) return status;
    memory_free(*part);
    *part = NULL;
    if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
    return status;
}

enum status team_first(struct team *team, int size, struct team **part) {
    *part = NULL;
    if (size < 1 || size > team->size) return STATUS_INVALID;
    return team_split(team, team->rank < size ? 0 : MPI_UNDEFINED, part);
}

enum status team_groups(struct team *team, int size, struct team **group) {
    *group = NULL;
    if (size < 1) return STATUS_INVALID;
    return team_split(team, team->rank / size, group);
}

enum status team_alone(struct team **alone) {
    *alone = NULL;
    MPI_Comm comm;
    MPI_Comm_dup(MPI_COMM_SELF, &comm);
    enum status status = team_wrap(comm, alone);
    if (status != STATUS_OK) MPI_Comm_free(&comm);
    return status;
}

void team_destroy(struct team **team) {
    if (!*team) return;
    MPI_Comm_free(&(*team)->comm);
    memory_free(*team);
    *team = NULL;
}

void team_on_host(struct team *team, int *count, int *place) {
    if (team->host_count == 0) {
        MPI_Comm host;
        MPI_Comm_split_type(team->comm, MPI_COMM_TYPE_SHARED, team->rank, MPI_INFO_NULL, &host);
        MPI_Comm_size(host, &team->host_count);
        MPI_Comm_rank(host, &team->host_place);
        MPI_Comm_free(&host);
    }
    *count = team->host_count;
    *place = team->host_place;
}

double parallel_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void parallel_mpi_version(char *text, size_t size) {
    char line[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    MPI_Get_library_version(line, &length);
    line[strcspn(line, "\n")] = '\0';
    snprintf(text, size, "%s", line);
}
