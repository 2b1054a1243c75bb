/* The cost model, and the choice made from it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "parallel/cost.h"

enum { BATCH = 3, HEADS = 4, WIDTH = 8 };

static const struct schedule_rates RATES = {.flops = 1e11, .latency = 1e-6, .bandwidth = 1e10};

static struct attention_split split_of(enum sequence_layout layout, size_t length, int ranks) {
    return (struct attention_split){
        .shape = {BATCH, HEADS, 2, length, length, WIDTH}, .layout = layout, .ranks = ranks};
}

static bool sees(const struct attention_mask *mask, size_t item, size_t query, size_t key) {
    if (mask->key_lengths && key >= mask->key_lengths[item]) return false;
    if (mask->kind == ATTENTION_FULL) return true;
    return key <= query && (mask->kind == ATTENTION_CAUSAL || query - key < mask->window);
}

static double counted_flops(const struct attention_split *split, const struct attention_mask *mask,
                            int query_rank, int key_rank) {
    size_t length = split->shape.query_length;
    struct sequence_part queries = {split->layout, length, split->ranks, query_rank};
    struct sequence_part keys = {split->layout, length, split->ranks, key_rank};
    size_t pairs = 0;
    for (size_t item = 0; item < BATCH; item++)
        for (size_t q = 0; q < sequence_rows(queries); q++)
            for (size_t k = 0; k < sequence_rows(keys); k++)
                pairs += sees(mask, item, sequence_position(queries, q), sequence_position(keys, k));
    return 4.0 * (double)pairs * HEADS * WIDTH;
}

/* The tile of every grid is the sum over its ranks. */
static void check_tiles(const struct attention_split *split, const struct attention_mask *mask) {
    for (int columns = 1; columns <= split->ranks; columns++)
        for (int place = 0; place < split->ranks && split->ranks % columns == 0; place++) {
            int row = place / columns, column = place % columns;
            double flops = 0;
            for (int query_rank = row * columns; query_rank < (row + 1) * columns; query_rank++)
                for (int key_rank = column; key_rank < split->ranks; key_rank += columns)
                    flops += cost_rank_flops(split, mask, query_rank, key_rank);
            assert_true(cost_tile_flops(split, mask, columns, row, column) == flops);
        }
}

static void check_split(const struct attention_split *split, const struct attention_mask *mask) {
    double all = 0;
    for (int query_rank = 0; query_rank < split->ranks; query_rank++) {
        double rows = 0;
        for (int key_rank = 0; key_rank < split->ranks; key_rank++) {
            double flops = cost_rank_flops(split, mask, query_rank, key_rank);
            assert_true(flops == counted_flops(split, mask, query_rank, key_rank));
            rows += flops;
        }
        assert_true(cost_rows_flops(split, mask, query_rank) == rows);
        all += rows;
    }
    assert_true(all == attention_flops(&split->shape, mask));
    check_tiles(split, mask);
}

static void flops_between_ranks_are_those_of_the_visible_pairs(void **state) {
    (void)state;
    static const struct attention_mask masks[] = {{.kind = ATTENTION_FULL},
                                                  {.kind = ATTENTION_CAUSAL},
                                                  {.kind = ATTENTION_WINDOW, .window = 1},
                                                  {.kind = ATTENTION_WINDOW, .window = 6},
                                                  {.kind = ATTENTION_WINDOW, .window = SIZE_MAX}};
    static const size_t lengths[] = {1, 2, 5, 16, 23};
    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
            for (int layout = 0; sequence_layout_names[layout]; layout++)
                for (int ranks = 1; ranks <= 8; ranks++) {
                    struct attention_split split = split_of((enum sequence_layout)layout, lengths[l], ranks);
                    const size_t key_lengths[BATCH] = {0, 3, 100};
                    struct attention_mask mask = masks[m];
                    check_split(&split, &mask);
                    mask.key_lengths = key_lengths;
                    check_split(&split, &mask);
                }
}

static void a_transfer_takes_latencies_and_bytes(void **state) {
    (void)state;
    static const struct schedule_rates no_link = {.flops = 1e11};
    assert_true(fabs(cost_transfer(&RATES, 3, 2e10) - (3e-6 + 2)) < 1e-12);
    assert_true(cost_transfer(&no_link, 0, 0) == 0);
}

/* Every divisor of the ranks that the schedule takes, or 0 for one without a grid. */
static double least_seconds(const struct schedule *schedule, const struct attention_split *split,
                            const struct attention_mask *mask) {
    double least = INFINITY;
    struct attention_split tried = *split;
    for (tried.ways = schedule->choose_ways ? 1 : 0; tried.ways <= split->ranks; tried.ways++) {
        if (!schedule->refuses(&tried)) least = fmin(least, schedule->seconds(&tried, mask, &RATES));
        if (!schedule->choose_ways) break;
    }
    return least;
}

static void check_choice(const struct attention_split *split, const struct attention_mask *mask) {
    struct schedule_choice choice = schedule_auto(split, mask, &RATES);
    double least = INFINITY;
    for (size_t s = 0; schedules()[s]; s++)
        least = fmin(least, least_seconds(schedules()[s], split, mask));
    assert_non_null(choice.schedule);
    assert_true(choice.seconds == least && isfinite(least));
    struct attention_split chosen = *split;
    chosen.ways = choice.ways;
    assert_null(choice.schedule->refuses(&chosen));
    assert_true(choice.schedule->seconds(&chosen, mask, &RATES) == choice.seconds);
    assert_memory_equal(choice.reason, choice.schedule->name, strlen(choice.schedule->name));
    assert_true(strlen(choice.reason) + 1 < sizeof choice.reason);
}

