#include "parallel/bench/bench_measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "parallel/host.h"

enum { ROUNDS_LEAST = 3 };

/* Every rank's threads on cores of their own; false when there are too few. */
static bool bind_ranks(const struct bench *bench) {
    int oversubscribed = 0;
    host_bind(bench->on_host, bench->place, bench->options->threads, &oversubscribed);
    return !oversubscribed;
}

/* All cores of the ranks to rank 0, which then works alone. */
static void bind_alone(const struct bench *bench) {
    int oversubscribed = 0;
    host_bind(1, 0, bench->options->threads * bench->on_host, &oversubscribed);
}

/* The arrays of a share, drawn once however many entrants have it. */
static enum status data_for(struct bench *bench, struct attention_share share, struct bench_data **data) {
    for (size_t i = 0; i < bench->data_count; i++)
        if (bench_data_holds(&bench->data[i], &share)) {
            *data = &bench->data[i];
            return STATUS_OK;
        }
    *data = &bench->data[bench->data_count++];
    return bench_data_create(&bench->options->split.shape, &bench->mask, share, *data);
}

static struct bench_entrant *add_entrant(struct bench *bench, const struct schedule *schedule,
                                         const struct attention_split *split) {
    struct bench_entrant *entrant = &bench->entrants[bench->count++];
    *entrant = (struct bench_entrant){.schedule = schedule, .split = *split};
    if (schedule)
        entrant->seconds_predicted = schedule->seconds(&entrant->split, &bench->mask, &bench->rates);
    return entrant;
}

/* The schedule unless it refuses; why it does is said for one that was asked for by name. */
static enum status add_schedule(struct bench *bench, const struct schedule *schedule, struct error *error) {
    struct attention_split split = bench->options->split;
    if (schedule->choose_ways && split.ways == 0) split.ways = schedule->choose_ways(&split);
    const char *refusal = schedule->refuses(&split);
    if (refusal) return error_set(error, STATUS_INVALID, "%s: %s", schedule->name, refusal);
    add_entrant(bench, schedule, &split);
    return STATUS_OK;
}

static enum status add_chosen(struct bench *bench, struct error *error) {
    struct attention_split split = bench->options->split;
    struct schedule_choice choice = schedule_auto(&split, &bench->mask, &bench->rates);
    if (!choice.schedule) return error_set(error, STATUS_INVALID, "auto: %s", choice.reason);
    split.ways = choice.ways;
    struct bench_entrant *entrant = add_entrant(bench, choice.schedule, &split);
    snprintf(entrant->reason, sizeof entrant->reason, "%s", choice.reason);
    return STATUS_OK;
}

static enum status add_schedules(struct bench *bench, struct error *error) {
    const char *name = bench->options->schedule;
    if (strcmp(name, "auto") == 0) return add_chosen(bench, error);
    if (strcmp(name, "all") != 0) return add_schedule(bench, schedule_named(name), error);
    size_t before = bench->count;
    for (size_t i = 0; schedules()[i] && bench->count < BENCH_SCHEDULES_MAX; i++)
        if (add_schedule(bench, schedules()[i], error) != STATUS_OK && team_rank(bench->world) == 0)
            fprintf(stderr, "schedule_bench: %s\n", error->text);
    return bench->count > before ? STATUS_OK : STATUS_INVALID;
}

/* One process: the whole on rank 0, nothing elsewhere. */
static enum status create_alone(struct bench *bench, struct bench_entrant *entrant) {
    if (team_rank(bench->world) > 0) return STATUS_OK;
    const struct attention_shape *shape = &bench->options->split.shape;
    struct attention_share whole = {.heads = shape->heads,
                                    .kv_heads = shape->kv_heads,
                                    .part = sequence_whole(shape->query_length),
                                    .rows = shape->query_length};
    CHECK(data_for(bench, whole, &entrant->data));
    bind_alone(bench);
    enum status status = attention_plan_create(shape, &entrant->alone);
    bind_ranks(bench);
    return status;
}

static enum status create_run(struct bench *bench, struct bench_entrant *entrant) {
    if (!entrant->schedule) return team_agree(bench->world, create_alone(bench, entrant), NULL);
    struct attention_share share = entrant->schedule->share(&entrant->split, team_rank(bench->world));
    CHECK(team_agree(bench->world, data_for(bench, share, &entrant->data), NULL));
    return entrant->schedule->create(bench->world, &entrant->split, &bench->mask, &entrant->run);
}

