#include "analysis/phase_plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/theory_phase.h"
#include "core/base/memory.h"

enum { PLACES_MAX = 64, CURVES_MOST = 6, LINE_POINTS = 40, GLOBAL_POINTS = 20 };

/* Temperature that lines begin at. */
static const double COLDEST = 0.01;

static bool belongs(const struct phase_curve *curve, bool random, double neurons) {
    return curve->random == random && curve->neurons == neurons;
}

/* --- the plane ---------------------------------------------------------------------------------------- */

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts and drops what occurs twice. */
static size_t distinct(size_t count, double *values) {
    size_t kept = 0;
    qsort(values, count, sizeof *values, by_size);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || values[i] != values[kept - 1]) values[kept++] = values[i];
    return kept;
}

/* The grid of all loads and temperatures of the size. */
struct plane {
    size_t columns, rows;
    double loads[PLACES_MAX], temperatures[PLACES_MAX];
    double values[PLACES_MAX * PLACES_MAX];
};

static size_t place_of(size_t count, const double *places, double value) {
    size_t i = 0;
    while (i < count && places[i] != value)
        i++;
    return i;
}

static void add_place(double value, size_t *count, double *places) {
    if (*count < PLACES_MAX && place_of(*count, places, value) == *count) places[(*count)++] = value;
}

static void plane_fill(const struct phase_points *points, double neurons, struct plane *plane) {
    struct resampler all = {.identity = 1};
    for (size_t i = 0; i < points->curve_count; i++) {
        const struct phase_curve *curve = &points->curves[i];
        if (!belongs(curve, false, neurons)) continue;
        add_place(curve->load, &plane->columns, plane->loads);
        for (size_t k = 0; k < curve->count; k++)
            add_place(curve->cells[k].temperature, &plane->rows, plane->temperatures);
    }
    plane->columns = distinct(plane->columns, plane->loads);
    plane->rows = distinct(plane->rows, plane->temperatures);
    for (size_t i = 0; i < plane->columns * plane->rows; i++)
        plane->values[i] = NAN;
    for (size_t i = 0; i < points->cell_count; i++) {
        const struct phase_cell *cell = &points->cells[i];
        size_t column = place_of(plane->columns, plane->loads, cell->load);
        size_t row = place_of(plane->rows, plane->temperatures, cell->temperature);
        if (cell->random || cell->neurons != neurons || column == plane->columns || row == plane->rows)
            continue;
        plane->values[row * plane->columns + column] = phase_cell_means(cell, &all).overlap;
    }
}

static enum status add_map(const struct phase_points *points, double neurons, struct plot *plot) {
    struct plane *plane = memory_allocate(1, sizeof *plane);
    if (plane == NULL) return STATUS_NO_MEMORY;
    plane_fill(points, neurons, plane);
    enum status status = plot_set_map(plot, "overlap m from the pattern", 0, 1, plane->columns, plane->loads,
                                      plane->rows, plane->temperatures, plane->values);
    memory_free(plane);
    return status;
}

struct line {
    const char *label;
    enum plot_style style;
    int colour;
    size_t count;
    double low, high; /* temperatures */
    double (*load)(double temperature);
};

static enum status add_line(const struct line *line, struct plot *plot) {
    double x[LINE_POINTS], y[LINE_POINTS];
    for (size_t i = 0; i < line->count; i++) {
        y[i] = line->low + (line->high - line->low) * (double)i / (double)(line->count - 1);
        x[i] = line->load(y[i]);
    }
    return plot_series(plot, line->label, line->style, line->colour, line->count, x, y, NULL, NULL);
}

static double retrieval_line(double temperature) {
    return theory_phase_load(temperature, NULL);
}

static double glass_line(double temperature) {
    return pow(temperature - theory_phase_glass_temperature(0), 2);
}

static enum status add_ends(const struct phase_points *points, double neurons, struct plot *plot) {
    double x[PLACES_MAX], y[PLACES_MAX], low[PLACES_MAX], high[PLACES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < points->curve_count && count < PLACES_MAX; i++) {
        const struct phase_curve *curve = &points->curves[i];
        struct interval end;
        if (!belongs(curve, false, neurons)) continue;
        CHECK(phase_curve_end(curve, &end));
        if (!isfinite(end.value)) continue;
        bool bounded = isfinite(end.low) && isfinite(end.high);
        x[count] = curve->realised, y[count] = end.value;
        low[count] = bounded ? end.low : end.value, high[count++] = bounded ? end.high : end.value;
    }
    return plot_series(plot, "half of the trials keep the pattern", PLOT_POINTS, 3, count, x, y, low, high);
}

