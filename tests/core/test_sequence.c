/* Convolution and recurrent layers: against float64, and by what must hold for any such layer. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <omp.h>

#include "core/base/blas.h"
#include "core/base/memory.h"
#include "core/base/product.h"
#include "sequence_samples.h"

static double largest_difference(size_t count, const float *a, const float *b) {
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = fabs((double)a[i] - (double)b[i]);
        if (!(difference <= worst)) worst = difference;
    }
    return worst;
}

/* Inputs and weights make sums of variance 1: a float32 product is off by a few units of 2^-24 times the root
 * of the number of terms. */
static void convolution_agrees_with_float64(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(convolutions); s++) {
        const struct convolution_shape *shape = &convolutions[s];
        struct convolution *layer = convolution_of(shape);
        float *input = normals(convolution_sizes(shape), 0), *output = zeros(convolution_sizes(shape));
        double *reference = memory_allocate(shape->width, sizeof *reference);
        convolution_forward(layer, input, output);
        for (size_t row = 0; row < shape->batch * shape->length; row++) {
            convolution_reference_row(layer, input, row / shape->length, row % shape->length, reference);
            for (size_t i = 0; i < shape->width; i++)
                assert_true(fabs((double)output[row * shape->width + i] - reference[i]) < 4e-6);
        }
        memory_free(reference);
        memory_free(input);
        memory_free(output);
        convolution_destroy(&layer);
    }
}

static void convolution_is_linear(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(convolutions); s++) {
        const struct convolution_shape *shape = &convolutions[s];
        struct sizes sizes = convolution_sizes(shape);
        float *x = normals(sizes, 0), *y = normals(sizes, 1), *sum = zeros(sizes);
        for (size_t i = 0; i < elements(sizes); i++)
            sum[i] = 2 * x[i] - 3 * y[i];
        float *of_x = convolved(shape, x), *of_y = convolved(shape, y), *of_sum = convolved(shape, sum);
        for (size_t i = 0; i < elements(sizes); i++)
            of_x[i] = 2 * of_x[i] - 3 * of_y[i];
        assert_true(largest_difference(elements(sizes), of_x, of_sum) < 2e-5);
        float *const arrays[] = {x, y, sum, of_x, of_y, of_sum};
        for (size_t i = 0; i < COUNT(arrays); i++)
            memory_free(arrays[i]);
    }
}

/* Where no edge comes into play: the input is zero near both ends. */
static void convolution_commutes_with_shifts(void **state) {
    (void)state;
    enum { LENGTH = 60, WIDTH = 6, FIRST = 20, LAST = 40, SHIFT = 7 };
    for (int causal = 0; causal < 2; causal++) {
        struct convolution_shape shape = {1, LENGTH, WIDTH, 4, 3, causal};
        float *input = normals(convolution_sizes(&shape), 0), *shifted = zeros(convolution_sizes(&shape));
        for (size_t i = 0; i < LENGTH * WIDTH; i++)
            if (i / WIDTH < FIRST || i / WIDTH >= LAST) input[i] = 0;
        memcpy(shifted + SHIFT * WIDTH, input, (LENGTH - SHIFT) * WIDTH * sizeof *input);
        float *output = convolved(&shape, input), *of_shifted = convolved(&shape, shifted);
        assert_true(largest_difference((LENGTH - SHIFT) * WIDTH, output, of_shifted + SHIFT * WIDTH) < 4e-6);
        memory_free(input);
        memory_free(shifted);
        memory_free(output);
        memory_free(of_shifted);
    }
}

/* Whether row `position` of the first sequence differs between two outputs. */
static bool row_differs(const float *a, const float *b, size_t position, size_t width) {
    return memcmp(a + position * width, b + position * width, width * sizeof *a) != 0;
}

