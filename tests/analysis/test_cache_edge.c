/* Where what a layer reads again and again fills a cache. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/cache_edge.h"
#include "core/base/memory.h"
#include "plot_fixture.h"
#include "synthetic.h"

static void weights_and_keys_are_counted_in_float32(void **state) {
    (void)state;
    struct record *convolution = synthetic_record(&synthetic_convolution);
    set_integer(convolution, "width", 100);
    set_integer(convolution, "kernel_size", 3);
    assert_true(cache_edge_bytes(convolution, "width", 256) == 4.0 * 3 * 256 * 256);
    assert_true(cache_edge_bytes(convolution, "kernel_size", 7) == 4.0 * 7 * 100 * 100);
    assert_true(isnan(cache_edge_bytes(convolution, "length", 64)));

    struct record *recurrent = synthetic_record(&synthetic_recurrent);
    set_text(recurrent, "cell", "gru");
    assert_true(cache_edge_bytes(recurrent, "width", 512) == 4.0 * 3 * 512 * 512);

    struct record *attention = synthetic_record(&synthetic_attention);
    set_integer(attention, "length", 1000);
    set_integer(attention, "head_width", 64);
    assert_true(cache_edge_bytes(attention, "length", 2048) == 2.0 * 4 * 2048 * 64);
    assert_true(cache_edge_bytes(attention, "head_width", 128) == 2.0 * 4 * 1000 * 128);

    struct record *scoring = synthetic_record(&synthetic_scoring);
    assert_true(isnan(cache_edge_bytes(scoring, "width", 8)));
    record_destroy(&convolution);
    record_destroy(&recurrent);
    record_destroy(&attention);
    record_destroy(&scoring);
}

/* Weights of convolutions of kernel size 4 and width d take 16 d^2 bytes. */
static void only_caches_that_fill_within_the_sweep_are_marked(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    struct record *machine = synthetic_record(&synthetic_machine);
    set_integer(machine, "cache_core", 1 << 20);
    set_integer(machine, "cache_last", 1 << 28);
    synthetic_add(results, machine);
    struct record *convolution = synthetic_record(&synthetic_convolution);
    set_integer(convolution, "kernel_size", 4);
    const struct sweep sweep = {
        .count = 2,
        .points = {{.x = 64, .typical = 1e-3}, {.x = 1024, .typical = 0.1}},
        .first = convolution,
    };
    struct plot *plot = plot_fixture_new();
    assert_int_equal(cache_edge_plot(results, &sweep, "width", "", 0, plot), STATUS_OK);
    assert_int_equal(plot->series_count, 1);
    assert_string_equal(plot->series[0].label, "weights fill a cache of 1 MiB");
    assert_int_equal(plot->series[0].style, PLOT_DOTTED); /* fits beside it are dashed */
    assert_float_equal(plot->series[0].x[0], 256, 1e-9);
    assert_true(plot->series[0].y[0] == 1e-3 && plot->series[0].y[1] == 0.1);
    assert_int_equal(cache_edge_plot(results, &sweep, "length", "", 0, plot), STATUS_OK);
    assert_int_equal(plot->series_count, 1);
    plot_fixture_free(plot);
    record_destroy(&convolution);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_and_keys_are_counted_in_float32),
        cmocka_unit_test(only_caches_that_fill_within_the_sweep_are_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
