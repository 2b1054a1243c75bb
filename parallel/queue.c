#include "parallel/queue.h"

#include <stdatomic.h>

#include "core/base/memory.h"
#include "parallel/team_comm.h"

enum { STOP_TAG = 1 };

/* Lives in memory that the ranks of a host share. */
struct counter {
    _Atomic int64_t next;
    atomic_int stopped;
};

struct queue {
    struct team *team;
    MPI_Comm all, host; /* `all` is the queue's own: its messages are nobody else's */
    MPI_Win window;
    struct counter *counter;
    int64_t count;
    int members_count;
    int *members;         /* ranks of `all` that are on this host, ascending */
    int64_t host_jobs;    /* jobs dealt to this host */
    MPI_Request *notices; /* [size]: the messages of queue_stop */
    int notices_count;
    int notices_heard;
    bool stop_told; /* this rank has told the other hosts */
};

/* Job number of the index-th job of this host. */
static int64_t host_job(const struct queue *queue, int64_t index) {
    int64_t round = index / queue->members_count;
    return round * queue->team->size + queue->members[index % queue->members_count];
}

static int64_t count_host_jobs(const struct queue *queue) {
    int64_t jobs = 0;
    for (int i = 0; i < queue->members_count; i++) {
        int64_t after = queue->count - queue->members[i];
        if (after > 0) jobs += (after + queue->team->size - 1) / queue->team->size;
    }
    return jobs;
}

/* Ranks of one host, split further into groups when group_ranks > 0. */
static void split_by_host(struct queue *queue, int group_ranks) {
    int rank = queue->team->rank;
    MPI_Comm host;
    MPI_Comm_split_type(queue->all, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &host);
    MPI_Comm_split(host, group_ranks > 0 ? rank / group_ranks : 0, rank, &queue->host);
    MPI_Comm_free(&host);
    MPI_Comm_size(queue->host, &queue->members_count);
}

static enum status allocate_lists(struct queue *queue) {
    queue->members = memory_allocate((size_t)queue->members_count, sizeof *queue->members);
    queue->notices = memory_allocate((size_t)queue->team->size, sizeof(MPI_Request));
    return queue->members && queue->notices ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A host's first rank provides the counter. */
static void share_counter(struct queue *queue) {
    int place;
    MPI_Comm_rank(queue->host, &place);
    MPI_Aint bytes = place == 0 ? sizeof(struct counter) : 0;
    int unit;
    MPI_Win_allocate_shared(bytes, 1, MPI_INFO_NULL, queue->host, &queue->counter, &queue->window);
    MPI_Win_shared_query(queue->window, 0, &bytes, &unit, &queue->counter);
    if (place == 0) {
        atomic_init(&queue->counter->next, 0);
        atomic_init(&queue->counter->stopped, 0);
    }
    MPI_Win_lock_all(MPI_MODE_NOCHECK, queue->window);
    MPI_Win_sync(queue->window);
    MPI_Barrier(queue->host);
    MPI_Win_sync(queue->window);
}

static void release_lists(struct queue *queue) {
    memory_free(queue->members);
    memory_free(queue->notices);
    MPI_Comm_free(&queue->host);
    MPI_Comm_free(&queue->all);
    memory_free(queue);
}

enum status queue_create_in_groups(struct team *team, int64_t count, int ranks, struct queue **queue) {
    *queue = NULL;
    if (count < 0 || ranks < 0) return STATUS_INVALID;
    struct queue *made = memory_allocate(1, sizeof *made);
    enum status status = team_agree(team, made ? STATUS_OK : STATUS_NO_MEMORY, NULL);
    if (status != STATUS_OK) {
        memory_free(made);
        return status;
    }
    made->team = team;
    made->count = count;
    MPI_Comm_dup(team->comm, &made->all);
    split_by_host(made, ranks);
    status = team_agree(team, allocate_lists(made), NULL);
    if (status != STATUS_OK) {
        release_lists(made);
        return status;
    }
    MPI_Allgather(&team->rank, 1, MPI_INT, made->members, 1, MPI_INT, made->host);
    made->host_jobs = count_host_jobs(made);
    share_counter(made);
    *queue = made;
    return STATUS_OK;
}

enum status queue_create(struct team *team, int64_t count, struct queue **queue) {
    return queue_create_in_groups(team, count, 0, queue);
}

static void hear_stop(struct queue *queue) {
    MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, STOP_TAG, queue->all, MPI_STATUS_IGNORE);
    queue->notices_heard++;
    atomic_store(&queue->counter->stopped, 1);
}

static bool several_hosts(const struct queue *queue) {
    return queue->members_count < queue->team->size;
}

int64_t queue_next(struct queue *queue) {
    if (several_hosts(queue)) {
        int arrived;
        MPI_Iprobe(MPI_ANY_SOURCE, STOP_TAG, queue->all, &arrived, MPI_STATUS_IGNORE);
        if (arrived) hear_stop(queue);
    }
    if (atomic_load(&queue->counter->stopped)) return -1;
    int64_t index = atomic_fetch_add(&queue->counter->next, 1);
    return index < queue->host_jobs ? host_job(queue, index) : -1;
}

int64_t queue_taken(struct queue *queue) {
    int64_t taken = atomic_load(&queue->counter->next);
    if (taken > queue->host_jobs) taken = queue->host_jobs;
    if (!several_hosts(queue)) return taken;
    if (queue->host_jobs == 0) return queue->count;
    return (int64_t)((double)queue->count * (double)taken / (double)queue->host_jobs);
}

static bool on_this_host(const struct queue *queue, int rank) {
    for (int i = 0; i < queue->members_count; i++)
        if (queue->members[i] == rank) return true;
    return false;
}

void queue_stop(struct queue *queue) {
    atomic_store(&queue->counter->stopped, 1);
    if (queue->stop_told || !several_hosts(queue)) return;
    queue->stop_told = true;
    for (int rank = 0; rank < queue->team->size; rank++)
        if (!on_this_host(queue, rank))
            MPI_Isend(NULL, 0, MPI_BYTE, rank, STOP_TAG, queue->all, &queue->notices[queue->notices_count++]);
}

/* Takes in the notices that nobody looked at any more: one from each rank of another host that stopped. */
static void settle_notices(struct queue *queue) {
    int mine = queue->stop_told, everywhere, here;
    MPI_Allreduce(&mine, &everywhere, 1, MPI_INT, MPI_SUM, queue->all);
    MPI_Allreduce(&mine, &here, 1, MPI_INT, MPI_SUM, queue->host);
    for (int missing = everywhere - here - queue->notices_heard; missing > 0; missing--)
        hear_stop(queue);
    MPI_Waitall(queue->notices_count, queue->notices, MPI_STATUSES_IGNORE);
}

void queue_destroy(struct queue **queue) {
    struct queue *gone = *queue;
    if (!gone) return;
    team_rendezvous(gone->team);
    settle_notices(gone);
    MPI_Win_unlock_all(gone->window);
    MPI_Win_free(&gone->window);
    release_lists(gone);
    *queue = NULL;
}
