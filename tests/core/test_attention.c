/* Properties of attention, for every kernel table that this processor can run. */
#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"

/* Inputs and results of one call. */
struct problem {
    struct attention_shape shape;
    struct attention_mask mask;
    float scale;
    float *queries, *keys, *values, *output, *log_sum_exp;
};

static size_t query_rows(const struct attention_shape *shape) {
    return shape->batch * shape->heads * shape->query_length;
}

static size_t key_rows(const struct attention_shape *shape) {
    return shape->batch * shape->kv_heads * shape->key_length;
}

static float *new_array(size_t count) {
    float *array = memory_allocate(count, sizeof *array);
    assert_non_null(array);
    return array;
}

static struct problem problem_create(struct attention_shape shape, enum attention_mask_kind kind) {
    struct problem p = {.shape = shape, .mask = attention_mask_none(), .scale = attention_scale(&shape)};
    size_t width = shape.head_width;
    p.mask.kind = kind;
    p.mask.window = 20;
    p.queries = new_array(query_rows(&shape) * width);
    p.keys = new_array(key_rows(&shape) * width);
    p.values = new_array(key_rows(&shape) * width);
    p.output = new_array(query_rows(&shape) * width);
    p.log_sum_exp = new_array(query_rows(&shape));
    random_fill_normal_f32(random_source(11, RANDOM_QUERIES, 0), 0, query_rows(&shape) * width, p.queries);
    random_fill_normal_f32(random_source(11, RANDOM_KEYS, 0), 0, key_rows(&shape) * width, p.keys);
    random_fill_normal_f32(random_source(11, RANDOM_VALUES, 0), 0, key_rows(&shape) * width, p.values);
    return p;
}

static void problem_destroy(struct problem *p) {
    memory_free(p->queries);
    memory_free(p->keys);
    memory_free(p->values);
    memory_free(p->output);
    memory_free(p->log_sum_exp);
}

static void forward(struct problem *p) {
    struct attention_plan *plan;
    assert_int_equal(attention_plan_create(&p->shape, &plan), STATUS_OK);
    attention_forward(plan, &p->mask, p->scale, p->queries, p->keys, p->values, p->output, p->log_sum_exp);
    attention_plan_destroy(&plan);
    assert_null(plan);
}

/* Output and log-sum-exp of every row are within `tolerance` (times 1 + |exact|) of float64. */
static void assert_near_reference(const struct problem *p, double tolerance) {
    double exact[ATTENTION_WIDTH_MAX], log_sum;
    size_t width = p->shape.head_width;
    for (size_t b = 0; b < p->shape.batch; b++)
        for (size_t h = 0; h < p->shape.heads; h++)
            for (size_t row = 0; row < p->shape.query_length; row++) {
                size_t at = (b * p->shape.heads + h) * p->shape.query_length + row;
                attention_reference_row(&p->shape, &p->mask, (double)p->scale, p->queries, p->keys, p->values,
                                        b, h, row, exact, &log_sum);
                if (isinf(log_sum))
                    assert_true(isinf(p->log_sum_exp[at]) && p->log_sum_exp[at] < 0);
                else
                    assert_true(fabs((double)p->log_sum_exp[at] - log_sum) <=
                                tolerance * (1 + fabs(log_sum)));
                for (size_t k = 0; k < width; k++)
                    assert_true(fabs((double)p->output[at * width + k] - exact[k]) <=
                                tolerance * (1 + fabs(exact[k])));
            }
}

static void assert_arrays_near(size_t count, const float *a, const float *b, double tolerance) {
    for (size_t i = 0; i < count; i++)
        assert_true(a[i] == b[i] ||
                    fabs((double)a[i] - (double)b[i]) <= tolerance * (1 + fabs((double)b[i])));
}

static void assert_results_near(const struct problem *a, const struct problem *b, double tolerance) {
    assert_arrays_near(query_rows(&a->shape) * a->shape.head_width, a->output, b->output, tolerance);
    assert_arrays_near(query_rows(&a->shape), a->log_sum_exp, b->log_sum_exp, tolerance);
}

