/* What tiles and all-gather promise beyond the conformance suite: every grid, and bits. */
#include <math.h>
#include <string.h>

#include "attention_case.h"
#include "core/base/memory.h"
#include "harness.h"

/* A pass with the layout and grid of the split; its bytes are those announced. */
static void pass(struct harness *h, const struct schedule *schedule, const struct attention_problem *problem,
                 struct attention_split split, struct attention_work *work) {
    struct schedule_run *run;
    EXPECT(h, work_create(problem, schedule->share(&split, team_rank(h->world)), work) == STATUS_OK);
    EXPECT(h, schedule->create(h->world, &split, &problem->mask, &run) == STATUS_OK);
    schedule->forward(run, problem->scale, work->queries, work->keys, work->values, work->output,
                      split.log_sum_exp ? work->log_sum_exp : NULL, &work->traffic);
    uint64_t elements = schedule->elements_sent(&split, team_rank(h->world));
    EXPECT(h, work->traffic.bytes_sent == elements * sizeof(float));
    schedule->destroy(&run);
}

typedef void grid_check(struct harness *h, const struct attention_problem *problem,
                        const struct attention_split *split);

/* All cases, layouts and divisors of the ranks. */
static void for_every_grid(struct harness *h, grid_check *check) {
    for (const struct attention_case *test_case = attention_cases; test_case->name; test_case++) {
        struct attention_problem problem;
        EXPECT(h, problem_create(test_case, &problem) == STATUS_OK);
        struct attention_split split = problem_split(&problem, team_size(h->world));
        for (int layout = 0; sequence_layout_names[layout]; layout++)
            for (split.ways = 1; split.ways <= split.ranks; split.ways++) {
                split.layout = (enum sequence_layout)layout;
                if (split.ranks % split.ways == 0) check(h, &problem, &split);
            }
        problem_destroy(&problem);
    }
}

static void check_error(struct harness *h, const struct attention_problem *problem,
                        const struct attention_split *split) {
    struct attention_work work;
    pass(h, schedule_named("tiles"), problem, *split, &work);
    EXPECT(h, work_error(problem, &work) <= (problem->scale > 1 ? 4e-5 : 2e-6));
    work_destroy(&work);
}

static void every_grid_gives_what_float64_gives(struct harness *h) {
    for_every_grid(h, check_error);
}

/* With one layout, since the layout has nothing to do with it. */
static void check_unwanted(struct harness *h, const struct attention_problem *problem,
                           const struct attention_split *split) {
    if (split->layout != LAYOUT_ZIGZAG) return;
    struct attention_work with, without;
    struct attention_split unwanted = *split;
    unwanted.log_sum_exp = false;
    pass(h, schedule_named("tiles"), problem, *split, &with);
    pass(h, schedule_named("tiles"), problem, unwanted, &without);
    size_t bytes = work_output_count(problem, &with) * sizeof(float);
    EXPECT(h, memcmp(with.output, without.output, bytes) == 0);
    work_destroy(&with);
    work_destroy(&without);
}

static void outputs_do_not_hang_on_whether_log_sum_exps_are_wanted(struct harness *h) {
    for_every_grid(h, check_unwanted);
}

/* One process computing this rank's rows with all keys. */
static void compute_alone(struct harness *h, const struct attention_problem *problem,
                          const struct attention_work *work, float *output, float *log_sum_exp) {
    struct attention_shape shape = problem->shape;
    shape.query_length = work->share.rows;
    struct attention_plan *plan;
    size_t *positions = memory_allocate(work->share.rows, sizeof *positions);
    EXPECT(h, positions != NULL);
    EXPECT(h, attention_plan_create(&shape, &plan) == STATUS_OK);
    sequence_positions(work->share.part, positions);
    struct attention_mask mask = problem->mask;
    mask.queries.positions = positions;
    attention_forward(plan, &mask, problem->scale, work->queries, problem->keys, problem->values, output,
                      log_sum_exp);
    attention_plan_destroy(&plan);
    memory_free(positions);
}

