/* What attention computes, as properties, for every kernel table that this processor can run. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attention_problem.h"
#include "core/base/random.h"

static void check_lengths_and_widths(void) {
    const size_t lengths[] = {1, 3, 17, 64, 65, 130},
                 widths[] = {1, 3, 16, 17, 64, 65, 100, 512, 784, ATTENTION_WIDTH_MAX};
    for (size_t q = 0; q < 6; q++)
        for (size_t k = 0; k < 6; k++)
            for (size_t w = 0; w < 8; w++)
                for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
                    struct problem p =
                        problem_create((struct attention_shape){1, 1, 1, lengths[q], lengths[k], widths[w]},
                                       (enum attention_mask_kind)kind);
                    forward(&p);
                    assert_near_reference(&p, TOLERANCE);
                    problem_destroy(&p);
                }
}

static void any_length_width_and_mask_agrees_with_float64(void **state) {
    (void)state;
    with_each_table(check_lengths_and_widths);
}

/* Panels hold 256 keys: the running maximum moves, and rows begin and end to see keys within a panel. */
static void check_many_panels(void) {
    const size_t lengths[][2] = {{300, 700}, {600, 257}, {530, 530}}, widths[] = {16, 65},
                 windows[] = {20, 300};
    for (size_t l = 0; l < 3; l++)
        for (size_t w = 0; w < 2; w++)
            for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
                struct attention_shape shape = {1, 1, 1, lengths[l][0], lengths[l][1], widths[w]};
                struct problem p = problem_create(shape, (enum attention_mask_kind)kind);
                p.mask.window = windows[w];
                forward(&p);
                assert_near_reference(&p, TOLERANCE);
                problem_destroy(&p);
            }
}

static void many_panels_of_keys_agree_with_float64(void **state) {
    (void)state;
    with_each_table(check_many_panels);
}

static void check_large_logits(void) {
    struct problem p = problem_create((struct attention_shape){1, 2, 2, 50, 600, 64}, ATTENTION_FULL);
    for (size_t i = 0; i < query_rows(&p.shape) * 64; i++)
        p.queries[i] *= 30; /* scores of standard deviation 30, up to beyond +-80 */
    forward(&p);
    /* A float32 score of 80 is uncertain by 4e-6 and its exponential relatively so. */
    assert_near_reference(&p, 3e-4);
    for (size_t i = 0; i < key_rows(&p.shape) * 64; i++)
        p.keys[i] *= 10; /* one key takes all; others underflow */
    forward(&p);
    assert_near_reference(&p, 3e-3);
    problem_destroy(&p);
}

static void large_logits_neither_overflow_nor_lose_the_result(void **state) {
    (void)state;
    with_each_table(check_large_logits);
}

static void check_equal_extreme_logits(void) {
    const float logits[] = {80, -80, 3000, -3000};
    for (size_t i = 0; i < 4; i++) {
        struct problem p = problem_create((struct attention_shape){1, 1, 1, 5, 90, 1}, ATTENTION_FULL);
        double mean = 0;
        for (size_t j = 0; j < 90; j++) {
            p.keys[j] = 1;
            mean += (double)p.values[j] / 90;
        }
        for (size_t r = 0; r < 5; r++)
            p.queries[r] = logits[i];
        forward(&p);
        for (size_t r = 0; r < 5; r++) {
            assert_true(fabs((double)p.output[r] - mean) < 1e-6);
            assert_true(fabs((double)p.log_sum_exp[r] - ((double)logits[i] + log(90))) <
                        1e-6 * (1 + fabs((double)logits[i])));
        }
        problem_destroy(&p);
    }
}

static void equal_logits_of_any_size_give_the_mean_of_the_values(void **state) {
    (void)state;
    with_each_table(check_equal_extreme_logits);
}

static void check_permutation(void) {
    struct attention_shape shape = {1, 2, 1, 33, 650, 20};
    struct problem p = problem_create(shape, ATTENTION_FULL),
                   permuted = problem_create(shape, ATTENTION_FULL);
    for (size_t j = 0; j < shape.key_length; j++) { /* 7 and 650 share no divisor */
        size_t from = 7 * j % shape.key_length;
        memcpy(permuted.keys + j * 20, p.keys + from * 20, 20 * sizeof(float));
        memcpy(permuted.values + j * 20, p.values + from * 20, 20 * sizeof(float));
    }
    forward(&p);
    forward(&permuted);
    assert_results_near(&permuted, &p, TOLERANCE);
    problem_destroy(&p);
    problem_destroy(&permuted);
}

