/* HC1a, HC1b: the capacity of the Hebbian Hopfield network. Both rows rest on one measurement, capacity.c. */
#include <math.h>
#include <stdio.h>

#include "analysis/capacity.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/theory.h"
#include "core/base/memory.h"

/* Replica symmetry broken: Steffan & Kuehn 1994. Shown beside the replica-symmetric value. */
#define CAPACITY_SYMMETRY_BROKEN 0.138186

/* Of the comparison with theory. Three tolerances would let a capacity of 0.1395, which is another claim,
 * pass. */
#define THEORY_TOLERANCE 0.0005
#define THEORY_PRECISION 0.001

/* Smaller ones are what chance gives. */
#define MISFIT_SAID 1.3

enum { CAPACITY_KEY = 0x4843, POINTS_MAX = 64 };

/* --- the plots ---------------------------------------------------------------------------------------- */

static void success_fraction(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.successes / total.trials;
}

static enum status plot_size(struct plot *plot, const struct size_group *size, int colour) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    size_t count = size->count < POINTS_MAX ? size->count : POINTS_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct load_cell *cell = &size->cells[i];
        struct interval interval;
        CHECK(bootstrap_interval(success_fraction, cell, CAPACITY_KEY, cell->count, cell->count, &interval));
        x[i] = cell->load;
        y[i] = interval.value;
        low[i] = fmax(0, interval.low);
        high[i] = fmin(1, interval.high);
    }
    char label[64];
    snprintf(label, sizeof label, "N = %.0f", size->neurons);
    return plot_series(plot, label, PLOT_POINTS, colour, count, x, y, low, high);
}

static double fitted_success(double load, const void *context) {
    const struct success_curve *curve = context;
    return 0.5 * erfc(-(curve->intercept + curve->slope * load) / sqrt(2));
}

/* Points and fitted curves of all sizes that have one, and the theory's load. */
static enum status draw_curves(const struct retrieval *retrieval, const struct capacity *capacity,
                               struct plot *plot) {
    for (size_t i = 0; i < retrieval->size_count; i++) {
        const struct size_group *size = &retrieval->sizes[i];
        for (size_t k = 0; k < capacity->curve_count; k++) {
            if (capacity->curves[k].size != size) continue;
            CHECK(plot_size(plot, size, (int)i));
            CHECK(plot_curve(plot, "", PLOT_LINES, (int)i, size->cells[0].load,
                             size->cells[size->count - 1].load, 0, fitted_success, &capacity->curves[k]));
        }
    }
    double x[2] = {theory_capacity(NULL), theory_capacity(NULL)}, y[2] = {0, 1};
    return plot_series(plot, "theory", PLOT_DASHED, (int)retrieval->size_count, 2, x, y, NULL, NULL);
}

static double highest_load(const struct retrieval *retrieval) {
    double highest = 0;
    for (size_t i = 0; i < retrieval->size_count; i++)
        highest = fmax(highest, retrieval->sizes[i].cells[retrieval->sizes[i].count - 1].load);
    return highest;
}

static enum status plot_success(const struct retrieval *retrieval, const struct capacity *capacity,
                                struct finding *finding) {
    struct plot *plot =
        finding_plot(finding, "hc1a_success", "Retrieval breaks at a load that sharpens with size",
                     "load P/N", "share of trials with overlap above 0.9");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Start at a stored pattern, random-order asynchronous updates to a fixed point. Points with 95 %% "
        "intervals over pattern sets, probit fits as lines; where the curves of successive sizes cross "
        "estimates the capacity. Dashed: theory of retrieval minima, %.4f.",
        theory_capacity(NULL));
    plot->x_low = 0.85 * theory_capacity(NULL); /* below, all sizes succeed always */
    plot->x_high = fmax(highest_load(retrieval) + 0.002, theory_capacity(NULL));
    plot->y_low = -0.03;
    plot->y_high = 1.03;
    return draw_curves(retrieval, capacity, plot);
}

