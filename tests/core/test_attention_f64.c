/* Attention in float64: the same properties to its precision, for every kernel table that this processor can
 * run. */
#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attention_problem.h"
#include "core/base/memory.h"
#include "core/base/random.h"

/* Some hundred terms of order one, each rounded a few times; weights from a polynomial of 4e-16. */
#define TOLERANCE_F64 2e-14

struct problem_f64 {
    struct attention_shape shape;
    struct attention_mask mask;
    double scale;
    double *queries, *keys, *values, *output, *log_sum_exp;
};

static double *normal_array(size_t count, enum random_stream stream) {
    double *array = memory_allocate(count, sizeof *array);
    assert_non_null(array);
    random_fill_normal_f64(random_source(11, stream, 0), 0, count, array);
    return array;
}

static struct problem_f64 create(struct attention_shape shape, enum attention_mask_kind kind) {
    size_t width = shape.head_width;
    struct problem_f64 p = {
        .shape = shape,
        .mask = attention_mask_none(),
        .scale = 1 / sqrt((double)width),
        .queries = normal_array(query_rows(&shape) * width, RANDOM_QUERIES),
        .keys = normal_array(key_rows(&shape) * width, RANDOM_KEYS),
        .values = normal_array(key_rows(&shape) * width, RANDOM_VALUES),
        .output = memory_allocate(query_rows(&shape) * width, sizeof(double)),
        .log_sum_exp = memory_allocate(query_rows(&shape), sizeof(double)),
    };
    assert_true(p.output && p.log_sum_exp);
    p.mask.kind = kind;
    p.mask.window = 20;
    return p;
}

static void destroy(struct problem_f64 *p) {
    memory_free(p->queries);
    memory_free(p->keys);
    memory_free(p->values);
    memory_free(p->output);
    memory_free(p->log_sum_exp);
}

static void forward_f64(struct problem_f64 *p) {
    struct attention_plan_f64 *plan;
    assert_int_equal(attention_plan_create_f64(&p->shape, &plan), STATUS_OK);
    attention_forward_f64(plan, &p->mask, p->scale, p->queries, p->keys, p->values, p->output,
                          p->log_sum_exp);
    attention_plan_destroy_f64(&plan);
    assert_null(plan);
}

/* Every `step`th row against the straightforward computation. */
static void assert_near_reference_f64(const struct problem_f64 *p, size_t step, double tolerance) {
    double exact[ATTENTION_WIDTH_MAX], log_sum;
    size_t width = p->shape.head_width, length = p->shape.query_length;
    for (size_t at = 0; at < query_rows(&p->shape); at += step) {
        size_t head = at / length;
        attention_reference_row_f64(&p->shape, &p->mask, p->scale, p->queries, p->keys, p->values,
                                    head / p->shape.heads, head % p->shape.heads, at % length, exact,
                                    &log_sum);
        if (isinf(log_sum))
            assert_true(p->log_sum_exp[at] == log_sum);
        else
            assert_true(fabs(p->log_sum_exp[at] - log_sum) <= tolerance * (1 + fabs(log_sum)));
        for (size_t k = 0; k < width; k++)
            assert_true(fabs(p->output[at * width + k] - exact[k]) <= tolerance * (1 + fabs(exact[k])));
    }
}

/* Lengths and widths around the blocks of 128 keys, 32 columns and 8 lanes; key lengths for the last item. */
static void check_shapes(void) {
    const struct attention_shape shapes[] = {
        {1, 1, 1, 1, 1, 1},      {1, 2, 1, 5, 17, 3},     {2, 2, 1, 33, 129, 8},  {1, 1, 1, 7, 300, 31},
        {1, 1, 1, 100, 65, 32},  {1, 1, 1, 20, 257, 33},  {2, 4, 2, 97, 40, 64},  {1, 1, 1, 3, 130, 512},
        {1, 1, 1, 40, 140, 129}, {1, 8, 2, 1, 2500, 16},  {1, 4, 2, 3, 1300, 40}, {1, 2, 1, 1, 1500, 13},
        {1, 1, 1, 130, 1200, 9}, {2, 2, 2, 24, 1100, 16},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
            struct problem_f64 p = create(shapes[i], (enum attention_mask_kind)kind);
            const size_t key_lengths[] = {shapes[i].key_length, shapes[i].key_length / 3};
            p.mask.key_lengths = key_lengths;
            p.mask.queries.first = shapes[i].key_length / 2;
            forward_f64(&p);
            assert_near_reference_f64(&p, 1, TOLERANCE_F64);
            destroy(&p);
        }
}

