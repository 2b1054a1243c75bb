/* What convolution and recurrent layers take: counted work, memory, and sizes that are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "sequence_samples.h"

static void counted_work_of_a_convolution_equals_its_formula(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(convolutions); s++) {
        const struct convolution_shape *shape = &convolutions[s];
        float *input = normals(convolution_sizes(shape), 0);
        struct work start = work_now();
        memory_free(convolved(shape, input));
        struct work done = work_difference(start, work_now());
        assert_true((double)done.product == convolution_flops(shape));
        assert_true(work_total(done) == done.product);
        double untrimmed =
            2.0 * (double)(shape->kernel_size * elements(convolution_sizes(shape)) * shape->width);
        assert_true((double)done.product <= untrimmed);
        memory_free(input);
    }
    /* By hand: 4 sequences of 10 positions, a causal kernel of 3 reaches 10 + 9 + 8 of them, width 6. */
    const struct convolution_shape known = {4, 10, 6, 3, 1, true};
    assert_true(convolution_flops(&known) == 2.0 * 4 * (10 + 9 + 8) * 6 * 6);
}

static void counted_work_of_a_recurrent_layer_equals_its_formula(void **state) {
    (void)state;
    const size_t gates[] = {[CELL_RNN] = 1, [CELL_GRU] = 3, [CELL_LSTM] = 4};
    const size_t transcendental[] = {[CELL_RNN] = 1, [CELL_GRU] = 3, [CELL_LSTM] = 5};
    for (size_t s = 0; s < COUNT(recurrents); s++) {
        const struct recurrent_shape *shape = &recurrents[s];
        float *input = normals(recurrent_sizes(shape), 0);
        struct work start = work_now();
        memory_free(recurred(shape, input));
        struct work done = work_difference(start, work_now());
        size_t units = elements(recurrent_sizes(shape));
        assert_true(done.product == 4 * gates[shape->cell] * units * shape->width);
        assert_true(done.transcendental == transcendental[shape->cell] * units);
        assert_true((double)work_total(done) == recurrent_flops(shape));
        memory_free(input);
    }
}

/* With as many inputs as units, M = D. */
static void an_lstm_has_4_d_times_d_plus_m_plus_1_parameters(void **state) {
    (void)state;
    for (size_t width = 1; width < 200; width += 33) {
        struct recurrent_shape shape = {.cell = CELL_LSTM, .batch = 2, .length = 3, .width = width};
        struct recurrent *layer = recurrent_of(&shape);
        assert_int_equal(recurrent_parameter_count(layer), 4 * width * (width + width + 1));
        recurrent_destroy(&layer);
    }
}

/* The allocator adds at most two cache lines to each array. */
static void layers_take_the_bytes_they_say(void **state) {
    (void)state;
    const size_t overhead = 10 * 2 * MEMORY_ALIGNMENT;
    for (size_t s = 0; s < COUNT(convolutions); s++) {
        size_t before = memory_in_use(), said = convolution_bytes(&convolutions[s]);
        struct convolution *layer = convolution_of(&convolutions[s]);
        assert_in_range(memory_in_use() - before, said, said + overhead);
        convolution_destroy(&layer);
        assert_int_equal(memory_in_use(), before);
    }
    for (size_t s = 0; s < COUNT(recurrents); s++) {
        size_t before = memory_in_use(), said = recurrent_bytes(&recurrents[s]);
        struct recurrent *layer = recurrent_of(&recurrents[s]);
        assert_in_range(memory_in_use() - before, said, said + overhead);
        recurrent_destroy(&layer);
        assert_int_equal(memory_in_use(), before);
    }
}

static void forward_passes_allocate_nothing(void **state) {
    (void)state;
    struct sizes sizes = {2, 9, 40};
    struct convolution_shape shape = {2, 9, 40, 3, 1, true};
    struct recurrent_shape recurrent_shape = {.cell = CELL_LSTM, .batch = 2, .length = 9, .width = 40};
    struct convolution *convolution = convolution_of(&shape);
    struct recurrent *recurrent = recurrent_of(&recurrent_shape);
    float *input = normals(sizes, 0), *output = zeros(sizes);
    memory_reset_high_water();
    size_t before = memory_high_water();
    convolution_forward(convolution, input, output);
    recurrent_forward(recurrent, input, output);
    assert_int_equal(memory_high_water(), before);
    convolution_destroy(&convolution);
    recurrent_destroy(&recurrent);
    memory_free(input);
    memory_free(output);
}

