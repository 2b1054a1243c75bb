/* HC6: what a Boltzmann machine of visible units recalls, and what learning it costs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/boltzmann_curve.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "core/base/memory.h"

/* Of Kojima, Nonaka & Da-Te 1995, who give one digit. */
#define CLAIMED_LOAD   0.6
#define LOAD_TOLERANCE 0.05

enum { BOLTZMANN_KEY = 0x4843 + 6, NEURONS_LEAST = 20, RULES = 4, TRAININGS = 3, EPOCHS_MAX = 24 };

/* Each with every start that has flipped neurons: a definition. */
enum definition_kind { KIND_TIES_KEPT, KIND_TIES_LOST, KIND_BIASED };

static const struct rule {
    const char *name, *title;
} rules[RULES] = {{"boltzmann", "Boltzmann"},
                  {"minimum_probability_flow", "probability flow"},
                  {"hebb", "Hebb"},
                  {"pseudo_inverse", "pseudo-inverse"}};

/* --- measurements --------------------------------------------------------------------------------------- */

/* One figure. The claim is that every pattern is recalled and has a basin: from the pattern itself nothing is
 * decided. */
static enum status decide_start(const struct recall_curve *curve, enum recall_criterion start,
                                enum definition_kind kind, struct measurement *m) {
    struct interval threshold;
    CHECK(recall_threshold(curve, start, kind == KIND_TIES_LOST ? TIES_LOST : TIES_KEPT, BOLTZMANN_KEY,
                           &threshold));
    measurement_set(m, &threshold);
    if (m == NULL || start == RECALL_NONE || curve->neurons < NEURONS_LEAST) return STATUS_OK;
    measurement_decides(m, CRITERION_NEAR, CLAIMED_LOAD, LOAD_TOLERANCE);
    m->precision = LOAD_TOLERANCE;
    m->definition = (int)kind * RECALL_CRITERIA + (int)start;
    return STATUS_OK;
}

/* The longest training. */
static enum status decide_machine(const struct recall_curve *curve, struct finding *finding) {
    for (int c = 0; c < RECALL_CRITERIA; c++)
        CHECK(decide_start(curve, c, KIND_TIES_KEPT,
                           finding_measurement(finding, "1", "half recall all, %s, N = %.0f, %.0f epochs",
                                               recall_names[c], curve->neurons, curve->epochs)));
    for (int c = 0; c < RECALL_CRITERIA; c++)
        CHECK(decide_start(curve, c, KIND_TIES_LOST,
                           finding_measurement(finding, "1", "  zero fields lost, %s, %.0f epochs",
                                               recall_names[c], curve->epochs)));
    return STATUS_OK;
}

/* A shorter training: a point of the learning curve. */
static enum status report_training(const struct recall_curve *curve, struct finding *finding) {
    for (int c = 0; c < RECALL_CRITERIA; c++) {
        struct interval threshold;
        CHECK(recall_threshold(curve, c, TIES_KEPT, BOLTZMANN_KEY, &threshold));
        measurement_set(finding_measurement(finding, "1", "  learning curve, %s, N = %.0f, %.0f epochs",
                                            recall_names[c], curve->neurons, curve->epochs),
                        &threshold);
    }
    return STATUS_OK;
}

/* Other curves under the first two criteria and the strictest, for information. */
static enum status report_beside(const struct recall_curve *curve, const char *title,
                                 struct finding *finding) {
    if (curve == NULL) return STATUS_OK;
    for (int c = 0; c < RECALL_CRITERIA; c++) {
        struct interval threshold;
        CHECK(recall_threshold(curve, c, TIES_KEPT, BOLTZMANN_KEY, &threshold));
        measurement_set(
            finding_measurement(finding, "1", "  %s, %s, N = %.0f", title, recall_names[c], curve->neurons),
            &threshold);
    }
    return STATUS_OK;
}

/* Trained for less long than the machine without biases, they are no definition of the claim but reported. */
static enum status decide_biased(const struct recall_curve *curve, const struct recall_curve *machine,
                                 struct finding *finding) {
    if (curve != NULL && curve->epochs < machine->epochs) return report_beside(curve, "with biases", finding);
    for (int c = 0; c < RECALL_CRITERIA && curve != NULL; c++)
        CHECK(decide_start(curve, c, KIND_BIASED,
                           finding_measurement(finding, "1", "  with biases, %s, N = %.0f", recall_names[c],
                                               curve->neurons)));
    return STATUS_OK;
}

/* Operations of learning the same number of patterns, over Hebb's. */
static void report_cost(const struct recall_curve *curve, const struct recall_curve *hebb, const char *title,
                        struct finding *finding) {
    if (curve == NULL || hebb == NULL) return;
    for (size_t i = hebb->count; i-- > 0;) {
        for (size_t k = 0; k < curve->count; k++) {
            if (curve->cells[k].patterns != hebb->cells[i].patterns) continue;
            double ratio = curve->cells[k].operations / hebb->cells[i].operations;
            if (!(ratio > 0) || !isfinite(ratio)) continue;
            struct interval exact = interval_exact(ratio, 1);
            measurement_set(finding_measurement(finding, "1",
                                                "  operations of learning over Hebb's, %s, P = %.0f", title,
                                                hebb->cells[i].patterns),
                            &exact);
            return;
        }
    }
}

