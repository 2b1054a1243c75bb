/* The feed-forward part against float64. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/sequence/feed_forward.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* One position, some, and more than are done at a time. */
static const struct feed_forward_shape shapes[] = {
    {1, 1, 1, false}, {3, 5, 17, true}, {300, 24, 40, false}, {257, 24, 70, true}};

static float *numbers(size_t count, float factor) {
    float *values = memory_allocate(count, sizeof *values);
    assert_non_null(values);
    random_fill_normal_f32(random_source(3, RANDOM_INPUTS, 0), 0, count, values);
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
    return values;
}

static void check(const struct feed_forward_shape *shape, float factor) {
    struct feed_forward *layer;
    size_t count = shape->positions * shape->width;
    float *input = numbers(count, factor), *output = numbers(count, 0);
    double *row = memory_allocate(shape->width, sizeof *row);
    assert_int_equal(feed_forward_create(shape, random_source(1, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
    struct work before = work_now();
    feed_forward_run(layer, input, output);
    assert_true((double)work_total(work_difference(before, work_now())) == feed_forward_flops(shape));
    for (size_t t = 0; t < shape->positions; t++) {
        assert_int_equal(feed_forward_reference(layer, input + t * shape->width, row), STATUS_OK);
        for (size_t k = 0; k < shape->width; k++)
            assert_true(fabs((double)output[t * shape->width + k] - row[k]) <
                        3e-6 * fmax(1, (double)(factor * factor)));
    }
    feed_forward_destroy(&layer);
    memory_free(input);
    memory_free(output);
    memory_free(row);
}

/* Large inputs saturate the activations. */
static void outputs_agree_with_float64_in_every_table_of_kernels(void **state) {
    (void)state;
    const char *best = kernels()->name;
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        for (size_t s = 0; s < COUNT(shapes); s++) {
            check(&shapes[s], 1);
            check(&shapes[s], 30);
        }
    }
    assert_int_equal(kernels_choose(best), STATUS_OK);
}

static void bad_shapes_are_refused_and_no_memory_is_survived(void **state) {
    (void)state;
    struct feed_forward *layer;
    struct feed_forward_shape shape = {4, 0, 3, false};
    assert_int_equal(feed_forward_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &layer),
                     STATUS_INVALID);
    assert_true(feed_forward_bytes(&shape) == 0);
    shape = (struct feed_forward_shape){4, 2, 3, true};
    for (long allowed = 0;; allowed++) {
        size_t held = memory_in_use();
        memory_fail_after(allowed);
        enum status status = feed_forward_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &layer);
        memory_fail_after(-1);
        feed_forward_destroy(&layer);
        assert_int_equal(memory_in_use(), held);
        if (status == STATUS_OK) break;
        assert_int_equal(status, STATUS_NO_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_agree_with_float64_in_every_table_of_kernels),
        cmocka_unit_test(bad_shapes_are_refused_and_no_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
