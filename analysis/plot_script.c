#include "analysis/plot_script.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "analysis/number.h"
#include "analysis/plot_axis.h"
#include "analysis/utf8.h"

/* Drawn so that, at the width of a telephone, texts are still about ten pixels high. */
enum { WIDTH = 520, HEIGHT = 360, FONT_SIZE = 15, KEY_ROW = 24, LABEL_LENGTH_NORMAL = 50 };

/* Okabe & Ito's colours, those that are hard to see on white last. */
static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#56B4E9", "#000000", "#B8A800"};
/* gnuplot's point types in the same order, so that colour is not all that tells series apart: four filled
 * shapes, then the same hollow. */
static const int marks[] = {7, 5, 9, 13, 6, 4, 8, 12};
enum { PALETTE_COUNT = sizeof palette / sizeof *palette };

static size_t palette_index(int colour) {
    return (size_t)(colour < 0 ? -(colour + 1) : colour) % PALETTE_COUNT;
}

bool plot_is_image(const struct plot *plot) {
    return plot->pixels != NULL;
}

/* --- texts ------------------------------------------------------------------------------------------ */

/* The length of a ^{...} at the start of the text, 0 if there is none. */
static size_t superscript_length(const char *text) {
    if (text[0] != '^' || text[1] != '{') return 0;
    size_t inner = strspn(text + 2, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-/. ");
    return inner > 0 && text[2 + inner] == '}' ? inner + 3 : 0;
}

void plot_quote(const char *text, FILE *out) {
    fputc('\'', out);
    while (*text) {
        size_t superscript = superscript_length(text);
        if (superscript) {
            fwrite(text, 1, superscript, out);
            text += superscript;
            continue;
        }
        size_t length = utf8_length(text);
        if (length == 0 || utf8_is_control(text, length))
            fputs(length ? " " : UTF8_REPLACEMENT, out);
        else if (*text == '\'')
            fputs("\xE2\x80\x99", out); /* typographic: gnuplot 5.4 loses its way in doubled quotes */
        else
            fprintf(out, "%s%.*s", strchr("^_{}@&~\\", *text) ? "\\" : "", (int)length, text);
        text += length ? length : 1;
    }
    fputc('\'', out);
}

static size_t visible_length(const char *text) {
    size_t length = 0;
    for (; *text; text++)
        length += ((unsigned char)*text & 0xC0) != 0x80;
    return length;
}

static void print_label(const char *which, const char *text, const char *place, FILE *out) {
    fprintf(out, "set %s ", which);
    plot_quote(text, out);
    fputs(place, out);
    if (visible_length(text) > LABEL_LENGTH_NORMAL) fputs(" font ',12'", out);
    fputc('\n', out);
}

/* --- layout ----------------------------------------------------------------------------------------- */

/* Entries of the key that fit side by side below the plot, and the rows that are needed. */
static void key_layout(const struct plot *plot, int *columns, int *rows) {
    size_t entries = 0, longest = 0;
    for (size_t i = 0; i < plot->series_count; i++) {
        size_t length = visible_length(plot->series[i].label);
        entries += length > 0;
        longest = length > longest ? length : longest;
    }
    int fitting = (int)((WIDTH - 20) / (FONT_SIZE * 0.53 * (double)longest + 50));
    *columns = fitting < 1 ? 1 : fitting;
    *rows = ((int)entries + *columns - 1) / *columns;
}

static void print_setup(const struct plot *plot, FILE *out) {
    int columns, rows;
    key_layout(plot, &columns, &rows);
    fprintf(out, "set terminal svg size %d,%d dynamic enhanced font 'sans-serif,%d' name '", WIDTH,
            HEIGHT + rows * KEY_ROW, FONT_SIZE);
    for (const char *c = plot->name; *c; c++)
        fputc(isascii((unsigned char)*c) && isalnum((unsigned char)*c) ? *c : '_', out);
    fputs(
        "'\nset encoding utf8\n"
        "set border 3 linewidth 1 linecolor rgb 'black'\nset tics nomirror out scale 0.6,0.35\n"
        "set grid linewidth 0.7 linetype 1 linecolor rgb '#DCDCDC'\nset format '%g'\nset xtics offset 0,0.35\nset pointintervalbox 0.1\n",
        out);
    if (rows > 0)
        fprintf(out,
                "set key below center horizontal Left reverse samplen 2 spacing 1.15 height 0.6 maxcols %d\n",
                columns);
    else
        fputs("unset key\n", out);
    print_label("xlabel", plot->x_label, " offset 0,0.5", out);
    print_label("ylabel", plot->y_label, "", out);
}

/* --- data ------------------------------------------------------------------------------------------- */

/* Where a bar ends: one without limit, or one that a logarithmic axis cannot show, at the edge. */
static double bar_end(double value, double edge, bool log) {
    return isfinite(value) && !(log && value <= 0) ? value : edge;
}

static void print_numbers(size_t count, const double *numbers, FILE *out) {
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_SIZE];
        number_exact(numbers[i], text);
        fprintf(out, "%s%s", i ? " " : "", text);
    }
    fputc('\n', out);
}