static void auto_takes_the_least_predicted_time_and_names_it(void **state) {
    (void)state;
    static const struct attention_mask masks[] = {{.kind = ATTENTION_FULL}, {.kind = ATTENTION_CAUSAL}};
    for (size_t m = 0; m < 2; m++)
        for (int layout = 0; sequence_layout_names[layout]; layout++)
            for (int ranks = 1; ranks <= 12; ranks++) {
                struct attention_split split = split_of((enum sequence_layout)layout, 4096, ranks);
                check_choice(&split, &masks[m]);
                split.shape.heads = split.shape.kv_heads = 3;
                check_choice(&split, &masks[m]);
            }
}

/* Two of three heads on one rank take a third longer than half of the work each. */
static void auto_does_not_split_three_heads_over_two_ranks(void **state) {
    (void)state;
    struct attention_split split = {.shape = {1, 3, 3, 8192, 8192, 128}, .ranks = 2};
    struct attention_mask mask = attention_mask_none();
    struct schedule_choice choice = schedule_auto(&split, &mask, &RATES);
    assert_non_null(choice.schedule);
    assert_string_not_equal(choice.schedule->name, "heads");
    assert_string_not_equal(choice.schedule->name, "ulysses");
    assert_true(choice.seconds < 1.05 * attention_flops(&split.shape, &mask) / 2 / RATES.flops);
}

static void of_equal_times_auto_takes_the_first_in_the_table(void **state) {
    (void)state;
    struct attention_split split = split_of(LAYOUT_CONTIGUOUS, 64, 1);
    struct attention_mask mask = attention_mask_none();
    struct schedule_choice choice = schedule_auto(&split, &mask, &RATES);
    assert_ptr_equal(choice.schedule, schedules()[0]);
}

static void auto_says_so_when_every_schedule_refuses(void **state) {
    (void)state;
    struct attention_split split = split_of(LAYOUT_CONTIGUOUS, 0, 2);
    struct attention_mask mask = attention_mask_none();
    struct schedule_choice choice = schedule_auto(&split, &mask, &RATES);
    assert_null(choice.schedule);
    assert_non_null(strstr(choice.reason, "every schedule refuses"));
}

/* claims.md AP1: with rows that divide evenly, c = B d S / P. */
static void even_splits_send_what_the_formulas_say(void **state) {
    (void)state;
    const struct schedule *tiles = schedule_named("tiles"), *allgather = schedule_named("allgather");
    for (int layout = 0; sequence_layout_names[layout]; layout++)
        for (int ranks = 1; ranks <= 12; ranks++)
            for (int ways = 1; ways <= ranks; ways++) {
                if (ranks % ways != 0) continue;
                struct attention_split split =
                    split_of((enum sequence_layout)layout, 24 * (size_t)ranks, ranks);
                uint64_t c = BATCH * WIDTH * 24, a = (uint64_t)(ranks / ways), b = (uint64_t)ways;
                uint64_t expected =
                    2 * HEADS * c * (b - 1) + 2 * 2 * c * (a - 1) + (b - 1) * BATCH * HEADS * 24;
                split.ways = ways;
                for (int rank = 0; rank < ranks; rank++) {
                    assert_int_equal(tiles->elements_sent(&split, rank), expected);
                    assert_int_equal(allgather->elements_sent(&split, rank),
                                     2 * 2 * c * (uint64_t)(ranks - 1));
                }
            }
}

/* What leaves all ranks together, counted row by row: a row of queries goes to b - 1 ranks and comes back
 * from them, one of keys and values goes to a - 1. */
static void uneven_tiles_send_every_row_as_often_as_the_grid_says(void **state) {
    (void)state;
    const struct schedule *tiles = schedule_named("tiles");
    for (int layout = 0; sequence_layout_names[layout]; layout++)
        for (size_t length = 1; length <= 30; length++)
            for (int ways = 1; ways <= 12; ways++) {
                if (12 % ways != 0) continue;
                struct attention_split split = split_of((enum sequence_layout)layout, length, 12);
                split.ways = ways;
                uint64_t all = 0, b = (uint64_t)ways, a = 12 / b;
                for (int rank = 0; rank < 12; rank++)
                    all += tiles->elements_sent(&split, rank);
                uint64_t a_row = HEADS * (2 * WIDTH + 1) * (b - 1) + 2 * 2 * WIDTH * (a - 1);
                assert_int_equal(all, BATCH * length * a_row);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flops_between_ranks_are_those_of_the_visible_pairs),
        cmocka_unit_test(a_transfer_takes_latencies_and_bytes),
        cmocka_unit_test(auto_takes_the_least_predicted_time_and_names_it),
        cmocka_unit_test(auto_does_not_split_three_heads_over_two_ranks),
        cmocka_unit_test(of_equal_times_auto_takes_the_first_in_the_table),
        cmocka_unit_test(auto_says_so_when_every_schedule_refuses),
        cmocka_unit_test(even_splits_send_what_the_formulas_say),
        cmocka_unit_test(uneven_tiles_send_every_row_as_often_as_the_grid_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
