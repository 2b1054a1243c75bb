/* The conformance suite of the splits of convolution and recurrence. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "harness.h"
#include "parallel/host.h"
#include "sequence_case.h"

/* Allocations add at most two cache lines each; a run has at most so many. */
enum { ALIGNMENT_SLACK = 96 * 2 * MEMORY_ALIGNMENT, THREADS = 3 };

/* Collective. */
typedef void split_check(struct harness *h, const struct sequence_problem *problem);

static void check_kind(struct harness *h, size_t index, struct sequence_problem *problem,
                       enum sequence_split_kind kind, split_check *check) {
    problem->split.kind = kind;
    if (sequence_split_refuses(&problem->split)) return;
    long before = h->broken;
    check(h, problem);
    if (h->broken > before)
        fprintf(stderr, "... case %zu, split %s, chunk %zu\n", index, sequence_split_names[kind],
                problem->split.chunk);
}

/* One case of `every` in every way that is not refused; pipelines with chunks of several kinds in turns. */
static void for_splits(struct harness *h, size_t every, split_check *check) {
    static const size_t chunks[] = {0, 5, 1, SIZE_MAX};
    for (size_t i = 0; i < sequence_case_count; i += every) {
        struct sequence_problem problem;
        EXPECT(h, sequence_problem_create(&sequence_cases[i], &problem) == STATUS_OK);
        problem.split.ranks = team_size(h->world);
        problem.split.chunk = chunks[i % 4];
        for (int kind = 0; sequence_split_names[kind]; kind++)
            check_kind(h, i, &problem, (enum sequence_split_kind)kind, check);
        sequence_problem_destroy(&problem);
    }
}

static void use_threads(struct harness *h, int threads) {
    int oversubscribed;
    EXPECT(h, host_bind(1, 0, threads, &oversubscribed) == STATUS_OK);
    host_unbind();
}

static double flops_of(const struct sequence_split *split) {
    if (split->layer == LAYER_RECURRENT) return recurrent_flops(&split->recurrent);
    return split->layer == LAYER_SEPARABLE ? separable_flops(&split->convolution)
                                           : convolution_flops(&split->convolution);
}

/* The parts are the whole, and so is the work of all ranks. */
static void check_sums(struct harness *h, const struct sequence_problem *problem, size_t outputs,
                       struct work done) {
    double sums[2] = {(double)outputs, (double)work_total(done)};
    team_sum(h->world, 2, sums);
    struct sequence_split alone = problem->split;
    alone.kind = SPLIT_BATCH;
    alone.ranks = 1;
    struct sequence_share whole = sequence_split_output(&alone, 0);
    EXPECT(h, sums[0] == (double)sequence_share_outputs(&alone, &whole));
    EXPECT(h, sums[1] == flops_of(&alone));
}

/* The second pass begins anew; the first leaves other numbers in its place. */
static void check_pass(struct harness *h, const struct sequence_problem *problem) {
    int rank = team_rank(h->world);
    struct sequence_work work;
    struct split_traffic traffic;
    struct sequence_run *run;
    EXPECT(h, sequence_work_create(problem, rank, &work) == STATUS_OK);
    size_t before = memory_in_use(), said = sequence_split_bytes(&problem->split, rank);
    EXPECT(h, sequence_split_create(h->world, &problem->split, problem->weights, &run) == STATUS_OK);
    size_t taken = memory_in_use() - before;
    EXPECT(h, taken >= said && taken <= said + ALIGNMENT_SLACK);
    memory_reset_high_water();
    sequence_split_forward(run, work.input, work.output, &traffic);
    memset(work.output, 0, work.outputs * sizeof *work.output);
    struct work start = work_now();
    sequence_split_forward(run, work.input, work.output, &traffic);
    check_sums(h, problem, work.outputs, work_difference(start, work_now()));
    EXPECT(h, memory_high_water() == before + taken);
    EXPECT(h, sequence_work_agrees(problem, &work));
    EXPECT(h, traffic.bytes_sent == sequence_split_elements_sent(&problem->split, rank) * sizeof(float));
    EXPECT(h, traffic.seconds_compute >= 0 && traffic.seconds_wait >= 0);
    sequence_split_destroy(&run);
    EXPECT(h, !run && memory_in_use() == before);
    sequence_work_destroy(&work);
}

