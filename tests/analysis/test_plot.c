/* Plots: what gnuplot is given, what it draws, and what happens without it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/number.h"
#include "analysis/plot_axis.h"
#include "analysis/plot_script.h"
#include "core/base/memory.h"
#include "plot_fixture.h"

static void series_are_copied_and_limited(void **state) {
    (void)state;
    struct plot *plot = plot_fixture_new();
    double x[2] = {1, 2}, y[2] = {3, 4};
    const struct series *series = plot_add(plot, "a", PLOT_POINTS, 0, 2, x, y, NULL, y);
    x[0] = y[0] = 99;
    assert_true(series->x[0] == 1 && series->y[0] == 3);
    assert_null(series->low);
    for (int i = 1; i < PLOT_SERIES_MAX; i++)
        assert_non_null(plot_add(plot, "b", PLOT_POINTS, i, 2, x, y, x, y));
    assert_null(plot_add(plot, "one too many", PLOT_POINTS, 0, 2, x, y, NULL, NULL));
    plot_clear(plot);
    assert_int_equal(plot->series_count, 0);
    memory_fail_after(2);
    assert_null(plot_add(plot, "no memory", PLOT_POINTS, 0, 2, x, y, x, y));
    memory_fail_after(-1);
    assert_int_equal(plot->series_count, 0);
    plot_fixture_free(plot);
}

static void every_style_and_axis_draws(void **state) {
    (void)state;
    static const enum plot_style styles[] = {PLOT_POINTS, PLOT_LINES, PLOT_POINTS_LINES, PLOT_DASHED};
    double x[3] = {64, 128, 4096}, y[3] = {1e-5, 2e-3, 4}, low[3] = {9e-6, 1e-3, 3},
           high[3] = {2e-5, 3e-3, 5};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = plot_fixture_new();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        for (size_t s = 0; s < 4; s++) {
            plot_add(plot, "bars", styles[s], (int)s, 3, x, y, low, high);
            plot_add(plot, "plain", styles[s], (int)s + 4, 3, x, y, NULL, NULL);
        }
        plot_fixture_draws(plot);
        plot_fixture_free(plot);
    }
}

/* NaN, infinities, nothing at all, single points, bars without limit, values that a logarithm does not take.
 */
static void numbers_that_cannot_be_drawn_do_no_harm(void **state) {
    (void)state;
    double bad[5] = {NAN, INFINITY, -INFINITY, 0, -1}, good[5] = {1, 2, 3, 4, 5};
    double low[5] = {-INFINITY, 0, NAN, 3, -1}, high[5] = {INFINITY, 3, NAN, INFINITY, 6};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = plot_fixture_new();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        plot_fixture_draws(plot);
        plot_add(plot, "empty", PLOT_LINES, 0, 0, good, good, NULL, NULL);
        plot_add(plot, "bad", PLOT_POINTS, 1, 5, good, bad, bad, bad);
        plot_add(plot, "worse", PLOT_POINTS, 1, 3, bad, bad, NULL, NULL);
        plot_fixture_draws(plot);
        plot_add(plot, "one", PLOT_POINTS, 1, 1, good, good, low, high);
        plot_fixture_draws(plot);
        plot_add(plot, "unbounded", PLOT_POINTS, 2, 5, good, good, low, high);
        plot_fixture_draws(plot);
        plot->x_low = plot->y_low = -1;
        plot->x_high = plot->y_high = 10;
        plot_fixture_draws(plot);
        plot_fixture_free(plot);
    }
}

static void points_are_drawn_where_they_belong(void **state) {
    (void)state;
    struct plot *plot = plot_fixture_new();
    double x[4] = {1, 2, NAN, 4}, y[4] = {10, 20, 30, 40}, low[4] = {9, -INFINITY, 0, 39},
           high[4] = {11, 21, 0, 41};
    plot->y_low = 5;
    plot->y_high = 50;
    plot_add(plot, "a", PLOT_POINTS, 0, 4, x, y, low, high);
    char *script = plot_fixture_print(plot, plot_script);
    assert_non_null(strstr(script, "$series0 << END\n1 10 9 11\n2 20 5 21\n\n4 40 39 41\nEND\n"));
    assert_non_null(strstr(script, "set yrange [5:50]"));
    free(script);
    plot_fixture_free(plot);
}

/* Labels of a logarithmic axis, at least two of them, whatever it spans. */
static void assert_tics(double low, double high, bool binary, const char *expected) {
    struct plot_axis axis = {'x', true, binary, low, high};
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    plot_axis_print(&axis, document.out);
    assert_int_equal(document_end(&document), STATUS_OK);
    if (!strstr(document.text, expected)) fail_msg("no %s in %s", expected, document.text);
    size_t labels = plot_fixture_count(document.text, "' ") - plot_fixture_count(document.text, "'' ");
    assert_in_range(labels, 2, 12);
    document_clear(&document);
}

