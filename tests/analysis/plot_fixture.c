#include "plot_fixture.h"

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

struct plot *plot_fixture_new(void) {
    struct plot *plot = memory_allocate(1, sizeof *plot);
    assert_non_null(plot);
    strcpy(plot->name, "test");
    strcpy(plot->x_label, "x");
    strcpy(plot->y_label, "y");
    return plot;
}

void plot_fixture_free(struct plot *plot) {
    plot_clear(plot);
    memory_free(plot);
}

/* The text of `print`, to be freed. */
char *plot_fixture_print(const struct plot *plot, void (*print)(const struct plot *, FILE *)) {
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    print(plot, document.out);
    assert_int_equal(document_end(&document), STATUS_OK);
    return document.text;
}

bool plot_fixture_gnuplot(void) {
    return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

/* Labels that gnuplot writes as they are. */
static bool is_plain(const char *text) {
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,=")] == '\0';
}

static bool has_points(const struct plot *plot, const struct series *series) {
    for (size_t i = 0; i < series->count; i++)
        if (isfinite(series->x[i]) && isfinite(series->y[i]) && (series->x[i] > 0 || !plot->x_log) &&
            (series->y[i] > 0 || !plot->y_log))
            return true;
    return false;
}

/* A key that does not fit loses entries without a word. */
static void assert_key_is_whole(const struct plot *plot, const char *svg) {
    for (size_t i = 0; i < plot->series_count; i++) {
        const struct series *series = &plot->series[i];
        if (series->unlisted || !has_points(plot, series) || !is_plain(series->label)) continue;
        if (!strstr(svg, series->label)) fail_msg("'%s' is not in the key", series->label);
    }
}

void plot_fixture_draws(const struct plot *plot) {
    if (!plot_fixture_gnuplot()) skip();
    char *svg;
    struct error error = {STATUS_OK, ""};
    enum status status = plot_render(plot, &svg, &error);
    if (status != STATUS_OK) print_error("%s\n", error.text);
    assert_int_equal(status, STATUS_OK);
    assert_non_null(strstr(svg, "</svg>"));
    assert_key_is_whole(plot, svg);
    memory_free(svg);
}

size_t plot_fixture_count(const char *text, const char *part) {
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}
