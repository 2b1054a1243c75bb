/* Maps: tiles whose colour is their value, and the ramp of these colours; marks whose look is their class. */
#include <math.h>
#include <stdlib.h>

#include "analysis/number.h"
#include "analysis/plot_script.h"

/* --- tiles ------------------------------------------------------------------------------------------ */

static bool on_axis(double place, bool log) {
    return isfinite(place) && !(log && place <= 0);
}

static bool has_tile(const struct plot *plot, size_t row, size_t column) {
    const struct plot_map *map = &plot->map;
    return isfinite(map->values[row * map->columns + column]) && on_axis(map->x[column], plot->x_log) &&
           on_axis(map->y[row], plot->y_log);
}

bool plot_has_map(const struct plot *plot) {
    if (!(plot->map.low < plot->map.high)) return false;
    for (size_t i = 0; i < plot->map.rows * plot->map.columns; i++)
        if (has_tile(plot, i / plot->map.columns, i % plot->map.columns)) return true;
    return false;
}

bool plot_has_tiles(const struct plot *plot) {
    return plot->map.class_count == 0 && plot_has_map(plot);
}

/* What a tile reaches towards `neighbour`; alone in its row it is as wide as a tenth of its place. */
static double midway(double place, double neighbour, bool log) {
    return log ? sqrt(place * neighbour) : (place + neighbour) / 2;
}

void plot_tile_edges(size_t count, const double *places, size_t place, bool log, double edges[2]) {
    double at = places[place], alone = log ? at * 1.1 : at + (at == 0 ? 0.1 : fabs(at) / 10);
    bool first = place == 0, last = place + 1 == count;
    double upper = last ? alone : midway(at, places[place + 1], log);
    double lower = first ? alone : midway(at, places[place - 1], log);
    if (last && !first) upper = log ? at * at / lower : 2 * at - lower;
    if (first) lower = log ? at * at / upper : 2 * at - upper;
    edges[0] = lower;
    edges[1] = upper;
}

static void print_tile(const struct plot *plot, size_t row, size_t column, FILE *out) {
    const struct plot_map *map = &plot->map;
    double value = map->values[row * map->columns + column];
    double numbers[7] = {map->x[column], map->y[row], 0, 0, 0, 0, fmin(fmax(value, map->low), map->high)};
    plot_tile_edges(map->columns, map->x, column, plot->x_log, numbers + 2);
    plot_tile_edges(map->rows, map->y, row, plot->y_log, numbers + 4);
    for (size_t i = 0; i < 7; i++) {
        char text[NUMBER_SIZE];
        number_exact(numbers[i], text);
        fprintf(out, "%s%s", i ? " " : "", text);
    }
    fputc('\n', out);
}

/* --- colours ---------------------------------------------------------------------------------------- */

static unsigned channel(double linear) {
    double value = fmin(fmax(linear, 0), 1);
    return (unsigned)lround(255 * (value < 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055));
}

/* Of the OKLab space (Ottosson 2020). */
static unsigned colour_of(double lightness, double a, double b) {
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    unsigned red = channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    unsigned green = channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    unsigned blue = channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
}

/* A helix from light yellow over green to dark blue: equal steps look equally far apart, and lightness alone
 * tells the order to whoever sees no hues. */
unsigned plot_ramp(double part) {
    double hue = (105 + 165 * part) / 180 * M_PI, chroma = 0.075;
    return colour_of(0.97 - 0.67 * part, chroma * cos(hue), chroma * sin(hue));
}

static void print_ramp(const struct plot_map *map, FILE *out) {
    enum { STEPS = 32 };
    char low[NUMBER_SIZE], high[NUMBER_SIZE];
    fputs("set palette defined (", out);
    for (int i = 0; i <= STEPS; i++)
        fprintf(out, "%s%d '#%06X'", i ? ", " : "", i, plot_ramp((double)i / STEPS));
    number_exact(map->low, low);
    number_exact(map->high, high);
    fprintf(out, ")\nset cbrange [%s:%s]\nset colorbox noborder\nset cbtics scale 0\nset cblabel ", low,
            high);
    plot_quote(map->label, out);
    fputc('\n', out);
}

/* --- classes ---------------------------------------------------------------------------------------- */

static bool has_class(const struct plot *plot, size_t class) {
    const struct plot_map *map = &plot->map;
    for (size_t i = 0; i < map->rows * map->columns; i++)
        if (has_tile(plot, i / map->columns, i % map->columns) &&
            fmin(map->values[i], map->high) == (double)class)
            return true;
    return false;
}

/* Filled shapes, so that colour is not all that tells classes apart. */
static int class_mark(size_t class) {
    static const int marks[PLOT_CLASSES_MAX] = {7, 5, 9, 13, 15, 11};
    return marks[class < PLOT_CLASSES_MAX ? class : PLOT_CLASSES_MAX - 1];
}

/* The places of a class, as marks with a white edge where lines run beneath. */
void plot_script_classes(const struct plot *plot, const char *before, FILE *out) {
    for (size_t i = 0; i < plot->map.class_count; i++) {
        if (!has_class(plot, i)) continue;
        for (int edge = 1; edge >= 0; edge--) {
            fprintf(
                out,
                "%s$map using 1:($7==%zu?$2:NaN) with points pointtype %d pointsize %s linecolor rgb '%s'",
                before, i, class_mark(i), edge ? "1.9" : "1.5", edge ? "white" : plot_colour((int)i));
            fputs(edge ? " notitle" : " title ", out);
            before = ", \\\n     ";
        }
        plot_quote(plot->map.classes[i], out);
    }
}

/* --- script ----------------------------------------------------------------------------------------- */

/* A border in the tile's own colour: without it, the page shines through where two tiles meet. */
const char plot_tiles[] =
    "$map using 1:2:3:4:5:6:7 with boxxyerror linewidth 0.5 linecolor palette fillstyle solid border notitle";

void plot_script_map(const struct plot *plot, FILE *out) {
    if (plot->map.class_count == 0) print_ramp(&plot->map, out);
    fputs("$map << END\n", out);
    for (size_t row = 0; row < plot->map.rows; row++)
        for (size_t column = 0; column < plot->map.columns; column++)
            if (has_tile(plot, row, column)) print_tile(plot, row, column, out);
    fputs("END\n", out);
}
