/* HC5a: how the capacity of learning rules beyond Hebb's grows with the size. HC5b: claims_rules_capacity.c.
 */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/fit.h"
#include "analysis/rule_table.h"
#include "core/base/memory.h"

/* Of an exponent, as in HC4. Storkey's N / sqrt(2 ln N) has 0.91 at N = 200. */
#define EXPONENT_TOLERANCE 0.1
#define EXPONENT_PRECISION 0.1

struct power {
    double factor, exponent;
};

static double power_at(double x, const void *context) {
    const struct power *power = context;
    return power->factor * pow(x, power->exponent);
}

/* The straight line through the series that was added last: its triangle, and what it leaves. */
static enum status plot_power(struct plot *plot, int colour, size_t count, struct finding *finding) {
    const struct series *points = plot_last_series(plot);
    struct power power;
    if (points == NULL || fit_power(count, points->x, points->y, &power.factor, &power.exponent) != STATUS_OK)
        return STATUS_OK;
    plot_add_slope(plot, colour, power.exponent, power.factor, points->x[0], points->x[count - 1]);
    return finding_residuals(finding, plot, points, RESIDUAL_RATIO, power_at, &power);
}

static enum status plot_growth(const struct rule_memory *memories, enum rule_criterion criterion,
                               struct finding *finding) {
    struct plot *plot = finding_plot(finding, criterion == RULE_PERFECT ? "hc5a_perfect" : "hc5a_retrieved",
                                     criterion == RULE_PERFECT ? "All patterns are fixed points"
                                                               : "Half of the retrievals succeed",
                                     "neurons N", "patterns P");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption, "%s",
        criterion == RULE_PERFECT
            ? "Number of patterns at which all of them are fixed points in half of the sets, with 95 % "
              "intervals over sets. Dashed: N."
            : "Number of patterns at which half of the retrievals from a stored pattern end above overlap "
              "0.9, with 95 % intervals over pattern sets. Thin line: N.");
    plot->x_log = plot->y_log = true;
    double smallest = INFINITY, widest = 0;
    for (size_t r = 0; r < RULE_COUNT; r++) {
        double x[RULE_SIZES_MAX], y[RULE_SIZES_MAX], low[RULE_SIZES_MAX], high[RULE_SIZES_MAX];
        size_t count = 0;
        for (size_t i = 0; i < memories[r].size_count; i++) {
            const struct rule_size *size = &memories[r].sizes[i];
            const struct interval *load = &size->capacity[criterion];
            if (!interval_is_bounded(load)) continue;
            x[count] = size->neurons, y[count] = load->value * size->neurons;
            low[count] = load->low * size->neurons, high[count++] = load->high * size->neurons;
            smallest = fmin(smallest, size->neurons), widest = fmax(widest, size->neurons);
        }
        CHECK(plot_series(plot, rule_names[r].label, rule_table_style(r), rule_table_colour(r), count, x, y,
                          low, high));
        if (count >= RULE_SIZES_LEAST) CHECK(plot_power(plot, rule_table_colour(r), count, finding));
    }
    double ends[2] = {smallest, widest};
    return widest > 0 ? plot_series(plot, "N", PLOT_LINES, PERCEPTRON_SYMMETRIC, 2, ends, ends, NULL, NULL)
                      : STATUS_OK;
}

static void report_exponents(const struct rule_memory *memories, enum rule_criterion criterion,
                             struct finding *finding) {
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_memory *memory = &memories[r];
        struct measurement *m = finding_measurement(finding, "1", "exponent of P in N, %s, %s",
                                                    rule_criteria[criterion], rule_names[r].label);
        if (m == NULL) return;
        measurement_set(m, &memory->exponent[criterion]);
        if (r == HEBB) continue;
        measurement_decides(m, CRITERION_NEAR, 1, EXPONENT_TOLERANCE);
        m->precision = EXPONENT_PRECISION;
        m->definition = criterion;
    }
}

static enum status find_growth(const struct results *results, struct finding *finding) {
    struct rule_memory *memories;
    enum status status = rule_table_measure(results, &memories);
    if (status == STATUS_OK) {
        report_exponents(memories, RULE_RETRIEVED, finding);
        report_exponents(memories, RULE_PERFECT, finding);
        rule_table_describe(memories, finding);
        finding_say(
            finding,
            "Exponent of the number of patterns in the number of neurons, by least squares over %d sizes or more, "
            "compared with 1 +- %.1f, all rules but Hebb's under each of two definitions: half of the "
            "asynchronous retrievals from a stored pattern end above overlap 0.9; all patterns are fixed points "
            "in half of the sets. Intervals are widened by how far sizes miss a power law beyond their errors; %d sizes "
            "at least refute. Exponents are those of the sizes that were run: what 1/sqrt(N) or a logarithm "
            "does to the load is in them.",
            RULE_SIZES_LEAST, EXPONENT_TOLERANCE, RULE_SIZES_REFUTE);
        status = plot_growth(memories, RULE_RETRIEVED, finding);
        if (status == STATUS_OK) status = plot_growth(memories, RULE_PERFECT, finding);
    }
    memory_free(memories);
    return status;
}

const struct claim claim_rule_growth = {
    .id = "HC5a",
    .statement = "Better learning rules store O(N) patterns",
    .source = "Chapter 8; Kanter & Sompolinsky 1987; Storkey 1997; Gardner 1988; Fachechi et al. 2019",
    .prediction = "exponent 1 +- 0.1",
    .sources = {{"rule_capacity", RULE_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_growth,
};
