/* HC4b: the overlap that associative memories of order K retrieve with, against mean field. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/order_memory.h"
#include "analysis/theory_order.h"

/* Mean field is compared up to this scaled load: nearer the spinodal zero-temperature dynamics freeze near
 * the pattern, at overlaps that are not those of its minima. */
#define ORDER_LOAD_MOST 0.15
/* Of an overlap; the curves fall by 0.012 up to that load, networks of 200 neurons deviate by some 0.001. */
#define ORDER_OVERLAP_TOLERANCE 0.002
/* So many tolerances must the curve lie below 1 at some load. */
#define ORDER_TELLING 3

enum { OVERLAP_KEY = 0x4843 + 5, POINTS_MAX = 32 };

static void overlap_of_successes(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.successes > 0 ? total.success_overlap / total.successes : NAN;
}

static bool decides(const struct order_memory *memory, const struct load_cell *cell) {
    /* Patterns are whole: half a pattern more than asked for is still that load. */
    double load = order_scaled_load(memory, cell->patterns - 0.5, cell->neurons);
    return cell->count >= RETRIEVAL_SETS_LEAST && load <= ORDER_LOAD_MOST;
}

static double mean_field(double load, const void *context) {
    double m = theory_order_overlap(((const struct order_memory *)context)->order, load);
    return m > 0 ? m : NAN;
}

static enum status plot_memory(const struct order_memory *memory, const struct size_group *size,
                               struct plot *plot) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    size_t count = 0;
    if (plot == NULL) return STATUS_OK;
    for (size_t i = 0; i < size->count && count < POINTS_MAX; i++) {
        const struct load_cell *cell = &size->cells[i];
        struct interval interval;
        CHECK(
            bootstrap_interval(overlap_of_successes, cell, OVERLAP_KEY, cell->count, cell->count, &interval));
        if (!isfinite(interval.value)) continue;
        x[count] = order_scaled_load(memory, cell->patterns, cell->neurons);
        y[count] = interval.value, low[count] = interval.low, high[count++] = interval.high;
    }
    char label[64];
    snprintf(label, sizeof label, "K = %d, %s, N = %.0f", memory->order, memory->family, size->neurons);
    CHECK(plot_series(plot, label, PLOT_POINTS, memory->number, count, x, y, low, high));
    if (memory->distinct) return STATUS_OK;
    snprintf(label, sizeof label, "mean field, K = %d", memory->order);
    return plot_curve(plot, label, PLOT_LINES, memory->number, 0.02, 0.3, 0, mean_field, memory);
}

/* Compares the loads of the largest size that decide; of those, *highest is the highest. */
static enum status compare_overlaps(const struct order_memory *memory, const struct size_group *size,
                                    struct finding *finding, double *highest) {
    for (size_t i = 0; i < size->count; i++) {
        const struct load_cell *cell = &size->cells[i];
        double load = order_scaled_load(memory, cell->patterns, cell->neurons);
        struct interval interval;
        if (!decides(memory, cell)) continue;
        CHECK(
            bootstrap_interval(overlap_of_successes, cell, OVERLAP_KEY, cell->count, cell->count, &interval));
        *highest = load;
        finding->records += cell->count;
        if (1 - theory_order_overlap(memory->order, load) < ORDER_OVERLAP_TOLERANCE / ORDER_TELLING) continue;
        struct measurement *m = finding_measurement(finding, "1", "overlap at a = %.3f, K = %d, %s", load,
                                                    memory->order, memory->family);
        measurement_set(m, &interval);
        measurement_decides(m, CRITERION_NEAR, theory_order_overlap(memory->order, load),
                            ORDER_OVERLAP_TOLERANCE);
        if (m != NULL) m->precision = ORDER_OVERLAP_TOLERANCE;
    }
    return STATUS_OK;
}

/* Without a load where the curve is clearly below 1 any data agree with it: the row stays open. */
static void require_load(const struct order_memory *memory, double highest, struct finding *finding) {
    double overlap = theory_order_overlap(memory->order, highest);
    if (1 - overlap >= ORDER_TELLING * ORDER_OVERLAP_TOLERANCE) return;
    struct measurement *m = finding_measurement(finding, "1", "overlap near a = %.2f, K = %d, %s",
                                                ORDER_LOAD_MOST, memory->order, memory->family);
    measurement_decides(m, CRITERION_NEAR, theory_order_overlap(memory->order, ORDER_LOAD_MOST),
                        ORDER_OVERLAP_TOLERANCE);
}