static void a_failed_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    const struct convolution_shape shape = {1, 2, 3, 2, 1, true};
    const struct recurrent_shape recurrent_shape = {.cell = CELL_LSTM, .batch = 1, .length = 2, .width = 3};
    struct random_source weights = random_source(1, RANDOM_WEIGHTS, 0);
    size_t before = memory_in_use();
    enum status status = STATUS_NO_MEMORY;
    long allowed = 0;
    for (; status != STATUS_OK; allowed++) {
        struct convolution *layer;
        memory_fail_after(allowed);
        status = convolution_create(&shape, weights, &layer);
        memory_fail_after(-1);
        assert_int_equal(status == STATUS_OK, layer != NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        convolution_destroy(&layer);
        assert_int_equal(memory_in_use(), before);
    }
    assert_in_range(allowed, 2, 10);
    status = STATUS_NO_MEMORY;
    for (allowed = 0; status != STATUS_OK; allowed++) {
        struct recurrent *layer;
        memory_fail_after(allowed);
        status = recurrent_create(&recurrent_shape, weights, &layer);
        memory_fail_after(-1);
        assert_int_equal(status == STATUS_OK, layer != NULL);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        recurrent_destroy(&layer);
        assert_int_equal(memory_in_use(), before);
    }
    assert_in_range(allowed, 10, 20);
}

static void sizes_of_zero_or_beyond_memory_are_refused(void **state) {
    (void)state;
    const size_t large = SIZE_MAX / 4;
    const struct convolution_shape bad[] = {
        {0, 1, 1, 1, 1, true},     {1, 0, 1, 1, 1, true},     {1, 1, 0, 1, 1, true},
        {1, 1, 1, 0, 1, true},     {1, 1, 1, 1, 0, true},     {large, 1, 1, 1, 1, true},
        {1, large, 1, 1, 1, true}, {1, 1, large, 1, 1, true}, {2, SIZE_MAX, 1, 1, 1, true},
    };
    struct random_source weights = random_source(1, RANDOM_WEIGHTS, 0);
    for (size_t s = 0; s < COUNT(bad); s++) {
        struct convolution *layer;
        assert_int_equal(convolution_create(&bad[s], weights, &layer), STATUS_INVALID);
        assert_null(layer);
        assert_int_equal(convolution_bytes(&bad[s]), 0);
    }
    const struct recurrent_shape bad_recurrent[] = {
        {.cell = CELL_RNN, .batch = 0, .length = 1, .width = 1},
        {.cell = CELL_RNN, .batch = 1, .length = 0, .width = 1},
        {.cell = CELL_RNN, .batch = 1, .length = 1, .width = 0},
        {.cell = CELL_LSTM, .batch = large, .length = 1, .width = 1},
        {.cell = CELL_GRU, .batch = 1, .length = large, .width = 1},
        {.cell = CELL_LSTM, .batch = 1, .length = 1, .width = large},
        {.cell = (enum recurrent_cell)3, .batch = 1, .length = 1, .width = 1},
    };
    for (size_t s = 0; s < COUNT(bad_recurrent); s++) {
        struct recurrent *layer;
        assert_int_equal(recurrent_create(&bad_recurrent[s], weights, &layer), STATUS_INVALID);
        assert_null(layer);
        assert_int_equal(recurrent_bytes(&bad_recurrent[s]), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_work_of_a_convolution_equals_its_formula),
        cmocka_unit_test(counted_work_of_a_recurrent_layer_equals_its_formula),
        cmocka_unit_test(an_lstm_has_4_d_times_d_plus_m_plus_1_parameters),
        cmocka_unit_test(layers_take_the_bytes_they_say),
        cmocka_unit_test(forward_passes_allocate_nothing),
        cmocka_unit_test(a_failed_allocation_leaves_nothing_behind),
        cmocka_unit_test(sizes_of_zero_or_beyond_memory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