static enum status plot_crossing(const struct retrieval *retrieval, const struct capacity *capacity,
                                 struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc1a_crossing", "Where the curves cross", "load P/N",
                                     "share of trials with overlap above 0.9");
    if (plot == NULL || capacity->pair_count == 0) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "The same data, near the theory's load: left of the crossing larger networks succeed more often, "
        "right of it less often.");
    plot->x_low = 0.93 * theory_capacity(NULL);
    plot->x_high = 1.1 * theory_capacity(NULL);
    plot->y_low = 0.7;
    plot->y_high = 1.01;
    return draw_curves(retrieval, capacity, plot);
}

/* Extrapolation as a curve over N^(-1/2), down to infinite size at 0. */
static double extrapolated(double root, const void *context) {
    const struct extrapolation *e = context;
    return e->limit.value + e->amplitude * pow(root, 2 * e->exponent);
}

static enum status plot_extrapolation(const struct capacity *capacity, struct finding *finding) {
    struct plot *plot =
        finding_plot(finding, "hc1a_capacity", "To infinitely many neurons", "N^{-1/2}", "load P/N");
    if (plot == NULL || capacity->curve_count == 0) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Loads of half success and loads where the curves of N and 2N cross (drawn at N), with 95 %% intervals. "
        "Lines: extrapolations with the exponent 1/2 and with the exponent fitted; at 0: infinite size. Dashed: "
        "theory, %.4f.",
        theory_capacity(NULL));
    double x[CAPACITY_SIZES_MAX], y[CAPACITY_SIZES_MAX], low[CAPACITY_SIZES_MAX], high[CAPACITY_SIZES_MAX];
    for (size_t i = 0; i < capacity->curve_count; i++) {
        const struct interval *half = &capacity->curves[i].half;
        x[i] = 1 / sqrt(capacity->curves[i].size->neurons);
        y[i] = half->value, low[i] = half->low, high[i] = half->high;
    }
    double widest = x[0];
    CHECK(plot_series(plot, "half of the trials succeed", PLOT_POINTS, 0, capacity->curve_count, x, y, low,
                      high));
    size_t crossings = 0;
    for (size_t i = 0; i < capacity->pair_count; i++) {
        const struct interval *crossing = &capacity->pairs[i].crossing;
        if (!isfinite(crossing->low) || !isfinite(crossing->high)) continue;
        x[crossings] = 1 / sqrt(capacity->curves[capacity->pairs[i].smaller].size->neurons);
        y[crossings] = crossing->value, low[crossings] = crossing->low, high[crossings++] = crossing->high;
    }
    CHECK(plot_series(plot, "curves of N and 2N cross", PLOT_POINTS, 1, crossings, x, y, low, high));
    CHECK(plot_curve(plot, "exponent 1/2", PLOT_LINES, 0, 0, widest, 0, extrapolated,
                     &capacity->half_square_root));
    CHECK(plot_curve(plot, "exponent fitted", PLOT_LINES, 2, 0, widest, 0, extrapolated,
                     &capacity->half_fitted));
    CHECK(plot_curve(plot, "crossings, exponent 1/2", PLOT_LINES, 1, 0, widest, 0, extrapolated,
                     &capacity->crossing));
    double ends[2] = {0, widest}, theory[2] = {theory_capacity(NULL), theory_capacity(NULL)};
    return plot_series(plot, "theory", PLOT_DASHED, 3, 2, ends, theory, NULL, NULL);
}

