/* The conformance suite that every schedule of the table passes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attention_case.h"
#include "core/base/memory.h"
#include "harness.h"
#include "parallel/host.h"

/* One way to solve one problem. */
struct trial {
    const struct schedule *schedule;
    const struct attention_problem *problem;
    struct attention_split split;
};

/* Collective. */
typedef void trial_check(struct harness *h, const struct trial *trial);

static void try_one(struct harness *h, const struct trial *trial, const char *name, trial_check *check) {
    if (trial->schedule->refuses(&trial->split)) return;
    long before = h->broken;
    check(h, trial);
    if (h->broken > before)
        fprintf(stderr, "... schedule %s, %s, %d ways, case %s\n", trial->schedule->name,
                sequence_layout_names[trial->split.layout], trial->split.ways, name);
}

/* Every grid under one layout. */
static void try_grids(struct harness *h, struct trial trial, const char *name, trial_check *check) {
    if (!trial.schedule->choose_ways) {
        try_one(h, &trial, name, check);
        return;
    }
    for (trial.split.ways = 1; trial.split.ways <= trial.split.ranks; trial.split.ways++)
        if (trial.split.ranks % trial.split.ways == 0) try_one(h, &trial, name, check);
}

enum { LAYOUTS = 3 };

/* Calls `check` for every schedule and grid that is not refused on so many ranks, with `layouts` of the three
 * layouts beginning with number `first`. Schedules that do not split rows get one. */
static void try_schedules(struct harness *h, const struct attention_case *test_case, int first, int layouts,
                          trial_check *check) {
    struct attention_problem problem;
    EXPECT(h, problem_create(test_case, &problem) == STATUS_OK);
    for (size_t s = 0; schedules()[s]; s++) {
        struct trial trial = {schedules()[s], &problem, problem_split(&problem, team_size(h->world))};
        bool rows_whole = trial.schedule == schedule_named("heads");
        for (int i = 0; i < (rows_whole ? 1 : layouts); i++) {
            trial.split.layout = (enum sequence_layout)((first + i) % LAYOUTS);
            try_grids(h, trial, test_case->name, check);
        }
    }
    problem_destroy(&problem);
}

static void for_every_trial(struct harness *h, trial_check *check) {
    for (const struct attention_case *test_case = attention_cases; test_case->name; test_case++)
        try_schedules(h, test_case, 0, LAYOUTS, check);
}

/* The cases take turns with the layouts. */
static void for_a_third_of_trials(struct harness *h, trial_check *check) {
    for (int i = 0; attention_cases[i].name; i++)
        try_schedules(h, &attention_cases[i], i % LAYOUTS, 1, check);
}

/* One pass over the team. */
static void pass(struct harness *h, const struct trial *trial, struct team *team,
                 struct attention_work *work) {
    const struct attention_split *split = &trial->split;
    struct attention_share share = trial->schedule->share(split, team_rank(team));
    EXPECT(h, work_create(trial->problem, share, work) == STATUS_OK);
    EXPECT(h, work_pass(trial->schedule, team, trial->problem, split, work) == STATUS_OK);
}

static void check_result(struct harness *h, const struct trial *trial) {
    struct attention_work work;
    pass(h, trial, h->world, &work);
    EXPECT(h, work_error(trial->problem, &work) <= problem_tolerance(trial->problem));
    uint64_t elements = trial->schedule->elements_sent(&trial->split, team_rank(h->world));
    EXPECT(h, work.traffic.bytes_sent == elements * sizeof(float));
    work_destroy(&work);
}

static void results_are_those_of_float64_and_bytes_those_predicted(struct harness *h) {
    for_every_trial(h, check_result);
}

static void check_output(struct harness *h, const struct trial *trial) {
    struct attention_work work;
    struct trial unwanted = *trial;
    unwanted.split.log_sum_exp = false;
    pass(h, &unwanted, h->world, &work);
    EXPECT(h, work_output_error(trial->problem, &work) <= problem_tolerance(trial->problem));
    uint64_t elements = trial->schedule->elements_sent(&unwanted.split, team_rank(h->world));
    EXPECT(h, work.traffic.bytes_sent == elements * sizeof(float));
    work_destroy(&work);
}

static void so_are_they_when_log_sum_exps_are_unwanted(struct harness *h) {
    for_a_third_of_trials(h, check_output);
}

