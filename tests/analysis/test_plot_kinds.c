/* Kinds of plots: images, maps, classes, charts of rows, slope triangles. */
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

static struct plot *new_images(size_t rows, size_t columns) {
    struct plot *plot = plot_fixture_new();
    plot->image_rows = rows;
    plot->image_columns = columns;
    plot->image_height = 3;
    plot->image_width = 2;
    plot->pixels = memory_allocate(rows * columns * 6, sizeof *plot->pixels);
    assert_non_null(plot->pixels);
    for (size_t i = 0; i < rows * columns * 6; i++)
        plot->pixels[i] = i % 3 ? 1 : i % 2 ? NAN : -1;
    snprintf(plot->image_row_labels[0], sizeof plot->image_row_labels[0], "stored, 'as is'");
    return plot;
}

static void images_are_drawn_in_rows(void **state) {
    (void)state;
    struct plot *plot = new_images(2, 4);
    char *script = plot_fixture_print(plot, plot_script), *csv = plot_fixture_print(plot, plot_csv);
    assert_non_null(strstr(script, "\n0 0 0 255\n1 0 255 255\n"));
    assert_non_null(strstr(csv, "\"stored, 'as is'\",0,0,0,-1\r\n"));
    assert_int_equal(plot_fixture_count(csv, "\r\n"), 1 + 2 * 4 * 6);
    free(script);
    free(csv);
    plot_fixture_draws(plot);
    plot_fixture_free(plot);

    plot = new_images(20, 1); /* more rows than labels */
    plot_fixture_draws(plot);
    plot_fixture_free(plot);
    plot = new_images(0, 0);
    plot_fixture_draws(plot);
    plot_fixture_free(plot);
}

static const double values[6] = {0, 0.25, NAN, 0.75, 1, 7};

static void set_map(struct plot *plot, const double *x, const double *y) {
    assert_int_equal(plot_set_map(plot, "overlap, 'm'", 0, 1, 3, x, 2, y, values), STATUS_OK);
}

/* Tiles meet midway between places, whose distances may differ; there is none without a value. */
static void maps_are_tiles_about_their_places(void **state) {
    (void)state;
    static const double x[3] = {0, 1, 4}, y[2] = {10, 20};
    struct plot *plot = plot_fixture_new();
    set_map(plot, x, y);
    char *script = plot_fixture_print(plot, plot_script), *csv = plot_fixture_print(plot, plot_csv);
    assert_non_null(strstr(script, "set xrange [-0.5:5.5]\n"));
    assert_non_null(strstr(script, "set yrange [5:25]\n"));
    assert_non_null(strstr(script, "$map << END\n0 10 -0.5 0.5 5 15 0\n1 10 0.5 2.5 5 15 0.25\n"
                                   "0 20 -0.5 0.5 15 25 0.75\n1 20 0.5 2.5 15 25 1\n"
                                   "4 20 2.5 5.5 15 25 1\nEND\n"));
    assert_non_null(strstr(csv, "series,x,y,low,high,value\r\n\"overlap, 'm'\",0,10,,,0\r\n"));
    assert_non_null(strstr(csv, "\"overlap, 'm'\",4,10,,,\r\n"));
    assert_non_null(strstr(csv, "\"overlap, 'm'\",4,20,,,7\r\n"));
    free(script);
    free(csv);
    plot_fixture_free(plot);
}

static void series_lie_on_maps_of_every_axis(void **state) {
    (void)state;
    static const double x[3] = {1, 10, 100}, y[2] = {0.1, 0.2}, alone[1] = {3}, nothing[1] = {NAN};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = plot_fixture_new();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        set_map(plot, x, y);
        set_map(plot, x, y);
        plot_fixture_draws(plot);
        plot_add(plot, "line", PLOT_DASHED, 1, 2, x, y, NULL, NULL);
        plot_add(plot, "points", PLOT_POINTS, 1, 2, x, y, y, y);
        plot_fixture_draws(plot);
        assert_int_equal(plot_set_map(plot, "one", 0, 1, 1, alone, 1, alone, alone), STATUS_OK);
        plot_fixture_draws(plot);
        assert_int_equal(plot_set_map(plot, "none", 0, 1, 1, alone, 1, alone, nothing), STATUS_OK);
        assert_false(plot_has_map(plot));
        plot_fixture_draws(plot);
        assert_int_equal(plot_set_map(plot, "no places", 0, 1, 0, NULL, 0, NULL, NULL), STATUS_OK);
        plot_fixture_draws(plot);
        memory_fail_after(1);
        assert_int_equal(plot_set_map(plot, "no memory", 0, 1, 3, x, 2, y, values), STATUS_NO_MEMORY);
        memory_fail_after(-1);
        assert_false(plot_has_map(plot));
        plot_fixture_free(plot);
    }
}

