/* HF2: stored patterns have basins of attraction, wide at small load, gone beyond capacity. */
#include <math.h>
#include <stdio.h>

#include "analysis/basins.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/theory.h"
#include "analysis/theory_basin.h"
#include "core/base/memory.h"

/* A load that counts as small, and the overlap from which half of the retrievals must succeed there: every
 * overlap does in the limit (mean field), while a few thousand neurons add chance overlaps with other
 * patterns of about sqrt(2 ln P / N), below 0.1. */
static const double SMALL_LOAD = 0.02, SMALL_OVERLAP = 0.25;

/* A load beyond capacity for networks of so many neurons, too: a thousand still retrieve half of their
 * patterns some 0.03 above the 0.138 of infinitely many (HC1). */
static const double OVERLOAD = 0.18, OVERLOAD_NEURONS = 1000;

/* So much must the critical overlap grow per unit of load: by a tenth from load 0.02 to 0.12, where
 * the theory of Amari & Maginu has a quarter. At 0 a flat line without noise would pass. */
#define GROWTH_LEAST 1.0

/* Loads with an interval that a line needs to show how it goes. */
enum { LINE_LOADS_LEAST = 5 };

enum { HEBB, PROJECTION, RULES };
static const struct {
    const char *rule, *label, *line_plot, *map_plot;
} rules[RULES] = {{"hebb", "Hebb", "hf2_critical_hebb", "hf2_map_hebb"},
                  {"pseudo_inverse", "pseudo-inverse", "hf2_critical_projection", "hf2_map_projection"}};

static bool is_bounded(const struct interval *interval) {
    return isfinite(interval->low) && isfinite(interval->high);
}

/* --- what decides -----------------------------------------------------------------------------------------
 */

/* The slope must be there at every size. Where it is, a line may still fall in between: that can only refute.
 */
static void decide_growth(const struct basins *basins, struct finding *finding) {
    size_t falls = 0, steps = 0;
    for (size_t i = 0; i < basins->line_count; i++) {
        const struct basin_line *line = &basins->lines[i];
        if (line->known < LINE_LOADS_LEAST) continue;
        struct measurement *m = finding_measurement(
            finding, "1", "Hebb: critical overlap, growth with load, N = %.0f", line->neurons);
        measurement_set(m, &line->slope);
        measurement_decides(m, CRITERION_AT_LEAST, GROWTH_LEAST, 0);
        falls += line->falls;
        steps += line->known - 1;
    }
    struct measurement *m =
        finding_measurement(finding, "1", "Hebb: loads at which the critical overlap falls");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval count = interval_exact((double)falls, steps);
    if (steps > 0) measurement_set(m, &count);
}

/* Of the largest size that has an interval at so small a load. */
static void decide_small_load(const struct basins *basins, struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "Hebb: critical overlap at load %.2g or less", SMALL_LOAD);
    measurement_decides(m, CRITERION_AT_MOST, SMALL_OVERLAP, 0);
    if (m == NULL) return;
    m->precision = SMALL_OVERLAP / 2;
    for (size_t i = basins->line_count; i-- > 0;)
        for (size_t k = basins->lines[i].count; k-- > 0;) {
            const struct basin_point *point = &basins->lines[i].points[k];
            if (point->load > SMALL_LOAD || !is_bounded(&point->overlap)) continue;
            measurement_set(m, &point->overlap);
            return;
        }
}

/* Retrieval from the pattern itself, of the largest size with so large a load. A set counts as one trial,
 * since trials of one set depend on each other. */
static void decide_overload(const struct basins *basins, struct finding *finding) {
    struct measurement *m = finding_measurement(
        finding, "1", "Hebb: share retrieved from the pattern itself, load %.2g or more", OVERLOAD);
    measurement_decides(m, CRITERION_AT_MOST, 0.5, 0);
    if (m == NULL) return;
    m->precision = 0.5;
    for (size_t i = basins->line_count; i-- > 0;)
        for (size_t k = 0; k < basins->lines[i].count; k++) {
            const struct basin_point *point = &basins->lines[i].points[k];
            if (point->load < OVERLOAD || basins->lines[i].neurons < OVERLOAD_NEURONS ||
                point->largest_start < 1)
                continue;
            size_t sets = point->largest_sets;
            struct interval share =
                interval_of_proportion((size_t)llround(point->largest_share * (double)sets), sets);
            measurement_set(m, &share);
            return;
        }
}

/* --- what is reported
 * --------------------------------------------------------------------------------------- */

/* The largest size with a line. */
static const struct basin_line *last_line(const struct basins *basins) {
    for (size_t i = basins->line_count; i-- > 0;)
        if (basins->lines[i].known >= 2) return &basins->lines[i];
    return NULL;
}

static void report_line(const struct basins *basins, const char *label, struct finding *finding) {
    const struct basin_line *line = last_line(basins);
    for (size_t k = 0; line && k < line->count; k++) {
        const struct basin_point *point = &line->points[k];
        if (!is_bounded(&point->overlap)) continue;
        measurement_set(finding_measurement(finding, "1", "critical overlap, %s, N = %.0f, load %.3g", label,
                                            line->neurons, point->load),
                        &point->overlap);
    }
}

