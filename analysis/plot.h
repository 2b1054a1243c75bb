/* A plot as data: series with error bars, theory curves, a map beneath them, axes; or a chart of rows.
 * gnuplot draws it. */
#ifndef ANALYSIS_PLOT_H
#define ANALYSIS_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/status.h"

enum plot_style {
    PLOT_POINTS,
    PLOT_HOLLOW,
    PLOT_LINES,
    PLOT_POINTS_LINES,
    PLOT_DASHED,
    PLOT_DOTTED,
    PLOT_IMAGE
};

/* One series; arrays are owned by it. low/high NULL: no error bars. */
struct series {
    char label[64];
    enum plot_style style;
    bool unlisted; /* not in the key: the caption or another entry says what it is */
    int colour;    /* index into the colour-blind-safe palette (Okabe & Ito); series of one size share it */
    size_t count;
    double *x, *y, *low, *high;
};

enum { PLOT_CLASSES_MAX = 6 };

/* Tiles coloured by value, one about each place of a grid: its edges lie midway between places (on a
 * logarithmic axis in ratio). Owned by the plot. */
struct plot_map {
    char label[80];   /* of the colour key */
    double low, high; /* values that the colours span, light to dark */
    size_t columns, rows;
    double *x, *y;  /* [columns], [rows]: rising */
    double *values; /* [rows][columns]; no tile where it is not finite */
    /* Values that are kinds, 0 ... class_count - 1: no tiles then but marks, which claim nothing between the
     * places, above the series; named in the key. */
    char classes[PLOT_CLASSES_MAX][32];
    size_t class_count;
};

enum { PLOT_SERIES_MAX = 24, PLOT_ROWS_MAX = 48, PLOT_NOTES = 3 };

/* A line of a chart of rows: what stands at its left, and in columns at its right. */
struct plot_row {
    char name[48];
    char notes[PLOT_NOTES][128];
};

/* A power law y = factor x^exponent, fitted from low to high. */
struct plot_slope {
    double exponent, factor, low, high;
    int colour;
};

enum { PLOT_SLOPES_MAX = 12 };

struct plot {
    char name[48]; /* file name stem */
    char title[120];
    char caption[400];
    char x_label[80], y_label[80];
    bool x_log, y_log;
    double x_low, x_high, y_low, y_high; /* both 0: automatic */
    struct series series[PLOT_SERIES_MAX];
    size_t series_count;
    /* Drawn as triangles on log-log axes, below the lowest line and above the highest. */
    struct plot_slope slopes[PLOT_SLOPES_MAX];
    size_t slope_count;
    bool beside; /* series with bars are drawn a little beside each other along x; data stay */
    bool folded; /* a detail, which the page shows behind a fold */
    /* A chart of rows, the first at the top: series have values as x, numbers of rows as y (up to half a row
     * beside it), bars along x. */
    struct plot_row *rows; /* [row_count], owned by it */
    size_t row_count;
    char note_heads[PLOT_NOTES][32];
    struct plot_map map; /* drawn below all series; without places: none */
    /* PLOT_IMAGE: rows of grey images side by side, [rows][columns][height][width], values -1 ... 1 */
    size_t image_rows, image_columns, image_height, image_width;
    double *pixels;
    char image_row_labels[16][48];
    size_t image_groups; /* 0, or groups of equally many columns, set apart, each with a head */
    char image_group_labels[4][48];
};

/* Appends a series of `count` points (copied); low and high may be NULL. NULL: full or out of memory. */
struct series *plot_add(struct plot *plot, const char *label, enum plot_style style, int colour, size_t count,
                        const double *x, const double *y, const double *low, const double *high);

/* Takes the series that was added last out of the key. NULL plot, no series: nothing. */
void plot_unlist(struct plot *plot);

/* Hands over the exponent of a line of the plot; one too many is dropped. NULL plot: nothing. */
void plot_add_slope(struct plot *plot, int colour, double exponent, double factor, double low, double high);

/* Appends a row, which makes the plot a chart of rows; its texts are the caller's to fill in. NULL: full or
 * out of memory. */
struct plot_row *plot_add_row(struct plot *plot, const char *name);

/* Lays a map of values[rows][columns] (copied) below the series, whose lines and marks get a white edge then.
 * x and y rise; values beyond low or high have the colour of that end. A map that was there is replaced.
 * STATUS_NO_MEMORY: the plot has none. */
enum status plot_set_map(struct plot *plot, const char *label, double low, double high, size_t columns,
                         const double *x, size_t rows, const double *y, const double *values);

/* The same where values are numbers of classes, from 0: which of them holds at a place, shown by marks. More
 * classes than PLOT_CLASSES_MAX share the last one's look. */
enum status plot_set_classes(struct plot *plot, size_t class_count, const char *const *names, size_t columns,
                             const double *x, size_t rows, const double *y, const double *values);

/* Frees what the plot owns, not the plot. */
void plot_clear(struct plot *plot);

/* Draws the plot with gnuplot and gives the text of an SVG file; memory_free it. Points that are not finite,
 * or not positive on a logarithmic axis, are left out; bars without limit reach the edge. STATUS_NOT_FOUND:
 * no gnuplot. STATUS_FAILED: gnuplot gave up, with what it said. */
enum status plot_render(const struct plot *plot, char **svg, struct error *error);

/* Writes the data as FOLDER/NAME.csv and then the picture as FOLDER/NAME.svg, and gives its text as
 * plot_render does. The folder must be there. STATUS_IO: a file could not be written. */
enum status plot_save(const struct plot *plot, const char *folder, char **svg, struct error *error);

/* The same for callers that want the files alone. */
enum status plot_draw(const struct plot *plot, const char *folder, struct error *error);

#endif
