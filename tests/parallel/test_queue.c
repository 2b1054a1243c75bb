#include <time.h>

#include "core/base/memory.h"
#include "harness.h"
#include "parallel/queue.h"

enum { JOBS_MAX = 1000 };

static enum status make_queue(struct harness *h, int64_t count, int group, struct queue **queue) {
    return group > 0 ? queue_create_in_groups(h->world, count, group, queue)
                     : queue_create(h->world, count, queue);
}

/* Groups 0 stands for real hosts. */
static void expect_each_job_once(struct harness *h, int64_t count, int group) {
    static double times_taken[JOBS_MAX];
    struct queue *queue;
    EXPECT(h, make_queue(h, count, group, &queue) == STATUS_OK);
    for (int64_t i = 0; i < count; i++)
        times_taken[i] = 0;
    int64_t before = -1;
    for (int64_t job; (job = queue_next(queue)) >= 0; before = job) {
        EXPECT(h, job > before && job < count);
        times_taken[job]++;
    }
    EXPECT(h, queue_next(queue) == -1);
    team_sum(h->world, (size_t)count, times_taken);
    long wrong = 0;
    for (int64_t i = 0; i < count; i++)
        wrong += times_taken[i] != 1;
    EXPECT(h, wrong == 0);
    EXPECT(h, queue_taken(queue) == count);
    queue_destroy(&queue);
    EXPECT(h, queue == NULL);
}

static void every_job_is_taken_exactly_once(struct harness *h) {
    for (int group = 0; group <= 3; group++) {
        expect_each_job_once(h, 0, group);
        expect_each_job_once(h, 1, group);
        expect_each_job_once(h, team_size(h->world) - 1, group);
        expect_each_job_once(h, JOBS_MAX, group);
    }
}

static void negative_counts_are_refused(struct harness *h) {
    struct queue *queue;
    EXPECT(h, queue_create(h->world, -1, &queue) == STATUS_INVALID);
    EXPECT(h, queue == NULL);
}

static void all_learn_when_one_rank_has_no_memory(struct harness *h) {
    bool fails = team_rank(h->world) == team_size(h->world) - 1;
    for (long allowed = 0; allowed < 3; allowed++) {
        struct queue *queue;
        size_t before = memory_in_use();
        if (fails) memory_fail_after(allowed);
        EXPECT(h, queue_create(h->world, 10, &queue) == STATUS_NO_MEMORY);
        memory_fail_after(-1);
        EXPECT(h, queue == NULL);
        EXPECT(h, memory_in_use() == before);
    }
}

static void a_busy_rank_holds_up_nobody(struct harness *h) {
    if (team_size(h->world) == 1) return;
    struct queue *queue;
    EXPECT(h, queue_create(h->world, 100, &queue) == STATUS_OK);
    team_barrier(h->world);
    bool busy = team_rank(h->world) == 0;
    int taken = 0;
    if (busy) {
        taken = queue_next(queue) >= 0;
        /* Computes on, without a call to MPI, until the others have done all the rest. */
        while (queue_taken(queue) < 100)
            nanosleep(&(struct timespec){0, 100000}, NULL);
    }
    while (queue_next(queue) >= 0)
        taken++;
    if (busy) EXPECT(h, taken <= 1);
    double all = taken;
    team_sum(h->world, 1, &all);
    EXPECT(h, all == 100);
    queue_destroy(&queue);
}

/* Takes jobs until the queue gives no more, however long a message takes. */
static int64_t take_until_stopped(struct queue *queue) {
    int64_t taken = 0;
    while (queue_next(queue) >= 0) {
        taken++;
        nanosleep(&(struct timespec){0, 100000}, NULL);
    }
    return taken;
}

static void a_stop_reaches_every_rank(struct harness *h) {
    const int64_t endless = INT64_MAX / 2;
    for (int group = 0; group <= 2; group++) {
        struct queue *queue;
        EXPECT(h, make_queue(h, endless, group, &queue) == STATUS_OK);
        if (team_rank(h->world) == team_size(h->world) - 1) {
            EXPECT(h, queue_next(queue) >= 0);
            queue_stop(queue);
            EXPECT(h, queue_next(queue) == -1);
        }
        EXPECT(h, take_until_stopped(queue) < endless);
        EXPECT(h, queue_next(queue) == -1);
        queue_destroy(&queue);
    }
}

static void stops_of_all_ranks_at_once_are_settled(struct harness *h) {
    for (int group = 0; group <= 2; group++) {
        struct queue *queue;
        EXPECT(h, make_queue(h, 10, group, &queue) == STATUS_OK);
        queue_stop(queue);
        queue_stop(queue);
        EXPECT(h, queue_next(queue) == -1);
        queue_destroy(&queue);
        expect_each_job_once(h, 10, group);
    }
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(every_job_is_taken_exactly_once),
        PROPERTY(negative_counts_are_refused),
        PROPERTY(all_learn_when_one_rank_has_no_memory),
        PROPERTY(a_busy_rank_holds_up_nobody),
        PROPERTY(a_stop_reaches_every_rank),
        PROPERTY(stops_of_all_ranks_at_once_are_settled),
        {NULL, NULL},
    };
    return harness_main("test_queue", properties);
}
