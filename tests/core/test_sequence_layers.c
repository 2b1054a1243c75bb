/* Layers on each other, both directions, separable convolution and the packed products under them: against
 * float64 and against each other. */
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
#include "core/kernels/panel.h"
#include "core/sequence/sequence.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct recurrent_shape shapes[] = {
    {.cell = CELL_RNN, .batch = 1, .length = 1, .width = 1, .layers = 3, .bidirectional = true},
    {.cell = CELL_RNN, .batch = 2, .length = 13, .width = 70, .inputs = 5, .layers = 2},
    {.cell = CELL_GRU, .batch = 1, .length = 40, .width = 20, .inputs = 33, .layers = 4},
    {.cell = CELL_LSTM, .batch = 1, .length = 40, .width = 20, .layers = 2},
    {.cell = CELL_LSTM, .batch = 3, .length = 9, .width = 37, .inputs = 2, .bidirectional = true},
    {.cell = CELL_GRU, .batch = 100, .length = 3, .width = 18, .layers = 3, .bidirectional = true},
    {.cell = CELL_LSTM,
     .batch = 1,
     .length = 6,
     .width = 300,
     .inputs = 600}, /* several slices of the depth */
};

static size_t inputs_of(const struct recurrent_shape *shape) {
    return shape->inputs ? shape->inputs : shape->width;
}

static size_t output_count(const struct recurrent_shape *shape) {
    return shape->batch * shape->length * recurrent_output_width(shape);
}

static float *zeros(size_t count) {
    float *array = memory_allocate(count, sizeof *array);
    assert_non_null(array);
    return array;
}

static float *normals(size_t count, uint32_t part) {
    float *array = zeros(count);
    random_fill_normal_f32(random_source(13, RANDOM_INPUTS, part), 0, count, array);
    return array;
}

static float *input_of(const struct recurrent_shape *shape) {
    return normals(shape->batch * shape->length * inputs_of(shape), 0);
}

