#include "analysis/plot_axis.h"

#include <math.h>
#include <string.h>

#include "analysis/number.h"
#include "analysis/plot_script.h"

/* --- what an axis spans ----------------------------------------------------------------------------- */

bool plot_drawable(const struct plot *plot, const struct series *series, size_t point) {
    double x = series->x[point], y = series->y[point];
    return isfinite(x) && isfinite(y) && !(plot->x_log && x <= 0) && !(plot->y_log && y <= 0);
}

static void include(struct plot_axis *axis, double value) {
    if (!isfinite(value) || (axis->log && value <= 0)) return;
    axis->low = fmin(axis->low, value);
    axis->high = fmax(axis->high, value);
}

static void include_series(struct plot_axis *axis, const struct plot *plot, const struct series *series) {
    for (size_t i = 0; i < series->count; i++) {
        if (!plot_drawable(plot, series, i)) continue;
        include(axis, axis->name == 'x' ? series->x[i] : series->y[i]);
        bool bars = series->low && axis->name == (plot->row_count > 0 ? 'x' : 'y');
        if (!bars) continue;
        /* A bar that nearly reaches zero would stretch a logarithmic axis without end: it is cut off. */
        double value = axis->name == 'x' ? series->x[i] : series->y[i];
        include(axis, axis->log ? fmax(series->low[i], value / 100) : series->low[i]);
        include(axis, series->high[i]);
    }
}

static void include_map(struct plot_axis *axis, const struct plot *plot) {
    bool x = axis->name == 'x';
    size_t count = x ? plot->map.columns : plot->map.rows;
    for (size_t i = 0; i < count; i++) {
        const double *places = x ? plot->map.x : plot->map.y;
        double edges[2] = {places[i], places[i]};
        if (plot_has_tiles(plot)) plot_tile_edges(count, places, i, axis->log, edges);
        include(axis, edges[0]);
        include(axis, edges[1]);
    }
}

static void add_margin(struct plot_axis *axis) {
    enum { PERCENT = 4 };
    if (axis->low > axis->high) {
        axis->low = axis->log ? 1 : 0;
        axis->high = axis->log ? 10 : 1;
    } else if (axis->log) {
        double factor = fmax(pow(axis->high / axis->low, PERCENT / 100.0), 1.1);
        axis->low /= factor;
        axis->high *= factor;
    } else {
        double span = axis->high - axis->low, margin = span * PERCENT / 100;
        bool rounding =
            span <= 1e-9 * fmax(fabs(axis->low), fabs(axis->high)); /* its labels were all alike */
        if (rounding) margin = axis->low == 0 ? 1 : fabs(axis->low) / 10;
        axis->low -= margin;
        axis->high += margin;
    }
}

static bool is_power_of_two(double value) {
    int exponent;
    return frexp(value, &exponent) == 0.5;
}

static bool at_powers_of_two(const struct plot *plot) {
    size_t count = 0;
    if (plot->row_count > 0) return false;
    for (size_t i = 0; plot->map.class_count > 0 && i < plot->map.columns; i++, count++)
        if (!is_power_of_two(plot->map.x[i])) return false;
    for (size_t s = 0; s < plot->series_count; s++) {
        const struct series *series = &plot->series[s];
        bool marks = !plot_is_line(series->style);
        for (size_t i = 0; marks && i < series->count; i++) {
            if (!plot_drawable(plot, series, i)) continue;
            if (!is_power_of_two(series->x[i])) return false;
            count++;
        }
    }
    return count > 1;
}

struct plot_axis plot_axis_of(const struct plot *plot, char name) {
    bool x = name == 'x';
    struct plot_axis axis = {
        .name = name, .log = x ? plot->x_log : plot->y_log, .low = INFINITY, .high = -INFINITY};
    double low = x ? plot->x_low : plot->y_low, high = x ? plot->x_high : plot->y_high;
    axis.binary = x && axis.log && at_powers_of_two(plot);
    if (isfinite(low) && isfinite(high) && low < high && !(axis.log && low <= 0)) {
        axis.low = low;
        axis.high = high;
        return axis;
    }
    for (size_t i = 0; i < plot->series_count; i++)
        include_series(&axis, plot, &plot->series[i]);
    if (!x && axis.log && axis.low < axis.high) plot_slope_span(plot, &axis.low, &axis.high);
    if (plot_has_map(plot)) include_map(&axis, plot);
    if (!plot_has_tiles(plot)) add_margin(&axis);
    return axis;
}

/* --- tics of logarithmic axes ----------------------------------------------------------------------- */

/* gnuplot's own choice labels every decade or none; ours are few and readable. */
enum { TICS_MOST = 7, DECADES_WITH_MINOR_TICS = 6 };

static void print_tic(FILE *out, size_t *count, const char *label, double value, int level) {
    char number[NUMBER_SIZE];
    number_exact(value, number);
    fprintf(out, "%s'%s' %s %d", (*count)++ ? ", " : "", label, number, level);
}

/* Whether the numbers of an axis are readable in full. */
static bool is_plain(double low, double high) {
    return low >= 0.9e-3 && high < 1e5;
}