/* claims.md AP1, word by word: heads, lengths and ranks divide. */
static void even_splits_send_what_ap1_says(struct harness *h) {
    size_t ranks = (size_t)team_size(h->world);
    struct attention_shape shape = {3, 8 * ranks, 2 * ranks, 6 * ranks, 6 * ranks, 16};
    size_t c = shape.batch * shape.head_width * shape.key_length / ranks;
    size_t heads = shape.heads, kv_heads = shape.kv_heads;
    struct attention_split split = {.shape = shape, .ranks = (int)ranks};
    for (int rank = 0; rank < split.ranks; rank++)
        for (int layout = 0; sequence_layout_names[layout]; layout++) {
            split.layout = (enum sequence_layout)layout;
            EXPECT(h, schedule_named("heads")->elements_sent(&split, rank) == 0);
            size_t blocks = 2 * kv_heads * c * (ranks - 1);
            EXPECT(h, schedule_named("ring")->elements_sent(&split, rank) == blocks);
            EXPECT(h, schedule_named("allgather")->elements_sent(&split, rank) == blocks);
            size_t all_to_all = (2 * heads + 2 * kv_heads) * c * (ranks - 1) / ranks;
            EXPECT(h, schedule_named("ulysses")->elements_sent(&split, rank) == all_to_all);
            for (size_t u = 1; u <= ranks; u++) {
                if (ranks % u != 0) continue;
                split.ways = (int)u;
                size_t expected =
                    (2 * heads + 2 * kv_heads) * c * (u - 1) / u + 2 * kv_heads * c * (ranks / u - 1);
                EXPECT(h, schedule_named("hybrid")->elements_sent(&split, rank) == expected);
            }
        }
}

static void check_threads(struct harness *h, const struct trial *trial) {
    struct attention_work works[3];
    int oversubscribed;
    for (int i = 0; i < 3; i++) {
        EXPECT(h, host_bind(1, 0, i + 1, &oversubscribed) == STATUS_OK);
        host_unbind();
        pass(h, trial, h->world, &works[i]);
    }
    size_t width = trial->problem->shape.head_width;
    size_t outputs = work_output_count(trial->problem, &works[0]), rows = outputs / width;
    for (int i = 1; i < 3; i++) {
        EXPECT(h, memcmp(works[0].output, works[i].output, outputs * sizeof(float)) == 0);
        EXPECT(h, memcmp(works[0].log_sum_exp, works[i].log_sum_exp, rows * sizeof(float)) == 0);
    }
    for (int i = 0; i < 3; i++)
        work_destroy(&works[i]);
    host_bind(1, 0, 1, &oversubscribed);
    host_unbind();
}

static void bits_do_not_depend_on_threads(struct harness *h) {
    for_a_third_of_trials(h, check_threads);
}

static void expect_same_bits(struct harness *h, const struct trial *one, const struct trial *other) {
    struct attention_work works[2];
    pass(h, one, h->world, &works[0]);
    pass(h, other, h->world, &works[1]);
    size_t outputs = work_output_count(one->problem, &works[0]);
    EXPECT(h, memcmp(works[0].output, works[1].output, outputs * sizeof(float)) == 0);
    for (int i = 0; i < 2; i++)
        work_destroy(&works[i]);
}

static void check_limits_of_hybrid(struct harness *h, const struct trial *trial) {
    struct trial other = *trial;
    if (trial->schedule != schedule_named("hybrid")) return;
    if (trial->split.ways == 1) {
        other.schedule = schedule_named("ring");
        expect_same_bits(h, trial, &other);
    }
    if (trial->split.ways == trial->split.ranks) {
        other.schedule = schedule_named("ulysses");
        expect_same_bits(h, trial, &other);
    }
}

static void hybrid_is_ring_with_one_way_and_ulysses_with_all(struct harness *h) {
    for_a_third_of_trials(h, check_limits_of_hybrid);
}

static void check_growth(struct harness *h, const struct trial *trial) {
    struct team *alone;
    EXPECT(h, team_alone(&alone) == STATUS_OK);
    struct trial single = *trial;
    single.split.ranks = 1;
    single.split.ways = 0;
    struct attention_work by_one, by_all;
    pass(h, &single, alone, &by_one);
    pass(h, trial, h->world, &by_all);
    double error = work_error(trial->problem, &by_all);
    team_maximum(h->world, 1, &error);
    EXPECT(h, error <= 1.5 * work_error(trial->problem, &by_one));
    work_destroy(&by_one);
    work_destroy(&by_all);
    team_destroy(&alone);
}

