/* The experiments layer_paths, softmax_saturation and scoring as a campaign sees them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "timed_unit.h"

extern const struct experiment experiment_layer_paths, experiment_softmax_saturation, experiment_scoring;

static struct team *team;

static enum status run(const struct experiment *experiment, struct record *record, uint64_t key) {
    struct error error = {STATUS_OK, ""};
    const struct resources resources = {1, 1};
    struct record *values;
    enum status status = experiment->resolve ? experiment->resolve(record, &resources, &error) : STATUS_OK;
    if (status != STATUS_OK) return status;
    assert_int_equal(STATUS_OK, record_copy(record, &values));
    struct point point = {values, key};
    assert_true(experiment->estimate(&point).bytes_per_rank > 0);
    status = experiment->run(&point, team, record, &error);
    record_destroy(&values);
    return status;
}

static int64_t path(const char *layer, int64_t length, int64_t kernel_size, const char *dilation,
                    const char *side) {
    const struct timed_setting settings[] = {{"layer", 0, layer},
                                             {"length", length, NULL},
                                             {"inputs", 8, NULL},
                                             {"kernel_size", kernel_size, NULL},
                                             {"dilation", 0, dilation},
                                             {"side", 0, side},
                                             {NULL, 0, NULL}};
    struct record *record = timed_record(&experiment_layer_paths, settings);
    assert_non_null(record);
    assert_int_equal(STATUS_OK, run(&experiment_layer_paths, record, 9));
    assert_true(timed_is_complete(record));
    int64_t found = record_integer(record, "path");
    record_destroy(&record);
    return found;
}

static void paths_are_those_of_the_closed_forms(void **state) {
    (void)state;
    assert_int_equal(1, path("attention", 300, 3, "none", "causal"));
    assert_int_equal(77, path("rnn", 77, 3, "none", "causal"));
    assert_int_equal(300, path("gru", 300, 3, "none", "causal"));
    assert_int_equal(300, path("lstm", 300, 3, "none", "causal"));
    assert_int_equal(50, path("convolution", 101, 3, "none", "causal"));
    assert_int_equal(51, path("convolution", 102, 3, "none", "causal"));
    assert_int_equal(50, path("convolution", 101, 5, "none", "centred"));
    assert_int_equal(3, path("convolution", 27, 3, "powers", "causal")); /* 3^3 positions are within reach */
    assert_int_equal(4, path("convolution", 28, 3, "powers", "causal"));
    assert_int_equal(10, path("convolution", 1000, 2, "powers", "causal"));
}

static void kernels_that_never_arrive_are_refused(void **state) {
    (void)state;
    const struct timed_setting settings[] = {{"layer", 0, "convolution"},
                                             {"length", 5, NULL},
                                             {"kernel_size", 2, NULL},
                                             {"side", 0, "centred"},
                                             {NULL, 0, NULL}};
    struct record *record = timed_record(&experiment_layer_paths, settings);
    assert_int_equal(STATUS_INVALID, run(&experiment_layer_paths, record, 1));
    record_destroy(&record);
}

static struct record *saturation(int64_t dimension, const char *scaling, uint64_t key) {
    const struct timed_setting settings[] = {{"dimension", dimension, NULL},
                                             {"scaling", 0, scaling},
                                             {"keys", 32, NULL},
                                             {"trials", 40, NULL},
                                             {NULL, 0, NULL}};
    struct record *record = timed_record(&experiment_softmax_saturation, settings);
    assert_non_null(record);
    assert_int_equal(STATUS_OK, run(&experiment_softmax_saturation, record, key));
    return record;
}

static double mean(const struct record *record, const char *column) {
    const struct value *values = record_value(record, column);
    assert_int_equal(40, values->count);
    double sum = 0;
    for (size_t i = 0; i < values->count; i++)
        sum += values->reals[i];
    return sum / (double)values->count;
}

/* 40 queries with 32 keys: the mean of the variances is within a third of D but for one draw in 10^6. */
static void scaling_takes_the_dimension_out_of_the_variance(void **state) {
    (void)state;
    struct record *plain = saturation(256, "none", 2), *scaled = saturation(256, "inverse_sqrt", 2);
    assert_true(fabs(record_real(plain, "score_variance") / 256 - 1) < 0.34);
    assert_true(fabs(record_real(scaled, "score_variance") * 256 / record_real(plain, "score_variance") - 1) <
                1e-12);
    assert_true(mean(plain, "jacobian_norm") < mean(scaled, "jacobian_norm"));
    assert_true(mean(plain, "argmax_distance") < mean(scaled, "argmax_distance"));
    record_destroy(&plain);
    record_destroy(&scaled);
}

static void scores_are_checked_against_float64(void **state) {
    (void)state;
    static const char *const functions[] = {"additive", "dot", "scaled", "bilinear", "low_rank"};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct timed_setting settings[] = {{"function", 0, functions[i]}, {"length", 33, NULL},
                                                 {"width", 20, NULL},           {"rank", 3, NULL},
                                                 {"threads", 1, NULL},          {NULL, 0, NULL}};
        struct record *record = timed_record(&experiment_scoring, settings);
        assert_non_null(record);
        assert_int_equal(STATUS_OK, run(&experiment_scoring, record, 3));
        assert_true(timed_is_complete(record));
        assert_int_equal(4, record_integer(record, "rows_checked"));
        assert_true(record_real(record, "max_abs_error") < 2e-5);
        assert_true(record_real(record, "flops") > 0);
        record_destroy(&record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_those_of_the_closed_forms),
        cmocka_unit_test(kernels_that_never_arrive_are_refused),
        cmocka_unit_test(scaling_takes_the_dimension_out_of_the_variance),
        cmocka_unit_test(scores_are_checked_against_float64),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    parallel_stop();
    return failed;
}
