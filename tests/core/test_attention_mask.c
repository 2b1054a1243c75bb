/* Who sees whom: masks, positions, lengths and empty rows, for every kernel table that this processor can
 * run. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attention_problem.h"

/* Whether query `row` sees `key`, from the definition alone. */
static int is_visible(const struct attention_mask *mask, size_t row, size_t key) {
    size_t query_at = mask->queries.first + row * mask->queries.step;
    size_t key_at = mask->keys.first + key * mask->keys.step;
    if (mask->key_lengths && key_at >= mask->key_lengths[0]) return 0;
    if (mask->kind == ATTENTION_FULL) return 1;
    return key_at <= query_at && (mask->kind == ATTENTION_CAUSAL || key_at + mask->window > query_at);
}

/* With equal logits every visible key weighs the same; a single value of 1 shows whether its key is one. */
static void assert_visible_as_defined(const struct attention_mask *mask) {
    enum { LENGTH = 14 };
    const struct attention_shape shape = {1, 1, 1, LENGTH, LENGTH, 1};
    const float zeros[LENGTH] = {0};
    size_t pairs = 0;
    for (size_t key = 0; key < LENGTH; key++) {
        float values[LENGTH] = {0};
        values[key] = 1;
        for (size_t row = 0; row < LENGTH; row++) {
            double output, log_sum;
            attention_reference_row(&shape, mask, 1, zeros, zeros, values, 0, 0, row, &output, &log_sum);
            assert_int_equal(output > 0, is_visible(mask, row, key));
            pairs += output > 0;
        }
    }
    assert_true(attention_flops(&shape, mask) == 4.0 * (double)pairs);
}

static void masks_show_exactly_the_keys_of_their_definition(void **state) {
    (void)state;
    const struct attention_rows rows[] = {
        {0, 1, NULL}, {3, 1, NULL}, {1, 2, NULL}, {0, 3, NULL}, {20, 1, NULL}};
    const size_t windows[] = {1, 2, 5, 100}, key_lengths[] = {0, 1, 7, 100};
    for (size_t q = 0; q < 5; q++)
        for (size_t k = 0; k < 5; k++)
            for (size_t i = 0; i < 8; i++)
                for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
                    struct attention_mask mask = {.kind = (enum attention_mask_kind)kind,
                                                  .window = windows[i % 4],
                                                  .queries = rows[q],
                                                  .keys = rows[k],
                                                  .key_lengths = i < 4 ? NULL : &key_lengths[i % 4]};
                    assert_visible_as_defined(&mask);
                }
}

static void check_batches_and_groups(void) {
    const size_t kv_heads[] = {1, 2, 3, 6};
    for (size_t i = 0; i < 4; i++) {
        struct problem p =
            problem_create((struct attention_shape){3, 6, kv_heads[i], 70, 111, 24}, ATTENTION_CAUSAL);
        const size_t key_lengths[] = {111, 40, 0};
        p.mask.key_lengths = key_lengths;
        p.mask.queries.first = 30;
        forward(&p);
        assert_near_reference(&p, TOLERANCE);
        problem_destroy(&p);
    }
}

static void batches_grouped_heads_and_key_lengths_agree_with_float64(void **state) {
    (void)state;
    with_each_table(check_batches_and_groups);
}

static void check_slices(void) {
    const struct attention_rows slices[] = {{0, 1, NULL},   {1, 1, NULL}, {64, 1, NULL}, {297, 1, NULL},
                                            {799, 1, NULL}, {0, 2, NULL}, {5, 7, NULL},  {0, 150, NULL}};
    for (int kind = ATTENTION_CAUSAL; kind <= ATTENTION_WINDOW; kind++) {
        struct problem whole =
            problem_create((struct attention_shape){1, 1, 1, 800, 800, 12}, (enum attention_mask_kind)kind);
        forward(&whole);
        for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
            struct attention_shape shape = whole.shape;
            shape.query_length = (800 - slices[i].first - 1) / slices[i].step + 1;
            struct problem part = problem_create(shape, (enum attention_mask_kind)kind);
            part.mask.queries = slices[i];
            for (size_t r = 0; r < shape.query_length; r++)
                memcpy(part.queries + r * 12, whole.queries + (slices[i].first + r * slices[i].step) * 12,
                       12 * sizeof(float));
            forward(&part);
            for (size_t r = 0; r < shape.query_length; r++) {
                size_t from = slices[i].first + r * slices[i].step;
                assert_memory_equal(part.output + r * 12, whole.output + from * 12, 12 * sizeof(float));
                assert_true(part.log_sum_exp[r] == whole.log_sum_exp[from]);
            }
            problem_destroy(&part);
        }
        problem_destroy(&whole);
    }
}

static void queries_in_offset_and_strided_blocks_equal_slices_of_the_whole(void **state) {
    (void)state;
    with_each_table(check_slices);
}

/* Increasing positions as a zigzag layout and as chance would have them: rows from both ends, rows in runs.
 */
static size_t choose_positions(size_t which, size_t length, size_t *positions) {
    size_t count = 0;
    for (size_t at = 0; at < length; at++) {
        int zigzag = at < length / 6 || at >= length - length / 6, chance = (at * at + 3 * at) % 7 < 3;
        if (which == 0 ? zigzag : chance) positions[count++] = at;
    }
    return count;
}

static void gather_rows(size_t count, const size_t *positions, size_t width, const float *from, float *to) {
    for (size_t r = 0; r < count; r++)
        memcpy(to + r * width, from + positions[r] * width, width * sizeof *to);
}

