/* Timing, and the timed experiments on one rank: their columns, work and errors. No time is asserted. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "core/base/memory.h"
#include "core/sequence/sequence.h"
#include "experiments/layer.h"
#include "experiments/timing.h"
#include "timed_unit.h"

static struct team *world;

/* A pass that claims to take `seconds`, growing by `growth` with every call. */
struct claim {
    double seconds, growth;
    long calls;
    double sleep; /* what it really takes */
};

static void claim_pass(void *context, double *seconds) {
    struct claim *claim = context;
    if (claim->sleep > 0) nanosleep(&(struct timespec){0, (long)(claim->sleep * 1e9)}, NULL);
    seconds[0] += claim->seconds + claim->growth * (double)claim->calls;
    seconds[1] += 2 * claim->seconds;
    claim->calls++;
}

/* Of six samples the smallest and the largest enclose the median with 97 %; of five only with 94 %. */
static void steady_passes_end_with_the_first_95_percent_interval(void **state) {
    (void)state;
    struct claim claim = {.seconds = 0.25};
    struct timing timing;
    timing_collect(world, 2, claim_pass, &claim, &timing);
    assert_int_equal(timing.samples, 6);
    for (size_t i = 0; i < timing.samples; i++) {
        assert_true(timing.seconds[0][i] == 0.25);
        assert_true(timing.seconds[1][i] == 0.5);
    }
    assert_true(claim.calls > 6); /* passes this short are averaged */
}

static void passes_that_vary_go_on_to_the_limit(void **state) {
    (void)state;
    struct claim claim = {.growth = 1};
    struct timing timing;
    timing_collect(world, 1, claim_pass, &claim, &timing);
    assert_true(timing.samples > 6);
    if (timing.samples < TIMING_SAMPLES_MAX) return; /* a slow machine may reach the cap first */
    assert_true(timing.seconds[0][TIMING_SAMPLES_MAX - 1] > timing.seconds[0][0]);
}

static void a_pass_beyond_the_cap_is_sampled_three_times(void **state) {
    (void)state;
    struct claim claim = {.seconds = 1, .sleep = 0.6 * TIMING_SECONDS};
    struct timing timing;
    timing_collect(world, 1, claim_pass, &claim, &timing);
    assert_int_equal(timing.samples, TIMING_SAMPLES_OF_LONG_PASSES);
    assert_int_equal(claim.calls, 1 + TIMING_SAMPLES_OF_LONG_PASSES);
}

static void disturbed_says_that_the_reference_changed_by_a_tenth(void **state) {
    (void)state;
    struct claim claim = {.seconds = 0.25};
    struct timing timing;
    timing_collect(world, 1, claim_pass, &claim, &timing);
    double before = timing.reference_before, after = timing.reference_after;
    assert_true(before > 0 && after > 0);
    assert_int_equal(timing.disturbed, fmax(before, after) > 1.1 * fmin(before, after));
}

static void chosen_rows_are_distinct_and_hold_both_ends(void **state) {
    (void)state;
    const size_t inner = LAYER_ROWS_MAX - 2;
    for (size_t length = 1; length < 300; length++) {
        size_t rows[LAYER_ROWS_MAX];
        size_t count = layer_choose_rows(random_source(length, RANDOM_CHOICE, 0), length, inner, rows);
        assert_int_equal(count, length < LAYER_ROWS_MAX ? length : LAYER_ROWS_MAX);
        assert_int_equal(rows[0], 0);
        assert_int_equal(rows[count - 1], length - 1);
        for (size_t i = 1; i < count; i++)
            assert_true(rows[i] > rows[i - 1]);
    }
}

static void an_error_that_is_no_number_is_infinite(void **state) {
    (void)state;
    assert_true(layer_worse(1, -2) == 2 && layer_worse(3, -2) == 3);
    assert_true(isinf(layer_worse(1, NAN)) && isinf(layer_worse(layer_worse(1, NAN), 2)));
}