/* Where mean field has no minimum retrieval may go on all the same: the highest load beyond the spinodal at
 * which half of the trials succeed, if the loads go that far. */
static void say_what_is_beyond(const struct order_memory *memory, const struct size_group *size,
                               struct finding *finding) {
    struct resampler themselves = {.identity = 1};
    for (size_t i = size->count; i-- > 0;) {
        struct pattern_set total = cell_total(&size->cells[i], &themselves);
        double load = order_scaled_load(memory, size->cells[i].patterns, size->neurons);
        if (load <= theory_order_spinodal(memory->order)) return;
        if (size->cells[i].count < RETRIEVAL_SETS_LEAST || total.successes < 0.5 * total.trials) continue;
        finding_say(finding, " Beyond it K = %d, %s, stays near the pattern (%.3f at a = %.3f).",
                    memory->order, memory->family, total.success_overlap / total.successes, load);
        return;
    }
}

static enum status measure_overlaps(const struct order_memory *memory, struct finding *finding) {
    const struct retrieval *retrieval = memory->retrieval;
    double highest = 0;
    const struct size_group *largest = NULL;
    for (size_t i = 0; i < retrieval->size_count; i++)
        for (size_t k = 0; k < retrieval->sizes[i].count; k++)
            if (decides(memory, &retrieval->sizes[i].cells[k])) largest = &retrieval->sizes[i];
    if (largest != NULL) {
        for (size_t i = 0; i < finding->plot_count; i++)
            CHECK(plot_memory(memory, largest, &finding->plots[i]));
        if (memory->order > 2) {
            CHECK(compare_overlaps(memory, largest, finding, &highest));
            finding_sizes(finding, "%s, K = %d: N = %.0f", memory->family, memory->order, largest->neurons);
            say_what_is_beyond(memory, largest, finding);
        }
    }
    if (memory->order > 2) require_load(memory, highest, finding);
    return STATUS_OK;
}

static void make_plots(struct finding *finding) {
    struct plot *near =
        finding_plot(finding, "hc4b_overlap", "Overlap of the retrieved state, and mean field",
                     "scaled load a", "overlap m");
    struct plot *all =
        finding_plot(finding, "hc4b_spinodal", "Overlap of the retrieved state, and where mean field ends",
                     "scaled load a", "overlap m");
    if (near == NULL || all == NULL) return;
    snprintf(
        near->caption, sizeof near->caption,
        "Mean final overlap of the trials that succeed (m > 0.9), largest size of each memory, with 95 %% "
        "intervals over pattern sets. Lines: m = erf(m^{K-1} / sqrt(2 a)), and the theory of order 2. The "
        "verdict rests on a up to %.2f, K = 3 and 4.",
        ORDER_LOAD_MOST);
    snprintf(
        all->caption, sizeof all->caption,
        "The same over all loads. The lines end at the spinodals, a = %.4f (K = 3) and %.4f (K = 4), where mean "
        "field's minima vanish.",
        theory_order_spinodal(3), theory_order_spinodal(4));
    near->x_low = 0.07, near->x_high = 0.157;
    near->y_low = 0.982, near->y_high = 1.0005;
    all->x_low = 0.03, all->x_high = 0.32;
    all->y_low = 0.89, all->y_high = 1.005;
}

static enum status find_mean_field(const struct results *results, struct finding *finding) {
    make_plots(finding);
    finding_say(
        finding,
        "Mean overlap of the trials that succeed, started at stored patterns, at the largest size of each "
        "memory, compared with mean field at scaled loads up to %.2f to +-%.3f, K = 3 and 4, both "
        "families. The spinodal (a = %.4f and %.4f) is not compared: zero-temperature dynamics may freeze near the "
        "pattern where no minimum is left.",
        ORDER_LOAD_MOST, ORDER_OVERLAP_TOLERANCE, theory_order_spinodal(3), theory_order_spinodal(4));
    return for_each_order_memory(results, measure_overlaps, finding);
}

const struct claim claim_order_mean_field = {
    .id = "HC4b",
    .statement = "Retrieved states of order K overlap with their pattern as mean field says",
    .source = "Gardner 1987; Krotov & Hopfield 2016",
    .prediction = "m = erf(m^(K-1) / sqrt(2 a)) +- 0.002, a up to 0.15",
    .sources = {{"order_capacity", ORDER_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_mean_field,
};
