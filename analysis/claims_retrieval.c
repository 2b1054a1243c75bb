/* HC2: the overlap of retrieved patterns against the theory of the retrieval branch. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/retrieval.h"
#include "analysis/theory.h"

/* The verdict rests on loads up to here: nearer the transition the average over successes and the average
 * over all trials lie on different sides of the curve (claims.md). */
#define BRANCH_LOAD_MOST 0.12
/* In overlap. The curve falls by 0.0068 up to that load; networks of thousands of neurons deviate by some
 * 0.0004. */
#define BRANCH_TOLERANCE 0.001
/* So many tolerances must the curve lie below 1 at some load (from 0.107 on). */
#define BRANCH_TELLING 3

enum { BRANCH_KEY = 0x4843 + 2, BRANCH_CELLS_MAX = 12, POINTS_MAX = 64, SIZES_DRAWN = 4 };

static void success_overlap(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.successes > 0 ? total.success_overlap / total.successes : NAN;
}

static void mean_overlap(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.overlap / total.trials;
}

static void first_step_error(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.first_step_errors / (total.trials * total.neurons);
}

static bool decides(const struct load_cell *cell) {
    /* Patterns are whole: half a pattern more than asked for is still that load. */
    return cell->count >= RETRIEVAL_SETS_LEAST && cell->patterns <= BRANCH_LOAD_MOST * cell->neurons + 0.5;
}

/* Whether the curve differs enough from 1 at some load that decides. */
static bool tells(const struct size_group *size) {
    for (size_t k = 0; k < size->count; k++) {
        const struct load_cell *cell = &size->cells[k];
        if (decides(cell) && 1 - theory_overlap(cell->load) >= BRANCH_TELLING * BRANCH_TOLERANCE) return true;
    }
    return false;
}

static bool has_decisive_load(const struct size_group *size) {
    for (size_t k = 0; k < size->count; k++) {
        if (decides(&size->cells[k])) return true;
    }
    return false;
}

/* The largest size whose loads tell the curve from others; if none does, the largest with a load that
 * decides, or NULL. */
static const struct size_group *largest_size(const struct retrieval *retrieval) {
    for (size_t i = retrieval->size_count; i-- > 0;) {
        if (tells(&retrieval->sizes[i])) return &retrieval->sizes[i];
    }
    for (size_t i = retrieval->size_count; i-- > 0;) {
        if (has_decisive_load(&retrieval->sizes[i])) return &retrieval->sizes[i];
    }
    return NULL;
}

static enum status measure_cell(const struct load_cell *cell, struct finding *finding, double *worst) {
    struct interval interval;
    CHECK(bootstrap_interval(success_overlap, cell, BRANCH_KEY, cell->count, cell->count, &interval));
    struct measurement *m = finding_measurement(finding, "1", "overlap at load %.4g", cell->load);
    measurement_set(m, &interval);
    measurement_decides(m, CRITERION_NEAR, theory_overlap(cell->load), BRANCH_TOLERANCE);
    if (m != NULL) m->precision = BRANCH_TOLERANCE;
    *worst = fmax(*worst, fabs(interval.value - theory_overlap(cell->load)));
    CHECK(bootstrap_interval(first_step_error, cell, BRANCH_KEY, cell->count, cell->count, &interval));
    m = finding_measurement(finding, "1", "first-step error at load %.4g (theory %.3g)", cell->load,
                            theory_first_step_error(cell->load));
    measurement_set(m, &interval);
    return STATUS_OK;
}

/* Errors that are fewer than the tolerance agree with any curve: without a load where the theory's are not,
 * the row stays open. */
static void require_errors(double highest, struct finding *finding) {
    if (1 - theory_overlap(highest) >= BRANCH_TELLING * BRANCH_TOLERANCE) return;
    struct measurement *m =
        finding_measurement(finding, "1", "overlap at a load near %.2f", BRANCH_LOAD_MOST);
    measurement_decides(m, CRITERION_NEAR, theory_overlap(BRANCH_LOAD_MOST), BRANCH_TOLERANCE);
    finding_say(finding, " Up to load %.3g the curve is closer to 1 than could tell it from others.",
                highest);
}

/* --- plots -------------------------------------------------------------------------------------------- */

static double branch(double load, const void *unused) {
    (void)unused;
    double m = theory_overlap(load);
    return m > 0 ? m : NAN;
}

static double first_step(double load, const void *unused) {
    (void)unused;
    return theory_first_step_error(load);
}

