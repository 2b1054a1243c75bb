#include "experiments/campaign/run.h"

#include <stdlib.h>

#include "core/base/memory.h"
#include "parallel/host.h"
#include "parallel/queue.h"

/* The shared units in the order of the queue, with the expected seconds of the first i of them. */
struct lineup {
    size_t count;
    const struct unit **units;
    double *expected; /* [count + 1] */
    size_t *places;   /* [count]: where the units are in the campaign */
};

/* Longest first, so that no slow unit starts when the others are done; equal ones in the campaign's order. */
static int compare_work(const void *a, const void *b) {
    const struct unit *left = *(const struct unit *const *)a, *right = *(const struct unit *const *)b;
    if (left->estimate.flops != right->estimate.flops)
        return left->estimate.flops < right->estimate.flops ? 1 : -1;
    return left < right ? -1 : left > right;
}

static void lineup_destroy(struct lineup *lineup) {
    memory_free(lineup->units);
    memory_free(lineup->expected);
    memory_free(lineup->places);
}

static enum status lineup_allocate(size_t units, struct lineup *lineup) {
    *lineup =
        (struct lineup){0, memory_allocate(units, sizeof(struct unit *)),
                        memory_allocate(units + 1, sizeof(double)), memory_allocate(units, sizeof(size_t))};
    return lineup->units && lineup->expected && lineup->places ? STATUS_OK : STATUS_NO_MEMORY;
}

/* The order is rank 0's: ranks that see other files than it, a data set say, may estimate otherwise, and a
 * job's number must mean the same unit to all. Collective. */
static void lineup_fill(struct run *run, struct lineup *lineup) {
    const struct unit *units = run->campaign->units;
    for (size_t i = run->first; i < run->campaign->unit_count; i++)
        if (run->turns[i] == TURN_SHARED) lineup->units[lineup->count++] = &units[i];
    qsort(lineup->units, lineup->count, sizeof *lineup->units, compare_work);
    for (size_t i = 0; i < lineup->count; i++)
        lineup->places[i] = (size_t)(lineup->units[i] - units);
    team_broadcast(run->world, lineup->count * sizeof *lineup->places, lineup->places);
    for (size_t i = 0; i < lineup->count; i++) {
        lineup->units[i] = &units[lineup->places[i]];
        lineup->expected[i + 1] = lineup->expected[i] + unit_expected_seconds(lineup->units[i]);
    }
}

/* What is taken is nearly done: with many units per rank the difference is small. */
static void show_progress(struct run *run, const struct lineup *lineup, struct queue *queue, size_t before,
                          double expected_before) {
    if (team_rank(run->world) != 0) return;
    size_t taken = (size_t)queue_taken(queue);
    if (taken > lineup->count) taken = lineup->count;
    run->progress.units_done = before + taken;
    run->progress.expected_done = expected_before + lineup->expected[taken] / team_size(run->world);
    progress_show(&run->progress, taken < lineup->count ? lineup->units[taken]->experiment->schema.name : "");
}

/* The group's first rank takes a job for all of them; whichever of them was asked to stop, all do. */
static int64_t take_job(struct run *run, struct team *group, struct queue *queue, enum status status) {
    int64_t job = -1;
    double stop = status != STATUS_OK || run_should_stop(run);
    team_maximum(group, 1, &stop);
    if (team_rank(group) == 0) {
        if (stop > 0) queue_stop(queue);
        job = queue_next(queue);
    }
    team_broadcast(group, sizeof job, &job);
    return job;
}

static enum status empty_queue(struct run *run, const struct lineup *lineup, struct team *group,
                               struct queue *queue, struct error *error) {
    size_t before = run->progress.units_done;
    double expected_before = run->progress.expected_done;
    enum status status = STATUS_OK;
    for (;;) {
        int64_t job = take_job(run, group, queue, status);
        if (job < 0) return status;
        show_progress(run, lineup, queue, before, expected_before);
        status = run_unit(run, lineup->units[job], group, error);
    }
}

static enum status make_group(struct run *run, struct team **group) {
    int size = run->options->team_size;
    return size > 1 ? team_groups(run->world, size, group) : team_alone(group);
}

enum status run_shared_units(struct run *run, struct error *error) {
    struct lineup lineup;
    struct team *group = NULL;
    struct queue *queue = NULL;
    enum status status = lineup_allocate(run->campaign->unit_count - run->first, &lineup);
    if (status != STATUS_OK) error_set(error, status, "no memory to order the units");
    status = team_agree(run->world, status, error);
    if (status == STATUS_OK) lineup_fill(run, &lineup);
    if (lineup.count > 0) {
        status = make_group(run, &group);
        if (status == STATUS_OK) status = queue_create(run->world, (int64_t)lineup.count, &queue);
        if ((status = team_agree(run->world, status, error)) == STATUS_OK) {
            int oversubscribed;
            host_bind(run->host_ranks, run->host_place, run->threads, &oversubscribed);
            memory_set_limit(run_memory_share(run->host_ranks));
            status = empty_queue(run, &lineup, group, queue, error);
            memory_set_limit(0);
            host_unbind();
            status = team_agree(run->world, status, error);
        }
        queue_destroy(&queue);
        team_destroy(&group);
    }
    lineup_destroy(&lineup);
    return status;
}
