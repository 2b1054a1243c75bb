/* HC7a, HC7b: the capacity of networks of complex neurons. */
#include <math.h>
#include <stdio.h>

#include "analysis/capacity.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/theory.h"
#include "analysis/theory_phasor.h"
#include "core/base/memory.h"

/* A trial succeeds above this overlap: below the end of the branch for any number of states (0.90 for any
 * phase, 0.95 and more for few states), above what is left beyond it. */
#define PHASOR_SUCCESS_OVERLAP 0.75
/* Of a capacity against mean field, relative. */
#define PHASOR_TOLERANCE 0.05

enum { PHASOR_KEY = 0x4843 + 7, PHASOR_COUNT = 7, ANY_PHASE = 0, ANY_PHASE_DRAWN = 32 };

#define PHASOR_COLUMNS "neurons states load initial_overlap patterns overlap capped first_step_errors"

static const int all_states[PHASOR_COUNT] = {3, 4, 5, 6, 8, 16, ANY_PHASE};

/* What is known of the networks of one number of states. */
struct phasor {
    int states;
    char name[16]; /* "q = 3", "any phase" */
    double theory; /* mean field */
    struct retrieval *retrieval;
    struct capacity capacity;
};

static void phasors_clear(struct phasor *phasors) {
    for (size_t i = 0; phasors != NULL && i < PHASOR_COUNT; i++)
        retrieval_destroy(&phasors[i].retrieval);
    memory_free(phasors);
}

static enum status phasor_measure(const struct results *results, int states, struct phasor *phasor) {
    struct selection selection;
    phasor->states = states;
    phasor->theory = theory_phasor_capacity(states, NULL);
    if (states == ANY_PHASE)
        snprintf(phasor->name, sizeof phasor->name, "any phase");
    else
        snprintf(phasor->name, sizeof phasor->name, "q = %d", states);
    CHECK(selection_create(results, "phasor_capacity", &selection));
    selection_keep_number(&selection, "states", states);
    selection_keep_number(&selection, "initial_overlap", 1);
    enum status status = retrieval_gather(&selection, PHASOR_SUCCESS_OVERLAP, &phasor->retrieval);
    selection_destroy(&selection);
    return status == STATUS_OK ? capacity_measure(phasor->retrieval, PHASOR_KEY, &phasor->capacity) : status;
}

/* phasors[PHASOR_COUNT]; to be cleared even on failure. */
static enum status phasors_measure(const struct results *results, struct phasor **phasors) {
    *phasors = memory_allocate(PHASOR_COUNT, sizeof **phasors);
    if (*phasors == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < PHASOR_COUNT; i++)
        CHECK(phasor_measure(results, all_states[i], &(*phasors)[i]));
    return STATUS_OK;
}

/* The capacity that rows speak of: the half-success load for infinite size, both ways of extrapolating. */
static struct interval capacity_times(const struct phasor *phasor, double factor) {
    return interval_scaled(phasor->capacity.by_half, factor);
}

/* Information per real weight: a complex weight is two real ones. */
static double bits_per_weight(int states) {
    return 0.5 * log2(states);
}

static void describe(const struct phasor *phasors, struct finding *finding) {
    size_t fewest = SIZE_MAX, complete = 0;
    double smallest = INFINITY, largest = 0;
    for (size_t i = 0; i < PHASOR_COUNT; i++) {
        const struct capacity *capacity = &phasors[i].capacity;
        finding->records += capacity->used_sets;
        complete += isfinite(capacity->by_half.value);
        if (capacity->curve_count == 0) continue;
        smallest = fmin(smallest, capacity->curves[0].size->neurons);
        largest = fmax(largest, capacity->curves[capacity->curve_count - 1].size->neurons);
        if (capacity->fewest_sets < fewest) fewest = capacity->fewest_sets;
    }
    if (largest > 0)
        finding_sizes(finding, "N = %.0f ... %.0f, at least %zu pattern sets per load; %zu of %d q", smallest,
                      largest, fewest, complete, PHASOR_COUNT);
}

/* --- plots ---------------------------------------------------------------------------------------------- */