static void the_error_does_not_grow_with_ranks(struct harness *h) {
    static const struct attention_case shapes[] = {
        {"plain", 1, 8, 8, 96, 16, ATTENTION_FULL, 0, false, 0},
        {"large logits", 1, 8, 8, 96, 16, ATTENTION_FULL, 0, false, 5},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        try_schedules(h, &shapes[i], 0, LAYOUTS, check_growth);
}

static void check_memory(struct harness *h, const struct trial *trial) {
    enum { ALIGNMENT_SLACK = 64 * MEMORY_ALIGNMENT };
    const struct schedule *schedule = trial->schedule;
    const struct attention_split *split = &trial->split;
    struct attention_work work;
    int oversubscribed;
    EXPECT(h, host_bind(1, 0, 2, &oversubscribed) == STATUS_OK);
    host_unbind();
    EXPECT(h, work_create(trial->problem, schedule->share(split, team_rank(h->world)), &work) == STATUS_OK);
    size_t before = memory_in_use();
    struct schedule_run *run;
    EXPECT(h, schedule->create(h->world, split, &trial->problem->mask, &run) == STATUS_OK);
    EXPECT(h, memory_in_use() - before <= schedule->bytes_extra(split, 2) + ALIGNMENT_SLACK);
    memory_reset_high_water();
    schedule->forward(run, trial->problem->scale, work.queries, work.keys, work.values, work.output,
                      work.log_sum_exp, &work.traffic);
    EXPECT(h, memory_high_water() == memory_in_use());
    schedule->destroy(&run);
    EXPECT(h, memory_in_use() == before);
    work_destroy(&work);
}

static void memory_is_what_was_announced_and_all_taken_beforehand(struct harness *h) {
    for_a_third_of_trials(h, check_memory);
}

/* Creates a run while one rank may allocate so often and no more. */
static enum status create_with(struct harness *h, const struct trial *trial, bool fails, long allowed) {
    size_t before = memory_in_use();
    struct schedule_run *run;
    if (fails) memory_fail_after(allowed);
    enum status status = trial->schedule->create(h->world, &trial->split, &trial->problem->mask, &run);
    memory_fail_after(-1);
    EXPECT(h, (run != NULL) == (status == STATUS_OK));
    EXPECT(h, status == STATUS_OK || status == STATUS_NO_MEMORY);
    if (run) trial->schedule->destroy(&run);
    EXPECT(h, memory_in_use() == before);
    return status;
}

static void check_failure(struct harness *h, const struct trial *trial) {
    enum { ALLOCATIONS_MOST = 200 };
    bool fails = team_rank(h->world) == team_size(h->world) - 1;
    long allowed = 0;
    while (allowed < ALLOCATIONS_MOST && create_with(h, trial, fails, allowed) != STATUS_OK)
        allowed++;
    EXPECT(h, allowed >= 3 && allowed < ALLOCATIONS_MOST);
}

static void all_learn_when_one_rank_has_no_memory_at_any_allocation(struct harness *h) {
    static const struct attention_case ragged = {"ragged", 2, 8, 4, 24, 8, ATTENTION_CAUSAL, 0, true, 0};
    try_schedules(h, &ragged, LAYOUT_ZIGZAG, 1, check_failure);
}

static void check_seconds(struct harness *h, const struct trial *trial) {
    struct attention_work work;
    double start = parallel_seconds();
    pass(h, trial, h->world, &work);
    double seconds = parallel_seconds() - start;
    const struct split_traffic *traffic = &work.traffic;
    EXPECT(h, traffic->seconds_compute > 0 && traffic->seconds_wait >= 0 && traffic->seconds_merge >= 0);
    EXPECT(h, traffic->seconds_compute + traffic->seconds_wait + traffic->seconds_merge <= seconds);
    EXPECT(h, traffic->seconds_transfer >= 0 && traffic->seconds_transfer <= seconds);
    EXPECT(h, (traffic->seconds_transfer > 0) >= (traffic->bytes_sent > 0));
    work_destroy(&work);
}

static void seconds_add_up_to_no_more_than_the_pass(struct harness *h) {
    static const struct attention_case plain = {"plain", 2, 8, 4, 64, 16, ATTENTION_CAUSAL, 0, false, 0};
    try_schedules(h, &plain, 0, LAYOUTS, check_seconds);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(results_are_those_of_float64_and_bytes_those_predicted),
        PROPERTY(so_are_they_when_log_sum_exps_are_unwanted),
        PROPERTY(even_splits_send_what_ap1_says),
        PROPERTY(hybrid_is_ring_with_one_way_and_ulysses_with_all),
        PROPERTY(bits_do_not_depend_on_threads),
        PROPERTY(the_error_does_not_grow_with_ranks),
        PROPERTY(memory_is_what_was_announced_and_all_taken_beforehand),
        PROPERTY(all_learn_when_one_rank_has_no_memory_at_any_allocation),
        PROPERTY(seconds_add_up_to_no_more_than_the_pass),
        {NULL, NULL},
    };
    return harness_main("test_schedules", properties);
}