static void results_have_the_bits_of_one_rank_and_bytes_work_and_memory_are_as_said(struct harness *h) {
    use_threads(h, 1);
    for_splits(h, 1, check_pass);
}

/* Fewer of them: threads that wait for each other on shared cores take long. */
static void so_they_have_on_several_threads(struct harness *h) {
    use_threads(h, THREADS);
    for_splits(h, team_size(h->world) <= 2 ? 3 : 10, check_pass);
    use_threads(h, 1);
}

/* One rank runs out of memory at each of its first allocations. */
static void check_shortage(struct harness *h, const struct sequence_problem *problem) {
    int rank = team_rank(h->world), unlucky = team_size(h->world) - 1;
    size_t before = memory_in_use();
    for (long allowed = 0; allowed < 12; allowed++) {
        struct sequence_run *run;
        if (rank == unlucky) memory_fail_after(allowed);
        enum status status = sequence_split_create(h->world, &problem->split, problem->weights, &run);
        memory_fail_after(-1);
        EXPECT(h, status == STATUS_OK || (status == STATUS_NO_MEMORY && !run));
        EXPECT(h, allowed > 0 || status == STATUS_NO_MEMORY);
        double statuses[2] = {(double)status, -(double)status};
        team_maximum(h->world, 2, statuses);
        EXPECT(h, statuses[0] == -statuses[1]);
        sequence_split_destroy(&run);
        EXPECT(h, memory_in_use() == before);
        if (status == STATUS_OK) break;
    }
}

static void a_rank_without_memory_is_agreed_on(struct harness *h) {
    for_splits(h, 5, check_shortage);
}

/* --- bytes -------------------------------------------------------------------------------------------- */

static size_t part_first(size_t total, size_t ranks, size_t rank) {
    return rank * (total / ranks) + (rank < total % ranks ? rank : total % ranks);
}

/* Whether an output of positions first .. end - 1 reads a position: by the definition of a convolution. */
static bool reads(const struct convolution_shape *shape, size_t first, size_t end, size_t position) {
    for (size_t output = first; output < end; output++)
        for (size_t j = 0; j < shape->kernel_size; j++) {
            int64_t middle = shape->causal ? 0 : ((int64_t)shape->kernel_size - 1) / 2;
            int64_t taken = (int64_t)output - ((int64_t)j - middle) * (int64_t)shape->dilation;
            if (taken == (int64_t)position) return true;
        }
    return false;
}

static uint64_t walk_halo(const struct convolution_shape *shape, size_t ranks, size_t rank) {
    uint64_t rows = 0;
    for (size_t other = 0; other < ranks; other++) {
        size_t first = part_first(shape->length, ranks, other);
        size_t end = part_first(shape->length, ranks, other + 1);
        size_t own_end = part_first(shape->length, ranks, rank + 1);
        for (size_t own = part_first(shape->length, ranks, rank); own < own_end && other != rank; own++)
            rows += reads(shape, first, end, own);
    }
    return rows * shape->batch * shape->width;
}

static void halos_are_the_rows_that_others_read(struct harness *h) {
    for (size_t i = 0; i < sequence_case_count; i++) {
        struct sequence_split split = sequence_cases[i];
        if (split.layer == LAYER_RECURRENT || split.convolution.dilation > 1000) continue;
        split.kind = SPLIT_SEQUENCE;
        for (split.ranks = 1; split.ranks <= 9; split.ranks++)
            for (int rank = 0; rank < split.ranks; rank++)
                EXPECT(h, sequence_split_elements_sent(&split, rank) ==
                              walk_halo(&split.convolution, (size_t)split.ranks, (size_t)rank));
    }
}

