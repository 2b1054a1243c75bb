/* What the members of a team do together: wait, agree, add up, hand out. */
#include "parallel/team_comm.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "core/base/memory.h"

enum {
    NAP_SHORTEST = 50000,  /* ns: a waiting rank takes well below a hundredth of a core */
    NAP_LONGEST = 5000000, /* ns: what a rendezvous may cost in time, per round of its messages */
    SUM_CHUNK = 512,       /* doubles that travel together in team_sum */
    SUM_TAG = 1,
    SHARE_CHUNK = 1 << 30 /* bytes per broadcast: MPI counts in int */
};

void team_wait_asleep(MPI_Request *request) {
    struct timespec nap = {0, NAP_SHORTEST};
    for (;;) {
        int done;
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done) return;
        nanosleep(&nap, NULL);
        nap.tv_nsec = nap.tv_nsec * 3 / 2;
        if (nap.tv_nsec > NAP_LONGEST) nap.tv_nsec = NAP_LONGEST;
    }
}

void team_barrier(struct team *team) {
    MPI_Barrier(team->comm);
}

void team_rendezvous(struct team *team) {
    MPI_Request request;
    MPI_Ibarrier(team->comm, &request);
    team_wait_asleep(&request);
}

/* The text of the rank `from` into everyone's error. */
static void agree_on_text(struct team *team, int from, enum status mine, enum status agreed,
                          struct error *error) {
    struct error spoken = {.status = mine};
    if (team->rank == from) {
        const char *text = error && error->text[0] ? error->text : status_text(mine);
        snprintf(spoken.text, sizeof spoken.text, "%s", text);
    }
    MPI_Request request;
    MPI_Ibcast(spoken.text, sizeof spoken.text, MPI_CHAR, from, team->comm, &request);
    team_wait_asleep(&request);
    if (!error) return;
    *error = spoken;
    error->status = agreed;
}

enum status team_agree(struct team *team, enum status mine, struct error *error) {
    /* The lowest rank that failed has the largest distance from the end. */
    int told[2] = {mine, mine == STATUS_OK ? 0 : team->size - team->rank}, heard[2];
    MPI_Request request;
    MPI_Iallreduce(told, heard, 2, MPI_INT, MPI_MAX, team->comm, &request);
    team_wait_asleep(&request);
    enum status agreed = (enum status)heard[0];
    if (agreed != STATUS_OK) agree_on_text(team, team->size - heard[1], mine, agreed, error);
    return agreed;
}

void team_maximum(struct team *team, size_t count, double *values) {
    for (size_t done = 0; done < count; done += INT_MAX) {
        size_t part = count - done < INT_MAX ? count - done : INT_MAX;
        MPI_Allreduce(MPI_IN_PLACE, values + done, (int)part, MPI_DOUBLE, MPI_MAX, team->comm);
    }
}

/* A chain from rank to rank: the order of additions is that of the ranks whatever algorithms the MPI library
 * prefers, and no memory is needed that grows with the team. */
static void sum_chunk(struct team *team, int count, double *values) {
    int last = team->size - 1;
    if (team->rank > 0) {
        double before[SUM_CHUNK];
        MPI_Recv(before, count, MPI_DOUBLE, team->rank - 1, SUM_TAG, team->comm, MPI_STATUS_IGNORE);
        for (int i = 0; i < count; i++)
            values[i] = before[i] + values[i];
    }
    if (team->rank < last) MPI_Send(values, count, MPI_DOUBLE, team->rank + 1, SUM_TAG, team->comm);
    MPI_Bcast(values, count, MPI_DOUBLE, last, team->comm);
}

void team_sum(struct team *team, size_t count, double *values) {
    for (size_t done = 0; done < count; done += SUM_CHUNK)
        sum_chunk(team, (int)(count - done < SUM_CHUNK ? count - done : SUM_CHUNK), values + done);
}

void team_gather(struct team *team, size_t bytes, const void *mine, void *all) {
    MPI_Datatype item;
    MPI_Type_contiguous((int)bytes, MPI_BYTE, &item);
    MPI_Type_commit(&item);
    MPI_Allgather(mine, 1, item, all, 1, item, team->comm);
    MPI_Type_free(&item);
}

void team_broadcast(struct team *team, size_t bytes, void *data) {
    for (size_t done = 0; done < bytes; done += SHARE_CHUNK) {
        size_t part = bytes - done < SHARE_CHUNK ? bytes - done : SHARE_CHUNK;
        MPI_Bcast((char *)data + done, (int)part, MPI_BYTE, 0, team->comm);
    }
}

enum status team_share(struct team *team, size_t *bytes, void **data) {
    uint64_t count = *bytes;
    team_broadcast(team, sizeof count, &count);
    void *copy = NULL;
    enum status status = STATUS_OK;
    if (team->rank > 0) {
        copy = memory_allocate(count, 1);
        if (!copy) status = STATUS_NO_MEMORY;
    }
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) {
        memory_free(copy);
        return status;
    }
    if (team->rank > 0) {
        *bytes = count;
        *data = copy;
    }
    team_broadcast(team, count, *data);
    return STATUS_OK;
}
