/* How attention computes: threads, plans, executed work, memory, refusals. */
#include <omp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "attention_problem.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"

static void check_threads(void) {
    const int most = omp_get_max_threads();
    struct attention_shape shape = {2, 3, 1, 300, 605, 40};
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
    struct problem p = problem_create((struct attention_shape){1, 2, 2, 130, 290, 17}, ATTENTION_FULL);
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

static struct attention_plan *plan_of_the_table(const struct attention_shape *shape) {
    struct attention_plan *plan;
    assert_int_equal(attention_plan_create(shape, &plan), STATUS_OK);
    return plan;
}

static void a_plan_keeps_the_kernels_it_was_made_with(void **state) {
    (void)state;
    const char *best = kernels()->name;
    struct problem p = problem_create((struct attention_shape){1, 2, 1, 130, 290, 128}, ATTENTION_CAUSAL);
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        struct attention_plan *plan = plan_of_the_table(&p.shape);
        kernels_choose("portable");
        attention_forward(plan, &p.mask, p.scale, p.queries, p.keys, p.values, p.output, p.log_sum_exp);
        attention_plan_destroy(&plan);
        assert_near_reference(&p, TOLERANCE);
    }
    assert_int_equal(kernels_choose(best), STATUS_OK);
    problem_destroy(&p);
}

/* What the callback saw: a call from another thread than the caller's would be a data race, too. */
struct watcher {
    pthread_t caller;
    size_t calls, strangers;
};

static void watch(void *context) {
    struct watcher *watcher = context;
    watcher->calls++;
    if (!pthread_equal(pthread_self(), watcher->caller)) watcher->strangers++;
}

static void progress_is_reported_to_the_caller_after_about_every_block(void **state) {
    (void)state;
    const int most = omp_get_max_threads();
    struct problem p = problem_create((struct attention_shape){1, 1, 1, 3000, 100, 8}, ATTENTION_FULL);
    struct problem unwatched = problem_create(p.shape, ATTENTION_FULL);
    forward(&unwatched);
    for (int threads = 1; threads <= 2; threads++) {
        struct watcher watcher = {.caller = pthread_self()};
        struct attention_plan *plan;
        omp_set_num_threads(threads);
        assert_int_equal(attention_plan_create(&p.shape, &plan), STATUS_OK);
        attention_plan_on_progress(plan, watch, &watcher);
        attention_forward(plan, &p.mask, p.scale, p.queries, p.keys, p.values, p.output, p.log_sum_exp);
        size_t once = watcher.calls;
        attention_plan_on_progress(plan, NULL, NULL);
        attention_forward(plan, &p.mask, p.scale, p.queries, p.keys, p.values, p.output, p.log_sum_exp);
        attention_plan_destroy(&plan);
        assert_int_equal(watcher.calls, once);
        assert_int_equal(watcher.strangers, 0);
        /* With two threads it is chance who does how many blocks. */
        if (threads == 1) assert_true(once >= 3000 / 200 && once <= 3000 / 20);
        assert_results_identical(&p, &unwatched);
    }
    omp_set_num_threads(most);
    problem_destroy(&p);
    problem_destroy(&unwatched);
}

static void log_sums_that_nobody_wants_change_no_output(void **state) {
    (void)state;
    struct problem p = problem_create((struct attention_shape){1, 2, 1, 130, 90, 20}, ATTENTION_CAUSAL);
    struct problem without = problem_create(p.shape, ATTENTION_CAUSAL);
    struct attention_plan *plan;
    p.mask.keys.first = without.mask.keys.first = 40; /* rows that see nothing, too */
    forward(&p);
    assert_int_equal(attention_plan_create(&p.shape, &plan), STATUS_OK);
    attention_forward(plan, &without.mask, p.scale, p.queries, p.keys, p.values, without.output, NULL);
    attention_plan_destroy(&plan);
    assert_memory_equal(without.output, p.output, query_rows(&p.shape) * 20 * sizeof(float));
    problem_destroy(&p);
    problem_destroy(&without);
}

static void check_work(void) {
    const struct attention_shape shapes[] = {
        {1, 1, 1, 1, 1, 1}, {1, 2, 1, 100, 130, 17}, {2, 3, 3, 97, 63, 64}, {1, 1, 1, 6, 265, 512}};
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
                                        .queries = {.first = 3, .step = 2},
                                        .keys = {.first = 5, .step = 3},
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
    const size_t widths[] = {32, 100}, group = kernels()->attention_group_bytes / sizeof(float);
    for (size_t i = 0; i < 2; i++) {
        size_t a = workspace_of_length(512, widths[i]), b = workspace_of_length(1024, widths[i]);
        size_t c = workspace_of_length(2048, widths[i]);
        assert_true(c - b == 2 * (b - a));
        /* Packed keys and, of widths that need it, values in whole groups of columns; nothing else. */
        size_t values =
            widths[i] <= group && widths[i] % 16 == 0 ? 0 : (widths[i] + group - 1) / group * group;
        assert_true(c - b == 1024 * (widths[i] + values) * sizeof(float));
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
        {1, 1, 1, 1, 1, ATTENTION_WIDTH_MAX + 1},
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
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(a_plan_carries_nothing_over_and_forward_allocates_nothing),
        cmocka_unit_test(a_plan_keeps_the_kernels_it_was_made_with),
        cmocka_unit_test(progress_is_reported_to_the_caller_after_about_every_block),
        cmocka_unit_test(log_sums_that_nobody_wants_change_no_output),
        cmocka_unit_test(executed_work_of_full_attention_is_the_formula),
        cmocka_unit_test(causal_attention_skips_what_no_row_sees),
        cmocka_unit_test(flops_count_visible_pairs),
        cmocka_unit_test(memory_is_linear_in_length_and_as_announced),
        cmocka_unit_test(bad_shapes_are_refused),
        cmocka_unit_test(running_out_of_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