static void logarithmic_axes_are_labelled(void **state) {
    (void)state;
    assert_tics(0.9, 2.2, true, "('1' 1 0, '2' 2 0)");
    assert_tics(30, 5000, true, "'2048' 2048 0, '' 4096 1");
    assert_tics(30, 1e9, true, "'2^{5}' 32 0");
    assert_tics(0.9, 1100, false, "'1000' 1000 0");
    assert_tics(200, 52000, false,
                "'5000' 5000 0, '' 6000 1, '' 7000 1, '' 8000 1, '' 9000 1, '10000' 10000 0, "
                "'' 20000 1");
    assert_tics(1e-7, 1e-2, false, "'10^{-3}' 0.001 0");
    assert_tics(0.3, 4, false, "'0.5' 0.5 0");
    assert_tics(3e6, 4e7, false,
                "'2\xC2\xB7"
                "10^{7}' 20000000 0");
    assert_tics(1.1, 1.9, false, "'1.5' 1.5 0");
    assert_tics(1.41e-5, 1.42e-5, false, "10^{-5}' 1.415e-5 0");
    for (double span = 1.01; span < 1e30; span *= 1.7)
        assert_tics(0.37, 0.37 * span, false, "set xtics (");
}

/* Colours that differ do so in shape, too. */
static void series_differ_without_colour(void **state) {
    (void)state;
    struct plot *plot = plot_fixture_new();
    double x[1] = {1};
    for (int i = 0; i < 8; i++)
        plot_add(plot, "s", PLOT_POINTS, i, 1, x, x, NULL, NULL);
    char *script = plot_fixture_print(plot, plot_script);
    bool seen[32] = {false};
    int found = 0;
    for (const char *at = script; (at = strstr(at, "pointtype ")); at++) {
        int type = atoi(at + strlen("pointtype "));
        assert_in_range(type, 0, 31);
        assert_false(seen[type]);
        seen[type] = true;
        found++;
    }
    assert_int_equal(found, 8);
    free(script);
    plot_fixture_free(plot);
}

/* Labels can neither end their quotes, nor run commands, nor reach gnuplot's mark-up. */
static void labels_stay_text(void **state) {
    (void)state;
    static const char hostile[] =
        "'; system('touch engram-here')\n!touch engram-here\n`touch x` @a_b &{}~\\ <t>";
    struct plot *plot = plot_fixture_new();
    double x[2] = {1, 2};
    snprintf(plot->x_label, sizeof plot->x_label, "%s", hostile);
    snprintf(plot->y_label, sizeof plot->y_label, "N^{-1/2} a^b %%s");
    snprintf(plot->name, sizeof plot->name, "'; exit");
    plot_add(plot, "\xff cut \xc3", PLOT_POINTS, 0, 2, x, x, NULL, NULL);
    char *script = plot_fixture_print(plot, plot_script);
    assert_null(strstr(script, "\n!"));
    assert_null(strstr(script, " '; "));
    assert_non_null(strstr(script, "'N^{-1/2} a\\^b %s'"));
    free(script);
    plot_fixture_draws(plot);
    assert_int_not_equal(access("engram-here", F_OK), 0);

    if (plot_fixture_gnuplot()) {
        char *svg;
        assert_int_equal(plot_render(plot, &svg, NULL), STATUS_OK);
        assert_non_null(strstr(svg, "`touch x`"));
        assert_null(strstr(svg, "<t>"));
        memory_free(svg);
    }
    plot_fixture_free(plot);
}

static void data_are_kept_as_csv(void **state) {
    (void)state;
    struct plot *plot = plot_fixture_new();
    double x[2] = {0.1, 1e300}, y[2] = {NAN, -2}, low[2] = {-INFINITY, -3}, high[2] = {1.0 / 3, -1};
    plot_add(plot, "a \"b\", c", PLOT_POINTS, 0, 2, x, y, low, high);
    plot_add(plot, "", PLOT_LINES, 0, 1, x, x, NULL, NULL);
    char *csv = plot_fixture_print(plot, plot_csv);
    assert_string_equal(csv, "series,x,y,low,high\r\n"
                             "\"a \"\"b\"\", c\",0.1,,-inf,0.3333333333333333\r\n"
                             "\"a \"\"b\"\", c\",1e300,-2,-3,-1\r\n"
                             ",0.1,0.1,,\r\n");
    free(csv);
    plot_fixture_free(plot);
}

static void without_gnuplot_it_says_so_and_keeps_the_data(void **state) {
    (void)state;
    char folder[] = "/tmp/engram-plot-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    char *before = strdup(getenv("PATH"));
    struct plot *plot = plot_fixture_new();
    double x[2] = {1, 2};
    plot_add(plot, "a", PLOT_POINTS, 0, 2, x, x, NULL, NULL);
    struct error error = {STATUS_OK, ""};
    setenv("PATH", folder, 1);
    assert_int_equal(plot_draw(plot, folder, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "gnuplot"));
    setenv("PATH", before, 1);
    free(before);
    snprintf(path, sizeof path, "%s/test.svg", folder);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/test.csv", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    plot_fixture_free(plot);
}

