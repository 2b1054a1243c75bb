/* A plot as a gnuplot script and as CSV. Private to this folder. */
#ifndef ANALYSIS_PLOT_SCRIPT_H
#define ANALYSIS_PLOT_SCRIPT_H

#include <stdio.h>

#include "analysis/plot.h"
#include "analysis/plot_axis.h"

/* Of texts, and of one row of the key, in pixels. */
enum { PLOT_FONT_SIZE = 15, PLOT_KEY_ROW = 26 };

/* Prints a script that draws the plot as SVG on gnuplot's standard output. Whatever texts and numbers the
 * plot holds, the script contains no commands but ours. */
void plot_script(const struct plot *plot, FILE *out);

/* Prints the data: series, x, y, low, high, with a map also value; of a chart of rows: row, series, value,
 * low, high and its notes; of images: row, column, y, x, value. */
void plot_csv(const struct plot *plot, FILE *out);

/* Prints a text as a quoted string of gnuplot's. A superscript written ^{...} is kept, every other character
 * that gnuplot's enhanced texts treat specially is shown as it is. */
void plot_quote(const char *text, FILE *out);

/* Characters as they are seen, marks of superscripts included. */
size_t plot_text_length(const char *text);

/* Prints what a script begins with: the picture's size in pixels, fonts, encoding. */
void plot_script_canvas(const struct plot *plot, int width, int height, FILE *out);

/* Entries of the key: series that are listed, classes of a map. */
int plot_key_entries(const struct plot *plot);

/* Prints numbers as one line of a data block. */
void plot_script_numbers(size_t count, const double *numbers, FILE *out);

/* Whether series of the style are lines without marks. */
bool plot_is_line(enum plot_style style);

/* The colour of that number in the palette, as text of gnuplot's. */
const char *plot_colour(int colour);

/* Widens a logarithmic y axis until the triangles have room. */
void plot_slope_span(const struct plot *plot, double *low, double *high);

/* Prints the slope triangles. */
void plot_script_slopes(const struct plot *plot, const struct plot_axis *y_axis, FILE *out);

/* Prints all series, data and the command that draws them, above what `below` draws ("": nothing). */
void plot_script_series(const struct plot *plot, const struct plot_axis *x_axis,
                        const struct plot_axis *y_axis, const char *below, FILE *out);

/* Prints the whole script of a chart of rows. */
void plot_script_rows(const struct plot *plot, FILE *out);

/* Whether the plot has a map with a place that can be drawn; and whether these are tiles, not classes. */
bool plot_has_map(const struct plot *plot);
bool plot_has_tiles(const struct plot *plot);

/* Where tile `place` of `count` begins and ends. */
void plot_tile_edges(size_t count, const double *places, size_t place, bool log, double edges[2]);

/* The ramp's colour at 0 (light) ... 1 (dark), as 0xRRGGBB. */
unsigned plot_ramp(double part);

/* Prints the map's data block and, for tiles, ramp and colour key. */
void plot_script_map(const struct plot *plot, FILE *out);

/* Prints what follows in the command `plot`, after `before`, to draw the classes of a map, if it has any. */
void plot_script_classes(const struct plot *plot, const char *before, FILE *out);

/* What follows the command `plot` to draw the tiles of that block. */
extern const char plot_tiles[];

/* Whether the plot is a grid of images. */
bool plot_is_image(const struct plot *plot);

/* Prints the part of the script that draws the images. */
void plot_script_image(const struct plot *plot, FILE *out);

#endif
