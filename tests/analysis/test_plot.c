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

static struct plot *new_plot(void) {
    struct plot *plot = memory_allocate(1, sizeof *plot);
    assert_non_null(plot);
    strcpy(plot->name, "test");
    strcpy(plot->x_label, "x");
    strcpy(plot->y_label, "y");
    return plot;
}

static void free_plot(struct plot *plot) {
    plot_clear(plot);
    memory_free(plot);
}

/* The text of `print`, to be freed. */
static char *printed(const struct plot *plot, void (*print)(const struct plot *, FILE *)) {
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    print(plot, document.out);
    assert_int_equal(document_end(&document), STATUS_OK);
    return document.text;
}

static bool have_gnuplot(void) {
    return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

static void assert_draws(const struct plot *plot) {
    if (!have_gnuplot()) skip();
    char *svg;
    struct error error = {STATUS_OK, ""};
    enum status status = plot_render(plot, &svg, &error);
    if (status != STATUS_OK) print_error("%s\n", error.text);
    assert_int_equal(status, STATUS_OK);
    assert_non_null(strstr(svg, "</svg>"));
    memory_free(svg);
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void series_are_copied_and_limited(void **state) {
    (void)state;
    struct plot *plot = new_plot();
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
    free_plot(plot);
}

static void every_style_and_axis_draws(void **state) {
    (void)state;
    static const enum plot_style styles[] = {PLOT_POINTS, PLOT_LINES, PLOT_POINTS_LINES, PLOT_DASHED};
    double x[3] = {64, 128, 4096}, y[3] = {1e-5, 2e-3, 4}, low[3] = {9e-6, 1e-3, 3},
           high[3] = {2e-5, 3e-3, 5};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = new_plot();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        for (size_t s = 0; s < 4; s++) {
            plot_add(plot, "bars", styles[s], (int)s, 3, x, y, low, high);
            plot_add(plot, "plain", styles[s], (int)s + 4, 3, x, y, NULL, NULL);
        }
        assert_draws(plot);
        free_plot(plot);
    }
}

/* NaN, infinities, nothing at all, single points, bars without limit, values that a logarithm does not take.
 */
static void numbers_that_cannot_be_drawn_do_no_harm(void **state) {
    (void)state;
    double bad[5] = {NAN, INFINITY, -INFINITY, 0, -1}, good[5] = {1, 2, 3, 4, 5};
    double low[5] = {-INFINITY, 0, NAN, 3, -1}, high[5] = {INFINITY, 3, NAN, INFINITY, 6};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = new_plot();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        assert_draws(plot);
        plot_add(plot, "empty", PLOT_LINES, 0, 0, good, good, NULL, NULL);
        plot_add(plot, "bad", PLOT_POINTS, 1, 5, good, bad, bad, bad);
        plot_add(plot, "worse", PLOT_POINTS, 1, 3, bad, bad, NULL, NULL);
        assert_draws(plot);
        plot_add(plot, "one", PLOT_POINTS, 1, 1, good, good, low, high);
        assert_draws(plot);
        plot_add(plot, "unbounded", PLOT_POINTS, 2, 5, good, good, low, high);
        assert_draws(plot);
        plot->x_low = plot->y_low = -1;
        plot->x_high = plot->y_high = 10;
        assert_draws(plot);
        free_plot(plot);
    }
}

static void points_are_drawn_where_they_belong(void **state) {
    (void)state;
    struct plot *plot = new_plot();
    double x[4] = {1, 2, NAN, 4}, y[4] = {10, 20, 30, 40}, low[4] = {9, -INFINITY, 0, 39},
           high[4] = {11, 21, 0, 41};
    plot->y_low = 5;
    plot->y_high = 50;
    plot_add(plot, "a", PLOT_POINTS, 0, 4, x, y, low, high);
    char *script = printed(plot, plot_script);
    assert_non_null(strstr(script, "$series0 << END\n1 10 9 11\n2 20 5 21\n\n4 40 39 41\nEND\n"));
    assert_non_null(strstr(script, "set yrange [5:50]"));
    free(script);
    free_plot(plot);
}

