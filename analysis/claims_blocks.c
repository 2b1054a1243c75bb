/* HC2b: updates in blocks, which networks that are split over machines need, against updates one by one. */
#include <math.h>
#include <stdio.h>

#include "analysis/block_effect.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/theory.h"

/* In overlap and in the share of trials that succeed. */
#define EFFECT_TOLERANCE 0.001
/* Blocks up to this share of the neurons decide; at each size and load the largest of them. */
#define BLOCK_SHARE_MOST 0.01
/* Below this load blocks have little to change: nearly all trials succeed. */
#define TELLING_LOAD 0.13
/* What no trial showed happens in a share of the trials below the tolerance: 3 / trials (95 %). */
#define TRIALS_LEAST (3 / EFFECT_TOLERANCE)

enum { CELLS_MAX = 8, SERIES_MAX = 12, POINTS_MAX = 64 };

static bool decides(const struct block_cell *cell) {
    return cell->block <= BLOCK_SHARE_MOST * cell->neurons && cell->trials >= TRIALS_LEAST;
}

static bool is_same_curve(const struct block_cell *a, const struct block_cell *b) {
    return a->neurons == b->neurons && a->load == b->load;
}

static enum status measure_cell(const struct block_cell *cell, struct finding *finding) {
    struct interval interval;
    CHECK(block_cell_overlap(cell, &interval));
    struct measurement *m =
        finding_measurement(finding, "1", "overlap, blocks of %.0f less one by one, N = %.0f, load %.3g",
                            cell->block, cell->neurons, cell->load);
    measurement_set(m, &interval);
    measurement_decides(m, CRITERION_NEAR, 0, EFFECT_TOLERANCE);
    if (m != NULL) m->precision = EFFECT_TOLERANCE;
    CHECK(block_cell_success(cell, &interval));
    m = finding_measurement(finding, "1", "successes, blocks of %.0f less one by one, N = %.0f, load %.3g",
                            cell->block, cell->neurons, cell->load);
    measurement_set(m, &interval);
    measurement_decides(m, CRITERION_NEAR, 0, EFFECT_TOLERANCE);
    if (m != NULL) m->precision = EFFECT_TOLERANCE;
    return STATUS_OK;
}

/* The largest deciding block of each size and load; *telling: whether a load near the transition is among
 * them. */
static enum status measure_cells(const struct block_effect *effect, struct finding *finding, bool *telling) {
    const struct block_cell *best = NULL;
    size_t measured = 0;
    *telling = false;
    for (size_t i = 0; i <= effect->cell_count; i++) {
        const struct block_cell *cell = i < effect->cell_count ? &effect->cells[i] : NULL;
        if (best != NULL && (cell == NULL || !is_same_curve(best, cell)) && measured < CELLS_MAX) {
            CHECK(measure_cell(best, finding));
            *telling = *telling || best->load >= TELLING_LOAD;
            finding_sizes(finding, "N = %.0f, load %.3g: %.0f trials", best->neurons, best->load,
                          best->trials);
            measured++;
            best = NULL;
        }
        if (cell != NULL && decides(cell)) best = cell;
    }
    return STATUS_OK;
}

static void require_a_telling_load(struct finding *finding) {
    struct measurement *m = finding_measurement(
        finding, "1", "difference at a load from %.2f on, %.0f trials or more", TELLING_LOAD, TRIALS_LEAST);
    measurement_decides(m, CRITERION_NEAR, 0, EFFECT_TOLERANCE);
}

/* --- plots ---------------------------------------------------------------------------------------------- */

/* One curve from cell *first on, which is moved past it. */
static enum status plot_cells(const struct block_effect *effect, size_t *first, int colour,
                              enum status (*mean)(const struct block_cell *, struct interval *),
                              struct plot *plot) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    const struct block_cell *start = &effect->cells[*first];
    size_t count = 0;
    for (; *first < effect->cell_count && is_same_curve(start, &effect->cells[*first]); ++*first) {
        const struct block_cell *cell = &effect->cells[*first];
        struct interval interval;
        if (count == POINTS_MAX || cell->count < 2) continue;
        CHECK(mean(cell, &interval));
        x[count] = cell->block / cell->neurons, y[count] = interval.value;
        low[count] = interval.low, high[count++] = interval.high;
    }
    char label[64];
    snprintf(label, sizeof label, "N = %.0f, load %.3g", start->neurons, start->load);
    return plot_series(plot, label, PLOT_POINTS_LINES, colour, count, x, y, low, high);
}

static double no_difference(double share, const void *unused) {
    (void)share, (void)unused;
    return 0;
}

static enum status plot_effect(const struct block_effect *effect, const char *name, const char *title,
                               const char *y_label,
                               enum status (*mean)(const struct block_cell *, struct interval *),
                               struct finding *finding) {
    struct plot *plot = effect->cell_count == 0
                            ? NULL
                            : finding_plot(finding, name, title, "neurons of a block / N", y_label);
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Same patterns, starts and random orders; 95 %% intervals over pattern sets. At 1 all neurons are "
        "updated together. The verdict rests on the largest blocks up to %g of N.",
        BLOCK_SHARE_MOST);
    CHECK(plot_curve(plot, "no difference", PLOT_DASHED, 0, 0.0005, 1, 1, no_difference, NULL));
    int colour = 1;
    for (size_t first = 0; first < effect->cell_count && colour <= SERIES_MAX; colour++)
        CHECK(plot_cells(effect, &first, colour, mean, plot));
    return STATUS_OK;
}

