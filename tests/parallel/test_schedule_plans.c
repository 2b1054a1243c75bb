/* What schedules say of a split before anything runs: shares, bytes, times, refusals. */
#include <math.h>

#include "core/base/memory.h"
#include "harness.h"
#include "parallel/schedule.h"

enum { LAYOUTS = 3 };

/* How often the shares of all ranks contain each head of each row, less once, in all; and heads without the
 * key/value head that they read. */
static int count_mistakes(const struct schedule *schedule, const struct attention_split *split) {
    enum { HEADS_MOST = 12, ROWS_MOST = 29 };
    const struct attention_shape *shape = &split->shape;
    int covered[HEADS_MOST][ROWS_MOST] = {{0}}, mistakes = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        struct attention_share share = schedule->share(split, rank);
        for (size_t head = share.head_first; head < share.head_first + share.heads; head++) {
            size_t kv_head = head / (shape->heads / shape->kv_heads);
            mistakes += kv_head < share.kv_head_first || kv_head >= share.kv_head_first + share.kv_heads;
            for (size_t row = 0; row < share.rows; row++)
                covered[head][sequence_position(share.part, row)]++;
        }
    }
    for (size_t head = 0; head < shape->heads; head++)
        for (size_t row = 0; row < shape->query_length; row++)
            mistakes += covered[head][row] != 1;
    return mistakes;
}

static void shares_cover_everything_once(struct harness *h) {
    for (size_t s = 0; schedules()[s]; s++)
        for (int layout = 0; sequence_layout_names[layout]; layout++)
            for (size_t length = 1; length <= 29; length += 4)
                for (int ranks = 1; ranks <= 20; ranks++) {
                    const struct attention_split split = {.shape = {1, 12, 4, length, length, 8},
                                                          .layout = (enum sequence_layout)layout,
                                                          .ranks = ranks};
                    if (schedules()[s]->refuses(&split)) continue;
                    EXPECT(h, count_mistakes(schedules()[s], &split) == 0);
                }
}

static void sharing_out_heads_needs_as_many_heads_as_ranks(struct harness *h) {
    const struct attention_shape shape = {1, 4, 4, 16, 16, 8};
    struct attention_split four = {.shape = shape, .ranks = 4}, five = {.shape = shape, .ranks = 5};
    for (int i = 0; i < 2; i++) {
        const struct schedule *schedule = schedule_named(i == 0 ? "heads" : "ulysses");
        EXPECT(h, schedule->refuses(&four) == NULL);
        EXPECT(h, schedule->refuses(&five) != NULL);
    }
    const struct schedule *hybrid = schedule_named("hybrid");
    EXPECT(h, hybrid->refuses(&five) == NULL);
    EXPECT(h, hybrid->choose_ways(&five) == 1);
    five.ways = 5;
    EXPECT(h, hybrid->refuses(&five) != NULL);
    four.ways = 3;
    EXPECT(h, hybrid->refuses(&four) != NULL);
    four.ways = -1;
    EXPECT(h, hybrid->refuses(&four) != NULL);
}

static void hybrid_chooses_the_ways_with_the_least_bytes(struct harness *h) {
    const struct schedule *hybrid = schedule_named("hybrid");
    for (int ranks = 1; ranks <= 24; ranks++) {
        struct attention_split split = {.shape = {2, 12, 3, 70, 70, 8}, .ranks = ranks};
        uint64_t least = UINT64_MAX, chosen = 0;
        int choice = hybrid->choose_ways(&split);
        for (split.ways = 1; split.ways <= ranks; split.ways++) {
            if (hybrid->refuses(&split)) continue;
            uint64_t most = 0;
            for (int rank = 0; rank < ranks; rank++) {
                uint64_t elements = hybrid->elements_sent(&split, rank);
                if (elements > most) most = elements;
            }
            if (most < least) least = most;
            if (split.ways == choice) chosen = most;
        }
        EXPECT(h, chosen == least);
        split.ways = 0;
        EXPECT(h, hybrid->refuses(&split) == NULL);
        uint64_t first = hybrid->elements_sent(&split, 0);
        split.ways = choice;
        EXPECT(h, hybrid->elements_sent(&split, 0) == first);
    }
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

static void messages_beyond_the_counts_of_mpi_are_refused(struct harness *h) {
    const size_t much = 1 << 20;
    struct attention_split split = {.shape = {1, 64, 64, much, much, 512}, .ranks = 2};
    for (size_t s = 0; schedules()[s]; s++) {
        bool sends = schedules()[s] != schedule_named("heads");
        EXPECT(h, !sends || schedules()[s]->refuses(&split) != NULL);
    }
    split.ranks = 1;
    for (size_t s = 0; schedules()[s]; s++)
        EXPECT(h, schedules()[s]->refuses(&split) == NULL);
}

/* Operations on the rows of the rank that has most. */
static double most_flops(const struct attention_split *split, const struct attention_mask *mask) {
    double most = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        struct attention_share share = schedule_named("ring")->share(split, rank);
        struct attention_shape shape = split->shape;
        struct attention_mask rows = *mask;
        size_t *positions = memory_allocate(share.rows, sizeof *positions);
        sequence_positions(share.part, positions);
        rows.queries.positions = positions;
        shape.query_length = share.rows;
        most = fmax(most, attention_flops(&shape, &rows));
        memory_free(positions);
    }
    return most;
}

/* When computing takes much longer than messages, which are few, and copying. */
static void predictions_are_the_computing_of_the_slowest_rank(struct harness *h) {
    const struct schedule_rates slow = {.flops = 1e6, .latency = 1e-6, .bandwidth = 1e10};
    struct attention_mask mask = attention_mask_none();
    for (int ranks = 1; ranks <= 4; ranks++)
        for (int kind = 0; kind < 2; kind++)
            for (int layout = 0; layout < LAYOUTS; layout++) {
                mask.kind = kind == 0 ? ATTENTION_FULL : ATTENTION_CAUSAL;
                const struct attention_split split = {.shape = {2, 12, 12, 241, 241, 8},
                                                      .layout = (enum sequence_layout)layout,
                                                      .ranks = ranks};
                double even = attention_flops(&split.shape, &mask) / ranks / slow.flops;
                double of_rows = most_flops(&split, &mask) / slow.flops;
                double ring = schedule_named("ring")->seconds(&split, &mask, &slow);
                EXPECT(h, fabs(ring / of_rows - 1) < 1e-3);
                double ulysses = schedule_named("ulysses")->seconds(&split, &mask, &slow);
                EXPECT(h, fabs(ulysses / even - 1) < 1e-3);
            }
}

static void schedules_are_found_by_name(struct harness *h) {
    for (size_t s = 0; schedules()[s]; s++)
        EXPECT(h, schedule_named(schedules()[s]->name) == schedules()[s]);
    EXPECT(h, schedule_named("spiral") == NULL);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(schedules_are_found_by_name),
        PROPERTY(shares_cover_everything_once),
        PROPERTY(sharing_out_heads_needs_as_many_heads_as_ranks),
        PROPERTY(hybrid_chooses_the_ways_with_the_least_bytes),
        PROPERTY(shapes_that_make_no_sense_are_refused),
        PROPERTY(messages_beyond_the_counts_of_mpi_are_refused),
        PROPERTY(predictions_are_the_computing_of_the_slowest_rank),
        {NULL, NULL},
    };
    return harness_main("test_schedule_plans", properties);
}