static void check_bits(struct harness *h, const struct attention_problem *problem,
                       const struct attention_split *split) {
    if (split->ways > 1) return;
    struct attention_work work;
    pass(h, schedule_named("allgather"), problem, *split, &work);
    size_t outputs = work_output_count(problem, &work), rows = outputs / problem->shape.head_width;
    float *output = memory_allocate(outputs, sizeof *output);
    float *log_sum_exp = memory_allocate(rows, sizeof *log_sum_exp);
    EXPECT(h, output && log_sum_exp);
    if (rows > 0) compute_alone(h, problem, &work, output, log_sum_exp);
    EXPECT(h, memcmp(output, work.output, outputs * sizeof *output) == 0);
    EXPECT(h, memcmp(log_sum_exp, work.log_sum_exp, rows * sizeof *log_sum_exp) == 0);
    memory_free(output);
    memory_free(log_sum_exp);
    work_destroy(&work);
}

static void allgather_has_the_bits_of_one_process(struct harness *h) {
    for_every_grid(h, check_bits);
}

static void tiles_refuse_ways_that_do_not_divide_the_ranks(struct harness *h) {
    const struct schedule *tiles = schedule_named("tiles");
    const struct attention_shape shape = {1, 4, 4, 16, 16, 8};
    int ranks = team_size(h->world);
    struct attention_mask mask = attention_mask_none();
    for (int ways = -1; ways <= ranks + 1; ways++) {
        const struct attention_split split = {.shape = shape, .ranks = ranks, .ways = ways};
        bool divides = ways >= 0 && (ways == 0 || ranks % ways == 0);
        EXPECT(h, (tiles->refuses(&split) == NULL) == divides);
        struct schedule_run *run = NULL;
        if (!divides) EXPECT(h, tiles->create(h->world, &split, &mask, &run) == STATUS_INVALID && !run);
    }
}

/* Every divisor is tried: none of them sends less. */
static void the_grid_chosen_sends_least(struct harness *h) {
    const struct schedule *tiles = schedule_named("tiles");
    for (size_t kv_heads = 1; kv_heads <= 8; kv_heads *= 2)
        for (int ranks = 1; ranks <= 36; ranks++) {
            struct attention_split split = {.shape = {1, 8, kv_heads, 70, 70, 16}, .ranks = ranks};
            int chosen = tiles->choose_ways(&split);
            uint64_t least = UINT64_MAX, of_chosen = 0;
            for (split.ways = 1; split.ways <= ranks; split.ways++) {
                if (ranks % split.ways != 0) continue;
                uint64_t most = 0;
                for (int rank = 0; rank < ranks; rank++) {
                    uint64_t elements = tiles->elements_sent(&split, rank);
                    if (elements > most) most = elements;
                }
                if (most < least) least = most;
                if (split.ways == chosen) of_chosen = most;
            }
            EXPECT(h, chosen > 0 && of_chosen == least);
        }
}

static void measured_rates_are_rates(struct harness *h) {
    struct schedule_rates rates;
    EXPECT(h, schedule_measure_rates(h->world, &rates) == STATUS_OK);
    EXPECT(h, rates.flops > 0 && isfinite(rates.flops));
    bool alone = team_size(h->world) == 1;
    EXPECT(h, alone || (rates.latency > 0 && isfinite(rates.latency)));
    EXPECT(h, alone || (rates.bandwidth > 0 && isfinite(rates.bandwidth)));
    double mine[3] = {rates.flops, rates.latency, rates.bandwidth}, all[3] = {mine[0], mine[1], mine[2]};
    team_maximum(h->world, 3, all);
    EXPECT(h, memcmp(mine, all, sizeof all) == 0);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(every_grid_gives_what_float64_gives),
        PROPERTY(outputs_do_not_hang_on_whether_log_sum_exps_are_wanted),
        PROPERTY(allgather_has_the_bits_of_one_process),
        PROPERTY(tiles_refuse_ways_that_do_not_divide_the_ranks),
        PROPERTY(the_grid_chosen_sends_least),
        PROPERTY(measured_rates_are_rates),
        {NULL, NULL},
    };
    return harness_main("test_tiles", properties);
}