static void attention_ignores_the_order_of_keys(void **state) {
    (void)state;
    with_each_table(check_permutation);
}

static void check_equivariance(void) {
    struct attention_shape shape = {1, 1, 1, 101, 64, 20};
    struct problem p = problem_create(shape, ATTENTION_FULL),
                   permuted = problem_create(shape, ATTENTION_FULL);
    for (size_t i = 0; i < shape.query_length; i++)
        memcpy(permuted.queries + i * 20, p.queries + 7 * i % shape.query_length * 20, 20 * sizeof(float));
    forward(&p);
    forward(&permuted);
    for (size_t i = 0; i < shape.query_length; i++)
        assert_memory_equal(permuted.output + i * 20, p.output + 7 * i % shape.query_length * 20,
                            20 * sizeof(float));
    problem_destroy(&p);
    problem_destroy(&permuted);
}

static void attention_is_permutation_equivariant_in_the_queries_to_the_bit(void **state) {
    (void)state;
    with_each_table(check_equivariance);
}

static void check_linearity(void) {
    struct attention_shape shape = {1, 1, 1, 400, 400, 33};
    struct problem a = problem_create(shape, ATTENTION_CAUSAL), b = problem_create(shape, ATTENTION_CAUSAL);
    struct problem sum = problem_create(shape, ATTENTION_CAUSAL);
    size_t count = shape.key_length * shape.head_width, outputs = shape.query_length * shape.head_width;
    random_fill_normal_f32(random_source(12, RANDOM_VALUES, 0), 0, count, b.values);
    for (size_t i = 0; i < count; i++)
        sum.values[i] = 2 * a.values[i] - 3 * b.values[i];
    forward(&a);
    forward(&b);
    forward(&sum);
    for (size_t i = 0; i < outputs; i++) {
        double expected = 2 * (double)a.output[i] - 3 * (double)b.output[i];
        assert_true(fabs((double)sum.output[i] - expected) < 1e-5);
    }
    problem_destroy(&a);
    problem_destroy(&b);
    problem_destroy(&sum);
}

static void attention_is_linear_in_the_values(void **state) {
    (void)state;
    with_each_table(check_linearity);
}

/* One more dimension in which every key is 1 adds the query's component to all logits of its row. */
static void check_shift(void) {
    struct problem plain = problem_create((struct attention_shape){1, 1, 1, 30, 100, 15}, ATTENTION_FULL);
    struct problem shifted = problem_create((struct attention_shape){1, 1, 1, 30, 100, 16}, ATTENTION_FULL);
    shifted.scale = plain.scale;
    const float shift = 12;
    for (size_t i = 0; i < 30; i++) {
        memcpy(shifted.queries + i * 16, plain.queries + i * 15, 15 * sizeof(float));
        shifted.queries[i * 16 + 15] = shift / plain.scale;
    }
    for (size_t j = 0; j < 100; j++) {
        memcpy(shifted.keys + j * 16, plain.keys + j * 15, 15 * sizeof(float));
        memcpy(shifted.values + j * 16, plain.values + j * 15, 15 * sizeof(float));
        shifted.keys[j * 16 + 15] = 1;
    }
    forward(&plain);
    forward(&shifted);
    for (size_t i = 0; i < 30; i++) {
        assert_arrays_near(15, shifted.output + i * 16, plain.output + i * 15, 1e-5);
        assert_true(fabsf(shifted.log_sum_exp[i] - plain.log_sum_exp[i] - shift) < 1e-5F);
    }
    problem_destroy(&plain);
    problem_destroy(&shifted);
}

static void a_constant_shift_of_logits_changes_only_the_log_sum(void **state) {
    (void)state;
    with_each_table(check_shift);
}

static void check_concatenation(void) {
    struct attention_shape all = {1, 3, 3, 100, 70, 40}, one = {1, 1, 1, 100, 70, 40};
    struct problem p = problem_create(all, ATTENTION_WINDOW);
    forward(&p);
    for (size_t h = 0; h < 3; h++) {
        struct problem single = problem_create(one, ATTENTION_WINDOW);
        memcpy(single.queries, p.queries + h * 4000, 4000 * sizeof(float));
        memcpy(single.keys, p.keys + h * 2800, 2800 * sizeof(float));
        memcpy(single.values, p.values + h * 2800, 2800 * sizeof(float));
        forward(&single);
        assert_memory_equal(single.output, p.output + h * 4000, 4000 * sizeof(float));
        assert_memory_equal(single.log_sum_exp, p.log_sum_exp + h * 100, 100 * sizeof(float));
        problem_destroy(&single);
    }
    problem_destroy(&p);
}