static void check_positions_of_queries(void) {
    enum { LENGTH = 700, WIDTH = 12 };
    size_t positions[LENGTH];
    for (int kind = ATTENTION_CAUSAL; kind <= ATTENTION_WINDOW; kind++) {
        struct problem whole = problem_create((struct attention_shape){1, 1, 1, LENGTH, LENGTH, WIDTH},
                                              (enum attention_mask_kind)kind);
        forward(&whole);
        for (size_t which = 0; which < 2; which++) {
            struct attention_shape shape = whole.shape;
            shape.query_length = choose_positions(which, LENGTH, positions);
            struct problem part = problem_create(shape, (enum attention_mask_kind)kind);
            part.mask.queries.positions = positions;
            gather_rows(shape.query_length, positions, WIDTH, whole.queries, part.queries);
            forward(&part);
            for (size_t r = 0; r < shape.query_length; r++) {
                assert_memory_equal(part.output + r * WIDTH, whole.output + positions[r] * WIDTH,
                                    WIDTH * sizeof(float));
                assert_true(part.log_sum_exp[r] == whole.log_sum_exp[positions[r]]);
            }
            problem_destroy(&part);
        }
        problem_destroy(&whole);
    }
}

static void queries_at_any_positions_equal_rows_of_the_whole(void **state) {
    (void)state;
    with_each_table(check_positions_of_queries);
}

/* Attention over the chosen keys and over all others, merged. */
static void check_positions_of_keys(void) {
    enum { LENGTH = 700, WIDTH = 12 };
    size_t positions[2][LENGTH];
    for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
        struct attention_shape shape = {1, 1, 1, LENGTH, LENGTH, WIDTH};
        struct problem whole = problem_create(shape, (enum attention_mask_kind)kind), parts[2];
        forward(&whole);
        size_t chosen = choose_positions(1, LENGTH, positions[0]), others = 0;
        for (size_t at = 0, next = 0; at < LENGTH; at++)
            if (next < chosen && positions[0][next] == at)
                next++;
            else
                positions[1][others++] = at;
        for (size_t i = 0; i < 2; i++) {
            shape.key_length = i ? others : chosen;
            parts[i] = problem_create(shape, (enum attention_mask_kind)kind);
            parts[i].mask.keys.positions = positions[i];
            memcpy(parts[i].queries, whole.queries, LENGTH * WIDTH * sizeof(float));
            gather_rows(shape.key_length, positions[i], WIDTH, whole.keys, parts[i].keys);
            gather_rows(shape.key_length, positions[i], WIDTH, whole.values, parts[i].values);
            forward(&parts[i]);
        }
        attention_merge(LENGTH, WIDTH, parts[1].output, parts[1].log_sum_exp, parts[0].output,
                        parts[0].log_sum_exp);
        assert_results_near(&parts[0], &whole, TOLERANCE);
        problem_destroy(&parts[0]);
        problem_destroy(&parts[1]);
        problem_destroy(&whole);
    }
}

static void keys_at_any_positions_and_the_others_merge_to_the_whole(void **state) {
    (void)state;
    with_each_table(check_positions_of_keys);
}

/* Values so large that no positive weight could hide. */
static void check_masked_weights(void) {
    enum { SEEN = 20, LENGTH = 40, WIDTH = 16 };
    struct problem p =
        problem_create((struct attention_shape){1, 1, 1, LENGTH, LENGTH, WIDTH}, ATTENTION_CAUSAL);
    float before[SEEN * WIDTH];
    forward(&p);
    memcpy(before, p.output, sizeof before);
    for (size_t i = SEEN * WIDTH; i < LENGTH * WIDTH; i++)
        p.values[i] = 3e38F;
    forward(&p);
    assert_memory_equal(p.output, before, sizeof before);
    problem_destroy(&p);
}

static void masked_keys_weigh_exactly_nothing(void **state) {
    (void)state;
    with_each_table(check_masked_weights);
}

static void check_empty_rows(void) {
    struct problem p = problem_create((struct attention_shape){2, 1, 1, 100, 80, 10}, ATTENTION_CAUSAL);
    const size_t key_lengths[] = {95, 50};
    p.mask.key_lengths = key_lengths;
    p.mask.keys.first = 50; /* queries 0 .. 49 see nothing; the second batch item sees nothing at all */
    forward(&p);
    for (size_t row = 0; row < 200; row++) {
        int empty = row < 50 || row >= 100;
        assert_true(empty == (p.log_sum_exp[row] == -INFINITY));
        for (size_t k = 0; k < 10; k++)
            assert_true(!isnan(p.output[row * 10 + k]) && (!empty || p.output[row * 10 + k] == 0));
    }
    assert_near_reference(&p, TOLERANCE);
    problem_destroy(&p);
}

static void rows_that_see_nothing_give_zero_and_minus_infinity(void **state) {
    (void)state;
    with_each_table(check_empty_rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_show_exactly_the_keys_of_their_definition),
        cmocka_unit_test(batches_grouped_heads_and_key_lengths_agree_with_float64),
        cmocka_unit_test(queries_in_offset_and_strided_blocks_equal_slices_of_the_whole),
        cmocka_unit_test(queries_at_any_positions_equal_rows_of_the_whole),
        cmocka_unit_test(keys_at_any_positions_and_the_others_merge_to_the_whole),
        cmocka_unit_test(masked_keys_weigh_exactly_nothing),
        cmocka_unit_test(rows_that_see_nothing_give_zero_and_minus_infinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