static struct recurrent *layer_of(const struct recurrent_shape *shape) {
    struct recurrent *layer;
    assert_int_equal(recurrent_create(shape, random_source(2, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
    return layer;
}

static float *recurred(const struct recurrent_shape *shape, const float *input) {
    struct recurrent *layer = layer_of(shape);
    float *output = zeros(output_count(shape));
    recurrent_forward(layer, input, output);
    recurrent_destroy(&layer);
    return output;
}

/* In every table of kernels. Outputs are of the order of 1. */
static void check_against_float64(const struct recurrent_shape *shape) {
    struct recurrent *layer = layer_of(shape);
    size_t of_item = shape->length * recurrent_output_width(shape);
    float *input = input_of(shape), *output = zeros(output_count(shape));
    double *reference = memory_allocate(of_item, sizeof *reference);
    recurrent_forward(layer, input, output);
    for (size_t item = 0; item < shape->batch; item += 7) {
        assert_int_equal(recurrent_reference(layer, input, item, shape->length, reference), STATUS_OK);
        for (size_t i = 0; i < of_item; i++)
            assert_true(fabs((double)output[item * of_item + i] - reference[i]) < 4e-6);
    }
    memory_free(reference);
    memory_free(input);
    memory_free(output);
    recurrent_destroy(&layer);
}

static void layers_agree_with_float64_in_every_table_of_kernels(void **state) {
    (void)state;
    const char *best = kernels()->name;
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        for (size_t s = 0; s < COUNT(shapes); s++)
            check_against_float64(&shapes[s]);
    }
    assert_int_equal(kernels_choose(best), STATUS_OK);
}

/* One thread, one for each direction or layer, and more than there are of these or of processors. */
static void the_number_of_threads_changes_no_bit(void **state) {
    (void)state;
    const int most = omp_get_max_threads();
    for (size_t s = 0; s < COUNT(shapes); s++) {
        float *input = input_of(&shapes[s]);
        omp_set_num_threads(1);
        float *alone = recurred(&shapes[s], input);
        for (int threads = 2; threads <= 5; threads++) {
            omp_set_num_threads(threads);
            float *together = recurred(&shapes[s], input);
            assert_memory_equal(alone, together, output_count(&shapes[s]) * sizeof *alone);
            memory_free(together);
        }
        memory_free(alone);
        memory_free(input);
    }
    omp_set_num_threads(most);
}

static void counted_work_and_parameters_equal_their_formulas(void **state) {
    (void)state;
    const size_t gates[] = {[CELL_RNN] = 1, [CELL_GRU] = 3, [CELL_LSTM] = 4};
    for (size_t s = 0; s < COUNT(shapes); s++) {
        const struct recurrent_shape *shape = &shapes[s];
        size_t directions = shape->bidirectional ? 2 : 1, layers = shape->layers ? shape->layers : 1;
        size_t depths = 0, width = shape->width;
        for (size_t i = 0; i < layers; i++)
            depths += (i ? directions * width : inputs_of(shape)) + width;
        struct recurrent *layer = layer_of(shape);
        float *input = input_of(shape), *output = zeros(output_count(shape));
        struct work start = work_now();
        recurrent_forward(layer, input, output);
        struct work done = work_difference(start, work_now());
        size_t rows = shape->batch * shape->length;
        assert_int_equal(done.product, 2 * rows * directions * gates[shape->cell] * width * depths);
        assert_true((double)work_total(done) == recurrent_flops(shape));
        assert_int_equal(recurrent_parameter_count(layer),
                         directions * gates[shape->cell] * width * (depths + layers));
        memory_free(input);
        memory_free(output);
        recurrent_destroy(&layer);
    }
}

static void an_lstm_has_4_d_times_d_plus_m_plus_1_parameters(void **state) {
    (void)state;
    for (size_t inputs = 1; inputs < 100; inputs += 33) {
        const struct recurrent_shape shape = {
            .cell = CELL_LSTM, .batch = 1, .length = 1, .width = 17, .inputs = inputs};
        struct recurrent *layer = layer_of(&shape);
        assert_int_equal(recurrent_parameter_count(layer), 4 * 17 * (17 + inputs + 1));
        recurrent_destroy(&layer);
    }
}

/* Parameters of one layer in one direction. */
struct drawn {
    float *input_weights, *recurrent_weights, *bias;
};

static struct drawn drawn_of(size_t gates, size_t width, size_t inputs) {
    return (struct drawn){normals(gates * width * inputs, 1), normals(gates * width * width, 2),
                          normals(gates * width, 3)};
}

/* A sequence from its end, with the parameters of the other direction. */
static void backward_is_forward_on_the_reversed_sequence(void **state) {
    (void)state;
    enum { LENGTH = 11, WIDTH = 19, GATES = 3 };
    struct recurrent_shape both = {
        .cell = CELL_GRU, .batch = 1, .length = LENGTH, .width = WIDTH, .bidirectional = true};
    struct recurrent_shape one = both;
    one.bidirectional = false;
    struct recurrent *in_both = layer_of(&both), *in_one = layer_of(&one);
    struct drawn drawn = drawn_of(GATES, WIDTH, WIDTH);
    const struct recurrent_parameters same = {drawn.input_weights, drawn.recurrent_weights, drawn.bias};
    assert_int_equal(recurrent_set_parameters(in_both, 0, true, &same), STATUS_OK);
    assert_int_equal(recurrent_set_parameters(in_one, 0, false, &same), STATUS_OK);
    assert_int_equal(recurrent_set_parameters(in_one, 0, true, &same), STATUS_INVALID);
    assert_int_equal(recurrent_set_parameters(in_one, 1, false, &same), STATUS_INVALID);
    float *input = input_of(&both), *reversed = input_of(&both);
    for (size_t t = 0; t < LENGTH; t++)
        memcpy(reversed + t * WIDTH, input + (LENGTH - 1 - t) * WIDTH, WIDTH * sizeof *input);
    float *of_both = zeros(output_count(&both)), *of_one = zeros(output_count(&one));
    recurrent_forward(in_both, input, of_both);
    recurrent_forward(in_one, reversed, of_one);
    for (size_t t = 0; t < LENGTH; t++)
        assert_memory_equal(of_both + (2 * t + 1) * WIDTH, of_one + (LENGTH - 1 - t) * WIDTH,
                            WIDTH * sizeof *input);
    float *const arrays[] = {
        drawn.input_weights, drawn.recurrent_weights, drawn.bias, input, reversed, of_both, of_one};
    for (size_t i = 0; i < COUNT(arrays); i++)
        memory_free(arrays[i]);
    recurrent_destroy(&in_both);
    recurrent_destroy(&in_one);
}

/* By hand, h_t = tanh(w x_t + u h_(t-1) + b). */
static void parameters_that_are_set_are_those_that_act(void **state) {
    (void)state;
    const struct recurrent_shape shape = {.cell = CELL_RNN, .batch = 1, .length = 2, .width = 1};
    const float weight = 0.5F, recurrent = -0.25F, bias = 0.125F, input[] = {1, -2};
    struct recurrent *layer = layer_of(&shape);
    assert_int_equal(
        recurrent_set_parameters(layer, 0, false, &(struct recurrent_parameters){&weight, &recurrent, &bias}),
        STATUS_OK);
    float output[2];
    recurrent_forward(layer, input, output);
    double first = tanh(0.5 + 0.125), second = tanh(-1 - 0.25 * first + 0.125);
    assert_true(fabs((double)output[0] - first) < 1e-6 && fabs((double)output[1] - second) < 1e-6);
    recurrent_destroy(&layer);
}

static const struct convolution_shape separables[] = {
    {.batch = 1, .length = 1, .width = 1, .kernel_size = 1, .dilation = 1, .causal = true},
    {.batch = 2, .length = 40, .width = 33, .kernel_size = 5, .dilation = 3, .causal = true},
    {.batch = 3, .length = 17, .width = 70, .kernel_size = 4, .dilation = 1, .causal = false},
    {.batch = 2, .length = 3, .width = 4, .kernel_size = 9, .dilation = 1, .causal = false},
};

static void separable_convolution_agrees_with_float64_and_counts_its_work(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(separables); s++) {
        const struct convolution_shape *shape = &separables[s];
        size_t rows = shape->batch * shape->length, width = shape->width, before = memory_in_use();
        struct separable *layer;
        assert_int_equal(separable_create(shape, random_source(1, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
        assert_in_range(memory_in_use() - before, separable_bytes(shape),
                        separable_bytes(shape) + 8 * 2 * MEMORY_ALIGNMENT);
        float *input = normals(rows * width, 0), *output = zeros(rows * width);
        double *reference = memory_allocate(width, sizeof *reference);
        struct work start = work_now();
        separable_forward(layer, input, output);
        assert_true((double)work_total(work_difference(start, work_now())) == separable_flops(shape));
        for (size_t row = 0; row < rows; row++) {
            assert_int_equal(
                separable_reference_row(layer, input, row / shape->length, row % shape->length, reference),
                STATUS_OK);
            for (size_t i = 0; i < width; i++)
                assert_true(fabs((double)output[row * width + i] - reference[i]) < 4e-6);
        }
        memory_free(reference);
        memory_free(input);
        memory_free(output);
        separable_destroy(&layer);
        assert_int_equal(memory_in_use(), before);
    }
    /* By hand: 10 positions, a causal kernel of 3 reaches 10 + 9 + 8, width 6. */
    const struct convolution_shape known = {4, 10, 6, 3, 1, true};
    assert_true(separable_flops(&known) == 2.0 * 4 * 6 * (10 + 9 + 8 + 10 * 6));
}

/* Entry by entry, from the definition. */
static void convolution_with_set_weights_is_the_sum_over_taps(void **state) {
    (void)state;
    enum { LENGTH = 9, WIDTH = 3, TAPS = 4, DILATION = 2 };
    for (int causal = 0; causal < 2; causal++) {
        const struct convolution_shape shape = {1, LENGTH, WIDTH, TAPS, DILATION, causal};
        float *weights = normals(TAPS * WIDTH * WIDTH, 4), *input = normals(LENGTH * WIDTH, 5);
        float output[LENGTH * WIDTH];
        struct convolution *layer;
        assert_int_equal(convolution_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
        convolution_set_weights(layer, weights);
        convolution_forward(layer, input, output);
        for (int t = 0; t < LENGTH; t++)
            for (int o = 0; o < WIDTH; o++) {
                double sum = 0;
                for (int j = 0; j < TAPS; j++) {
                    int read = t - (j - (causal ? 0 : (TAPS - 1) / 2)) * DILATION;
                    for (int i = 0; i < WIDTH && read >= 0 && read < LENGTH; i++)
                        sum += (double)weights[(j * WIDTH + i) * WIDTH + o] * (double)input[read * WIDTH + i];
                }
                assert_true(fabs((double)output[t * WIDTH + o] - sum) < 1e-5);
            }
        convolution_destroy(&layer);
        memory_free(weights);
        memory_free(input);
    }
}

/* Any number of rows and vectors, odd depths beyond a slice, with and without what was there before. */
static void check_panel_product(const struct kernels *table) {
    enum { ROWS = 19, DEPTH = PANEL_DEPTH + 37, COLUMNS = PANEL_VECTORS_MAX * PANEL_LANES };
    float *in = normals((size_t)ROWS * DEPTH, 6), *panel = normals((size_t)DEPTH * COLUMNS, 7);
    float *out = zeros((size_t)ROWS * COLUMNS);
    const float *rows[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        rows[r] = in + r * DEPTH;
    for (size_t vectors = 1; vectors <= PANEL_VECTORS_MAX; vectors++)
        for (size_t count = 1; count <= ROWS; count++)
            for (size_t depth = count % 2 ? DEPTH : 1; depth; depth = depth > 100 ? 77 : 0) {
                for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i++)
                    out[i] = 1;
                table->panel_multiply(&(struct panel_product){.rows = count,
                                                              .depth = depth,
                                                              .vectors = vectors,
                                                              .terms = 64,
                                                              .in = rows,
                                                              .panel = panel,
                                                              .out = out,
                                                              .out_stride = COLUMNS,
                                                              .accumulate = depth != 77});
                for (size_t r = 0; r < ROWS; r++)
                    for (size_t c = 0; c < COLUMNS; c++) {
                        double sum = depth != 77;
                        bool inside = r < count && c < vectors * PANEL_LANES;
                        for (size_t k = 0; inside && k < depth; k++)
                            sum += (double)rows[r][k] * (double)panel[k * vectors * PANEL_LANES + c];
                        assert_true(inside ? fabs((double)out[r * COLUMNS + c] - sum) < 2e-4
                                           : out[r * COLUMNS + c] == 1);
                    }
            }
    memory_free(in);
    memory_free(panel);
    memory_free(out);
}

static void panel_products_agree_with_float64_in_every_table_of_kernels(void **state) {
    (void)state;
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        if ((*table)->supported()) check_panel_product(*table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panel_products_agree_with_float64_in_every_table_of_kernels),
        cmocka_unit_test(layers_agree_with_float64_in_every_table_of_kernels),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(counted_work_and_parameters_equal_their_formulas),
        cmocka_unit_test(an_lstm_has_4_d_times_d_plus_m_plus_1_parameters),
        cmocka_unit_test(backward_is_forward_on_the_reversed_sequence),
        cmocka_unit_test(parameters_that_are_set_are_those_that_act),
        cmocka_unit_test(separable_convolution_agrees_with_float64_and_counts_its_work),
        cmocka_unit_test(convolution_with_set_weights_is_the_sum_over_taps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