static double branch(double load, const void *unused) {
    (void)unused;
    double m = theory_overlap(load);
    return m > 0 ? m : NAN;
}

/* The networks of one size from number *first on, which is moved past them. */
static enum status plot_networks(const struct block_effect *effect, size_t *first, int colour,
                                 struct plot *plot) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    double neurons = effect->networks[*first].neurons;
    size_t count = 0;
    for (; *first < effect->network_count && effect->networks[*first].neurons == neurons; ++*first) {
        const struct block_network *network = &effect->networks[*first];
        if (count == POINTS_MAX) continue;
        bool bounded = isfinite(network->overlap.low);
        x[count] = network->load, y[count] = network->overlap.value;
        low[count] = bounded ? network->overlap.low : y[count];
        high[count] = bounded ? network->overlap.high : y[count];
        count++;
    }
    char label[64];
    snprintf(label, sizeof label, "N = %.0f", neurons);
    return plot_series(plot, label, PLOT_POINTS, colour, count, x, y, low, high);
}

/* Large networks on the retrieval branch, a series for each size. */
static enum status plot_branch(const struct block_effect *effect, struct finding *finding) {
    struct plot *plot = effect->network_count == 0
                            ? NULL
                            : finding_plot(finding, "hc2b_branch", "Large networks on the retrieval branch",
                                           "load P/N", "overlap m");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Mean final overlap of trials from a stored pattern that succeed (m > 0.9), updated in blocks, with 95 %% "
        "intervals over pattern sets, of a single set none. Line: theory, which ends at load %.5f.",
        theory_capacity(NULL));
    CHECK(plot_curve(plot, "theory", PLOT_LINES, 0, 0.09, theory_capacity(NULL), 0, branch, NULL));
    int colour = 1;
    for (size_t first = 0; first < effect->network_count && colour <= SERIES_MAX; colour++)
        CHECK(plot_networks(effect, &first, colour, plot));
    return STATUS_OK;
}

/* --- the row -------------------------------------------------------------------------------------------- */

/* The largest networks, and how trials ended: reported. */
static void report(const struct block_effect *effect, struct finding *finding) {
    enum { NETWORKS_SHOWN = 6 };
    size_t first = effect->network_count > NETWORKS_SHOWN ? effect->network_count - NETWORKS_SHOWN : 0;
    for (size_t i = first; i < effect->network_count; i++) {
        const struct block_network *network = &effect->networks[i];
        double theory = theory_overlap(network->load);
        char beside[32] = "none"; /* beyond the end of the branch */
        if (theory > 0) snprintf(beside, sizeof beside, "%.5f", theory);
        measurement_set(finding_measurement(finding, "1", "  overlap at N = %.0f, load %.4g (theory: %s)",
                                            network->neurons, network->load, beside),
                        &network->overlap);
    }
    if (effect->whole_trials > 0) {
        /* Of this mixture of sizes and loads: a count, nothing to resample. */
        struct interval share =
            interval_exact(effect->whole_cycles / effect->whole_trials, (size_t)effect->whole_trials);
        measurement_set(finding_measurement(finding, "1", "  2-cycles when all neurons are updated together"),
                        &share);
    }
    struct interval capped = interval_exact(effect->capped, effect->records);
    measurement_set(finding_measurement(finding, "1", "  trials cut off by the cap on sweeps"), &capped);
}

static enum status measure_effect(const struct block_effect *effect, struct finding *finding) {
    bool telling;
    finding->records = effect->records;
    finding_say(
        finding,
        "Mean final overlap and share of successes (m > 0.9) of retrievals with updates in blocks less "
        "those of the same retrievals one neuron after the other, at the largest block up to %g of N with "
        "%.0f trials or more: 0 to +-%g, with an interval as narrow, a load from %.2f on among them.",
        BLOCK_SHARE_MOST, TRIALS_LEAST, EFFECT_TOLERANCE, TELLING_LOAD);
    CHECK(measure_cells(effect, finding, &telling));
    if (!telling) require_a_telling_load(finding);
    if (effect->records > 0) report(effect, finding);
    CHECK(plot_effect(effect, "hc2b_overlap", "What updates in blocks change: overlap",
                      "difference of the mean overlap", block_cell_overlap, finding));
    CHECK(plot_effect(effect, "hc2b_success", "What updates in blocks change: successes",
                      "difference of the share of successes", block_cell_success, finding));
    return plot_branch(effect, finding);
}

static enum status find_effect(const struct results *results, struct finding *finding) {
    struct block_effect *effect;
    CHECK(block_effect_create(results, &effect));
    enum status status = measure_effect(effect, finding);
    block_effect_destroy(&effect);
    return status;
}

const struct claim claim_blocks = {
    .id = "HC2b",
    .statement = "Updates in blocks of up to 1 % of the neurons retrieve as updates one by one do",
    .source = "this project; needed to split one network over ranks",
    .prediction = "difference 0 +- 0.001",
    .sources = {{"hopfield_blocks", BLOCK_EFFECT_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_effect,
};