static void one_head_equals_its_part_of_many(void **state) {
    (void)state;
    with_each_table(check_concatenation);
}

/* Attention of all queries over keys first, first + step, ... (count of them) of one head. */
static void forward_over_keys(const struct problem *whole, struct attention_rows keys, size_t count,
                              struct problem *part) {
    struct attention_shape shape = whole->shape;
    shape.key_length = count;
    *part = problem_create(shape, whole->mask.kind);
    part->mask = whole->mask;
    part->mask.keys = keys;
    part->scale = whole->scale;
    size_t width = shape.head_width;
    memcpy(part->queries, whole->queries, query_rows(&shape) * width * sizeof(float));
    for (size_t j = 0; j < count; j++) {
        size_t from = (keys.first + j * keys.step) * width;
        memcpy(part->keys + j * width, whole->keys + from, width * sizeof(float));
        memcpy(part->values + j * width, whole->values + from, width * sizeof(float));
    }
    forward(part);
}

/* The whole against the merged parts. */
static void assert_parts_merge(const struct problem *whole, struct problem *first, struct problem *second) {
    attention_merge(query_rows(&whole->shape), whole->shape.head_width, second->output, second->log_sum_exp,
                    first->output, first->log_sum_exp);
    assert_results_near(first, whole, TOLERANCE);
    problem_destroy(first);
    problem_destroy(second);
}

static void check_splitting(void) {
    const size_t cuts[] = {1, 2, 63, 255, 256, 257, 400, 599};
    for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
        struct problem whole =
            problem_create((struct attention_shape){1, 1, 1, 600, 600, 18}, (enum attention_mask_kind)kind);
        struct problem first, second;
        forward(&whole);
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            forward_over_keys(&whole, (struct attention_rows){.first = 0, .step = 1}, cuts[i], &first);
            forward_over_keys(&whole, (struct attention_rows){.first = cuts[i], .step = 1}, 600 - cuts[i],
                              &second);
            assert_parts_merge(&whole, &first, &second);
        }
        forward_over_keys(&whole, (struct attention_rows){.first = 0, .step = 2}, 300, &first);
        forward_over_keys(&whole, (struct attention_rows){.first = 1, .step = 2}, 300, &second);
        assert_parts_merge(&whole, &first, &second);
        problem_destroy(&whole);
    }
}

static void keys_split_anywhere_and_merged_give_the_whole(void **state) {
    (void)state;
    with_each_table(check_splitting);
}

static void merging_handles_rows_empty_on_either_side(void **state) {
    (void)state;
    float output[] = {0, 0, 5, 6, 0, 0, 1, 1}, log_sum[] = {-INFINITY, 2, -INFINITY, 500};
    const float partial[] = {0, 0, 0, 0, 3, 4, 3, 5}, partial_log[] = {-INFINITY, -INFINITY, 1, 500};
    const float expected[] = {0, 0, 5, 6, 3, 4, 2, 3};
    attention_merge(4, 2, partial, partial_log, output, log_sum);
    assert_memory_equal(output, expected, sizeof output);
    assert_true(log_sum[0] == -INFINITY && log_sum[1] == 2 && log_sum[2] == 1);
    assert_true(fabs((double)log_sum[3] - (500 + log(2))) < 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_width_and_mask_agrees_with_float64),
        cmocka_unit_test(many_panels_of_keys_agree_with_float64),
        cmocka_unit_test(large_logits_neither_overflow_nor_lose_the_result),
        cmocka_unit_test(equal_logits_of_any_size_give_the_mean_of_the_values),
        cmocka_unit_test(attention_ignores_the_order_of_keys),
        cmocka_unit_test(attention_is_permutation_equivariant_in_the_queries_to_the_bit),
        cmocka_unit_test(attention_is_linear_in_the_values),
        cmocka_unit_test(a_constant_shift_of_logits_changes_only_the_log_sum),
        cmocka_unit_test(one_head_equals_its_part_of_many),
        cmocka_unit_test(keys_split_anywhere_and_merged_give_the_whole),
        cmocka_unit_test(merging_handles_rows_empty_on_either_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