static void label_value(char label[NUMBER_SIZE], double value, bool plain) {
    enum { DIGITS = 4 };
    if (plain) {
        number_rounded(value, label);
        return;
    }
    int exponent = (int)floor(log10(value) + 1e-9);
    char mantissa[NUMBER_SIZE];
    number_significant(value / pow(10, exponent), DIGITS, mantissa);
    bool one = strcmp(mantissa, "1") == 0;
    snprintf(label, NUMBER_SIZE, "%.12s%s10^{%d}", one ? "" : mantissa, one ? "" : "\xC2\xB7", exponent);
}

static void label_power(char label[NUMBER_SIZE], int base, int exponent, bool plain) {
    if (plain)
        number_rounded(pow(base, exponent), label);
    else
        snprintf(label, NUMBER_SIZE, "%d^{%d}", base, exponent);
}

static void print_minor_tics(const struct plot_axis *axis, FILE *out, size_t *count, int first, int last) {
    for (int exponent = first - 1; exponent <= last; exponent++)
        for (int factor = 2; factor < 10; factor++) {
            double value = factor * pow(10, exponent);
            if (value >= axis->low && value <= axis->high) print_tic(out, count, "", value, 1);
        }
}

static void print_powers(const struct plot_axis *axis, FILE *out, int first, int last) {
    int base = axis->binary ? 2 : 10;
    int stride = (last - first) / TICS_MOST + 1;
    bool plain = is_plain(pow(base, first), pow(base, last));
    size_t count = 0;
    for (int exponent = first; exponent <= last; exponent++) {
        char label[NUMBER_SIZE] = "";
        bool labelled = (exponent - first) % stride == 0;
        if (labelled) label_power(label, base, exponent, plain);
        print_tic(out, &count, label, pow(base, exponent), !labelled);
    }
    if (base == 10 && last - first < DECADES_WITH_MINOR_TICS)
        print_minor_tics(axis, out, &count, first, last);
}

/* Within a decade or two: 1, 2, 5, and the other digits unlabelled; without 2 where long numbers would meet.
 */
static void print_digits(const struct plot_axis *axis, FILE *out) {
    size_t count = 0;
    bool plain = is_plain(axis->low, axis->high), sparse = axis->high >= 1e4 && axis->high / axis->low > 50;
    for (int exponent = (int)floor(log10(axis->low)); exponent <= (int)floor(log10(axis->high)); exponent++)
        for (int digit = 1; digit < 10; digit++) {
            double value = digit * pow(10, exponent);
            if (value < axis->low || value > axis->high) continue;
            char label[NUMBER_SIZE] = "";
            bool labelled = digit == 1 || digit == 5 || (digit == 2 && !sparse);
            if (labelled) label_value(label, value, plain);
            print_tic(out, &count, label, value, !labelled);
        }
}

/* Within less than a decade: even steps. */
static void print_even_steps(const struct plot_axis *axis, FILE *out) {
    double step = pow(10, floor(log10(axis->high - axis->low)));
    while ((axis->high - axis->low) / step < 3)
        step /= 2;
    size_t count = 0;
    for (double k = ceil(axis->low / step); k * step <= axis->high; k++) {
        char label[NUMBER_SIZE];
        label_value(label, k * step, is_plain(axis->low, axis->high));
        print_tic(out, &count, label, k * step, 0);
    }
}

static void print_log_tics(const struct plot_axis *axis, FILE *out) {
    double base = axis->binary ? 2 : 10;
    int first = (int)ceil(log(axis->low) / log(base)), last = (int)floor(log(axis->high) / log(base));
    fprintf(out, "set %ctics (", axis->name);
    if (last - first >= 2 || (axis->binary && last > first))
        print_powers(axis, out, first, last);
    else if (axis->high / axis->low < 5)
        print_even_steps(axis, out);
    else
        print_digits(axis, out);
    fputs(")\n", out);
}

/* The smallest step of 1, 2 or 5 times a power of ten that cuts the axis into at most `most` pieces. */
static double even_step(const struct plot_axis *axis, double most) {
    double least = (axis->high - axis->low) / most, step = pow(10, floor(log10(least)));
    const double factors[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && factors[i] * step < least)
        i++;
    return factors[i] * step;
}

/* gnuplot's own choice fits by number, not by the width of labels such as 0.005. */
static void print_linear_tics(const struct plot_axis *axis, FILE *out) {
    char step[NUMBER_SIZE];
    if (axis->name != 'x' || !(axis->high > axis->low)) return;
    number_exact(even_step(axis, 7), step);
    fprintf(out, "set xtics %s\n", step);
}

void plot_axis_print(const struct plot_axis *axis, FILE *out) {
    char low[NUMBER_SIZE], high[NUMBER_SIZE];
    number_exact(axis->low, low);
    number_exact(axis->high, high);
    fprintf(out, "set %crange [%s:%s]\n", axis->name, low, high);
    if (!axis->log) {
        print_linear_tics(axis, out);
        return;
    }
    fprintf(out, "set logscale %c\n", axis->name);
    print_log_tics(axis, out);
}