/* A change of one input reaches the outputs that read it, all of them and no others. */
static void convolution_reaches_exactly_its_taps(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(convolutions); s++) {
        const struct convolution_shape *shape = &convolutions[s];
        if (shape->dilation > shape->length) continue;
        struct sizes sizes = convolution_sizes(shape);
        float *input = normals(sizes, 0), *before = convolved(shape, input);
        size_t changed = shape->length / 2;
        for (size_t i = 0; i < shape->width; i++)
            input[changed * shape->width + i] += 1;
        float *after = convolved(shape, input);
        long middle = shape->causal ? 0 : ((long)shape->kernel_size - 1) / 2;
        for (size_t t = 0; t < shape->length; t++) {
            long distance = (long)t - (long)changed, dilation = (long)shape->dilation;
            long tap = distance / dilation + middle;
            bool reads = distance % dilation == 0 && tap >= 0 && tap < (long)shape->kernel_size;
            assert_int_equal(row_differs(before, after, t, shape->width), reads);
        }
        memory_free(input);
        memory_free(before);
        memory_free(after);
    }
}

static void recurrent_layer_agrees_with_float64(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(recurrents); s++) {
        const struct recurrent_shape *shape = &recurrents[s];
        struct recurrent *layer = recurrent_of(shape);
        size_t of_item = shape->length * shape->width;
        float *input = normals(recurrent_sizes(shape), 0), *output = zeros(recurrent_sizes(shape));
        double *reference = memory_allocate(of_item, sizeof *reference);
        recurrent_forward(layer, input, output);
        for (size_t item = 0; item < shape->batch; item++) {
            assert_int_equal(recurrent_reference(layer, input, item, shape->length, reference), STATUS_OK);
            for (size_t i = 0; i < of_item; i++)
                assert_true(fabs((double)output[item * of_item + i] - reference[i]) < 4e-6);
        }
        assert_int_equal(recurrent_reference(layer, input, shape->batch, 1, reference), STATUS_INVALID);
        assert_int_equal(recurrent_reference(layer, input, 0, shape->length + 1, reference), STATUS_INVALID);
        memory_free(reference);
        memory_free(input);
        memory_free(output);
        recurrent_destroy(&layer);
    }
}

static void hidden_states_stay_within_one(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(recurrents); s++) {
        struct sizes sizes = recurrent_sizes(&recurrents[s]);
        float *input = normals(sizes, 0);
        for (size_t i = 0; i < elements(sizes); i++)
            input[i] *= 1000;
        float *output = recurred(&recurrents[s], input);
        for (size_t i = 0; i < elements(sizes); i++)
            assert_true(fabsf(output[i]) <= 1);
        memory_free(input);
        memory_free(output);
    }
}

/* A change at one step reaches that step and all later ones, no earlier one. */
static void recurrent_layer_carries_the_past_and_never_sees_the_future(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(recurrents); s++) {
        const struct recurrent_shape *shape = &recurrents[s];
        float *input = normals(recurrent_sizes(shape), 0), *before = recurred(shape, input);
        size_t changed = shape->length / 2;
        for (size_t i = 0; i < shape->width; i++)
            input[changed * shape->width + i] += 1;
        float *after = recurred(shape, input);
        for (size_t t = 0; t < shape->length; t++)
            assert_int_equal(row_differs(before, after, t, shape->width), t >= changed);
        memory_free(input);
        memory_free(before);
        memory_free(after);
    }
}