/* A data block; an empty line where a point is missing, which interrupts lines. Gives the points printed. */
static size_t print_block(const struct plot *plot, const struct plot_axis *y_axis, size_t index, FILE *out) {
    const struct series *series = &plot->series[index];
    size_t count = 0;
    fprintf(out, "$series%zu << END\n", index);
    for (size_t i = 0; i < series->count; i++) {
        if (!plot_drawable(plot, series, i)) {
            fputc('\n', out);
            continue;
        }
        double numbers[4] = {series->x[i], series->y[i]};
        if (series->low) {
            numbers[2] = bar_end(series->low[i], y_axis->low, y_axis->log);
            numbers[3] = bar_end(series->high[i], y_axis->high, y_axis->log);
        }
        print_numbers(series->low ? 4 : 2, numbers, out);
        count++;
    }
    fputs("END\n", out);
    return count;
}

/* --- drawing ---------------------------------------------------------------------------------------- */

/* On a map, lines and marks stand on white ones that are a little wider. */
static void print_edge(const struct series *series, size_t index, FILE *out) {
    fprintf(out, "$series%zu using 1:2 ", index);
    if (series->style == PLOT_LINES || series->style == PLOT_DASHED)
        fputs("with lines linewidth 5 ", out);
    else
        fprintf(out, "with %s linewidth 4 pointtype %d pointsize 1 ",
                series->style == PLOT_POINTS_LINES ? "linespoints" : "points",
                marks[palette_index(series->colour)]);
    fputs("linecolor rgb 'white' notitle, ", out);
}

static void print_style(const struct series *series, FILE *out) {
    size_t index = palette_index(series->colour);
    switch (series->style) {
    case PLOT_LINES:
        fputs("with lines linewidth 2", out);
        break;
    case PLOT_DASHED:
        fputs("with lines linewidth 2 dashtype (9,5)", out);
        break;
    case PLOT_POINTS_LINES:
        fprintf(out, "with linespoints linewidth 1.4 pointtype %d pointsize 0.75", marks[index]);
        break;
    default:
        fprintf(out, "with points linewidth 1.6 pointtype %d pointsize 0.75", marks[index]);
    }
    fprintf(out, " linecolor rgb '%s'", palette[index]);
}

static void print_series(const struct series *series, size_t index, bool on_map, FILE *out) {
    const char *colour = palette[palette_index(series->colour)];
    bool marked = series->style == PLOT_POINTS || series->style == PLOT_POINTS_LINES;
    if (series->low && marked)
        fprintf(
            out,
            "$series%zu using 1:2:3:4 with yerrorbars pointtype -1 pointsize 0.1 linewidth 1.3 linecolor rgb '%s' notitle, ",
            index, colour);
    else if (series->low)
        fprintf(
            out,
            "$series%zu using 1:3:4 with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.18 notitle, ",
            index, colour);
    if (on_map) print_edge(series, index, out);
    fprintf(out, "$series%zu using 1:2 ", index);
    print_style(series, out);
    if (*series->label) {
        fputs(" title ", out);
        plot_quote(series->label, out);
    } else {
        fputs(" notitle", out);
    }
}

/* gnuplot refuses to draw axes alone. */
static void print_empty(const struct plot_axis *x_axis, const struct plot_axis *y_axis, FILE *out) {
    double corner[2] = {x_axis->low, y_axis->low};
    fputs("unset key\nset label 'no data' at graph 0.5,0.5 center\n$none << END\n", out);
    print_numbers(2, corner, out);
    fputs("END\nplot $none using 1:2 with dots notitle\n", out);
}

static void print_curves(const struct plot *plot, FILE *out) {
    struct plot_axis x_axis = plot_axis_of(plot, 'x'), y_axis = plot_axis_of(plot, 'y');
    plot_axis_print(&x_axis, out);
    plot_axis_print(&y_axis, out);
    bool drawn[PLOT_SERIES_MAX], map = plot_has_map(plot), any = map;
    for (size_t i = 0; i < plot->series_count; i++) {
        drawn[i] = print_block(plot, &y_axis, i, out) > 0;
        any |= drawn[i];
    }
    if (!any) {
        print_empty(&x_axis, &y_axis, out);
        return;
    }
    if (map) plot_script_map(plot, out);
    fprintf(out, "plot %s", map ? plot_tiles : "");
    const char *before = map ? ", \\\n     " : "";
    for (size_t i = 0; i < plot->series_count; i++) {
        if (!drawn[i]) continue;
        fputs(before, out);
        print_series(&plot->series[i], i, map, out);
        before = ", \\\n     ";
    }
    fputc('\n', out);
}

void plot_script(const struct plot *plot, FILE *out) {
    if (plot_is_image(plot)) {
        plot_script_image(plot, out);
        return;
    }
    print_setup(plot, out);
    print_curves(plot, out);
}
