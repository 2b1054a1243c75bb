#include "analysis/crossover_map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/crossing.h"
#include "analysis/finding.h"
#include "core/base/memory.h"

enum { MAP_KEY = 0x4358 + 60, CLASSES = 1 + RIVAL_COUNT };

/* The comparisons of one batch and number of threads, by rising width. */
struct ladder {
    size_t count;
    const struct comparison *at[COMPARISONS_MAX];
};

static int by_width(const void *left, const void *right) {
    const struct comparison *const *a = left, *const *b = right;
    return ((*a)->width > (*b)->width) - ((*a)->width < (*b)->width);
}

static struct ladder find_ladder(const struct comparisons *comparisons) {
    const struct comparison *best = comparisons->best;
    struct ladder ladder = {0};
    for (size_t i = 0; i < comparisons->count; i++) {
        const struct comparison *candidate = &comparisons->at[i];
        bool known = candidate->batch != best->batch || candidate->threads != best->threads;
        for (size_t k = 0; k < ladder.count; k++)
            known = known || ladder.at[k]->width == candidate->width;
        if (!known) ladder.at[ladder.count++] = candidate;
    }
    qsort(ladder.at, ladder.count, sizeof ladder.at[0], by_width);
    return ladder;
}

/* --- the cheapest layer ------------------------------------------------------------------------------- */

/* The cheapest class so far at each place of the map: attention 0, then 1 + the rival's kind. */
struct cheapest {
    size_t columns;
    double lengths[SWEEP_POINTS_MAX];
    double cost[COMPARISONS_MAX][SWEEP_POINTS_MAX], kind[COMPARISONS_MAX][SWEEP_POINTS_MAX];
};

static size_t column_of(struct cheapest *map, double length) {
    size_t column = 0;
    while (column < map->columns && map->lengths[column] != length)
        column++;
    if (column == map->columns && map->columns < SWEEP_POINTS_MAX) map->lengths[map->columns++] = length;
    return column;
}

/* Attention, of kind 0, comes first: rivals compete where it was measured. */
static void enter_curve(struct cheapest *map, size_t row, const struct sweep *sweep, int kind) {
    for (size_t i = 0; i < sweep->count; i++) {
        size_t column = column_of(map, sweep->points[i].x);
        if (column == SWEEP_POINTS_MAX || (kind > 0 && isinf(map->cost[row][column]))) continue;
        if (!(sweep->points[i].typical < map->cost[row][column])) continue;
        map->cost[row][column] = sweep->points[i].typical;
        map->kind[row][column] = kind;
    }
}

static enum status enter_row(const struct results *results, const struct comparison *comparison,
                             const struct aspect *aspect, size_t row, struct cheapest *map) {
    struct sweep sweep;
    CHECK(crossover_attention(results, comparison, aspect, &sweep));
    enter_curve(map, row, &sweep, 0);
    sweep_clear(&sweep);
    for (size_t i = 0; i < comparison->rival_count; i++) {
        const struct rival *rival = &comparison->rivals[i];
        CHECK(crossover_rival(results, comparison, rival, aspect, &sweep));
        enter_curve(map, row, &sweep, 1 + (int)rival->kind);
        sweep_clear(&sweep);
    }
    return STATUS_OK;
}

/* Keeps the lengths at which every width was measured. */
static void keep_full_columns(struct cheapest *map, size_t rows) {
    size_t kept = 0;
    for (size_t column = 0; column < map->columns; column++) {
        size_t known = 0;
        for (size_t row = 0; row < rows; row++)
            known += isfinite(map->kind[row][column]);
        if (known < rows) continue;
        map->lengths[kept] = map->lengths[column];
        for (size_t row = 0; row < rows; row++)
            map->kind[row][kept] = map->kind[row][column];
        kept++;
    }
    map->columns = kept;
}