/* Labels of a logarithmic axis, at least two of them, whatever it spans. */
static void assert_tics(double low, double high, bool binary, const char *expected) {
    struct plot_axis axis = {'x', true, binary, low, high};
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    plot_axis_print(&axis, document.out);
    assert_int_equal(document_end(&document), STATUS_OK);
    if (!strstr(document.text, expected)) fail_msg("no %s in %s", expected, document.text);
    size_t labels = count_of(document.text, "' ") - count_of(document.text, "'' ");
    assert_in_range(labels, 2, 12);
    document_clear(&document);
}

static void logarithmic_axes_are_labelled(void **state) {
    (void)state;
    assert_tics(0.9, 2.2, true, "('1' 1 0, '2' 2 0)");
    assert_tics(30, 5000, true, "'2048' 2048 0, '' 4096 1");
    assert_tics(30, 1e9, true, "'2^{5}' 32 0");
    assert_tics(0.9, 1100, false, "'1000' 1000 0");
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
    struct plot *plot = new_plot();
    double x[1] = {1};
    for (int i = 0; i < 8; i++)
        plot_add(plot, "s", PLOT_POINTS, i, 1, x, x, NULL, NULL);
    char *script = printed(plot, plot_script);
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
    free_plot(plot);
}

/* Labels can neither end their quotes, nor run commands, nor reach gnuplot's mark-up. */
static void labels_stay_text(void **state) {
    (void)state;
    static const char hostile[] =
        "'; system('touch engram-here')\n!touch engram-here\n`touch x` @a_b &{}~\\ <t>";
    struct plot *plot = new_plot();
    double x[2] = {1, 2};
    snprintf(plot->x_label, sizeof plot->x_label, "%s", hostile);
    snprintf(plot->y_label, sizeof plot->y_label, "N^{-1/2} a^b %%s");
    snprintf(plot->name, sizeof plot->name, "'; exit");
    plot_add(plot, "\xff cut \xc3", PLOT_POINTS, 0, 2, x, x, NULL, NULL);
    char *script = printed(plot, plot_script);
    assert_null(strstr(script, "\n!"));
    assert_null(strstr(script, " '; "));
    assert_non_null(strstr(script, "'N^{-1/2} a\\^b %s'"));
    free(script);
    assert_draws(plot);
    assert_int_not_equal(access("engram-here", F_OK), 0);

    if (have_gnuplot()) {
        char *svg;
        assert_int_equal(plot_render(plot, &svg, NULL), STATUS_OK);
        assert_non_null(strstr(svg, "`touch x`"));
        assert_null(strstr(svg, "<t>"));
        memory_free(svg);
    }
    free_plot(plot);
}

static struct plot *new_images(size_t rows, size_t columns) {
    struct plot *plot = new_plot();
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
    char *script = printed(plot, plot_script), *csv = printed(plot, plot_csv);
    assert_non_null(strstr(script, "\n0 0 0 255\n1 0 255 255\n"));
    assert_non_null(strstr(csv, "\"stored, 'as is'\",0,0,0,-1\r\n"));
    assert_int_equal(count_of(csv, "\r\n"), 1 + 2 * 4 * 6);
    free(script);
    free(csv);
    assert_draws(plot);
    free_plot(plot);

    plot = new_images(20, 1); /* more rows than labels */
    assert_draws(plot);
    free_plot(plot);
    plot = new_images(0, 0);
    assert_draws(plot);
    free_plot(plot);
}

static const double values[6] = {0, 0.25, NAN, 0.75, 1, 7};

static void set_map(struct plot *plot, const double *x, const double *y) {
    assert_int_equal(plot_set_map(plot, "overlap, 'm'", 0, 1, 3, x, 2, y, values), STATUS_OK);
}

