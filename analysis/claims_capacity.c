/* HC1a, HC1b: the capacity of the Hebbian Hopfield network. Both rows rest on one measurement, capacity.c. */
#include <math.h>
#include <stdio.h>

#include "analysis/capacity_plots.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/theory.h"
#include "core/base/memory.h"

/* Lower loads, measured for other rows, succeed at every size: they say nothing of where that ends. */
#define CAPACITY_LOAD_LEAST 0.12

/* Of the comparison with theory. Three tolerances would let a capacity of 0.1395, which is another claim,
 * pass. */
#define THEORY_TOLERANCE 0.0005
#define THEORY_PRECISION 0.001

/* Smaller ones are what chance gives. */
#define MISFIT_SAID 1.3

enum { CAPACITY_KEY = 0x4843, SIZES_REPORTED = 14, PAIRS_REPORTED = 14 };

/* What both rows rest on. */
struct measured {
    struct retrieval *asynchronous, *synchronous;
    struct capacity *capacity;
};

static void measured_clear(struct measured *measured) {
    retrieval_destroy(&measured->asynchronous);
    retrieval_destroy(&measured->synchronous);
    memory_free(measured->capacity);
}

/* To be cleared even on failure. */
static enum status measure(const struct results *results, struct measured *measured) {
    *measured = (struct measured){0};
    measured->capacity = memory_allocate(1, sizeof *measured->capacity);
    if (measured->capacity == NULL) return STATUS_NO_MEMORY;
    CHECK(retrieval_create(results, "asynchronous", CAPACITY_LOAD_LEAST, &measured->asynchronous));
    CHECK(retrieval_create(results, "synchronous", CAPACITY_LOAD_LEAST, &measured->synchronous));
    return capacity_measure(measured->asynchronous, CAPACITY_KEY, measured->capacity);
}

/* --- the rows ----------------------------------------------------------------------------------------- */

static void report_extrapolation(struct finding *finding, const char *how, const struct extrapolation *made) {
    struct measurement *m = finding_measurement(finding, "1", "%s, N -> infinity", how);
    measurement_set(m, &made->limit);
}

static void report_estimators(const struct capacity *capacity, struct finding *finding) {
    report_extrapolation(finding, "half success, exponents 1/2 and 1", &capacity->half_theory);
    report_extrapolation(finding, "half success, exponent fitted", &capacity->half_fitted);
    report_extrapolation(finding, "half success, exponent 1/2 alone", &capacity->half_leading);
    report_extrapolation(finding, "crossing of N and 2N, exponent 1", &capacity->crossing_theory);
    report_extrapolation(finding, "crossing of N and 2N, exponent fitted", &capacity->crossing_fitted);
    for (size_t i = 0; i < capacity->curve_count && i < SIZES_REPORTED; i++) {
        struct measurement *m =
            finding_measurement(finding, "1", "half success at N = %.0f", capacity->curves[i].size->neurons);
        measurement_set(m, &capacity->curves[i].half);
    }
    for (size_t i = 0; i < capacity->pair_count && i < PAIRS_REPORTED; i++) {
        double neurons = capacity->curves[capacity->pairs[i].smaller].size->neurons;
        struct measurement *m =
            finding_measurement(finding, "1", "crossing of N = %.0f and %.0f", neurons, 2 * neurons);
        measurement_set(m, &capacity->pairs[i].crossing);
    }
}

static void describe_sizes(const struct retrieval *retrieval, const struct capacity *capacity,
                           struct finding *finding) {
    finding->records = capacity->curve_count > 0 ? capacity->used_sets : retrieval->set_count;
    if (capacity->curve_count == 0) return;
    finding_sizes(
        finding, "N = %.0f ... %.0f (%zu sizes), at least %zu pattern sets per load or group of loads",
        capacity->curves[0].size->neurons, capacity->curves[capacity->curve_count - 1].size->neurons,
        capacity->curve_count, capacity->fewest_sets);
}

/* What widened the intervals. */
static void say_misfits(const struct capacity *capacity, struct finding *finding) {
    if (capacity->largest_misfit >= MISFIT_SAID) {
        finding_say(finding,
                    "; probit curves miss by up to %.1f times the scatter, which widens the intervals",
                    capacity->largest_misfit);
    }
    double misfit = fmax(fmax(capacity->half_theory.misfit, capacity->half_fitted.misfit),
                         fmax(capacity->crossing_theory.misfit, capacity->crossing_fitted.misfit));
    if (misfit >= MISFIT_SAID) {
        finding_say(finding,
                    "; sizes miss these powers by up to %.1f times their errors, which widens them too",
                    misfit);
    }
}

