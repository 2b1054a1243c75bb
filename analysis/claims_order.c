/* HC4a: how the capacity of an associative memory of order K grows with its size. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/order_growth.h"
#include "analysis/order_memory.h"
#include "analysis/theory_order.h"

/* The share of wrong neurons at which sizes are compared; of the final state, an overlap of 0.99. */
#define ORDER_SHARE 0.005
/* Of an exponent. At these sizes corrections of relative size 1/N tilt a line by some 0.05. */
#define ORDER_EXPONENT_TOLERANCE 0.1

enum { ORDER_KEY = 0x4843 + 4 };

static const char *const error_names[GROWTH_ERROR_COUNT] = {"first step", "final"};

static struct plot *growth_plot(struct finding *finding, enum growth_error error) {
    struct plot *plot = finding_plot(
        finding, error == GROWTH_FIRST_STEP ? "hc4a_first_step" : "hc4a_final",
        error == GROWTH_FIRST_STEP ? "Patterns at which 0.5 % of a pattern's neurons flip in the first step"
                                   : "Patterns at which retrieved states overlap by 0.99",
        "neurons N", "patterns P");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Interpolated in the load, with 95 %% intervals over pattern sets; lines: power laws through the "
        "points, exponents in the legend.%s",
        error == GROWTH_FIRST_STEP
            ? " Dashed: load at which the theory for many neurons has that share."
            : " Dashed: no error at all, N^{K-1} / (2 (2K-3)!! ln N) (Krotov & Hopfield 2016).");
    return plot;
}

struct law {
    double factor, exponent;
    bool without_errors;
};

static double law_at(double neurons, const void *context) {
    const struct law *law = context;
    double patterns = law->factor * pow(neurons, law->exponent);
    return law->without_errors ? patterns / (2 * log(neurons)) : patterns;
}

static enum status plot_growth(const struct order_memory *memory, enum growth_error error,
                               const struct growth *growth, struct finding *finding) {
    struct plot *plot = finding->plot_count > (size_t)error ? &finding->plots[error] : NULL;
    double y[GROWTH_SIZES_MAX], low[GROWTH_SIZES_MAX], high[GROWTH_SIZES_MAX];
    char label[64];
    if (plot == NULL || growth->count == 0) return STATUS_OK;
    for (size_t i = 0; i < growth->count; i++) {
        y[i] = growth->patterns[i].value;
        low[i] = growth->patterns[i].low, high[i] = growth->patterns[i].high;
    }
    snprintf(label, sizeof label, "K = %d, %s: %.2f", memory->order, memory->family, growth->exponent.value);
    CHECK(
        plot_series(plot, label, PLOT_POINTS, memory->number, growth->count, growth->neurons, y, low, high));
    const struct series *points = plot_last_series(plot);
    double first = growth->neurons[0], last = growth->neurons[growth->count - 1];
    struct law law = {growth->factor, growth->exponent.value, false};
    CHECK(plot_curve(plot, "", PLOT_LINES, memory->number, first, last, 1, law_at, &law));
    if (isfinite(law.exponent)) {
        plot_add_slope(plot, memory->number, law.exponent, law.factor, first, last);
        CHECK(finding_residuals(finding, plot, points, RESIDUAL_RATIO, law_at, &law));
    }
    bool final = error == GROWTH_FINAL;
    if (final && memory->distinct) return STATUS_OK;
    double load = final ? 1 : theory_order_first_step_load(ORDER_SHARE);
    law = (struct law){load / memory->scale, memory->order - 1, final};
    return plot_curve(plot, "", PLOT_DASHED, memory->number, first, last, 1, law_at, &law);
}

/* The constant of the first-step law at the largest size. */
static void report_constant(const struct order_memory *memory, const struct growth *growth,
                            struct finding *finding) {
    if (growth->count == 0) return;
    double neurons = growth->neurons[growth->count - 1], power = pow(neurons, memory->order - 1);
    struct interval constant = interval_scaled(growth->patterns[growth->count - 1], 1 / power);
    if (memory->order > 2) {
        char model[48];
        snprintf(model, sizeof model, "order %d, %s", memory->order,
                 memory->distinct ? "distinct tuples" : "full powers");
        struct interval patterns = interval_scaled(growth->patterns[growth->count - 1], 1 / neurons);
        finding_capacity(finding, model,
                         theory_order_first_step_load(ORDER_SHARE) / memory->scale * power / neurons,
                         &patterns, "0.5 %% of the neurons wrong in the first step, N = %.0f", neurons);
    }
    measurement_set(finding_measurement(finding, "1", "P/N^%d at N = %.0f, %s, first step (law: %.4g)",
                                        memory->order - 1, neurons, memory->family,
                                        theory_order_first_step_load(ORDER_SHARE) / memory->scale),
                    &constant);
}

static enum status measure_exponent(const struct order_memory *memory, struct finding *finding) {
    for (enum growth_error error = 0; error < GROWTH_ERROR_COUNT; error++) {
        struct growth growth;
        CHECK(growth_measure(memory->retrieval, error, ORDER_SHARE, ORDER_KEY, &growth));
        struct measurement *m = finding_measurement(finding, "1", "exponent in N, K = %d, %s, %s",
                                                    memory->order, memory->family, error_names[error]);
        measurement_set(m, &growth.exponent);
        measurement_decides(m, CRITERION_NEAR, memory->order - 1, ORDER_EXPONENT_TOLERANCE);
        if (m != NULL) {
            m->precision = ORDER_EXPONENT_TOLERANCE;
            m->definition = memory->distinct * GROWTH_ERROR_COUNT + (int)error;
        }
        m = finding_measurement(finding, "1", "  beside a factor exp(c/N), K = %d, %s, %s", memory->order,
                                memory->family, error_names[error]);
        measurement_set(m, &growth.corrected);
        if (error == GROWTH_FIRST_STEP) report_constant(memory, &growth, finding);
        CHECK(plot_growth(memory, error, &growth, finding));
        if (growth.count > 0 && error == GROWTH_FIRST_STEP && !memory->distinct)
            finding_sizes(finding, "K = %d: N = %.0f ... %.0f, %zu sets", memory->order, growth.neurons[0],
                          growth.neurons[growth.count - 1], growth.fewest_sets);
        if (error == GROWTH_FIRST_STEP) finding->records += memory->retrieval->set_count;
    }
    return STATUS_OK;
}

static enum status find_exponent(const struct results *results, struct finding *finding) {
    for (enum growth_error error = 0; error < GROWTH_ERROR_COUNT; error++)
        growth_plot(finding, error);
    finding_say(
        finding,
        "The largest number of patterns at which 0.5 %% of the neurons are wrong, in the first step from "
        "a stored pattern or in the final state, against the number of neurons: exponents of straight "
        "lines in log-log for K = 2, 3, 4, full powers and distinct tuples each under both definitions, "
        "compared with K - 1 to +-%.1f; at these sizes terms of relative size 1/N raise them a little, "
        "which a factor exp(c/N) takes off.",
        ORDER_EXPONENT_TOLERANCE);
    return for_each_order_memory(results, measure_exponent, finding);
}

const struct claim claim_order_exponent = {
    .id = "HC4a",
    .statement = "A memory of order K stores O(N^(K-1)) patterns",
    .source = "Chapter 8; Gardner 1987; Krotov & Hopfield 2016",
    .prediction = "exponents K - 1 +- 0.1 for K = 2, 3, 4",
    .sources = {{"order_capacity", ORDER_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_exponent,
};