static void any_shape_and_mask_agrees_with_the_straightforward_computation(void **state) {
    (void)state;
    with_each_table(check_shapes);
}

static void check_large_logits(void) {
    struct problem_f64 p = create((struct attention_shape){1, 2, 2, 50, 600, 64}, ATTENTION_FULL);
    for (size_t i = 0; i < query_rows(&p.shape) * 64; i++)
        p.queries[i] *= 30;
    forward_f64(&p);
    /* A score of 80 is uncertain by 1e-14 and its exponential relatively so. */
    assert_near_reference_f64(&p, 3, 1e-12);
    for (size_t i = 0; i < key_rows(&p.shape) * 64; i++)
        p.keys[i] *= 100; /* weights underflow */
    forward_f64(&p);
    assert_near_reference_f64(&p, 3, 1e-10);
    destroy(&p);
}

static void large_logits_neither_overflow_nor_lose_the_result(void **state) {
    (void)state;
    with_each_table(check_large_logits);
}

static void check_empty_rows(void) {
    struct problem_f64 p = create((struct attention_shape){1, 2, 1, 100, 80, 10}, ATTENTION_CAUSAL);
    p.mask.keys.first = 50;
    forward_f64(&p);
    for (size_t row = 0; row < 200; row++) {
        assert_true((p.log_sum_exp[row] == -INFINITY) == (row % 100 < 50));
        for (size_t k = 0; k < 10; k++)
            assert_true(row % 100 >= 50 || p.output[row * 10 + k] == 0);
    }
    assert_near_reference_f64(&p, 1, TOLERANCE_F64);
    destroy(&p);
}

static void rows_that_see_nothing_give_zero_and_minus_infinity(void **state) {
    (void)state;
    with_each_table(check_empty_rows);
}

static void keys_split_anywhere_and_merged_give_the_whole(void **state) {
    (void)state;
    const size_t length = 300, width = 18, cuts[] = {1, 63, 128, 299};
    const struct attention_shape shape = {1, 1, 1, length, length, width};
    struct problem_f64 whole = create(shape, ATTENTION_CAUSAL);
    forward_f64(&whole);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct problem_f64 part[2];
        for (size_t j = 0; j < 2; j++) {
            size_t first = j ? cuts[i] : 0, count = j ? length - cuts[i] : cuts[i];
            part[j] = create((struct attention_shape){1, 1, 1, length, count, width}, ATTENTION_CAUSAL);
            part[j].mask.keys.first = first;
            memcpy(part[j].keys, whole.keys + first * width, count * width * sizeof(double));
            memcpy(part[j].values, whole.values + first * width, count * width * sizeof(double));
            forward_f64(&part[j]);
        }
        attention_merge_f64(length, width, part[1].output, part[1].log_sum_exp, part[0].output,
                            part[0].log_sum_exp);
        for (size_t r = 0; r < length * width; r++)
            assert_true(fabs(part[0].output[r] - whole.output[r]) <
                        TOLERANCE_F64 * (1 + fabs(whole.output[r])));
        destroy(&part[0]);
        destroy(&part[1]);
    }
    destroy(&whole);
}

static void a_plan_of_float64_takes_the_memory_that_was_announced(void **state) {
    (void)state;
    const struct attention_shape shapes[] = {{2, 4, 2, 70, 500, 40}, {1, 4, 1, 1, 3000, 40}};
    for (size_t i = 0; i < 2; i++) {
        struct attention_plan_f64 *plan;
        size_t before = memory_in_use();
        assert_int_equal(attention_plan_create_f64(&shapes[i], &plan), STATUS_OK);
        assert_int_equal(memory_in_use() - before,
                         attention_plan_bytes_f64(&shapes[i], omp_get_max_threads()));
        attention_plan_destroy_f64(&plan);
        assert_int_equal(memory_in_use(), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_shape_and_mask_agrees_with_the_straightforward_computation),
        cmocka_unit_test(large_logits_neither_overflow_nor_lose_the_result),
        cmocka_unit_test(rows_that_see_nothing_give_zero_and_minus_infinity),
        cmocka_unit_test(keys_split_anywhere_and_merged_give_the_whole),
        cmocka_unit_test(a_plan_of_float64_takes_the_memory_that_was_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
