/* Slope triangles: the exponent of a power law as the legs of a right-angled triangle beside its line. */
#include <math.h>

#include "analysis/number.h"
#include "analysis/plot_script.h"

/* Flatter ones would be a line; and the place beside the lowest and the highest line, in parts of the fitted
 * range, so that two triangles of one plot do not lie above each other. */
#define STEEP_ENOUGH 0.15
#define LENGTH       0.25
#define BELOW_FROM   0.5
#define ABOVE_FROM   0.25
/* Away from its line, in parts of the axis. */
#define DISTANCE 0.07
/* What a text beside a leg takes of the axis. */
#define LABEL 0.12

static double slope_at(const struct plot_slope *slope, double x) {
    return slope->factor * pow(x, slope->exponent);
}

static double between(const struct plot_slope *slope, double part) {
    return slope->low * pow(slope->high / slope->low, part);
}

static void print_number(double value, FILE *out) {
    char text[NUMBER_SIZE];
    number_exact(value, text);
    fputs(text, out);
}

static void print_corner(const char *before, double x, double y, FILE *out) {
    fputs(before, out);
    print_number(x, out);
    fputc(',', out);
    print_number(y, out);
}

static void print_triangle(const struct plot_slope *slope, bool below, double away, FILE *out) {
    double from = below ? BELOW_FROM : ABOVE_FROM,
           x[2] = {between(slope, from), between(slope, from + LENGTH)};
    double y[2] = {slope_at(slope, x[0]) * away, slope_at(slope, x[1]) * away};
    int corner = below == (slope->exponent > 0); /* the end at which the legs meet lies away from the line */
    double corner_y = y[!corner];
    print_corner("set object polygon from ", x[0], y[0], out);
    print_corner(" to ", x[corner], corner_y, out);
    print_corner(" to ", x[1], y[1], out);
    print_corner(" to ", x[0], y[0], out);
    fprintf(out, " fillcolor rgb '%s' fillstyle transparent solid 0.15 border linewidth 1\n",
            plot_colour(slope->colour));
    print_corner("set label '1' at ", sqrt(x[0] * x[1]), corner_y, out);
    fprintf(out, " center offset 0,%s font ',12'\n", below ? "-0.6" : "0.6");
    char exponent[NUMBER_SIZE];
    snprintf(exponent, sizeof exponent, "%.2f", slope->exponent);
    fputs("set label ", out);
    plot_quote(exponent, out);
    print_corner(" at ", x[corner], sqrt(y[0] * y[1]), out);
    fprintf(out, " %s offset %s,0 font ',12'\n", corner ? "left" : "right", corner ? "0.5" : "-0.5");
}

static bool is_drawable(const struct plot_slope *slope) {
    return isfinite(slope->exponent) && fabs(slope->exponent) >= STEEP_ENOUGH && slope->factor > 0 &&
           isfinite(slope->factor) && slope->low > 0 && slope->low < slope->high && isfinite(slope->high);
}

static double level(const struct plot_slope *slope) {
    return slope_at(slope, between(slope, 0.5));
}

/* The slopes that are drawn; either may be NULL. */
static void choose(const struct plot *plot, const struct plot_slope **lowest,
                   const struct plot_slope **highest) {
    *lowest = *highest = NULL;
    if (!plot->x_log || !plot->y_log) return;
    for (size_t i = 0; i < plot->slope_count; i++) {
        const struct plot_slope *slope = &plot->slopes[i];
        if (!is_drawable(slope)) continue;
        if (!*lowest || level(slope) < level(*lowest)) *lowest = slope;
        if (!*highest || level(slope) > level(*highest)) *highest = slope;
    }
    if (*highest == *lowest) *highest = NULL;
}

void plot_slope_span(const struct plot *plot, double *low, double *high) {
    const struct plot_slope *lowest, *highest;
    choose(plot, &lowest, &highest);
    double room = pow(*high / *low, DISTANCE + LABEL);
    if (lowest)
        *low = fmin(*low, fmin(slope_at(lowest, between(lowest, BELOW_FROM)),
                               slope_at(lowest, between(lowest, BELOW_FROM + LENGTH))) /
                              room);
    if (highest)
        *high = fmax(*high, fmax(slope_at(highest, between(highest, ABOVE_FROM)),
                                 slope_at(highest, between(highest, ABOVE_FROM + LENGTH))) *
                                room);
}

void plot_script_slopes(const struct plot *plot, const struct plot_axis *y_axis, FILE *out) {
    const struct plot_slope *lowest, *highest;
    choose(plot, &lowest, &highest);
    double away = pow(y_axis->high / y_axis->low, DISTANCE);
    if (lowest) print_triangle(lowest, true, 1 / away, out);
    if (highest) print_triangle(highest, false, away, out);
}