/* In Rec. 709 luminance every step of the ramp is darker than the one before. */
static void the_ramp_is_readable_without_hues(void **state) {
    (void)state;
    double before = 1e9;
    for (int i = 0; i <= 64; i++) {
        unsigned colour = plot_ramp(i / 64.0);
        double light = 0.2126 * pow((colour >> 16) / 255.0, 2.2) +
                       0.7152 * pow((colour >> 8 & 255) / 255.0, 2.2) +
                       0.0722 * pow((colour & 255) / 255.0, 2.2);
        assert_true(light < before);
        before = light;
    }
    assert_true(before < 0.05);
}

/* A chart of rows: names at the left, notes at the right, bars along the values. */
static void rows_are_drawn_with_names_and_notes(void **state) {
    (void)state;
    struct plot *plot = plot_fixture_new();
    double x[2] = {0.1, 20}, y[2] = {0, 1}, low[2] = {0.05, -INFINITY}, high[2] = {0.2, 30};
    plot->x_log = true;
    strcpy(plot->note_heads[1], "what");
    strcpy(plot_add_row(plot, "first, row")->notes[1], "note <1>");
    plot_add_row(plot, "second'");
    plot_add(plot, "measured", PLOT_POINTS, 0, 2, x, y, low, high);
    plot_add(plot, "claimed", PLOT_HOLLOW, 1, 2, x, y, NULL, NULL);
    char *script = plot_fixture_print(plot, plot_script), *csv = plot_fixture_print(plot, plot_csv);
    assert_non_null(strstr(script, "'first, row' 0, 'second\xE2\x80\x99' 1"));
    assert_non_null(strstr(script, "set label 'note <1>' at screen "));
    assert_non_null(strstr(script, "with xerrorbars"));
    assert_non_null(strstr(script, "set yrange [2-0.5:-0.5]"));
    assert_non_null(strstr(csv, "row,series,value,low,high,,what,\r\n"));
    assert_non_null(strstr(csv, "\"first, row\",measured,0.1,0.05,0.2,,note <1>,\r\n"));
    assert_int_equal(plot_fixture_count(csv, "second',"), 2);
    plot_fixture_draws(plot);
    while (plot->row_count < PLOT_ROWS_MAX)
        assert_non_null(plot_add_row(plot, "more"));
    assert_null(plot_add_row(plot, "one too many"));
    plot_fixture_draws(plot);
    free(script);
    free(csv);
    plot_fixture_free(plot);
}

/* Places where one of several kinds holds: a mark each, named in the key, and by name in the data. */
static void classes_are_named(void **state) {
    (void)state;
    static const char *const names[] = {"attention", "recurrence's", "convolution, k = 3"};
    double x[2] = {64, 128}, y[2] = {16, 32}, values[4] = {0, 1, 2, NAN}, line[2] = {20, 30};
    struct plot *plot = plot_fixture_new();
    plot->x_log = plot->y_log = true;
    assert_int_equal(plot_set_classes(plot, 3, names, 2, x, 2, y, values), STATUS_OK);
    plot_add(plot, "boundary", PLOT_LINES, 6, 2, x, line, NULL, NULL);
    char *script = plot_fixture_print(plot, plot_script), *csv = plot_fixture_print(plot, plot_csv);
    assert_int_equal(plot_fixture_count(script, "with boxxyerror"), 0); /* nothing is said between places */
    assert_non_null(strstr(script, "$map using 1:($7==1?$2:NaN) with points pointtype 5"));
    assert_non_null(strstr(script, "set xrange [58.1")); /* a margin, no half tile, which would begin at 45 */
    assert_non_null(strstr(script, "title 'recurrence\xE2\x80\x99s'"));
    assert_non_null(strstr(csv, "class,128,16,,,recurrence's\r\n"));
    assert_non_null(strstr(csv, "class,64,32,,,\"convolution, k = 3\"\r\n"));
    plot_fixture_draws(plot);
    assert_int_equal(plot_set_classes(plot, 1, names, 2, x, 2, y, values), STATUS_OK);
    plot_fixture_draws(plot);
    plot->series_count = 0;
    plot_fixture_draws(plot);
    plot->series_count = 1;
    free(script);
    free(csv);
    plot_fixture_free(plot);
}