/* Tiles meet midway between places, whose distances may differ; there is none without a value. */
static void maps_are_tiles_about_their_places(void **state) {
    (void)state;
    static const double x[3] = {0, 1, 4}, y[2] = {10, 20};
    struct plot *plot = new_plot();
    set_map(plot, x, y);
    char *script = printed(plot, plot_script), *csv = printed(plot, plot_csv);
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
    free_plot(plot);
}

static void series_lie_on_maps_of_every_axis(void **state) {
    (void)state;
    static const double x[3] = {1, 10, 100}, y[2] = {0.1, 0.2}, alone[1] = {3}, nothing[1] = {NAN};
    for (int axes = 0; axes < 4; axes++) {
        struct plot *plot = new_plot();
        plot->x_log = axes & 1;
        plot->y_log = axes & 2;
        set_map(plot, x, y);
        set_map(plot, x, y);
        assert_draws(plot);
        plot_add(plot, "line", PLOT_DASHED, 1, 2, x, y, NULL, NULL);
        plot_add(plot, "points", PLOT_POINTS, 1, 2, x, y, y, y);
        assert_draws(plot);
        assert_int_equal(plot_set_map(plot, "one", 0, 1, 1, alone, 1, alone, alone), STATUS_OK);
        assert_draws(plot);
        assert_int_equal(plot_set_map(plot, "none", 0, 1, 1, alone, 1, alone, nothing), STATUS_OK);
        assert_false(plot_has_map(plot));
        assert_draws(plot);
        assert_int_equal(plot_set_map(plot, "no places", 0, 1, 0, NULL, 0, NULL, NULL), STATUS_OK);
        assert_draws(plot);
        memory_fail_after(1);
        assert_int_equal(plot_set_map(plot, "no memory", 0, 1, 3, x, 2, y, values), STATUS_NO_MEMORY);
        memory_fail_after(-1);
        assert_false(plot_has_map(plot));
        free_plot(plot);
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
    struct plot *plot = new_plot();
    double x[2] = {0.1, 20}, y[2] = {0, 1}, low[2] = {0.05, -INFINITY}, high[2] = {0.2, 30};
    plot->x_log = true;
    strcpy(plot->note_heads[1], "what");
    strcpy(plot_add_row(plot, "first, row")->notes[1], "note <1>");
    plot_add_row(plot, "second'");
    plot_add(plot, "measured", PLOT_POINTS, 0, 2, x, y, low, high);
    plot_add(plot, "claimed", PLOT_HOLLOW, 1, 2, x, y, NULL, NULL);
    char *script = printed(plot, plot_script), *csv = printed(plot, plot_csv);
    assert_non_null(strstr(script, "'first, row' 0, 'second\xE2\x80\x99' 1"));
    assert_non_null(strstr(script, "set label 'note <1>' at screen "));
    assert_non_null(strstr(script, "with xerrorbars"));
    assert_non_null(strstr(script, "set yrange [2-0.5:-0.5]"));
    assert_non_null(strstr(csv, "row,series,value,low,high,,what,\r\n"));
    assert_non_null(strstr(csv, "\"first, row\",measured,0.1,0.05,0.2,,note <1>,\r\n"));
    assert_int_equal(count_of(csv, "second',"), 2);
    assert_draws(plot);
    while (plot->row_count < PLOT_ROWS_MAX)
        assert_non_null(plot_add_row(plot, "more"));
    assert_null(plot_add_row(plot, "one too many"));
    assert_draws(plot);
    free(script);
    free(csv);
    free_plot(plot);
}

/* A triangle below the lowest line and one above the highest, with the exponents; none for a flat line, on a
 * linear axis, or from numbers that are none. */
static void exponents_are_triangles_on_log_log_axes(void **state) {
    (void)state;
    double x[2] = {1, 100}, y[2] = {1, 1e4};
    struct plot *plot = new_plot();
    plot->x_log = plot->y_log = true;
    plot_add(plot, "a", PLOT_LINES, 0, 2, x, y, NULL, NULL);
    plot_add_slope(plot, 0, 2.004, 1, 1, 100);
    plot_add_slope(plot, 1, 1, 50, 1, 100);
    plot_add_slope(plot, 2, -0.5, 5e4, 1, 100);
    plot_add_slope(plot, 3, 0.01, 1e-9, 1, 100);
    plot_add_slope(plot, 4, NAN, 1, 1, 100);
    plot_add_slope(plot, 5, 1, INFINITY, 0, 100);
    char *script = printed(plot, plot_script);
    assert_int_equal(count_of(script, "set object polygon"), 2);
    assert_non_null(strstr(script, "'2.00'"));
    assert_non_null(strstr(script, "'-0.50'"));
    assert_draws(plot);
    free(script);
    plot->y_log = false;
    script = printed(plot, plot_script);
    assert_int_equal(count_of(script, "set object polygon"), 0);
    free(script);
    for (int i = 0; i < PLOT_SLOPES_MAX; i++)
        plot_add_slope(plot, 0, 2, 1, 1, 100);
    assert_int_equal(plot->slope_count, PLOT_SLOPES_MAX);
    free_plot(plot);
}

static void data_are_kept_as_csv(void **state) {
    (void)state;
    struct plot *plot = new_plot();
    double x[2] = {0.1, 1e300}, y[2] = {NAN, -2}, low[2] = {-INFINITY, -3}, high[2] = {1.0 / 3, -1};
    plot_add(plot, "a \"b\", c", PLOT_POINTS, 0, 2, x, y, low, high);
    plot_add(plot, "", PLOT_LINES, 0, 1, x, x, NULL, NULL);
    char *csv = printed(plot, plot_csv);
    assert_string_equal(csv, "series,x,y,low,high\r\n"
                             "\"a \"\"b\"\", c\",0.1,,-inf,0.3333333333333333\r\n"
                             "\"a \"\"b\"\", c\",1e300,-2,-3,-1\r\n"
                             ",0.1,0.1,,\r\n");
    free(csv);
    free_plot(plot);
}

static void without_gnuplot_it_says_so_and_keeps_the_data(void **state) {
    (void)state;
    char folder[] = "/tmp/engram-plot-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    char *before = strdup(getenv("PATH"));
    struct plot *plot = new_plot();
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
    free_plot(plot);
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
    struct plot *plot = new_plot();
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
    free_plot(plot);
}

static void assert_interval(double value, double low, double high, const char *expected) {
    char text[NUMBER_INTERVAL_SIZE];
    number_with_interval(value, low, high, text);
    assert_string_equal(text, expected);
}

static void digits_fit_the_interval(void **state) {
    (void)state;
    assert_interval(0.141234, 0.138765, 0.143912, "0.1412 [0.1388, 0.1439]");
    assert_interval(512.13, 480.2, 540.9, "512 [480, 541]");
    assert_interval(8.1342e-6, 8.02e-6, 8.44e-6, "8.13e-6 [8.02e-6, 8.44e-6]");
    assert_interval(2, 2, 2, "2");
    assert_interval(123456789012, 123456789012, 123456789012, "123456789012");
    assert_interval(0.5, -INFINITY, 0.75, "0.50 [-inf, 0.75]");
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
        cmocka_unit_test(logarithmic_axes_are_labelled),
        cmocka_unit_test(series_differ_without_colour),
        cmocka_unit_test(labels_stay_text),
        cmocka_unit_test(images_are_drawn_in_rows),
        cmocka_unit_test(maps_are_tiles_about_their_places),
        cmocka_unit_test(series_lie_on_maps_of_every_axis),
        cmocka_unit_test(the_ramp_is_readable_without_hues),
        cmocka_unit_test(exponents_are_triangles_on_log_log_axes),
        cmocka_unit_test(rows_are_drawn_with_names_and_notes),
        cmocka_unit_test(data_are_kept_as_csv),
        cmocka_unit_test(without_gnuplot_it_says_so_and_keeps_the_data),
        cmocka_unit_test(a_gnuplot_that_fails_is_reported),
        cmocka_unit_test(digits_fit_the_interval),
        cmocka_unit_test(numbers_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