static enum status fill_plane(const struct phase_points *points, double neurons, struct plot *plot) {
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Colour: mean overlap with the pattern that Glauber dynamics started from, N = %.0f. Lines: replica "
        "symmetric theory. Left of T_M retrieval states exist, above T_c they are metastable; below T_g and "
        "right of T_M the network is a spin glass. Marks: half of the trials keep the pattern, 95 %% "
        "intervals.",
        neurons);
    CHECK(add_map(points, neurons, plot));
    if (plot->map.columns > 0) {
        plot->x_high = plot->map.x[plot->map.columns - 1] * 1.04;
        plot->y_high = fmax(1.5, plot->map.y[plot->map.rows - 1] * 1.03);
    }
    CHECK(
        add_line(&(struct line){"T_g: spins freeze", PLOT_LINES, 0, LINE_POINTS, 1, 1.6, glass_line}, plot));
    CHECK(add_line(
        &(struct line){"T_M: retrieval ends", PLOT_LINES, 1, LINE_POINTS, COLDEST, 1, retrieval_line}, plot));
    CHECK(add_ends(points, neurons, plot));
    return add_line(&(struct line){"T_c: retrieval is the global minimum", PLOT_DASHED, 1, GLOBAL_POINTS,
                                   COLDEST, 1, theory_phase_global_load},
                    plot);
}

/* --- against temperature ------------------------------------------------------------------------------ */

static double retrieval_overlap(double temperature, const void *load) {
    struct phase_state state;
    theory_phase_retrieval(*(const double *)load, temperature, &state);
    return state.overlap > 0 ? state.overlap : NAN;
}

static double glass_order(double temperature, const void *load) {
    struct phase_state state;
    theory_phase_glass(*(const double *)load, temperature, &state);
    return state.order;
}

static enum status add_curve(const struct phase_curve *curve, enum phase_quantity quantity, int colour,
                             struct plot *plot) {
    double x[PLACES_MAX], y[PLACES_MAX], low[PLACES_MAX], high[PLACES_MAX];
    char label[32];
    size_t count = 0;
    for (size_t i = 0; i < curve->count && count < PLACES_MAX; i++) {
        struct interval interval;
        CHECK(phase_cell_interval(&curve->cells[i], quantity, &interval));
        bool bounded = isfinite(interval.low) && isfinite(interval.high);
        x[count] = curve->cells[i].temperature, y[count] = interval.value;
        low[count] = bounded ? interval.low : interval.value;
        high[count++] = bounded ? interval.high : interval.value;
    }
    snprintf(label, sizeof label, "load %.3g", curve->load);
    CHECK(plot_series(plot, label, PLOT_POINTS, colour, count, x, y, low, high));
    if (quantity == PHASE_ORDER)
        return plot_curve(plot, "", PLOT_LINES, colour, 0.02, theory_phase_glass_temperature(curve->realised),
                          0, glass_order, &curve->realised);
    if (!isfinite(curve->end)) return STATUS_OK;
    return plot_curve(plot, "", PLOT_LINES, colour, 0.02, curve->end * (1 - 1e-6), 0, retrieval_overlap,
                      &curve->realised);
}

/* Up to CURVES_MOST loads, evenly among those there are. */
static enum status add_curves(const struct phase_points *points, bool random, double neurons,
                              struct plot *plot) {
    size_t all = 0, seen = 0, taken = 0;
    for (size_t i = 0; i < points->curve_count; i++)
        all += belongs(&points->curves[i], random, neurons);
    size_t wanted = all < CURVES_MOST ? all : CURVES_MOST;
    for (size_t i = 0; i < points->curve_count; i++) {
        if (!belongs(&points->curves[i], random, neurons)) continue;
        size_t next = wanted > 1 ? taken * (all - 1) / (wanted - 1) : 0;
        if (seen++ != next || taken == wanted) continue;
        CHECK(add_curve(&points->curves[i], random ? PHASE_ORDER : PHASE_OVERLAP, (int)taken++, plot));
    }
    return STATUS_OK;
}

static enum status plot_overlaps(const struct phase_points *points, double neurons, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hf4_overlap", "Overlap with the pattern against temperature",
                                     "temperature T", "overlap m");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Mean over the measured sweeps and all trials that start at the pattern, N = %.0f, with 95 %% intervals "
        "over pattern sets; lines: retrieval states of theory, which end at T_M.",
        neurons);
    plot->x_low = 0, plot->x_high = 1.02;
    plot->y_low = -0.1, plot->y_high = 1.05;
    return add_curves(points, false, neurons, plot);
}

static enum status plot_glass(const struct phase_points *points, struct finding *finding) {
    double neurons = 0;
    for (size_t i = 0; i < points->curve_count; i++)
        if (points->curves[i].random) neurons = fmax(neurons, points->curves[i].neurons);
    if (neurons == 0) return STATUS_OK;
    struct plot *plot =
        finding_plot(finding, "hf4_glass", "Frozen spins from random starts", "temperature T", "order q");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Product of the spins' averages over both halves of the measured sweeps, random starts, N = %.0f. "
        "Lines: the replica symmetric spin glass, which ends at T_g. At low loads and temperatures random "
        "starts find patterns or mixtures of them.",
        neurons);
    return add_curves(points, true, neurons, plot);
}

/* The plane comes first on the page and is filled last, since its lines take longest. */
enum status phase_plots(const struct phase_points *points, double neurons, struct finding *finding) {
    struct plot *plane =
        finding_plot(finding, "hf4_phases", "Phases of a Hopfield network", "load P/N", "temperature T");
    CHECK(plot_overlaps(points, neurons, finding));
    CHECK(plot_glass(points, finding));
    return fill_plane(points, neurons, plane);
}