/* Two series with bars at one place, drawn to its left and right; lines and the data stay. */
static void bars_lie_beside_each_other(void **state) {
    (void)state;
    double x[2] = {0, 100}, y[2] = {1, 2}, low[2] = {0, 1}, high[2] = {2, 3};
    struct plot *plot = plot_fixture_new();
    plot->beside = true;
    plot->x_low = -100, plot->x_high = 900;
    plot_add(plot, "a", PLOT_POINTS_LINES, 0, 2, x, y, low, high);
    plot_add(plot, "line", PLOT_DASHED, 1, 2, x, y, NULL, NULL);
    plot_add(plot, "b", PLOT_POINTS, 2, 2, x, y, low, high);
    char *script = plot_fixture_print(plot, plot_script), *csv = plot_fixture_print(plot, plot_csv);
    assert_non_null(strstr(script, "$series0 << END\n-5.5 1 0 2\n94.5 2 1 3\nEND"));
    assert_non_null(strstr(script, "$series1 << END\n0 1\n100 2\nEND"));
    assert_non_null(strstr(script, "$series2 << END\n5.5 1 0 2\n105.5 2 1 3\nEND"));
    assert_non_null(strstr(csv, "\r\na,0,1,0,2\r\n"));
    plot_fixture_draws(plot);
    free(script);
    free(csv);
    plot_fixture_free(plot);
}

/* A triangle below the lowest line and one above the highest, with the exponents; none for a flat line, on a
 * linear axis, or from numbers that are none. */
static void exponents_are_triangles_on_log_log_axes(void **state) {
    (void)state;
    double x[2] = {1, 100}, y[2] = {1, 1e4};
    struct plot *plot = plot_fixture_new();
    plot->x_log = plot->y_log = true;
    plot_add(plot, "a", PLOT_LINES, 0, 2, x, y, NULL, NULL);
    plot_add_slope(plot, 0, 2.004, 1, 1, 100);
    plot_add_slope(plot, 1, 1, 50, 1, 100);
    plot_add_slope(plot, 2, -0.5, 5e4, 1, 100);
    plot_add_slope(plot, 3, 0.01, 1e-9, 1, 100);
    plot_add_slope(plot, 4, NAN, 1, 1, 100);
    plot_add_slope(plot, 5, 1, INFINITY, 0, 100);
    char *script = plot_fixture_print(plot, plot_script);
    assert_int_equal(plot_fixture_count(script, "set object polygon"), 2);
    assert_non_null(strstr(script, "'2.00'"));
    assert_non_null(strstr(script, "'-0.50'"));
    plot_fixture_draws(plot);
    free(script);
    plot->y_log = false;
    script = plot_fixture_print(plot, plot_script);
    assert_int_equal(plot_fixture_count(script, "set object polygon"), 0);
    free(script);
    for (int i = 0; i < PLOT_SLOPES_MAX; i++)
        plot_add_slope(plot, 0, 2, 1, 1, 100);
    assert_int_equal(plot->slope_count, PLOT_SLOPES_MAX);
    plot_fixture_free(plot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_drawn_in_rows),
        cmocka_unit_test(maps_are_tiles_about_their_places),
        cmocka_unit_test(series_lie_on_maps_of_every_axis),
        cmocka_unit_test(the_ramp_is_readable_without_hues),
        cmocka_unit_test(rows_are_drawn_with_names_and_notes),
        cmocka_unit_test(classes_are_named),
        cmocka_unit_test(bars_lie_beside_each_other),
        cmocka_unit_test(exponents_are_triangles_on_log_log_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