static double sum_trials(const struct retrieval *retrieval, double *cycles) {
    double trials = 0;
    *cycles = 0;
    for (size_t i = 0; i < retrieval->set_count; i++) {
        trials += retrieval->sets[i].trials;
        *cycles += retrieval->sets[i].cycles;
    }
    return trials;
}

/* A trial that was cut off says nothing of where it would have ended. */
static void say_capped(const struct measured *measured, struct finding *finding) {
    double cycles, trials = sum_trials(measured->synchronous, &cycles);
    if (trials > 0)
        finding_say(finding, "; of %.0f synchronous trials %.0f %% end in 2-cycles", trials,
                    100 * cycles / trials);
    double capped = measured->asynchronous->capped, other = measured->synchronous->capped;
    if (capped > 0 || other > 0) {
        finding_say(
            finding,
            "; %.0f asynchronous and %.0f synchronous trials hit the limit on sweeps, which falsifies "
            "them",
            capped, other);
    }
}

enum { FITTED_SIZE = 96 };

/* The limit with a fitted exponent: "0.1415 with one fitted, N^-0.56"; where the data would have it beyond
 * the allowed range, that it is at its limit. */
static void fitted_limit(const struct extrapolation *made, char text[FITTED_SIZE]) {
    if (!isfinite(made->limit.value)) {
        snprintf(text, FITTED_SIZE, "none fitted");
        return;
    }
    int length =
        snprintf(text, FITTED_SIZE, "%.4f with one fitted, N^-%.2f", made->limit.value, made->exponent);
    if (extrapolation_is_at_limit(made))
        snprintf(text + length, FITTED_SIZE - (size_t)length, ", at its limit (allowed: %.2f to %.2f)",
                 made->allowed[0], made->allowed[1]);
}

static void say_estimators(const struct measured *measured, struct finding *finding) {
    const struct capacity *capacity = measured->capacity;
    if (isfinite(capacity->estimate.value)) {
        char half[FITTED_SIZE], crossing[FITTED_SIZE];
        fitted_limit(&capacity->half_fitted, half);
        fitted_limit(&capacity->crossing_fitted, crossing);
        finding_say(
            finding,
            "Retrieval from a stored pattern, extrapolated to infinite N, breaks at load %.4f (half of "
            "the trials succeed: %.4f with corrections N^-1/2 and 1/N, %s) and %.4f (curves of N and "
            "2N cross: %.4f with 1/N, %s); the interval spans all four",
            capacity->by_half.value, capacity->half_theory.limit.value, half, capacity->by_crossing.value,
            capacity->crossing_theory.limit.value, crossing);
    } else {
        finding_say(finding,
                    "Both estimators need success curves of at least %d sizes in steps of two that pass one "
                    "half, with %d pattern sets per load",
                    CAPACITY_SIZES_LEAST, RETRIEVAL_SETS_LEAST);
    }
    say_misfits(capacity, finding);
    if (capacity->left_out > 0) {
        finding_say(finding, "; %zu of %zu sizes have loads on both sides of half success and are used",
                    capacity->curve_count, capacity->curve_count + capacity->left_out);
    }
    say_capped(measured, finding);
}

static enum status find_digits(const struct results *results, struct finding *finding) {
    struct measured measured;
    enum status status = measure(results, &measured);
    const struct capacity *capacity = measured.capacity;
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "capacity for infinite N, both estimators");
        measurement_set(m, &capacity->estimate);
        measurement_decides(m, CRITERION_WITHIN, 0.14, 0.005);
        report_estimators(capacity, finding);
        describe_sizes(measured.asynchronous, capacity, finding);
        say_estimators(&measured, finding);
        finding_say(finding, "; compared with 0.135 - 0.145, within which the whole interval must lie.");
        status = capacity_plot_curves(capacity, finding);
    }
    if (status == STATUS_OK) status = capacity_plot_extrapolation(capacity, finding);
    if (status == STATUS_OK)
        status = capacity_plot_dynamics(measured.asynchronous, measured.synchronous, finding);
    measured_clear(&measured);
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
    struct measured measured;
    enum status status = measure(results, &measured);
    const struct capacity *capacity = measured.capacity;
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "capacity for infinite N, both estimators");
        measurement_set(m, &capacity->estimate);
        measurement_decides(m, CRITERION_NEAR, theory_capacity(NULL), THEORY_TOLERANCE);
        if (m != NULL) m->precision = THEORY_PRECISION;
        describe_sizes(measured.asynchronous, capacity, finding);
        say_estimators(&measured, finding);
        compare_with_theory(capacity, finding);
        finding_capacity(finding, "Hebb", theory_capacity(NULL), &capacity->estimate,
                         "half of the retrievals overlap above 0.9, N to infinity");
        report_estimators(capacity, finding);
        status = capacity_plot_estimates(capacity, finding);
    }
    measured_clear(&measured);
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
