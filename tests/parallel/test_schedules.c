/* The conformance suite that every schedule of the table passes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attention_case.h"
#include "core/base/memory.h"
#include "harness.h"
#include "parallel/host.h"

/* Calls `check` for every schedule and case that it does not refuse on so many ranks. */
typedef void case_check(struct harness *h, const struct schedule *schedule,
                        const struct attention_problem *problem);

static void for_every_case(struct harness *h, case_check *check) {
    for (size_t s = 0; schedules()[s]; s++)
        for (const struct attention_case *test_case = attention_cases; test_case->name; test_case++) {
            struct attention_problem problem;
            EXPECT(h, problem_create(test_case, &problem) == STATUS_OK);
            struct attention_split split = problem_split(&problem, team_size(h->world));
            if (!schedules()[s]->refuses(&split)) {
                long before = h->broken;
                check(h, schedules()[s], &problem);
                if (h->broken > before)
                    fprintf(stderr, "... schedule %s, case %s\n", schedules()[s]->name, test_case->name);
            }
            problem_destroy(&problem);
        }
}

static void pass(struct harness *h, const struct schedule *schedule, struct team *team,
                 const struct attention_problem *problem, struct attention_work *work) {
    struct attention_split split = problem_split(problem, team_size(team));
    struct attention_share share = schedule->share(&split, team_rank(team));
    EXPECT(h, work_create(problem, share, work) == STATUS_OK);
    EXPECT(h, work_pass(schedule, team, problem, work) == STATUS_OK);
}

/* What rounding of scores leaves: a score of size z errs by z units in its last place, and so does its
 * exponential, relatively. */
static double tolerance(const struct attention_problem *problem) {
    return problem->scale > 1 ? 4e-5 : 2e-6;
}

static void check_result(struct harness *h, const struct schedule *schedule,
                         const struct attention_problem *problem) {
    struct attention_work work;
    pass(h, schedule, h->world, problem, &work);
    EXPECT(h, work_error(problem, &work) <= tolerance(problem));
    work_destroy(&work);
}

static void results_are_those_of_float64(struct harness *h) {
    for_every_case(h, check_result);
}

static void check_bytes(struct harness *h, const struct schedule *schedule,
                        const struct attention_problem *problem) {
    struct attention_work work;
    pass(h, schedule, h->world, problem, &work);
    struct attention_split split = problem_split(problem, team_size(h->world));
    uint64_t elements = schedule->elements_sent(&split, team_rank(h->world));
    EXPECT(h, work.traffic.bytes_sent == elements * sizeof(float));
    work_destroy(&work);
}

static void bytes_counted_are_bytes_predicted(struct harness *h) {
    for_every_case(h, check_bytes);
}

static void even_splits_send_what_ap1_says(struct harness *h) {
    size_t ranks = (size_t)team_size(h->world), rank = (size_t)team_rank(h->world);
    struct attention_shape shape = {3, 8 * ranks, 2 * ranks, 5 * ranks, 5 * ranks, 16};
    size_t part = shape.batch * shape.head_width * shape.key_length / ranks;
    const struct schedule *ring = schedule_named("ring"), *heads = schedule_named("heads");
    struct attention_split split = {.shape = shape, .ranks = (int)ranks};
    EXPECT(h, ring->elements_sent(&split, (int)rank) == 2 * shape.kv_heads * part * (ranks - 1));
    EXPECT(h, heads->elements_sent(&split, (int)rank) == 0);
}

static void check_threads(struct harness *h, const struct schedule *schedule,
                          const struct attention_problem *problem) {
    struct attention_work works[3];
    int oversubscribed;
    for (int i = 0; i < 3; i++) {
        EXPECT(h, host_bind(1, 0, i + 1, &oversubscribed) == STATUS_OK);
        host_unbind();
        pass(h, schedule, h->world, problem, &works[i]);
    }
    size_t outputs = work_output_count(problem, &works[0]), rows = outputs / problem->shape.head_width;
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
    for_every_case(h, check_threads);
}