static enum status plot_cells(struct plot *plot, const struct size_group *size,
                              bootstrap_statistic *statistic, double load_least, double load_most,
                              const char *label, int colour) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < size->count && count < POINTS_MAX; i++) {
        const struct load_cell *cell = &size->cells[i];
        struct interval interval;
        if (cell->load < load_least || cell->load > load_most) continue;
        CHECK(bootstrap_interval(statistic, cell, BRANCH_KEY, cell->count, cell->count, &interval));
        if (!isfinite(interval.value)) continue;
        bool bounded = isfinite(interval.low) && isfinite(interval.high);
        x[count] = cell->load, y[count] = interval.value;
        low[count] = bounded ? interval.low : interval.value;
        high[count++] = bounded ? interval.high : interval.value;
    }
    return plot_series(plot, label, PLOT_POINTS, colour, count, x, y, low, high);
}

/* A few sizes, evenly over those measured, the largest among them. */
static enum status plot_first_step(const struct retrieval *retrieval, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc2_first_step", "Neurons that flip in the first step",
                                     "load P/N", "probability");
    if (plot == NULL) return STATUS_OK;
    plot->y_log = true;
    plot->x_low = 0.045, plot->x_high = 0.2;
    plot->y_low = 1e-6, plot->y_high = 0.02;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Share of the neurons of a stored pattern whose field opposes them, with 95 %% intervals over pattern "
        "sets; line: erfc(1/sqrt(2 load))/2.");
    CHECK(plot_curve(plot, "theory", PLOT_LINES, 0, 0.045, 0.2, 0, first_step, NULL));
    size_t step = (retrieval->size_count + SIZES_DRAWN - 1) / SIZES_DRAWN;
    for (size_t i = (retrieval->size_count - 1) % step, drawn = 1; i < retrieval->size_count; i += step) {
        char label[64];
        snprintf(label, sizeof label, "N = %.0f", retrieval->sizes[i].neurons);
        CHECK(plot_cells(plot, &retrieval->sizes[i], first_step_error, 0.045, 0.2, label, (int)drawn++));
    }
    return STATUS_OK;
}

static enum status plot_branch(const struct retrieval *retrieval, const struct size_group *largest,
                               struct finding *finding) {
    struct plot *plot =
        finding_plot(finding, "hc2_branch", "Overlap of the retrieved state", "load P/N", "overlap m");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Mean final overlap with 95 %% intervals over pattern sets, N = %.0f: over the trials that succeed (m > "
        "0.9) and over all. Line: m = erf(y), sqrt(2 load) = erf(y)/y - (2/sqrt(pi)) exp(-y^2). The verdict rests on "
        "loads up to %.2f.",
        largest->neurons, BRANCH_LOAD_MOST);
    CHECK(plot_curve(plot, "theory", PLOT_LINES, 0, 0.03, theory_capacity(NULL), 0, branch, NULL));
    CHECK(plot_cells(plot, largest, success_overlap, 0, 0.2, "trials that succeed", 1));
    CHECK(plot_cells(plot, largest, mean_overlap, 0, 0.14, "all trials", 2));
    return plot_first_step(retrieval, finding);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status measure_branch(const struct retrieval *retrieval, struct finding *finding) {
    const struct size_group *largest = largest_size(retrieval);
    if (largest == NULL) {
        finding_say(finding, "No size has %d pattern sets at a load up to %.2f.", RETRIEVAL_SETS_LEAST,
                    BRANCH_LOAD_MOST);
        return STATUS_OK;
    }
    size_t cells = 0, fewest = SIZE_MAX;
    double worst = 0, highest = 0;
    for (size_t i = 0; i < largest->count && cells < BRANCH_CELLS_MAX; i++) {
        const struct load_cell *cell = &largest->cells[i];
        if (!decides(cell)) continue;
        CHECK(measure_cell(cell, finding, &worst));
        finding->records += cell->count;
        cells++;
        highest = cell->load;
        if (cell->count < fewest) fewest = cell->count;
    }
    finding_sizes(finding, "N = %.0f, %zu loads, at least %zu pattern sets each", largest->neurons, cells,
                  fewest);
    finding_say(
        finding,
        "Mean overlap of the successful trials at N = %.0f compared with the curve of the theory at %zu loads up "
        "to %.2f, to +-%.3f: the largest deviation is %.5f.",
        largest->neurons, cells, BRANCH_LOAD_MOST, BRANCH_TOLERANCE, worst);
    require_errors(highest, finding);
    return plot_branch(retrieval, largest, finding);
}

static enum status find_branch(const struct results *results, struct finding *finding) {
    struct retrieval *retrieval;
    CHECK(retrieval_create(results, "asynchronous", 0, &retrieval));
    enum status status = measure_branch(retrieval, finding);
    retrieval_destroy(&retrieval);
    return status;
}

const struct claim claim_retrieval_branch = {
    .id = "HC2",
    .statement = "Retrieved states overlap with their pattern as the theory of the retrieval branch says",
    .source = "Amit, Gutfreund & Sompolinsky 1987",
    .prediction = "m(load) of the theory +- 0.001, load up to 0.12",
    .sources = {{"hopfield_capacity", RETRIEVAL_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_branch,
};