/* Columns by rising length. */
static void order_columns(const struct cheapest *map, size_t rows, double *lengths, double *values) {
    size_t order[SWEEP_POINTS_MAX];
    for (size_t i = 0; i < map->columns; i++) {
        size_t place = i;
        for (; place > 0 && map->lengths[order[place - 1]] > map->lengths[i]; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
    for (size_t column = 0; column < map->columns; column++) {
        lengths[column] = map->lengths[order[column]];
        for (size_t row = 0; row < rows; row++)
            values[row * map->columns + column] = map->kind[row][order[column]];
    }
}

static struct plot *log_plot(struct finding *finding, const char *name, const char *title, const char *x,
                             const char *y) {
    struct plot *plot = finding_plot(finding, name, title, x, y);
    if (plot != NULL) plot->x_log = plot->y_log = true;
    return plot;
}

/* The width at which attention's core costs as much as the rival at length L: crossings are proportional to
 * d. */
static double boundary(double length, const void *context) {
    const struct rival *rival = context;
    return length / theory_crossover(rival->kind, 1, rival->kernel_size, 0);
}

/* Each line where it is within the map: L from the smallest width's crossing to the largest's. */
static enum status plot_boundaries(struct plot *plot, const struct comparison *rivals, double shortest,
                                   double longest, double narrowest, double widest) {
    for (size_t i = 0; i < rivals->rival_count; i++) {
        const struct rival *rival = &rivals->rivals[i];
        double factor = theory_crossover(rival->kind, 1, rival->kernel_size, 0);
        double low = fmax(shortest, factor * narrowest), high = fmin(longest, factor * widest);
        char label[64];
        snprintf(label, sizeof label, "predicted: %s", rival->name);
        if (low < high) CHECK(plot_curve(plot, label, PLOT_LINES, (int)i + 1, low, high, 1, boundary, rival));
    }
    return STATUS_OK;
}

/* Fills the map row by row and hands it to the plot. */
static enum status set_map(const struct results *results, const struct ladder *ladder,
                           const struct aspect *aspect, struct cheapest *map, struct plot *plot) {
    static const char *const names[CLASSES] = {"attention", "RNN", "GRU", "LSTM", "convolution"};
    double widths[COMPARISONS_MAX], lengths[SWEEP_POINTS_MAX];
    for (size_t row = 0; row < ladder->count; row++) {
        widths[row] = ladder->at[row]->width;
        for (size_t i = 0; i < SWEEP_POINTS_MAX; i++)
            map->cost[row][i] = INFINITY, map->kind[row][i] = NAN;
        CHECK(enter_row(results, ladder->at[row], aspect, row, map));
    }
    keep_full_columns(map, ladder->count);
    double *values = memory_allocate(ladder->count * map->columns, sizeof *values);
    if (values == NULL) return STATUS_NO_MEMORY;
    order_columns(map, ladder->count, lengths, values);
    enum status status = STATUS_OK;
    if (map->columns > 1)
        status = plot_set_classes(plot, CLASSES, names, map->columns, lengths, ladder->count, widths, values);
    if (status == STATUS_OK && map->columns > 1)
        status = plot_boundaries(plot, ladder->at[0], lengths[0], lengths[map->columns - 1], widths[0],
                                 widths[ladder->count - 1]);
    memory_free(values);
    return status;
}

static enum status map_aspect(const struct results *results, const struct ladder *ladder, bool time,
                              struct finding *finding) {
    const struct aspect *aspect = &crossover_aspects[time ? CROSSOVER_CORE_TIME : CROSSOVER_CORE_WORK];
    struct plot *plot = log_plot(finding, time ? "cx6_map_time" : "cx6_map_flops",
                                 time ? "Cheapest layer in time" : "Cheapest layer in executed operations",
                                 "L (length)", "d (width)");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "The core of attention beside whole recurrent layers and convolutions of equal width, batch %.0f, %.0f thread%s. "
        "Marks: the cheapest where all were measured. Lines: where counted terms make attention as dear as "
        "each rival; to the left it is cheaper%s.",
        ladder->at[0]->batch, ladder->at[0]->threads, ladder->at[0]->threads == 1 ? "" : "s",
        time ? "" : ", on a line its softmax makes it dearer");
    struct cheapest *map = memory_allocate(1, sizeof *map);
    if (map == NULL) return STATUS_NO_MEMORY;
    enum status status = set_map(results, ladder, aspect, map, plot);
    memory_free(map);
    return status;
}

/* --- crossings against the width ------------------------------------------------------------------------ */

/* L* of one rival at all widths, in FLOPs or in time. */
struct crossings {
    size_t count;
    double widths[COMPARISONS_MAX], at[COMPARISONS_MAX], low[COMPARISONS_MAX], high[COMPARISONS_MAX];
};

static bool is_rival_of(const struct comparison *comparison, const struct rival *rival) {
    for (size_t i = 0; i < comparison->rival_count; i++)
        if (comparison->rivals[i].kind == rival->kind &&
            comparison->rivals[i].kernel_size == rival->kernel_size)
            return true;
    return false;
}

/* Crossings beyond the measured lengths are left out. */
static enum status add_crossing(const struct results *results, const struct comparison *comparison,
                                const struct rival *rival, const struct aspect *aspect,
                                struct crossings *found) {
    struct sweep attention = {0}, other = {0};
    struct crossing crossing;
    enum status status = crossover_attention(results, comparison, aspect, &attention);
    if (status == STATUS_OK) status = crossover_rival(results, comparison, rival, aspect, &other);
    if (status == STATUS_OK) status = crossing_measure(&attention, &other, MAP_KEY, &crossing);
    sweep_clear(&attention);
    sweep_clear(&other);
    CHECK(status);
    if (crossing.places < 2 || isinf(crossing.at.low) || isinf(crossing.at.high)) return STATUS_OK;
    found->widths[found->count] = comparison->width;
    found->at[found->count] = crossing.at.value;
    found->low[found->count] = crossing.at.low;
    found->high[found->count++] = crossing.at.high;
    return STATUS_OK;
}

static enum status gather_crossings(const struct results *results, const struct ladder *ladder,
                                    const struct rival *rival, bool time, struct crossings *found) {
    const struct aspect *aspect = &crossover_aspects[time ? CROSSOVER_CORE_TIME : CROSSOVER_CORE_WORK];
    *found = (struct crossings){0};
    for (size_t i = 0; i < ladder->count; i++)
        if (is_rival_of(ladder->at[i], rival))
            CHECK(add_crossing(results, ladder->at[i], rival, aspect, found));
    return STATUS_OK;
}

static double predicted(double width, const void *context) {
    const struct rival *rival = context;
    return theory_crossover(rival->kind, width, rival->kernel_size, 0);
}

static void compare_widths(const struct rival *rival, const struct crossings *work,
                           struct crossover_widths *widths) {
    for (size_t i = 0; i < work->count; i++)
        widths->farthest = fmax(widths->farthest, fabs(work->at[i] / predicted(work->widths[i], rival) - 1));
    widths->crossings += work->count;
}

/* The two plots of crossings. */
struct width_plots {
    struct plot *work, *time;
};

static enum status plot_line(struct plot *plot, const struct rival *rival, int colour, double low,
                             double high) {
    CHECK(plot_curve(plot, "", PLOT_LINES, colour, low, high, 1, predicted, rival));
    plot_unlist(plot);
    return STATUS_OK;
}

static enum status plot_rival(const struct results *results, const struct ladder *ladder,
                              const struct rival *rival, int colour, const struct width_plots *plots,
                              struct crossover_widths *widths) {
    struct crossings work, time;
    double low = ladder->at[0]->width, high = ladder->at[ladder->count - 1]->width;
    CHECK(gather_crossings(results, ladder, rival, false, &work));
    CHECK(gather_crossings(results, ladder, rival, true, &time));
    compare_widths(rival, &work, widths);
    CHECK(plot_series(plots->work, rival->name, PLOT_POINTS, colour, work.count, work.widths, work.at, NULL,
                      NULL));
    CHECK(plot_line(plots->work, rival, colour, low, high));
    CHECK(plot_series(plots->time, rival->name, PLOT_POINTS, colour, time.count, time.widths, time.at,
                      time.low, time.high));
    return plot_line(plots->time, rival, colour, low, high);
}

static enum status plot_crossings(const struct results *results, const struct ladder *ladder,
                                  const struct comparison *best, struct finding *finding,
                                  struct crossover_widths *widths) {
    struct width_plots plots = {
        log_plot(finding, "cx6_widths_flops", "Where attention's core does more operations", "d (width)",
                 "L*"),
        log_plot(finding, "cx6_widths_time", "Where attention's core takes longer", "d (width)", "L*")};
    static const char caption[] =
        "Lines: predicted from counted terms. Crossings beyond the measured lengths are not shown.";
    if (plots.work != NULL) snprintf(plots.work->caption, sizeof plots.work->caption, "%s", caption);
    if (plots.time != NULL) snprintf(plots.time->caption, sizeof plots.time->caption, "%s", caption);
    for (size_t i = 0; i < best->rival_count; i++)
        CHECK(plot_rival(results, ladder, &best->rivals[i], (int)i + 1, &plots, widths));
    return STATUS_OK;
}

enum status crossover_map(const struct results *results, const struct comparisons *comparisons,
                          struct finding *finding, struct crossover_widths *widths) {
    struct ladder ladder = find_ladder(comparisons);
    *widths = (struct crossover_widths){.widths = ladder.count};
    if (ladder.count < 2) return STATUS_OK;
    CHECK(map_aspect(results, &ladder, false, finding));
    CHECK(map_aspect(results, &ladder, true, finding));
    return plot_crossings(results, &ladder, comparisons->best, finding, widths);
}
