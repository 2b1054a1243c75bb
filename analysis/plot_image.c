/* Grids of grey images: one picture for gnuplot, transparent between the images. */
#include <math.h>
#include <string.h>

#include "analysis/plot_script.h"

enum { WIDTH = 640, FONT_SIZE = 15, EDGE = 6, GAP = 3, GROUP_GAP = 12 /* gaps: pixels of the images */ };

static size_t longest_label(const struct plot *plot) {
    enum { LABELS = sizeof plot->image_row_labels / sizeof *plot->image_row_labels };
    size_t longest = 0;
    for (size_t row = 0; row < plot->image_rows && row < LABELS; row++) {
        size_t length = strlen(plot->image_row_labels[row]);
        longest = length > longest ? length : longest;
    }
    return longest;
}

static int grey_level(double value) {
    double level = (fmin(fmax(value, -1), 1) + 1) / 2 * 255;
    return isfinite(level) ? (int)lround(level) : 128;
}

/* Where a column of images begins. */
static size_t column_place(const struct plot *plot, size_t column) {
    size_t each = plot->image_groups > 0 ? plot->image_columns / plot->image_groups : plot->image_columns;
    return column * (plot->image_width + GAP) + (each > 0 ? column / each * GROUP_GAP : 0);
}

/* Every pixel of the grid as x, y, grey, opacity; the gaps are transparent. */
static void print_pixels(const struct plot *plot, size_t width, size_t height, FILE *out) {
    size_t pitch = plot->image_height + GAP;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0, column = 0; x < width; x++) {
            if (column + 1 < plot->image_columns && x >= column_place(plot, column + 1)) column++;
            size_t inner_x = x - column_place(plot, column), inner_y = y % pitch;
            bool gap = inner_y >= plot->image_height || inner_x >= plot->image_width;
            size_t image = y / pitch * plot->image_columns + column;
            size_t pixel = (image * plot->image_height + inner_y) * plot->image_width + inner_x;
            fprintf(out, "%zu %zu %d %d\n", x, y, gap ? 0 : grey_level(plot->pixels[pixel]), gap ? 0 : 255);
        }
}

static void print_row_labels(const struct plot *plot, FILE *out) {
    enum { LABELS = sizeof plot->image_row_labels / sizeof *plot->image_row_labels };
    for (size_t row = 0; row < plot->image_rows && row < LABELS; row++) {
        fputs("set label ", out);
        plot_quote(plot->image_row_labels[row], out);
        fprintf(out, " at first -4,%zu right\n", row * (plot->image_height + GAP) + plot->image_height / 2);
    }
}

/* Heads stand over the middle of their group, above the canvas of pixels. */
static void print_group_labels(const struct plot *plot, FILE *out) {
    enum { LABELS = sizeof plot->image_group_labels / sizeof *plot->image_group_labels };
    for (size_t group = 0; group < plot->image_groups && group < LABELS; group++) {
        size_t each = plot->image_columns / plot->image_groups;
        size_t first = column_place(plot, group * each);
        size_t end = column_place(plot, (group + 1) * each - 1) + plot->image_width;
        fputs("set label ", out);
        plot_quote(plot->image_group_labels[group], out);
        fprintf(out, " at first %zu,-0.5 center offset character 0,0.6\n", (first + end) / 2);
    }
}

void plot_script_image(const struct plot *plot, FILE *out) {
    bool empty = plot->image_columns * plot->image_width * plot->image_rows * plot->image_height == 0;
    size_t width = empty ? 0 : column_place(plot, plot->image_columns - 1) + plot->image_width;
    size_t height = empty ? 0 : plot->image_rows * (plot->image_height + GAP) - GAP;
    double top = plot->image_groups > 0 ? 2 * FONT_SIZE : EDGE;
    double left = fmin((double)longest_label(plot) * FONT_SIZE * 0.56 + 3 * EDGE, WIDTH / 2.0);
    double scale = width ? fmin((WIDTH - left - EDGE) / (double)width, 4) : 1;
    double canvas_height = scale * (double)height + top + EDGE;
    double right_edge = left + scale * (double)width;
    /* Margins as ratios of whole numbers: no decimal point that a locale could change. */
    fprintf(out, "set terminal svg size %d,%ld dynamic enhanced font 'sans-serif,%d' name 'images'\n", WIDTH,
            lround(canvas_height), FONT_SIZE);
    fputs("set encoding utf8\nunset border\nunset tics\nunset key\nunset colorbox\n", out);
    fprintf(out, "set lmargin at screen %ld/100000.\nset rmargin at screen %ld/100000.\n",
            lround(left / WIDTH * 1e5), lround(right_edge / WIDTH * 1e5));
    fprintf(out, "set tmargin at screen %ld/100000.\nset bmargin at screen %ld/100000.\n",
            lround((1 - top / canvas_height) * 1e5), lround(EDGE / canvas_height * 1e5));
    if (width == 0) {
        fputs("set label 'no data' at screen 0.5,0.5 center\nset xrange [0:1]\nset yrange [0:1]\n"
              "$none << END\n0 0\nEND\nplot $none using 1:2 with dots notitle\n",
              out);
        return;
    }
    fprintf(out, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n", width - 1, height - 1);
    print_row_labels(plot, out);
    print_group_labels(plot, out);
    fputs("$pixels << END\n", out);
    print_pixels(plot, width, height, out);
    fputs("END\nplot $pixels using 1:2:3:3:3:4 with rgbalpha notitle\n", out);
}