/* --- plots ---------------------------------------------------------------------------------------------- */

static enum status plot_share(const struct recall_curve *curve, enum recall_criterion criterion,
                              const char *label, int colour, struct plot *plot) {
    double x[RECALL_LOADS_MAX], y[RECALL_LOADS_MAX], low[RECALL_LOADS_MAX], high[RECALL_LOADS_MAX];
    for (size_t i = 0; i < curve->count; i++) {
        const struct recall_cell *cell = &curve->cells[i];
        struct interval share =
            interval_of_proportion((size_t)cell->successes[criterion][TIES_KEPT], (size_t)cell->networks);
        x[i] = cell->patterns / curve->neurons;
        y[i] = share.value, low[i] = share.low, high[i] = share.high;
    }
    return plot_series(plot, label, PLOT_POINTS_LINES, colour, curve->count, x, y, low, high);
}

static struct plot *share_plot(struct finding *finding, const char *name, const char *title) {
    struct plot *plot = finding_plot(finding, name, title, "load P/N", "networks recalling all, share");
    if (plot == NULL) return NULL;
    plot->y_low = -0.03, plot->y_high = 1.03;
    return plot;
}

static enum status plot_criteria(const struct recall_curve *curve, struct finding *finding) {
    struct plot *plot = share_plot(finding, "hc6_recall", "All patterns of a Boltzmann machine recalled");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "N = %.0f visible units, %.0f epochs, averages %s; recall at temperature 0 from the patterns with "
        "neurons flipped. 95 %% Wilson intervals over networks. Dashed: half at load 0.6.",
        curve->neurons, curve->epochs,
        strcmp(record_string(curve->first, "expectation"), "exact") == 0 ? "over all states"
                                                                         : "over persistent chains");
    for (int c = 0; c < RECALL_CRITERIA; c++)
        CHECK(plot_share(curve, c, recall_names[c], c, plot));
    double x[2] = {CLAIMED_LOAD, CLAIMED_LOAD}, y[2] = {0, 1};
    return plot_series(plot, "claimed", PLOT_DASHED, RECALL_CRITERIA, 2, x, y, NULL, NULL);
}

static enum status plot_rules(const struct recall_curves *curves, double neurons, struct finding *finding) {
    struct plot *plot = share_plot(finding, "hc6_rules", "Rules under one criterion");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "N = %.0f, every pattern recalled from one random flipped neuron. 95 %% Wilson intervals over networks.",
        neurons);
    for (int r = 0; r < RULES; r++) {
        const struct recall_curve *curve = recall_curve_find(curves, rules[r].name, "no", neurons, INFINITY);
        if (curve != NULL) CHECK(plot_share(curve, RECALL_ONE, rules[r].title, r, plot));
    }
    return STATUS_OK;
}

/* The size whose curves of several epochs cross one half most often. */
static double epochs_size(const struct recall_curves *curves) {
    double best = 0;
    size_t most = 1;
    for (size_t i = 0; i < curves->count; i++) {
        double neurons = curves->curves[i].neurons, below = INFINITY;
        size_t count = 0;
        const struct recall_curve *curve;
        while ((curve = recall_curve_find(curves, "boltzmann", "no", neurons, below)) != NULL)
            below = curve->epochs, count++;
        if (count > most || (count == most && neurons > best)) most = count, best = neurons;
    }
    return best;
}

static enum status plot_epochs(const struct recall_curves *curves, struct finding *finding) {
    double neurons = epochs_size(curves);
    struct plot *plot =
        neurons == 0
            ? NULL
            : finding_plot(finding, "hc6_epochs", "Capacity grows with learning time", "epochs", "load P/N");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "N = %.0f: load at which half of the networks recall all patterns, with 95 %% intervals over networks. "
        "Dashed: 0.6.",
        neurons);
    double ends[2] = {INFINITY, 0};
    for (int c = 0; c < RECALL_CRITERIA; c++) {
        double x[EPOCHS_MAX], y[EPOCHS_MAX], low[EPOCHS_MAX], high[EPOCHS_MAX], below = INFINITY;
        size_t count = 0;
        const struct recall_curve *curve;
        while (count < EPOCHS_MAX &&
               (curve = recall_curve_find(curves, "boltzmann", "no", neurons, below)) != NULL) {
            struct interval threshold;
            CHECK(recall_threshold(curve, c, TIES_KEPT, BOLTZMANN_KEY, &threshold));
            below = curve->epochs;
            if (!isfinite(threshold.value)) continue;
            ends[0] = fmin(ends[0], curve->epochs), ends[1] = fmax(ends[1], curve->epochs);
            x[count] = curve->epochs, y[count] = threshold.value;
            low[count] = threshold.low, high[count++] = threshold.high;
        }
        CHECK(plot_series(plot, recall_names[c], PLOT_POINTS_LINES, c, count, x, y, low, high));
    }
    double claimed[2] = {CLAIMED_LOAD, CLAIMED_LOAD};
    return plot_series(plot, "claimed", PLOT_DASHED, RECALL_CRITERIA, ends[1] > 0 ? 2 : 0, ends, claimed,
                       NULL, NULL);
}