/* Seconds of the whole on rank 0 while the others sleep; the same on every rank. */
static double pass_alone(const struct bench *bench, const struct bench_entrant *entrant) {
    double seconds = 0;
    if (entrant->alone) {
        const struct bench_data *data = entrant->data;
        bind_alone(bench);
        double start = parallel_seconds();
        attention_forward(entrant->alone, &bench->mask, attention_scale(&data->shape), data->queries,
                          data->keys, data->values, data->output, NULL);
        seconds = parallel_seconds() - start;
        bind_ranks(bench);
    }
    team_rendezvous(bench->world);
    team_maximum(bench->world, 1, &seconds);
    return seconds;
}

/* Seconds of the slowest rank; the same on every rank. */
static double pass_split(const struct bench *bench, struct bench_entrant *entrant) {
    const struct bench_data *data = entrant->data;
    struct split_traffic traffic, *sums = &entrant->sums;
    team_barrier(bench->world);
    double start = parallel_seconds();
    entrant->schedule->forward(entrant->run, attention_scale(&data->shape), data->queries, data->keys,
                               data->values, data->output, NULL, &traffic);
    double seconds = parallel_seconds() - start;
    team_maximum(bench->world, 1, &seconds);
    sums->bytes_sent += traffic.bytes_sent;
    sums->seconds_compute += traffic.seconds_compute;
    sums->seconds_transfer += traffic.seconds_transfer;
    sums->seconds_wait += traffic.seconds_wait;
    sums->seconds_merge += traffic.seconds_merge;
    return seconds;
}

static double pass(const struct bench *bench, struct bench_entrant *entrant) {
    return entrant->schedule ? pass_split(bench, entrant) : pass_alone(bench, entrant);
}

/* A first pass, which also warms up. */
static enum status check_results(struct bench *bench) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < bench->count; i++) {
        struct bench_entrant *entrant = &bench->entrants[i];
        pass(bench, entrant);
        entrant->sums = (struct split_traffic){0};
        if (status == STATUS_OK && entrant->data)
            status = bench_data_check(entrant->data, &entrant->max_abs_error);
    }
    return team_agree(bench->world, status, NULL);
}

/* What is known before anything is created: all ranks find the same. */
static enum status choose_entrants(struct bench *bench, struct error *error) {
    const struct bench_options *options = bench->options;
    if (options->baseline) {
        if (bench->on_host != team_size(bench->world))
            return error_set(error, STATUS_INVALID, "one process cannot have the threads of several hosts");
        add_entrant(bench, NULL, &options->split);
    }
    return add_schedules(bench, error);
}

enum status bench_create(struct team *world, const struct bench_options *options, struct bench *bench,
                         struct error *error) {
    *bench = (struct bench){.world = world, .options = options, .mask = options->mask};
    bench->entrants = memory_allocate(BENCH_SCHEDULES_MAX, sizeof *bench->entrants);
    CHECK(team_agree(world, bench->entrants ? STATUS_OK : STATUS_NO_MEMORY, NULL));
    team_on_host(world, &bench->on_host, &bench->place);
    if (!bind_ranks(bench) && bench->place == 0)
        fprintf(stderr, "schedule_bench: more threads than cores: nothing is pinned\n");
    CHECK(schedule_measure_rates(world, &bench->rates));
    CHECK(choose_entrants(bench, error));
    for (size_t i = 0; i < bench->count; i++)
        CHECK(create_run(bench, &bench->entrants[i]));
    return check_results(bench);
}

void bench_destroy(struct bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        struct bench_entrant *entrant = &bench->entrants[i];
        if (entrant->run) entrant->schedule->destroy(&entrant->run);
        attention_plan_destroy(&entrant->alone);
    }
    for (size_t i = 0; i < bench->data_count; i++)
        bench_data_destroy(&bench->data[i]);
    memory_free(bench->entrants);
    host_unbind();
}

void bench_sample(struct bench *bench) {
    double start = parallel_seconds(), passed = 0;
    while (bench->samples < BENCH_SAMPLES_MAX &&
           (bench->samples < ROUNDS_LEAST || passed < bench->options->seconds)) {
        for (size_t i = 0; i < bench->count; i++)
            bench->entrants[i].seconds[bench->samples] = pass(bench, &bench->entrants[i]);
        bench->samples++;
        passed = parallel_seconds() - start;
        team_broadcast(bench->world, sizeof passed, &passed);
    }
}