/* Each sequence of a batch gives what it gives alone, but for rounding. */
static void sequences_of_a_batch_are_independent(void **state) {
    (void)state;
    const struct convolution_shape together = {3, 21, 20, 3, 2, true};
    struct convolution_shape alone = together;
    alone.batch = 1;
    const struct sizes sizes = convolution_sizes(&together);
    const size_t of_item = sizes.length * sizes.width;
    float *input = normals(sizes, 0), *of_all = convolved(&together, input);
    for (size_t item = 0; item < sizes.batch; item++) {
        float *of_one = convolved(&alone, input + item * of_item);
        assert_true(largest_difference(of_item, of_one, of_all + item * of_item) < 4e-6);
        memory_free(of_one);
    }
    memory_free(of_all);
    for (int cell = CELL_RNN; cell <= CELL_LSTM; cell++) {
        struct recurrent_shape shape = {.cell = (enum recurrent_cell)cell,
                                        .batch = sizes.batch,
                                        .length = sizes.length,
                                        .width = sizes.width};
        of_all = recurred(&shape, input);
        shape.batch = 1;
        for (size_t item = 0; item < sizes.batch; item++) {
            float *of_one = recurred(&shape, input + item * of_item);
            assert_true(largest_difference(of_item, of_one, of_all + item * of_item) < 4e-6);
            memory_free(of_one);
        }
        memory_free(of_all);
    }
    memory_free(input);
}

static void the_number_of_threads_changes_no_bit(void **state) {
    (void)state;
    const struct convolution_shape convolution = {2, 300, 150, 5, 1, false};
    const struct recurrent_shape recurrent = {.cell = CELL_LSTM, .batch = 9, .length = 30, .width = 300};
    float *x = normals(convolution_sizes(&convolution), 0), *y = normals(recurrent_sizes(&recurrent), 1);
    float *of_x[3], *of_y[3];
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        blas_set_threads(threads);
        of_x[threads - 1] = convolved(&convolution, x);
        of_y[threads - 1] = recurred(&recurrent, y);
    }
    for (int i = 1; i < 3; i++) {
        assert_memory_equal(of_x[0], of_x[i], elements(convolution_sizes(&convolution)) * sizeof *x);
        assert_memory_equal(of_y[0], of_y[i], elements(recurrent_sizes(&recurrent)) * sizeof *y);
    }
    for (int i = 0; i < 3; i++) {
        memory_free(of_x[i]);
        memory_free(of_y[i]);
    }
    memory_free(x);
    memory_free(y);
}

/* A product of strided arrays against sums in float64; rows = 1 takes another path. */
static void products_respect_strides_and_accumulate(void **state) {
    (void)state;
    enum { ROWS = 5, COLUMNS = 7, INNER = 9, STRIDE = 12 };
    for (size_t rows = 1; rows <= ROWS; rows += ROWS - 1) {
        float a[ROWS * STRIDE], b[INNER * STRIDE], c[ROWS * STRIDE], before[ROWS * STRIDE];
        random_fill_normal_f32(random_source(5, RANDOM_INPUTS, 0), 0, COUNT(a), a);
        random_fill_normal_f32(random_source(5, RANDOM_INPUTS, 1), 0, COUNT(b), b);
        random_fill_normal_f32(random_source(5, RANDOM_INPUTS, 2), 0, COUNT(c), c);
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            memcpy(before, c, sizeof c);
            product_f32(rows, COLUMNS, INNER, a, STRIDE, b, STRIDE, accumulate, c, STRIDE);
            for (size_t i = 0; i < ROWS * STRIDE; i++) {
                size_t row = i / STRIDE, column = i % STRIDE;
                double sum = accumulate ? (double)before[i] : 0;
                for (size_t k = 0; k < INNER; k++)
                    sum += (double)a[row * STRIDE + k] * (double)b[k * STRIDE + (column % COLUMNS)];
                bool inside = row < rows && column < COLUMNS;
                assert_true(fabs((double)c[i] - (inside ? sum : (double)before[i])) < 1e-5);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_respect_strides_and_accumulate),
        cmocka_unit_test(convolution_agrees_with_float64),
        cmocka_unit_test(convolution_is_linear),
        cmocka_unit_test(convolution_commutes_with_shifts),
        cmocka_unit_test(convolution_reaches_exactly_its_taps),
        cmocka_unit_test(recurrent_layer_agrees_with_float64),
        cmocka_unit_test(hidden_states_stay_within_one),
        cmocka_unit_test(recurrent_layer_carries_the_past_and_never_sees_the_future),
        cmocka_unit_test(sequences_of_a_batch_are_independent),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