/* The largest smaller size, where averages were over all states; NULL: none. */
static const struct recall_curve *exact_beside(const struct recall_curves *curves,
                                               const struct recall_curve *machine) {
    const struct recall_curve *best = NULL;
    for (size_t i = 0; i < curves->count; i++) {
        double neurons = curves->curves[i].neurons;
        if (!(neurons < machine->neurons) || (best != NULL && neurons <= best->neurons)) continue;
        const struct recall_curve *curve = recall_curve_find(curves, "boltzmann", "no", neurons, INFINITY);
        if (curve != NULL && strcmp(record_string(curve->first, "expectation"), "exact") == 0) best = curve;
    }
    return best;
}

/* --- the row -------------------------------------------------------------------------------------------- */

static enum status report_curves(const struct recall_curves *curves, const struct recall_curve *machine,
                                 struct finding *finding) {
    double neurons = machine->neurons;
    const struct recall_curve *hebb = recall_curve_find(curves, "hebb", "no", neurons, INFINITY);
    CHECK(decide_machine(machine, finding));
    CHECK(decide_biased(recall_curve_find(curves, "boltzmann", "yes", 0, INFINITY), machine, finding));
    const struct recall_curve *training = machine;
    for (int number = 1; number < TRAININGS; number++) {
        training = recall_curve_find(curves, "boltzmann", "no", neurons, training->epochs);
        if (training == NULL) break;
        CHECK(report_training(training, finding));
    }
    CHECK(report_beside(exact_beside(curves, machine), "exact gradient", finding));
    for (int r = 1; r < RULES; r++)
        CHECK(report_beside(recall_curve_find(curves, rules[r].name, "no", neurons, INFINITY), rules[r].title,
                            finding));
    report_cost(machine, hebb, rules[0].title, finding);
    report_cost(recall_curve_find(curves, rules[1].name, "no", neurons, INFINITY), hebb, rules[1].title,
                finding);
    for (int c = 0; c < RECALL_CRITERIA; c++) {
        struct interval threshold;
        CHECK(recall_threshold(machine, c, TIES_KEPT, BOLTZMANN_KEY, &threshold));
        finding_capacity(finding, "Boltzmann machine", CLAIMED_LOAD, &threshold,
                         "half of the networks recall all, %s, N = %.0f", recall_names[c], neurons);
    }
    finding_sizes(finding, "N = %.0f, %.0f epochs of step %g, %.0f networks a load", neurons, machine->epochs,
                  record_real(machine->first, "step"), machine->cells[0].networks);
    CHECK(plot_criteria(machine, finding));
    CHECK(plot_rules(curves, neurons, finding));
    return plot_epochs(curves, finding);
}

static enum status find_boltzmann(const struct results *results, struct finding *finding) {
    struct recall_curves *curves;
    CHECK(recall_curves_create(results, &curves));
    finding_say(
        finding,
        "The load at which half of the networks of visible units recall every one of their random patterns exactly at "
        "temperature 0, compared with %.1f to +-%.2f after the longest training. The claim is of patterns with a basin: "
        "definitions are one random flipped neuron, a random tenth flipped, and each single flip, with zero fields kept "
        "and with them lost, and with biases; recall from the patterns themselves and shorter training (the learning "
        "curve) are reported. Not comparable with HC1, where single patterns of large networks may have a "
        "few errors; controls stand beside under the same criterion. Needs N >= %d.",
        CLAIMED_LOAD, LOAD_TOLERANCE, NEURONS_LEAST);
    for (size_t i = 0; i < curves->count; i++)
        finding->records += curves->curves[i].records;
    const struct recall_curve *machine = recall_curve_find(curves, "boltzmann", "no", 0, INFINITY);
    enum status status = machine == NULL ? STATUS_OK : report_curves(curves, machine, finding);
    memory_free(curves);
    return status;
}

const struct claim claim_boltzmann = {
    .id = "HC6",
    .statement = "A Boltzmann machine stores 0.6 N patterns",
    .source = "Chapter 8; Kojima, Nonaka & Da-Te 1995",
    .prediction = "0.6 +- 0.05, every pattern recalled and with a basin",
    .sources = {{"boltzmann_capacity", RECALL_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_boltzmann,
};