/* Runs a unit; the record is the caller's. */
static enum status run_unit(const struct experiment *experiment, struct record *record, uint64_t key) {
    struct error error = {STATUS_OK, ""};
    struct point point = {.values = record, .data_key = key};
    if (experiment->resolve)
        assert_int_equal(experiment->resolve(record, &(struct resources){1, 1}, &error), STATUS_OK);
    return experiment->run(&point, world, record, &error);
}

/* What all layers promise of their record. */
static void check_layer_record(const struct experiment *experiment, struct record *record, double flops) {
    assert_true(timed_is_complete(record));
    assert_true(record_real(record, "flops") == flops);
    assert_true(record_real(record, "flops_product") + record_real(record, "flops_elementwise") +
                    record_real(record, "flops_transcendental") ==
                flops);
    assert_true(record_real(record, "max_abs_error") < 1e-5);
    const struct value *seconds = record_value(record, "seconds");
    assert_in_range(seconds->count, TIMING_SAMPLES_OF_LONG_PASSES, TIMING_SAMPLES_MAX);
    for (size_t i = 0; i < seconds->count; i++)
        assert_true(seconds->reals[i] > 0);
    struct point point = {.values = record, .data_key = 1};
    struct estimate estimate = experiment->estimate(&point);
    assert_true(estimate.flops == flops && estimate.seconds == TIMING_SECONDS);
}

static void convolution_records_its_work_and_error(void **state) {
    (void)state;
    const struct convolution_shape shape = {3, 29, 24, 4, 3, true};
    const struct timed_setting settings[] = {{"batch", 3, NULL},       {"length", 29, NULL},
                                             {"width", 24, NULL},      {"dilation", 3, NULL},
                                             {"kernel_size", 4, NULL}, {NULL, 0, NULL}};
    struct record *record = timed_record(&experiment_convolution, settings);
    assert_int_equal(run_unit(&experiment_convolution, record, 7), STATUS_OK);
    check_layer_record(&experiment_convolution, record, convolution_flops(&shape));
    assert_int_equal(record_integer(record, "rows_checked"), LAYER_ROWS_MAX); /* of 87 */
    record_destroy(&record);
}

static void recurrent_records_its_work_and_error(void **state) {
    (void)state;
    static const char *const cells[] = {"rnn", "gru", "lstm"};
    const int64_t gates[] = {1, 3, 4};
    for (int cell = 0; cell < 3; cell++) {
        const struct recurrent_shape shape = {
            .cell = (enum recurrent_cell)cell, .batch = 3, .length = 70, .width = 24};
        const struct timed_setting settings[] = {{"cell", 0, cells[cell]},
                                                 {"batch", 3, NULL},
                                                 {"length", 70, NULL},
                                                 {"width", 24, NULL},
                                                 {NULL, 0, NULL}};
        struct record *record = timed_record(&experiment_recurrent, settings);
        assert_int_equal(run_unit(&experiment_recurrent, record, 7), STATUS_OK);
        check_layer_record(&experiment_recurrent, record, recurrent_flops(&shape));
        assert_int_equal(record_integer(record, "rows_checked"), 64);
        assert_int_equal(record_integer(record, "weights"), gates[cell] * 24 * (24 + 24 + 1));
        record_destroy(&record);
    }
}

/* Sizes so large that arrays, not bookkeeping, decide. */
static void layers_hold_about_the_memory_they_estimate(void **state) {
    (void)state;
    const struct timed_setting sizes[] = {
        {"cell", 0, "gru"}, {"batch", 4, NULL}, {"length", 100, NULL}, {"width", 256, NULL}, {NULL, 0, NULL}};
    const struct experiment *const experiments[] = {&experiment_convolution, &experiment_recurrent};
    for (int i = 0; i < 2; i++) {
        size_t before = memory_in_use();
        struct record *record = timed_record(experiments[i], sizes);
        assert_int_equal(run_unit(experiments[i], record, 3), STATUS_OK);
        struct point point = {.values = record, .data_key = 3};
        double estimate = experiments[i]->estimate(&point).bytes_per_rank;
        double held = (double)(memory_high_water() - before);
        double said = (double)record_integer(record, "memory");
        assert_true(held < 1.1 * estimate && said <= held && said > 0.8 * estimate);
        record_destroy(&record);
        assert_int_equal(memory_in_use(), before);
    }
}