static void even_splits_send_what_their_formulas_say(struct harness *h) {
    struct sequence_split split = {.layer = LAYER_CONVOLUTION, .convolution = {2, 60, 8, 4, 3, true}};
    for (split.ranks = 1; split.ranks <= 5; split.ranks++) {
        split.kind = SPLIT_SEQUENCE; /* parts of 12 rows and more, reach 9 */
        for (int rank = 0; rank < split.ranks; rank++)
            EXPECT(h, sequence_split_elements_sent(&split, rank) ==
                          (rank < split.ranks - 1 ? 2U * 8 * 3 * 3 : 0U));
    }
    split =
        (struct sequence_split){.layer = LAYER_RECURRENT, .recurrent = {CELL_GRU, 3, 10, 60, 0, 4, false}};
    for (split.ranks = 1; split.ranks <= 5; split.ranks++)
        for (int rank = 0; rank < split.ranks; rank++) {
            uint64_t ranks = (uint64_t)split.ranks;
            split.kind = SPLIT_UNITS;
            EXPECT(h, sequence_split_elements_sent(&split, rank) ==
                          3 * (60 / ranks) * (ranks - 1) * (4 * 10 - 1));
            split.kind = SPLIT_LAYERS;
            bool passes_on = rank < 3 && rank < split.ranks - 1;
            EXPECT(h, sequence_split_elements_sent(&split, rank) == (passes_on ? 3U * 10 * 60 : 0U));
        }
}

/* --- what cannot be ----------------------------------------------------------------------------------- */

static void expect_refused(struct harness *h, struct sequence_split split, enum sequence_split_kind kind) {
    struct sequence_run *run = NULL;
    split.kind = kind;
    split.ranks = team_size(h->world);
    EXPECT(h, sequence_split_refuses(&split) != NULL);
    EXPECT(h, sequence_split_create(h->world, &split, random_source(1, RANDOM_WEIGHTS, 0), &run) ==
                  STATUS_INVALID);
    EXPECT(h, !run);
}

static void splits_that_cannot_be_are_refused(struct harness *h) {
    const struct sequence_split convolution = {.layer = LAYER_CONVOLUTION,
                                               .convolution = {1, 8, 8, 3, 1, true}};
    const struct sequence_split recurrent = {.layer = LAYER_RECURRENT,
                                             .recurrent = {CELL_RNN, 1, 8, 8, 0, 2, true}};
    expect_refused(h, convolution, SPLIT_UNITS);
    expect_refused(h, convolution, SPLIT_LAYERS);
    expect_refused(h, recurrent, SPLIT_SEQUENCE);
    expect_refused(h, recurrent, SPLIT_LAYERS); /* both directions */
    if (team_size(h->world) > 1) expect_refused(h, recurrent, SPLIT_NONE);
    struct sequence_split empty = convolution, other = recurrent;
    empty.convolution.width = 0;
    other.recurrent.batch = 0;
    expect_refused(h, empty, SPLIT_BATCH);
    expect_refused(h, other, SPLIT_UNITS);
    struct sequence_split of_others = {.layer = LAYER_CONVOLUTION,
                                       .convolution = convolution.convolution,
                                       .kind = SPLIT_BATCH,
                                       .ranks = team_size(h->world) + 1};
    struct sequence_run *run = NULL;
    EXPECT(h, sequence_split_create(h->world, &of_others, random_source(1, RANDOM_WEIGHTS, 0), &run) ==
                  STATUS_INVALID);
}

/* C chunks through A stages take (C + A - 1) / C of the time that computing takes. */
static void chunks_fill_the_pipeline_at_little_cost(struct harness *h) {
    struct sequence_split split = {.layer = LAYER_RECURRENT, .kind = SPLIT_LAYERS};
    for (size_t layers = 1; layers <= 9; layers++)
        for (split.ranks = 1; split.ranks <= 12; split.ranks++) {
            split.recurrent = (struct recurrent_shape){CELL_RNN, 1, 720720, 4, 0, layers, false};
            double chunks = 720720.0 / (double)sequence_split_chunk(&split);
            double stages = (size_t)split.ranks < layers ? split.ranks : (double)layers;
            EXPECT(h, (chunks + stages - 1) / chunks <= 1.125);
            EXPECT(h, stages > 1 || chunks == 1);
            split.recurrent.length = 1;
            EXPECT(h, sequence_split_chunk(&split) == 1);
        }
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(results_have_the_bits_of_one_rank_and_bytes_work_and_memory_are_as_said),
        PROPERTY(so_they_have_on_several_threads),
        PROPERTY(a_rank_without_memory_is_agreed_on),
        PROPERTY(halos_are_the_rows_that_others_read),
        PROPERTY(even_splits_send_what_their_formulas_say),
        PROPERTY(splits_that_cannot_be_are_refused),
        PROPERTY(chunks_fill_the_pipeline_at_little_cost),
        {NULL, NULL},
    };
    return harness_main("test_sequence_split", properties);
}