static void assert_results_identical(const struct problem *a, const struct problem *b) {
    size_t rows = query_rows(&a->shape);
    assert_memory_equal(a->output, b->output, rows * a->shape.head_width * sizeof(float));
    assert_memory_equal(a->log_sum_exp, b->log_sum_exp, rows * sizeof(float));
}

/* Runs a check once with each kernel table in use. */
static void with_each_table(void (*check)(void)) {
    const char *before = kernels()->name;
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        check();
    }
    assert_int_equal(kernels_choose(before), STATUS_OK);
}

/* Errors of float32 sums over some hundred terms of order one. */
static const double TOLERANCE = 3e-6;

static void check_lengths_and_widths(void) {
    const size_t lengths[] = {1, 3, 17, 64, 65, 130}, widths[] = {1, 3, 16, 17, 64, 65, 100, 512};
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

static void check_large_logits(void) {
    struct problem p = problem_create((struct attention_shape){1, 2, 2, 50, 200, 64}, ATTENTION_FULL);
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
    struct attention_shape shape = {1, 2, 1, 33, 150, 20};
    struct problem p = problem_create(shape, ATTENTION_FULL),
                   permuted = problem_create(shape, ATTENTION_FULL);
    for (size_t j = 0; j < shape.key_length; j++) { /* 7 and 150 share no divisor */
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
    struct attention_shape shape = {1, 1, 1, 40, 130, 33};
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

/* The whole over 150 keys against the merged parts. */
static void assert_parts_merge(const struct problem *whole, struct problem *first, struct problem *second) {
    attention_merge(query_rows(&whole->shape), whole->shape.head_width, second->output, second->log_sum_exp,
                    first->output, first->log_sum_exp);
    assert_results_near(first, whole, TOLERANCE);
    problem_destroy(first);
    problem_destroy(second);
}

static void check_splitting(void) {
    const size_t cuts[] = {1, 2, 63, 64, 65, 100, 149};
    for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
        struct problem whole =
            problem_create((struct attention_shape){1, 1, 1, 150, 150, 18}, (enum attention_mask_kind)kind);
        struct problem first, second;
        forward(&whole);
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            forward_over_keys(&whole, (struct attention_rows){0, 1}, cuts[i], &first);
            forward_over_keys(&whole, (struct attention_rows){cuts[i], 1}, 150 - cuts[i], &second);
            assert_parts_merge(&whole, &first, &second);
        }
        forward_over_keys(&whole, (struct attention_rows){0, 2}, 75, &first);
        forward_over_keys(&whole, (struct attention_rows){1, 2}, 75, &second);
        assert_parts_merge(&whole, &first, &second);
        problem_destroy(&whole);
    }
}

static void keys_split_anywhere_and_merged_give_the_whole(void **state) {
    (void)state;
    with_each_table(check_splitting);
}

static void check_slices(void) {
    const struct attention_rows slices[] = {{0, 1}, {1, 1}, {64, 1}, {97, 1}, {0, 2}, {1, 3}, {5, 7}};
    for (int kind = ATTENTION_CAUSAL; kind <= ATTENTION_WINDOW; kind++) {
        struct problem whole =
            problem_create((struct attention_shape){1, 1, 1, 170, 170, 12}, (enum attention_mask_kind)kind);
        forward(&whole);
        for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
            struct attention_shape shape = whole.shape;
            shape.query_length = (170 - slices[i].first - 1) / slices[i].step + 1;
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

static void check_threads(void) {
    const int most = omp_get_max_threads();
    struct attention_shape shape = {2, 3, 1, 300, 205, 40};
    struct problem single = problem_create(shape, ATTENTION_CAUSAL);
    omp_set_num_threads(1);
    forward(&single);
    for (int threads = 2; threads <= 4; threads++) {
        struct problem many = problem_create(shape, ATTENTION_CAUSAL);
        omp_set_num_threads(threads);
        forward(&many);
        assert_results_identical(&many, &single);
        problem_destroy(&many);
    }
    omp_set_num_threads(most);
    problem_destroy(&single);
}

static void the_number_of_threads_changes_no_bit(void **state) {
    (void)state;
    with_each_table(check_threads);
}

static void check_plan_reuse(void) {
    struct problem p = problem_create((struct attention_shape){1, 2, 2, 130, 90, 17}, ATTENTION_FULL);
    struct problem again = problem_create(p.shape, ATTENTION_CAUSAL);
    struct attention_plan *plan;
    assert_int_equal(attention_plan_create(&p.shape, &plan), STATUS_OK);
    attention_forward(plan, &p.mask, 3 * p.scale, p.values, p.keys, p.keys, again.output, again.log_sum_exp);
    size_t before = memory_in_use();
    memory_fail_after(0);
    attention_forward(plan, &again.mask, p.scale, p.queries, p.keys, p.values, again.output,
                      again.log_sum_exp);
    memory_fail_after(-1);
    assert_int_equal(memory_in_use(), before);
    attention_plan_destroy(&plan);
    assert_near_reference(&again, TOLERANCE);
    problem_destroy(&p);
    problem_destroy(&again);
}

static void a_plan_carries_nothing_over_and_forward_allocates_nothing(void **state) {
    (void)state;
    with_each_table(check_plan_reuse);
}

static void check_work(void) {
    const struct attention_shape shapes[] = {
        {1, 1, 1, 1, 1, 1}, {1, 2, 1, 100, 130, 17}, {2, 3, 3, 97, 63, 64}, {1, 1, 1, 6, 65, 512}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct problem p = problem_create(shapes[i], ATTENTION_FULL);
        struct work before = work_now();
        forward(&p);
        struct work done = work_difference(before, work_now());
        double pairs = (double)query_rows(&p.shape) * (double)p.shape.key_length;
        assert_true(attention_flops(&p.shape, &p.mask) == 4 * pairs * (double)p.shape.head_width);
        assert_true((double)done.product == attention_flops(&p.shape, &p.mask));
        assert_true((double)done.transcendental == pairs + (double)query_rows(&p.shape));
        problem_destroy(&p);
    }
}

static void executed_work_of_full_attention_is_the_formula(void **state) {
    (void)state;
    with_each_table(check_work);
}

static void check_causal_work(void) {
    struct problem p = problem_create((struct attention_shape){1, 1, 1, 1024, 1024, 16}, ATTENTION_CAUSAL);
    struct work before = work_now();
    forward(&p);
    struct work done = work_difference(before, work_now());
    assert_true(attention_flops(&p.shape, &p.mask) == 2.0 * 1024 * 1025 * 16);
    /* Beyond the diagonal at most the rest of a slice and of six rows is computed. */
    assert_true((double)done.product >= attention_flops(&p.shape, &p.mask));
    assert_true((double)done.product <= 4.0 * 16 * 1024 * (1025.0 / 2 + 6 + 16));
    problem_destroy(&p);
}

static void causal_attention_skips_what_no_row_sees(void **state) {
    (void)state;
    with_each_table(check_causal_work);
}

/* Visible pairs counted one by one, against the formula by ranges. */
static void flops_count_visible_pairs(void **state) {
    (void)state;
    const struct attention_shape shape = {2, 2, 1, 37, 29, 3};
    const size_t key_lengths[] = {17, 90};
    const struct attention_mask mask = {.kind = ATTENTION_WINDOW,
                                        .window = 11,
                                        .queries = {3, 2},
                                        .keys = {5, 3},
                                        .key_lengths = key_lengths};
    size_t pairs = 0;
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < 37; i++)
            for (size_t j = 0; j < 29; j++) {
                size_t query = 3 + 2 * i, key = 5 + 3 * j;
                pairs += key <= query && key + 11 > query && key < key_lengths[b];
            }
    assert_true(pairs > 0);
    assert_true(attention_flops(&shape, &mask) == 4.0 * (double)pairs * 2 * 3);
}

/* The most memory beside inputs and outputs during one call. */
static size_t workspace_of_length(size_t length, size_t width) {
    struct problem p =
        problem_create((struct attention_shape){1, 1, 1, length, length, width}, ATTENTION_FULL);
    memory_reset_high_water();
    size_t before = memory_in_use();
    forward(&p);
    size_t most = memory_high_water() - before;
    assert_true(most == attention_plan_bytes(&p.shape, omp_get_max_threads()));
    problem_destroy(&p);
    return most;
}

static void memory_is_linear_in_length_and_as_announced(void **state) {
    (void)state;
    const size_t widths[] = {32, 100};
    for (size_t i = 0; i < 2; i++) {
        size_t a = workspace_of_length(512, widths[i]), b = workspace_of_length(1024, widths[i]);
        size_t c = workspace_of_length(2048, widths[i]);
        assert_true(c - b == 2 * (b - a));
        /* Packed keys and, of widths that need it, values; nothing else. */
        assert_true(c - b == 1024 * (i == 0 ? 32 : 100 + 112) * sizeof(float));
    }
}

static void bad_shapes_are_refused(void **state) {
    (void)state;
    const struct attention_shape bad[] = {
        {0, 1, 1, 1, 1, 1},
        {1, 0, 1, 1, 1, 1},
        {1, 1, 0, 1, 1, 1},
        {1, 1, 1, 0, 1, 1},
        {1, 1, 1, 1, 0, 1},
        {1, 1, 1, 1, 1, 0},
        {1, 1, 1, 1, 1, 513},
        {1, 3, 2, 1, 1, 1},
        {1, 2, 4, 1, 1, 1},
        {1, 1, 1, 1, SIZE_MAX, 1},
        {SIZE_MAX / 2, 8, 8, 9, 9, 9},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct attention_plan *plan = (struct attention_plan *)&plan;
        assert_int_equal(attention_plan_create(&bad[i], &plan), STATUS_INVALID);
        assert_null(plan);
    }
}

static void running_out_of_memory_is_reported_and_leaks_nothing(void **state) {
    (void)state;
    const struct attention_shape shape = {1, 1, 1, 10, 10, 8};
    size_t before = memory_in_use();
    struct attention_plan *plan;
    long allowed = 0;
    for (;; allowed++) {
        memory_fail_after(allowed);
        enum status status = attention_plan_create(&shape, &plan);
        memory_fail_after(-1);
        if (status == STATUS_OK) break;
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_null(plan);
        assert_int_equal(memory_in_use(), before);
    }
    assert_true(allowed > 0);
    attention_plan_destroy(&plan);
    assert_int_equal(memory_in_use(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_width_and_mask_agrees_with_float64),
        cmocka_unit_test(batches_grouped_heads_and_key_lengths_agree_with_float64),
        cmocka_unit_test(large_logits_neither_overflow_nor_lose_the_result),
        cmocka_unit_test(equal_logits_of_any_size_give_the_mean_of_the_values),
        cmocka_unit_test(attention_ignores_the_order_of_keys),
        cmocka_unit_test(attention_is_permutation_equivariant_in_the_queries_to_the_bit),
        cmocka_unit_test(attention_is_linear_in_the_values),
        cmocka_unit_test(a_constant_shift_of_logits_changes_only_the_log_sum),
        cmocka_unit_test(one_head_equals_its_part_of_many),
        cmocka_unit_test(keys_split_anywhere_and_merged_give_the_whole),
        cmocka_unit_test(queries_in_offset_and_strided_blocks_equal_slices_of_the_whole),
        cmocka_unit_test(rows_that_see_nothing_give_zero_and_minus_infinity),
        cmocka_unit_test(merging_handles_rows_empty_on_either_side),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(a_plan_carries_nothing_over_and_forward_allocates_nothing),
        cmocka_unit_test(executed_work_of_full_attention_is_the_formula),
        cmocka_unit_test(causal_attention_skips_what_no_row_sees),
        cmocka_unit_test(flops_count_visible_pairs),
        cmocka_unit_test(memory_is_linear_in_length_and_as_announced),
        cmocka_unit_test(bad_shapes_are_refused),
        cmocka_unit_test(running_out_of_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
