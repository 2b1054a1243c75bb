/* Series in a script: their data, and how they look. */
#include <math.h>

#include "analysis/number.h"
#include "analysis/plot_axis.h"
#include "analysis/plot_script.h"

/* --- looks ------------------------------------------------------------------------------------------ */

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

const char *plot_colour(int colour) {
    return palette[palette_index(colour)];
}

bool plot_is_line(enum plot_style style) {
    return style == PLOT_LINES || style == PLOT_DASHED || style == PLOT_DOTTED;
}

/* On a map, lines and marks stand on white ones that are a little wider. */
static void print_edge(const struct series *series, size_t index, FILE *out) {
    fprintf(out, "$series%zu using 1:2 ", index);
    if (plot_is_line(series->style))
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
    case PLOT_DOTTED:
        fputs("with lines linewidth 1.8 dashtype (1.5,4)", out);
        break;
    case PLOT_POINTS_LINES:
        fprintf(out, "with linespoints linewidth 1.4 pointtype %d pointsize 0.75", marks[index]);
        break;
    case PLOT_HOLLOW:
        fprintf(out, "with points linewidth 1.8 pointtype %d pointsize 0.9",
                marks[(index + PALETTE_COUNT / 2) % PALETTE_COUNT]);
        break;
    default:
        fprintf(out, "with points linewidth 1.6 pointtype %d pointsize 0.75", marks[index]);
    }
    fprintf(out, " linecolor rgb '%s'", palette[index]);
}

/* --- data ------------------------------------------------------------------------------------------- */

/* Where a bar ends: one without limit, or one that a logarithmic axis cannot show, at the edge. */
static double bar_end(double value, double edge, bool log) {
    return isfinite(value) && !(log && value <= 0) ? value : edge;
}

void plot_script_numbers(size_t count, const double *numbers, FILE *out) {
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_SIZE];
        number_exact(numbers[i], text);
        fprintf(out, "%s%s", i ? " " : "", text);
    }
    fputc('\n', out);
}

static bool has_bars(const struct series *series) {
    return series->low != NULL && !plot_is_line(series->style);
}

/* Series with bars that would hide each other stand this part of the axis apart, together no further than its
 * margins reach. */
#define BESIDE      0.011
#define BESIDE_MOST 0.07

static double moved(const struct plot *plot, const struct plot_axis *x_axis, size_t index, double x) {
    if (!plot->beside || !has_bars(&plot->series[index])) return x;
    double place = 0, count = 0;
    for (size_t i = 0; i < plot->series_count; i++) {
        place += i < index && has_bars(&plot->series[i]);
        count += has_bars(&plot->series[i]);
    }
    double part = fmin(BESIDE, BESIDE_MOST / fmax(count - 1, 1)) * (place - (count - 1) / 2);
    return x_axis->log ? x * pow(x_axis->high / x_axis->low, part) : x + part * (x_axis->high - x_axis->low);
}

/* A data block; an empty line where a point is missing, which interrupts lines. Bars lie along that axis.
 * Gives the points printed. */
static size_t print_block(const struct plot *plot, const struct plot_axis *x_axis,
                          const struct plot_axis *bars, size_t index, FILE *out) {
    const struct series *series = &plot->series[index];
    size_t count = 0;
    fprintf(out, "$series%zu << END\n", index);
    for (size_t i = 0; i < series->count; i++) {
        if (!plot_drawable(plot, series, i)) {
            fputc('\n', out);
            continue;
        }
        double numbers[4] = {moved(plot, x_axis, index, series->x[i]), series->y[i]};
        if (series->low) {
            numbers[2] = bar_end(series->low[i], bars->low, bars->log);
            numbers[3] = bar_end(series->high[i], bars->high, bars->log);
        }
        plot_script_numbers(series->low ? 4 : 2, numbers, out);
        count++;
    }
    fputs("END\n", out);
    return count;
}

/* --- drawing ---------------------------------------------------------------------------------------- */

static void print_series(const struct series *series, size_t index, bool on_map, bool rows, FILE *out) {
    const char *colour = plot_colour(series->colour);
    if (has_bars(series))
        fprintf(
            out,
            "$series%zu using 1:2:3:4 with %serrorbars pointtype -1 pointsize 0.1 linewidth 1.3 linecolor rgb '%s' notitle, ",
            index, rows ? "x" : "y", colour);
    else if (series->low)
        fprintf(
            out,
            "$series%zu using 1:3:4 with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.18 notitle, ",
            index, colour);
    if (on_map) print_edge(series, index, out);
    fprintf(out, "$series%zu using 1:2 ", index);
    print_style(series, out);
    if (*series->label && !series->unlisted) {
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
    plot_script_numbers(2, corner, out);
    fputs("END\nplot $none using 1:2 with dots notitle\n", out);
}

void plot_script_series(const struct plot *plot, const struct plot_axis *x_axis,
                        const struct plot_axis *y_axis, const char *below, FILE *out) {
    bool drawn[PLOT_SERIES_MAX], rows = plot->row_count > 0, any = plot_has_map(plot);
    for (size_t i = 0; i < plot->series_count; i++) {
        drawn[i] = print_block(plot, x_axis, rows ? x_axis : y_axis, i, out) > 0;
        any |= drawn[i];
    }
    if (!any) {
        print_empty(x_axis, y_axis, out);
        return;
    }
    fprintf(out, "plot %s", below);
    const char *before = *below ? ", \\\n     " : "";
    for (size_t i = 0; i < plot->series_count; i++) {
        if (!drawn[i]) continue;
        fputs(before, out);
        print_series(&plot->series[i], i, plot_has_tiles(plot), rows, out);
        before = ", \\\n     ";
    }
    if (plot_has_map(plot)) plot_script_classes(plot, before, out);
    fputc('\n', out);
}
