#include "analysis/plot_script.h"

#include <ctype.h>

#include "analysis/plot_axis.h"

/* Drawn so that, at the width of a telephone, texts are still about ten pixels high. */
enum { WIDTH = 520, HEIGHT = 360, LABEL_LENGTH_NORMAL = 50 };

bool plot_is_image(const struct plot *plot) {
    return plot->pixels != NULL;
}

static void print_label(const char *which, const char *text, const char *place, FILE *out) {
    fprintf(out, "set %s ", which);
    plot_quote(text, out);
    fputs(place, out);
    if (plot_text_length(text) > LABEL_LENGTH_NORMAL) fputs(" font ',12'", out);
    fputc('\n', out);
}

/* --- layout ----------------------------------------------------------------------------------------- */

int plot_key_entries(const struct plot *plot) {
    int entries = (int)plot->map.class_count;
    for (size_t i = 0; i < plot->series_count; i++)
        entries += *plot->series[i].label && !plot->series[i].unlisted;
    return entries;
}

/* gnuplot takes texts for wider than they are, by so many characters in a hundred; how wide it takes one and
 * the line or mark before it, in pixels; and the width of the plot that it fits the key into. */
enum { KEY_TOO_WIDE = 15, KEY_SAMPLE = 40, KEY_WIDTH = 395 };
#define KEY_CHARACTER 8.5

struct key {
    int columns, rows;
    int narrower; /* characters that gnuplot is told to take off */
};

/* The key below the plot. */
static struct key key_of(const struct plot *plot) {
    size_t longest = 0;
    for (size_t i = 0; i < plot->series_count; i++) {
        size_t length = plot->series[i].unlisted ? 0 : plot_text_length(plot->series[i].label);
        longest = length > longest ? length : longest;
    }
    for (size_t i = 0; i < plot->map.class_count; i++) {
        size_t length = plot_text_length(plot->map.classes[i]);
        longest = length > longest ? length : longest;
    }
    struct key key = {.narrower = (int)(longest * KEY_TOO_WIDE + 50) / 100};
    int fitting = (int)(KEY_WIDTH / (KEY_CHARACTER * ((double)longest - key.narrower) + KEY_SAMPLE));
    key.columns = fitting < 1 ? 1 : fitting;
    key.rows = (plot_key_entries(plot) + key.columns - 1) / key.columns;
    return key;
}

static void print_key(const struct key *key, FILE *out) {
    if (key->rows == 0)
        fputs("unset key\n", out);
    else
        fprintf(
            out,
            "set key below center horizontal Left reverse samplen 2 spacing 1.15 height 0.6 width -%d maxcols "
            "%d\n",
            key->narrower, key->columns);
}

void plot_script_canvas(const struct plot *plot, int width, int height, FILE *out) {
    fprintf(out, "set terminal svg size %d,%d dynamic enhanced font 'sans-serif,%d' name '", width, height,
            PLOT_FONT_SIZE);
    for (const char *c = plot->name; *c; c++)
        fputc(isascii((unsigned char)*c) && isalnum((unsigned char)*c) ? *c : '_', out);
    fputs("'\nset encoding utf8\n", out);
}

static void print_setup(const struct plot *plot, FILE *out) {
    struct key key = key_of(plot);
    plot_script_canvas(plot, WIDTH, HEIGHT + key.rows * PLOT_KEY_ROW, out);
    fputs(
        "set border 3 linewidth 1 linecolor rgb 'black'\nset tics nomirror out scale 0.6,0.35\n"
        "set grid linewidth 0.7 linetype 1 linecolor rgb '#DCDCDC'\nset format '%g'\nset xtics offset 0,0.35\nset pointintervalbox 0.1\n",
        out);
    print_key(&key, out);
    print_label("xlabel", plot->x_label, " offset 0,0.5", out);
    print_label("ylabel", plot->y_label, "", out);
}

/* --- drawing ---------------------------------------------------------------------------------------- */

static void print_curves(const struct plot *plot, FILE *out) {
    struct plot_axis x_axis = plot_axis_of(plot, 'x'), y_axis = plot_axis_of(plot, 'y');
    plot_axis_print(&x_axis, out);
    plot_axis_print(&y_axis, out);
    if (plot_has_map(plot)) plot_script_map(plot, out);
    plot_script_slopes(plot, &y_axis, out);
    plot_script_series(plot, &x_axis, &y_axis, plot_has_tiles(plot) ? plot_tiles : "", out);
}

void plot_script(const struct plot *plot, FILE *out) {
    if (plot_is_image(plot)) {
        plot_script_image(plot, out);
        return;
    }
    if (plot->row_count > 0) {
        plot_script_rows(plot, out);
        return;
    }
    print_setup(plot, out);
    print_curves(plot, out);
}