static void the_error_does_not_grow_with_ranks(struct harness *h) {
    static const struct attention_case shapes[] = {
        {"plain", 1, 8, 8, 96, 16, ATTENTION_FULL, 0, false, 0},
        {"large logits", 1, 8, 8, 96, 16, ATTENTION_FULL, 0, false, 5},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (size_t s = 0; schedules()[s]; s++) {
            struct attention_problem problem;
            EXPECT(h, problem_create(&shapes[i], &problem) == STATUS_OK);
            struct team *alone;
            EXPECT(h, team_alone(&alone) == STATUS_OK);
            struct attention_work single, split;
            pass(h, schedules()[s], alone, &problem, &single);
            pass(h, schedules()[s], h->world, &problem, &split);
            double error = work_error(&problem, &split);
            team_maximum(h->world, 1, &error);
            EXPECT(h, error <= 1.5 * work_error(&problem, &single));
            work_destroy(&single);
            work_destroy(&split);
            team_destroy(&alone);
            problem_destroy(&problem);
        }
}

static void shares_cover_everything_once(struct harness *h) {
    enum { HEADS = 12, ROWS = 11 };
    const struct attention_shape shape = {1, HEADS, 4, ROWS, ROWS, 8};
    for (size_t s = 0; schedules()[s]; s++)
        for (int ranks = 1; ranks <= 20; ranks++) {
            struct attention_split split = {.shape = shape, .ranks = ranks};
            if (schedules()[s]->refuses(&split)) continue;
            int covered[HEADS][ROWS] = {{0}}, wrong = 0;
            for (int rank = 0; rank < ranks; rank++) {
                struct attention_share share = schedules()[s]->share(&split, rank);
                for (size_t head = share.head_first; head < share.head_first + share.heads; head++) {
                    size_t kv_head = head / (HEADS / 4);
                    wrong += kv_head < share.kv_head_first || kv_head >= share.kv_head_first + share.kv_heads;
                    for (size_t row = 0; row < share.rows; row++)
                        covered[head][sequence_position(share.part, row)]++;
                }
            }
            for (int i = 0; i < HEADS * ROWS; i++)
                wrong += covered[i / ROWS][i % ROWS] != 1;
            EXPECT(h, wrong == 0);
        }
}

static void heads_refuse_more_ranks_than_heads(struct harness *h) {
    const struct schedule *heads = schedule_named("heads");
    const struct attention_shape shape = {1, 4, 4, 16, 16, 8};
    const struct attention_split four = {.shape = shape, .ranks = 4}, five = {.shape = shape, .ranks = 5};
    EXPECT(h, heads->refuses(&four) == NULL);
    EXPECT(h, heads->refuses(&five) != NULL);
}

static void shapes_that_make_no_sense_are_refused(struct harness *h) {
    static const struct attention_shape senseless[] = {
        {0, 4, 4, 16, 16, 8}, {1, 4, 3, 16, 16, 8}, {1, 0, 1, 16, 16, 8},
        {1, 4, 4, 0, 0, 8},   {1, 4, 4, 16, 17, 8}, {1, 4, 4, 16, 16, ATTENTION_WIDTH_MAX + 1},
    };
    struct attention_mask mask = attention_mask_none();
    for (size_t i = 0; i < sizeof senseless / sizeof senseless[0]; i++) {
        for (size_t s = 0; schedules()[s]; s++) {
            struct schedule_run *run;
            struct attention_split split = {.shape = senseless[i], .ranks = team_size(h->world)};
            EXPECT(h, schedules()[s]->refuses(&split) != NULL);
            EXPECT(h, schedules()[s]->create(h->world, &split, &mask, &run) == STATUS_INVALID);
            EXPECT(h, run == NULL);
        }
    }
}

static void schedules_are_found_by_name(struct harness *h) {
    for (size_t s = 0; schedules()[s]; s++)
        EXPECT(h, schedule_named(schedules()[s]->name) == schedules()[s]);
    EXPECT(h, schedule_named("spiral") == NULL);
}

static void check_memory(struct harness *h, const struct schedule *schedule,
                         const struct attention_problem *problem) {
    enum { ALIGNMENT_SLACK = 64 * MEMORY_ALIGNMENT };
    struct attention_work work;
    int ranks = team_size(h->world), oversubscribed;
    EXPECT(h, host_bind(1, 0, 2, &oversubscribed) == STATUS_OK);
    host_unbind();
    struct attention_split split = problem_split(problem, ranks);
    EXPECT(h, work_create(problem, schedule->share(&split, team_rank(h->world)), &work) == STATUS_OK);
    size_t before = memory_in_use();
    struct schedule_run *run;
    EXPECT(h, schedule->create(h->world, &split, &problem->mask, &run) == STATUS_OK);
    EXPECT(h, memory_in_use() - before <= schedule->bytes_extra(&split, 2) + ALIGNMENT_SLACK);
    memory_reset_high_water();
    schedule->forward(run, problem->scale, work.queries, work.keys, work.values, work.output,
                      work.log_sum_exp, &work.traffic);
    EXPECT(h, memory_high_water() == memory_in_use());
    schedule->destroy(&run);
    EXPECT(h, memory_in_use() == before);
    work_destroy(&work);
}

static void memory_is_what_was_announced_and_all_taken_beforehand(struct harness *h) {
    for_every_case(h, check_memory);
}

static void all_learn_when_one_rank_has_no_memory(struct harness *h) {
    const struct attention_shape shape = {2, 8, 4, 24, 24, 8};
    size_t lengths[2] = {20, 3};
    struct attention_mask mask = attention_mask_none();
    mask.key_lengths = lengths;
    bool fails = team_rank(h->world) == team_size(h->world) - 1;
    for (size_t s = 0; schedules()[s]; s++)
        for (long allowed = 0; allowed < 3; allowed++) {
            size_t before = memory_in_use();
            struct schedule_run *run;
            if (fails) memory_fail_after(allowed);
            struct attention_split split = {.shape = shape, .ranks = team_size(h->world)};
            enum status status = schedules()[s]->create(h->world, &split, &mask, &run);
            memory_fail_after(-1);
            EXPECT(h, status == STATUS_NO_MEMORY);
            EXPECT(h, run == NULL);
            EXPECT(h, memory_in_use() == before);
        }
}

static void seconds_add_up_to_no_more_than_the_pass(struct harness *h) {
    static const struct attention_case plain = {"plain", 2, 8, 4, 64, 16, ATTENTION_CAUSAL, 0, false, 0};
    struct attention_problem problem;
    EXPECT(h, problem_create(&plain, &problem) == STATUS_OK);
    for (size_t s = 0; schedules()[s]; s++) {
        struct attention_work work;
        double start = parallel_seconds();
        pass(h, schedules()[s], h->world, &problem, &work);
        double seconds = parallel_seconds() - start;
        const struct attention_traffic *traffic = &work.traffic;
        EXPECT(h, traffic->seconds_compute > 0 && traffic->seconds_wait >= 0 && traffic->seconds_merge >= 0);
        EXPECT(h, traffic->seconds_compute + traffic->seconds_wait + traffic->seconds_merge <= seconds);
        work_destroy(&work);
    }
    problem_destroy(&problem);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(schedules_are_found_by_name),
        PROPERTY(shares_cover_everything_once),
        PROPERTY(heads_refuse_more_ranks_than_heads),
        PROPERTY(shapes_that_make_no_sense_are_refused),
        PROPERTY(results_are_those_of_float64),
        PROPERTY(bytes_counted_are_bytes_predicted),
        PROPERTY(even_splits_send_what_ap1_says),
        PROPERTY(bits_do_not_depend_on_threads),
        PROPERTY(the_error_does_not_grow_with_ranks),
        PROPERTY(memory_is_what_was_announced_and_all_taken_beforehand),
        PROPERTY(all_learn_when_one_rank_has_no_memory),
        PROPERTY(seconds_add_up_to_no_more_than_the_pass),
        {NULL, NULL},
    };
    return harness_main("test_schedules", properties);
}