/* The estimates side by side, for the row that compares them with theory. */
static enum status plot_estimates(const struct capacity *capacity, struct finding *finding) {
    const struct interval *estimates[] = {&capacity->half_square_root.limit, &capacity->half_fitted.limit,
                                          &capacity->crossing.limit, &capacity->estimate};
    struct plot *plot =
        finding_plot(finding, "hc1b_estimates", "Capacity for infinite size, by estimator",
                     "1, 2: half success (exponent 1/2, fitted); 3: crossings; 4: together", "load P/N");
    if (plot == NULL) return STATUS_OK;
    plot->x_low = 0.5;
    plot->x_high = 4.5;
    double x[4], y[4], low[4], high[4];
    size_t count = 0;
    for (size_t i = 0; i < 4; i++) {
        if (!isfinite(estimates[i]->low) || !isfinite(estimates[i]->high)) continue;
        x[count] = (double)i + 1, y[count] = estimates[i]->value;
        low[count] = estimates[i]->low, high[count++] = estimates[i]->high;
    }
    CHECK(plot_series(plot, "estimate, 95 %", PLOT_POINTS, 0, count, x, y, low, high));
    double ends[2] = {0.5, 4.5}, symmetric[2] = {theory_capacity(NULL), theory_capacity(NULL)};
    double broken[2] = {CAPACITY_SYMMETRY_BROKEN, CAPACITY_SYMMETRY_BROKEN};
    CHECK(plot_series(plot, "theory, replica symmetric", PLOT_DASHED, 1, 2, ends, symmetric, NULL, NULL));
    return plot_series(plot, "theory, symmetry broken", PLOT_DASHED, 2, 2, ends, broken, NULL, NULL);
}

/* --- the rows ----------------------------------------------------------------------------------------- */

static void report_estimators(const struct capacity *capacity, struct finding *finding) {
    struct measurement *m = finding_measurement(finding, "1", "half success, exponent 1/2, N -> infinity");
    measurement_set(m, &capacity->half_square_root.limit);
    m = finding_measurement(finding, "1", "half success, exponent fitted, N -> infinity");
    measurement_set(m, &capacity->half_fitted.limit);
    m = finding_measurement(finding, "1", "crossing of N and 2N, exponent 1/2, N -> infinity");
    measurement_set(m, &capacity->crossing.limit);
    for (size_t i = 0; i < capacity->curve_count && i < 14; i++) {
        m = finding_measurement(finding, "1", "half success at N = %.0f", capacity->curves[i].size->neurons);
        measurement_set(m, &capacity->curves[i].half);
    }
}

static void describe_sizes(const struct retrieval *retrieval, const struct capacity *capacity,
                           struct finding *finding) {
    finding->records = capacity->curve_count > 0 ? capacity->used_sets : retrieval->set_count;
    if (capacity->curve_count == 0) return;
    finding_sizes(finding, "N = %.0f ... %.0f (%zu sizes), at least %zu pattern sets per load",
                  capacity->curves[0].size->neurons,
                  capacity->curves[capacity->curve_count - 1].size->neurons, capacity->curve_count,
                  capacity->fewest_sets);
}

static void say_estimators(const struct retrieval *retrieval, const struct capacity *capacity,
                           struct finding *finding) {
    if (isfinite(capacity->estimate.value)) {
        finding_say(
            finding,
            "Retrieval from a stored pattern, extrapolated to infinite N, breaks at load %.4f (half of "
            "the trials succeed: %.4f with exponent 1/2, %.4f with %.2f fitted) and %.4f (curves of N "
            "and 2N cross); the interval spans both estimators",
            capacity->by_half.value, capacity->half_square_root.limit.value,
            capacity->half_fitted.limit.value, capacity->half_fitted.exponent, capacity->by_crossing.value);
    } else {
        finding_say(finding,
                    "Both estimators need success curves of at least %d sizes in steps of two that pass one "
                    "half, with %d pattern sets per load",
                    CAPACITY_SIZES_LEAST, RETRIEVAL_SETS_LEAST);
    }
    if (capacity->largest_misfit >= MISFIT_SAID) {
        finding_say(finding,
                    "; probit curves miss by up to %.1f times the scatter, which widens the intervals",
                    capacity->largest_misfit);
    }
    if (capacity->left_out > 0) {
        finding_say(finding, "; %zu of %zu sizes have loads on both sides of half success and are used",
                    capacity->curve_count, retrieval->size_count);
    }
    if (retrieval->capped > 0) {
        finding_say(finding, "; %.0f trials hit the limit on sweeps", retrieval->capped);
    }
}