/* A gnuplot that gives up is quoted, one that says nothing is noticed. */
static void a_gnuplot_that_fails_is_reported(void **state) {
    (void)state;
    static const char *const scripts[] = {"#!/bin/sh\necho out of ink >&2\nexit 1\n", "#!/bin/sh\nexit 0\n"};
    static const char *const said[] = {"out of ink", "drew nothing"};
    char folder[] = "/tmp/engram-plot-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/gnuplot", folder);
    char *before = strdup(getenv("PATH"));
    struct plot *plot = plot_fixture_new();
    for (int i = 0; i < 2; i++) {
        struct error error = {STATUS_OK, ""};
        char *svg;
        assert_int_equal(document_save(folder, "gnuplot", scripts[i], strlen(scripts[i]), &error), STATUS_OK);
        assert_int_equal(chmod(path, 0755), 0);
        setenv("PATH", folder, 1);
        assert_int_equal(plot_render(plot, &svg, &error), STATUS_FAILED);
        setenv("PATH", before, 1);
        assert_null(svg);
        assert_non_null(strstr(error.text, said[i]));
    }
    free(before);
    unlink(path);
    rmdir(folder);
    plot_fixture_free(plot);
}

static void assert_interval(double value, double low, double high, const char *expected) {
    char text[NUMBER_INTERVAL_SIZE];
    number_with_interval(value, low, high, text);
    assert_string_equal(text, expected);
}

/* Ratios to a perfect fit differ by roundings, which would be all that the axis shows, under equal labels. */
static void roundings_do_not_fill_an_axis(void **state) {
    (void)state;
    double x[2] = {1, 2}, y[2] = {1, 1 + 1e-15};
    struct plot *plot = plot_fixture_new();
    plot_add(plot, "ratio", PLOT_POINTS, 0, 2, x, y, NULL, NULL);
    char *script = plot_fixture_print(plot, plot_script);
    assert_non_null(strstr(script, "set yrange [0.9:1.1"));
    free(script);
    plot_fixture_free(plot);
}

static void digits_fit_the_interval(void **state) {
    (void)state;
    assert_interval(0.141234, 0.138765, 0.143912, "0.1412 [0.1388, 0.1439]");
    assert_interval(512.13, 480.2, 540.9, "512 [480, 541]");
    assert_interval(8.1342e-6, 8.02e-6, 8.44e-6, "8.13e-6 [8.02e-6, 8.44e-6]");
    assert_interval(2, 2, 2, "2");
    assert_interval(123456789012, 123456789012, 123456789012, "123456789012");
    assert_interval(0.5, -INFINITY, 0.75, "0.50 [-inf, 0.75]");
    assert_interval(64, -INFINITY, 64, "below 64");
    assert_interval(0.123456, -INFINITY, 0.123456, "below 0.1235");
    assert_interval(4096, 4096, INFINITY, "above 4096");
    assert_interval(0.5, -INFINITY, INFINITY, "0.5 (no interval)");
    assert_interval(1.0634712, -INFINITY, INFINITY, "1.063 (no interval)");
    assert_interval(2.0000000000000004, 2, 2.0000000000000009, "2");
    assert_interval(0.984581234, 0.984581234, 0.984581234, "0.9846");
    assert_interval(NAN, -INFINITY, INFINITY, "not measured");
    assert_interval(0, 0, 0.02, "0.000 [0.000, 0.020]");
}

static void numbers_read_back(void **state) {
    (void)state;
    static const double numbers[] = {0, -0.1, 1.0 / 3, 1e-310, 123456789, 1.7976931348623157e308, -5e-324};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[NUMBER_SIZE];
        number_exact(numbers[i], text);
        assert_true(strtod(text, NULL) == numbers[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_are_copied_and_limited),
        cmocka_unit_test(every_style_and_axis_draws),
        cmocka_unit_test(numbers_that_cannot_be_drawn_do_no_harm),
        cmocka_unit_test(points_are_drawn_where_they_belong),
        cmocka_unit_test(roundings_do_not_fill_an_axis),
        cmocka_unit_test(logarithmic_axes_are_labelled),
        cmocka_unit_test(series_differ_without_colour),
        cmocka_unit_test(labels_stay_text),
        cmocka_unit_test(data_are_kept_as_csv),
        cmocka_unit_test(without_gnuplot_it_says_so_and_keeps_the_data),
        cmocka_unit_test(a_gnuplot_that_fails_is_reported),
        cmocka_unit_test(digits_fit_the_interval),
        cmocka_unit_test(numbers_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
