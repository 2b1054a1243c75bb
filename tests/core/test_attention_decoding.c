/* Few queries against many keys, where the keys are cut into parts, and many short heads, of which each
 * thread takes whole ones: the result is that of any other way, for every kernel table that this processor
 * can run. */
#include <omp.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attention_problem.h"
#include "core/base/memory.h"

/* Keys in several parts of 512, the last one short; widths that are and are not whole vectors. */
static void check_few_queries(void) {
    const struct attention_shape shapes[] = {
        {1, 8, 2, 1, 2500, 32}, {2, 4, 4, 1, 2049, 16},  {1, 6, 1, 4, 2100, 48}, {1, 2, 2, 5, 2300, 16},
        {1, 3, 1, 1, 2300, 13}, {1, 2, 1, 30, 2600, 20}, {1, 5, 1, 2, 300, 80},  {1, 2, 1, 97, 2200, 64},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int kind = ATTENTION_FULL; kind <= ATTENTION_WINDOW; kind++) {
            struct problem p = problem_create(shapes[i], (enum attention_mask_kind)kind);
            const size_t key_lengths[] = {shapes[i].key_length - 3, 700};
            p.mask.queries.first = 1100; /* parts that no row sees */
            if (i % 2) p.mask.key_lengths = key_lengths;
            p.mask.window = i % 3 ? 20 : 600;
            forward(&p);
            assert_near_reference(&p, TOLERANCE);
            problem_destroy(&p);
        }
}

static void few_queries_against_many_keys_agree_with_float64(void **state) {
    (void)state;
    with_each_table(check_few_queries);
}

/* Rows of the whole at `at` .. `at` + count - 1 of every head, computed alone. */
static void check_last_rows(void) {
    enum { LENGTH = 2200, WIDTH = 16, HEADS = 2 };
    struct problem whole =
        problem_create((struct attention_shape){1, HEADS, 1, LENGTH, LENGTH, WIDTH}, ATTENTION_CAUSAL);
    const size_t counts[] = {1, 3, 7};
    forward(&whole);
    for (size_t i = 0; i < 3; i++) {
        struct attention_shape shape = whole.shape;
        shape.query_length = counts[i];
        struct problem last = problem_create(shape, ATTENTION_CAUSAL);
        size_t first = LENGTH - counts[i], elements = counts[i] * WIDTH;
        last.mask.queries.first = first;
        for (size_t h = 0; h < HEADS; h++)
            memcpy(last.queries + h * elements, whole.queries + (h * LENGTH + first) * WIDTH,
                   elements * sizeof(float));
        forward(&last);
        for (size_t h = 0; h < HEADS; h++) {
            assert_arrays_near(elements, last.output + h * elements,
                               whole.output + (h * LENGTH + first) * WIDTH, TOLERANCE);
            assert_arrays_near(counts[i], last.log_sum_exp + h * counts[i],
                               whole.log_sum_exp + h * LENGTH + first, TOLERANCE);
        }
        problem_destroy(&last);
    }
    problem_destroy(&whole);
}

static void decoding_gives_the_last_rows_of_the_full_pass(void **state) {
    (void)state;
    with_each_table(check_last_rows);
}

/* Shapes of every way of sharing out the work: parts in place and packed, whole heads, heads in common with
 * fewer and with more slots than heads. */
static const struct attention_shape WAYS[] = {
    {1, 8, 2, 1, 2500, 32}, {1, 2, 1, 40, 2400, 20},  {2, 13, 13, 100, 70, 24},
    {1, 3, 3, 40, 500, 16}, {1, 2, 1, 300, 4500, 64}, {1, 9, 3, 20, 30, 8},
};

static void check_threads(void) {
    const int most = omp_get_max_threads();
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct problem single = problem_create(WAYS[i], ATTENTION_CAUSAL);
        single.mask.queries.first = WAYS[i].key_length / 2;
        omp_set_num_threads(1);
        forward(&single);
        for (int threads = 2; threads <= 5; threads++) {
            struct problem many = problem_create(WAYS[i], ATTENTION_CAUSAL);
            many.mask = single.mask;
            omp_set_num_threads(threads);
            forward(&many);
            assert_results_identical(&many, &single);
            problem_destroy(&many);
        }
        problem_destroy(&single);
    }
    omp_set_num_threads(most);
}

static void the_number_of_threads_changes_no_bit_however_work_is_shared(void **state) {
    (void)state;
    with_each_table(check_threads);
}

/* Query head h of the whole, with its key/value head, as a problem of its own. */
static struct problem single_head(const struct problem *whole, size_t head) {
    const struct attention_shape *shape = &whole->shape;
    struct problem single = problem_create(
        (struct attention_shape){1, 1, 1, shape->query_length, shape->key_length, shape->head_width},
        whole->mask.kind);
    size_t rows = shape->query_length * shape->head_width, keys = shape->key_length * shape->head_width;
    size_t kv_head = head / (shape->heads / shape->kv_heads);
    single.mask = whole->mask;
    memcpy(single.queries, whole->queries + head * rows, rows * sizeof(float));
    memcpy(single.keys, whole->keys + kv_head * keys, keys * sizeof(float));
    memcpy(single.values, whole->values + kv_head * keys, keys * sizeof(float));
    return single;
}

static void check_single_heads(void) {
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct problem whole = problem_create(WAYS[i], ATTENTION_FULL);
        size_t rows = WAYS[i].query_length, width = WAYS[i].head_width;
        forward(&whole);
        for (size_t head = 0; head < WAYS[i].batch * WAYS[i].heads; head += 3) {
            struct problem single = single_head(&whole, head);
            forward(&single);
            assert_memory_equal(single.output, whole.output + head * rows * width,
                                rows * width * sizeof(float));
            assert_memory_equal(single.log_sum_exp, whole.log_sum_exp + head * rows, rows * sizeof(float));
            problem_destroy(&single);
        }
        problem_destroy(&whole);
    }
}

static void many_heads_equal_single_heads_one_after_the_other_to_the_bit(void **state) {
    (void)state;
    with_each_table(check_single_heads);
}

/* Widths from all of 1 .. 512, by a step that shares no divisor with it, in place and packed. */
static void check_widths(void) {
    for (size_t width = 1, i = 0; i < 40; i++, width = (width + 76) % 512 + 1) {
        struct problem p =
            problem_create((struct attention_shape){1, 2, 1, i % 2 ? 2 : 9, 40 + i, width}, ATTENTION_CAUSAL);
        p.mask.queries.first = 37;
        forward(&p);
        assert_near_reference(&p, TOLERANCE);
        problem_destroy(&p);
    }
}

static void any_width_agrees_with_float64(void **state) {
    (void)state;
    with_each_table(check_widths);
}

static void plans_take_the_memory_that_was_announced(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct attention_plan *plan;
        size_t before = memory_in_use();
        assert_int_equal(attention_plan_create(&WAYS[i], &plan), STATUS_OK);
        assert_int_equal(memory_in_use() - before, attention_plan_bytes(&WAYS[i], omp_get_max_threads()));
        attention_plan_destroy(&plan);
        assert_int_equal(memory_in_use(), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_queries_against_many_keys_agree_with_float64),
        cmocka_unit_test(decoding_gives_the_last_rows_of_the_full_pass),
        cmocka_unit_test(the_number_of_threads_changes_no_bit_however_work_is_shared),
        cmocka_unit_test(many_heads_equal_single_heads_one_after_the_other_to_the_bit),
        cmocka_unit_test(any_width_agrees_with_float64),
        cmocka_unit_test(plans_take_the_memory_that_was_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