/* What both rows rest on. *retrieval may be NULL and *capacity to be freed even on failure. */
static enum status measure(const struct results *results, struct retrieval **retrieval,
                           struct capacity **capacity) {
    *retrieval = NULL;
    *capacity = memory_allocate(1, sizeof **capacity);
    if (*capacity == NULL) return STATUS_NO_MEMORY;
    CHECK(retrieval_create(results, retrieval));
    return capacity_measure(*retrieval, CAPACITY_KEY, *capacity);
}

static enum status find_digits(const struct results *results, struct finding *finding) {
    struct retrieval *retrieval;
    struct capacity *capacity;
    enum status status = measure(results, &retrieval, &capacity);
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "capacity for infinite N, both estimators");
        measurement_set(m, &capacity->estimate);
        measurement_decides(m, CRITERION_WITHIN, 0.14, 0.005);
        report_estimators(capacity, finding);
        describe_sizes(retrieval, capacity, finding);
        say_estimators(retrieval, capacity, finding);
        finding_say(finding, "; compared with 0.135 - 0.145, within which the whole interval must lie.");
        status = plot_success(retrieval, capacity, finding);
        if (status == STATUS_OK) status = plot_crossing(retrieval, capacity, finding);
    }
    if (status == STATUS_OK) status = plot_extrapolation(capacity, finding);
    retrieval_destroy(&retrieval);
    memory_free(capacity);
    return status;
}

/* The difference from theory and which intervals hold it. */
static void compare_with_theory(const struct capacity *capacity, struct finding *finding) {
    struct interval difference = capacity->estimate;
    double theory = theory_capacity(NULL);
    difference.value -= theory, difference.low -= theory, difference.high -= theory;
    difference.low_999 -= theory, difference.high_999 -= theory;
    measurement_set(finding_measurement(finding, "1", "difference from theory"), &difference);
    if (isfinite(difference.low) && isfinite(difference.high)) {
        bool in_95 = difference.low <= 0 && difference.high >= 0;
        bool in_999 = difference.low_999 <= 0 && difference.high_999 >= 0;
        finding_say(finding, "; together %+.4f from the theory of retrieval minima, %.6f, which lies %s",
                    difference.value, theory,
                    in_95    ? "within the 95 % interval"
                    : in_999 ? "outside the 95 % interval and within the 99.9 % one"
                             : "outside the 99.9 % interval");
    } else {
        finding_say(finding, "; theory of retrieval minima: %.6f", theory);
    }
    finding_say(finding, " (%.6f with replica symmetry broken).", CAPACITY_SYMMETRY_BROKEN);
}

static enum status find_theory(const struct results *results, struct finding *finding) {
    struct retrieval *retrieval;
    struct capacity *capacity;
    enum status status = measure(results, &retrieval, &capacity);
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "capacity for infinite N, both estimators");
        measurement_set(m, &capacity->estimate);
        measurement_decides(m, CRITERION_NEAR, theory_capacity(NULL), THEORY_TOLERANCE);
        if (m != NULL) m->precision = THEORY_PRECISION;
        describe_sizes(retrieval, capacity, finding);
        say_estimators(retrieval, capacity, finding);
        compare_with_theory(capacity, finding);
        finding_capacity(finding, "Hebb", theory_capacity(NULL), &capacity->estimate,
                         "half of the retrievals overlap above 0.9, N to infinity");
        report_estimators(capacity, finding);
        status = plot_estimates(capacity, finding);
    }
    retrieval_destroy(&retrieval);
    memory_free(capacity);
    return status;
}

const struct claim claim_capacity_digits = {
    .id = "HC1a",
    .statement = "A Hopfield network of N neurons stores 0.14 N patterns",
    .source = "Chapter 8, section 4; Hopfield 1982",
    .prediction = "0.135 - 0.145",
    .sources = {{"hopfield_capacity", RETRIEVAL_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_digits,
};

const struct claim claim_capacity_theory = {
    .id = "HC1b",
    .statement = "Retrieval ends where its minima vanish, at load 0.1379",
    .source = "Amit, Gutfreund & Sompolinsky 1985, 1987",
    .prediction = "0.137906 +- 0.0005",
    .sources = {{"hopfield_capacity", RETRIEVAL_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_theory,
};