static void a_unit_without_memory_fails_and_leaves_nothing(void **state) {
    (void)state;
    const struct timed_setting sizes[] = {
        {"cell", 0, "lstm"}, {"length", 9, NULL}, {"width", 8, NULL}, {NULL, 0, NULL}};
    const struct experiment *const experiments[] = {&experiment_convolution, &experiment_recurrent};
    for (int i = 0; i < 2; i++)
        for (long allowed = 0; allowed < 4; allowed++) {
            size_t before = memory_in_use();
            struct record *record = timed_record(experiments[i], sizes);
            memory_fail_after(allowed);
            enum status status = run_unit(experiments[i], record, 3);
            memory_fail_after(-1);
            assert_int_equal(status, STATUS_NO_MEMORY);
            record_destroy(&record);
            assert_int_equal(memory_in_use(), before);
        }
}

static void assert_refused_with_figures(const struct experiment *experiment,
                                        const struct timed_setting *settings) {
    struct record *record = timed_record(experiment, settings);
    struct error error = {STATUS_OK, ""};
    assert_int_equal(experiment->resolve(record, &(struct resources){1, 1}, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "length"));
    assert_non_null(strstr(error.text, "1000000"));
    record_destroy(&record);
}

static void more_rows_than_blas_counts_or_memory_holds_are_refused_with_the_figures(void **state) {
    (void)state;
    const struct timed_setting of_blas[] = {{"batch", 1000000, NULL}, {"length", 2148, NULL},
                                            {"width", 8, NULL},       {"head_width", 8, NULL},
                                            {"heads", 1, NULL},       {NULL, 0, NULL}};
    assert_refused_with_figures(&experiment_attention, of_blas);
    const struct timed_setting of_memory[] = {{"cell", 0, "rnn"},
                                              {"batch", 1000000, NULL},
                                              {"length", 100000000, NULL},
                                              {"width", 65536, NULL},
                                              {NULL, 0, NULL}};
    assert_refused_with_figures(&experiment_convolution, of_memory);
    assert_refused_with_figures(&experiment_recurrent, of_memory);
}

static void machine_sets_every_rate_and_no_link_for_one_rank(void **state) {
    (void)state;
    struct record *record =
        timed_record(&experiment_machine, (const struct timed_setting[]){{NULL, 0, NULL}});
    assert_int_equal(run_unit(&experiment_machine, record, 1), STATUS_OK);
    assert_true(timed_is_complete(record));
    static const char *const rates[] = {"fma_f32", "fma_f64", "blas_f32", "blas_f64", "bandwidth"};
    for (int i = 0; i < 5; i++)
        assert_true(isfinite(record_real(record, rates[i])) && record_real(record, rates[i]) > 0);
    assert_true(isnan(record_real(record, "link_latency")) && isnan(record_real(record, "link_bandwidth")));
    assert_true(record_integer(record, "cores") >= 1);
    assert_true(record_integer(record, "memory_host") > 0);
    record_destroy(&record);
}

int main(void) {
    if (parallel_start(&world) != STATUS_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_passes_end_with_the_first_95_percent_interval),
        cmocka_unit_test(passes_that_vary_go_on_to_the_limit),
        cmocka_unit_test(a_pass_beyond_the_cap_is_sampled_three_times),
        cmocka_unit_test(disturbed_says_that_the_reference_changed_by_a_tenth),
        cmocka_unit_test(chosen_rows_are_distinct_and_hold_both_ends),
        cmocka_unit_test(an_error_that_is_no_number_is_infinite),
        cmocka_unit_test(convolution_records_its_work_and_error),
        cmocka_unit_test(recurrent_records_its_work_and_error),
        cmocka_unit_test(layers_hold_about_the_memory_they_estimate),
        cmocka_unit_test(a_unit_without_memory_fails_and_leaves_nothing),
        cmocka_unit_test(more_rows_than_blas_counts_or_memory_holds_are_refused_with_the_figures),
        cmocka_unit_test(machine_sets_every_rate_and_no_link_for_one_rank),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    parallel_stop();
    return failed;
}