/* Measured capacities over q with what `factor` makes of them, and mean field's. */
static enum status plot_over_states(const struct phasor *phasors, bool bits, struct plot *plot) {
    double x[PHASOR_COUNT], y[PHASOR_COUNT], low[PHASOR_COUNT], high[PHASOR_COUNT];
    double at[PHASOR_COUNT], theory[PHASOR_COUNT];
    size_t count = 0, places = 0;
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    plot->x_low = 2.5, plot->x_high = 40;
    for (size_t i = 0; i < PHASOR_COUNT; i++) {
        bool any = phasors[i].states == ANY_PHASE;
        if (bits && any) continue;
        double factor = bits ? bits_per_weight(phasors[i].states) : 1;
        struct interval interval = capacity_times(&phasors[i], factor);
        at[places] = any ? ANY_PHASE_DRAWN : phasors[i].states;
        theory[places++] = factor * phasors[i].theory;
        if (!isfinite(interval.low) || !isfinite(interval.high)) continue;
        x[count] = at[places - 1], y[count] = interval.value;
        low[count] = interval.low, high[count++] = interval.high;
    }
    CHECK(plot_series(plot, "half success, N to infinity", PLOT_POINTS, 0, count, x, y, low, high));
    CHECK(plot_series(plot, "mean field", PLOT_DASHED, 1, places, at, theory, NULL, NULL));
    double ends[2] = {plot->x_low, plot->x_high}, binary[2] = {theory_capacity(NULL), theory_capacity(NULL)};
    return plot_series(plot, "binary neurons", PLOT_LINES, 2, 2, ends, binary, NULL, NULL);
}

static enum status plot_capacities(const struct phasor *phasors, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc7a_patterns", "Patterns per neuron fall with the states",
                                     "states q (any phase at 32)", "load P/N");
    if (plot != NULL)
        snprintf(
            plot->caption, sizeof plot->caption,
            "Load at which half of the trials end above overlap %.2f, extrapolated to infinitely many neurons, "
            "95 %% intervals; mean field; the capacity of binary neurons.",
            PHASOR_SUCCESS_OVERLAP);
    CHECK(plot_over_states(phasors, false, plot));
    plot = finding_plot(finding, "hc7a_bits", "Information per real weight", "states q", "bits per weight");
    if (plot != NULL)
        snprintf(
            plot->caption, sizeof plot->caption,
            "Capacity times log2(q)/2: bits of the patterns per real weight, two to a complex one. A binary "
            "network has its capacity in bits per weight.");
    return plot_over_states(phasors, true, plot);
}

static enum status plot_sizes(const struct phasor *phasors, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc7b_sizes", "Half-success loads against the size", "N^{-1/2}",
                                     "load over mean field");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Load at which half of the trials succeed over mean field's capacity, with 95 %% intervals over pattern "
        "sets; at 0: extrapolated. Those of one size stand beside each other.");
    double widest = 0;
    plot->beside = true;
    for (size_t i = 0; i < PHASOR_COUNT; i++) {
        double x[CAPACITY_SIZES_MAX + 1], y[CAPACITY_SIZES_MAX + 1];
        double low[CAPACITY_SIZES_MAX + 1], high[CAPACITY_SIZES_MAX + 1];
        const struct capacity *capacity = &phasors[i].capacity;
        size_t count = 0;
        for (size_t k = 0; k <= capacity->curve_count; k++) {
            bool end = k == capacity->curve_count;
            const struct interval *half = end ? &capacity->by_half : &capacity->curves[k].half;
            if (!isfinite(half->low) || !isfinite(half->high)) continue;
            x[count] = end ? 0 : 1 / sqrt(capacity->curves[k].size->neurons);
            widest = fmax(widest, x[count]);
            y[count] = half->value / phasors[i].theory, low[count] = half->low / phasors[i].theory;
            high[count++] = half->high / phasors[i].theory;
        }
        CHECK(plot_series(plot, phasors[i].name, PLOT_POINTS_LINES, (int)i, count, x, y, low, high));
    }
    double ends[2] = {0, widest}, one[2] = {1, 1};
    return plot_series(plot, "mean field", PLOT_DASHED, PHASOR_COUNT, 2, ends, one, NULL, NULL);
}

/* --- the rows ------------------------------------------------------------------------------------------- */