static void describe(const struct basins *basins, struct finding *finding) {
    for (size_t r = 0; r < RULES; r++) {
        finding->records += basins[r].records;
        if (basins[r].line_count == 0) continue;
        finding_sizes(finding, "%s: N = %.0f ... %.0f", rules[r].label, basins[r].lines[0].neurons,
                      basins[r].lines[basins[r].line_count - 1].neurons);
    }
    finding_say(
        finding,
        "Critical is the initial overlap from which half of the asynchronous retrievals end above 0.9, by a probit "
        "about one half, bootstrap over pattern sets. Of Hebb's rule it must grow with load at every size with %d "
        "loads (least squares: by %.0f per unit of load at least, and from no load to the next fall with certainty), "
        "be at most %.2g at load %.2g, and be gone at load %.2g, where most retrievals leave even the pattern itself "
        "(N of %.0f or more).",
        LINE_LOADS_LEAST, GROWTH_LEAST, SMALL_OVERLAP, SMALL_LOAD, OVERLOAD, OVERLOAD_NEURONS);
}

/* --- plots
 * ---------------------------------------------------------------------------------------------------- */

static enum status add_line(const struct basin_line *line, const char *label, enum plot_style style,
                            int colour, struct plot *plot) {
    double x[BASIN_LOADS_MAX], y[BASIN_LOADS_MAX], low[BASIN_LOADS_MAX], high[BASIN_LOADS_MAX];
    size_t count = 0;
    for (size_t k = 0; k < line->count; k++) {
        const struct basin_point *point = &line->points[k];
        if (!is_bounded(&point->overlap)) continue;
        x[count] = point->load, y[count] = point->overlap.value;
        low[count] = point->overlap.low, high[count++] = point->overlap.high;
    }
    return plot_series(plot, label, style, colour, count, x, y, low, high);
}

static double amari_maginu(double load, const void *context) {
    (void)context;
    return theory_critical_overlap(load);
}

static enum status plot_lines(const struct basins *basins, size_t rule, struct finding *finding) {
    if (basins->line_count == 0) return STATUS_OK;
    struct plot *plot = finding_plot(finding, rules[rule].line_plot, "Basins shrink with load", "load P/N",
                                     "critical initial overlap");
    if (plot == NULL) return STATUS_OK;
    plot->y_high = 1;
    snprintf(
        plot->caption, sizeof plot->caption,
        "%s, asynchronous updates: initial overlap from which half of the retrievals end above 0.9, with "
        "95 %% intervals over pattern sets.%s",
        rules[rule].label,
        rule == HEBB ? " Dashed: theory of Amari & Maginu (synchronous, infinitely many neurons), which "
                       "holds noise for less correlated than it is."
                     : "");
    for (size_t i = 0; i < basins->line_count; i++) {
        char label[64];
        snprintf(label, sizeof label, "N = %.0f", basins->lines[i].neurons);
        CHECK(add_line(&basins->lines[i], label, PLOT_POINTS_LINES, (int)i, plot));
    }
    if (rule != HEBB) return STATUS_OK;
    return plot_curve(plot, "Amari & Maginu 1988", PLOT_DASHED, 6, 0.002, 0.1595, 0, amari_maginu, NULL);
}

static enum status plot_map(const struct basins *basins, size_t rule, struct finding *finding) {
    const struct basin_map *map = &basins->map;
    if (map->columns == 0) return STATUS_OK;
    struct plot *plot =
        finding_plot(finding, rules[rule].map_plot, "Where retrievals end", "load P/N", "initial overlap");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "%s, N = %.0f, asynchronous updates: mean overlap with the pattern where the run ends, against load and "
        "initial overlap. Points: critical initial overlap with its 95 %% interval over pattern sets.",
        rules[rule].label, map->neurons);
    CHECK(plot_set_map(plot, "final overlap", 0, 1, map->columns, map->loads, map->rows, map->starts,
                       map->overlaps));
    for (size_t i = 0; i < basins->line_count; i++)
        if (basins->lines[i].neurons == map->neurons)
            return add_line(&basins->lines[i], "critical overlap", PLOT_POINTS_LINES, 1, plot);
    return STATUS_OK;
}

static enum status find_basins(const struct results *results, struct finding *finding) {
    struct basins *basins = memory_allocate(RULES, sizeof *basins);
    if (basins == NULL) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t r = 0; r < RULES && status == STATUS_OK; r++)
        status = basins_measure(results, rules[r].rule, &basins[r]);
    if (status == STATUS_OK) {
        decide_growth(&basins[HEBB], finding);
        decide_small_load(&basins[HEBB], finding);
        decide_overload(&basins[HEBB], finding);
        for (size_t r = 0; r < RULES; r++)
            report_line(&basins[r], rules[r].label, finding);
        describe(basins, finding);
    }
    for (size_t r = 0; r < RULES && status == STATUS_OK; r++)
        status = plot_map(&basins[r], r, finding);
    for (size_t r = 0; r < RULES && status == STATUS_OK; r++)
        status = plot_lines(&basins[r], r, finding);
    memory_free(basins);
    return status;
}

const struct claim claim_basins = {
    .id = "HF2",
    .statement =
        "Patterns are attractors with basins: corrupted ones are restored, from less far the higher the load",
    .source = "Chapter 8; Amit, Gutfreund & Sompolinsky 1987; Amari & Maginu 1988",
    .prediction = "critical overlap grows with load; small at small load; none beyond capacity",
    .sources = {{"hopfield_capacity", BASIN_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_basins,
};