/* Definition 0: any phase. 1: three states, by patterns and by bits. The others are shown. */
static void compare_with_binary(const struct phasor *phasors, struct finding *finding) {
    for (size_t i = 0; i < PHASOR_COUNT; i++) {
        const struct phasor *phasor = &phasors[i];
        struct interval patterns = capacity_times(phasor, 1);
        struct measurement *m = finding_measurement(finding, "1", "patterns per neuron, %s (mean field %.4f)",
                                                    phasor->name, phasor->theory);
        measurement_set(m, &patterns);
        if (phasor->states != 3 && phasor->states != ANY_PHASE) continue;
        measurement_decides(m, CRITERION_AT_LEAST, theory_capacity(NULL), 0);
        if (m != NULL) m->definition = phasor->states == 3, m->precision = 0.5 * theory_capacity(NULL);
    }
    for (size_t i = 0; i < PHASOR_COUNT; i++) {
        const struct phasor *phasor = &phasors[i];
        if (phasor->states == ANY_PHASE) continue;
        double factor = bits_per_weight(phasor->states);
        struct interval bits = capacity_times(phasor, factor);
        struct measurement *m = finding_measurement(finding, "bit", "per real weight, %s (mean field %.4f)",
                                                    phasor->name, factor * phasor->theory);
        measurement_set(m, &bits);
        if (phasor->states != 3) continue;
        measurement_decides(m, CRITERION_AT_LEAST, theory_capacity(NULL), 0);
        if (m != NULL) m->definition = 1, m->precision = 0.5 * theory_capacity(NULL);
    }
}

static enum status find_complex(const struct results *results, struct finding *finding) {
    struct phasor *phasors;
    enum status status = phasors_measure(results, &phasors);
    if (status == STATUS_OK) {
        compare_with_binary(phasors, finding);
        describe(phasors, finding);
        finding_say(
            finding,
            "Hebbian networks of complex neurons beside binary ones of as many neurons, whose capacity is "
            "%.4f patterns per neuron and as many bits per weight: the load at which half of the trials "
            "succeed, extrapolated to infinite N as in HC1. One definition: neurons of any phase. The other: of three "
            "states, patterns per neuron and bits per real weight. Other numbers of states stand beside; four "
            "states are a binary network of twice the size, with the same load.",
            theory_capacity(NULL));
        status = plot_capacities(phasors, finding);
    }
    phasors_clear(phasors);
    return status;
}

static enum status find_mean_field(const struct results *results, struct finding *finding) {
    struct phasor *phasors;
    enum status status = phasors_measure(results, &phasors);
    for (size_t i = 0; i < PHASOR_COUNT && status == STATUS_OK; i++) {
        const struct phasor *phasor = &phasors[i];
        const struct capacity *capacity = &phasor->capacity;
        struct interval ratio = capacity_times(phasor, 1 / phasor->theory);
        struct measurement *m = finding_measurement(finding, "1", "capacity over mean field's %.4f, %s",
                                                    phasor->theory, phasor->name);
        measurement_set(m, &ratio);
        measurement_decides(m, CRITERION_NEAR, 1, PHASOR_TOLERANCE);
        if (m != NULL) m->precision = PHASOR_TOLERANCE;
        if (capacity->curve_count == 0) continue;
        const struct success_curve *last = &capacity->curves[capacity->curve_count - 1];
        measurement_set(finding_measurement(finding, "1", "  half success at N = %.0f, %s",
                                            last->size->neurons, phasor->name),
                        &last->half);
    }
    if (status == STATUS_OK) {
        describe(phasors, finding);
        for (size_t i = 0; i < PHASOR_COUNT; i++) {
            char model[48];
            snprintf(model, sizeof model, "phasors, %s", phasors[i].name);
            finding_capacity(finding, model, phasors[i].theory, &phasors[i].capacity.by_half,
                             "half of the retrievals overlap above %.2f, N to infinity",
                             PHASOR_SUCCESS_OVERLAP);
        }
        finding_say(
            finding,
            "Load at which half of the trials started at a stored pattern end above overlap %.2f, extrapolated to "
            "infinite N as in HC1: with corrections N^-1/2 and 1/N and with one fitted, the interval spanning both; compared with mean field's "
            "capacity to +-%.0f %%. Mean field says where retrieval minima exist, zero-temperature dynamics "
            "may stay or leave elsewhere; half-success loads at the sizes that are run lie well above.",
            PHASOR_SUCCESS_OVERLAP, 100 * PHASOR_TOLERANCE);
        status = plot_sizes(phasors, finding);
    }
    phasors_clear(phasors);
    return status;
}

const struct claim claim_phasor_capacity = {
    .id = "HC7a",
    .statement = "Networks of complex neurons store more patterns than binary ones",
    .source = "Chapter 8; Noest 1988; Cook 1989",
    .prediction = "more than 0.1379 per neuron",
    .sources = {{"phasor_capacity", PHASOR_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_complex,
};

const struct claim claim_phasor_mean_field = {
    .id = "HC7b",
    .statement =
        "Retrieval by complex neurons ends where mean field has it, at fewer patterns the more states",
    .source = "Noest 1988; Cook 1989",
    .prediction = ".207, .138, .098, .072, .044, .037, .0377 +- 5 %",
    .sources = {{"phasor_capacity", PHASOR_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_mean_field,
};
