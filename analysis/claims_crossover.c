/* CX6: up to which length self-attention is cheaper than the other layers. Compared with the chapter's orders
 * read as lengths (definition 1) and with the constants that counting gives (definition 0). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/cheapest.h"
#include "analysis/claims_all.h"
#include "analysis/crossing.h"
#include "analysis/crossover_map.h"
#include "analysis/finding.h"

/* The predictions count leading terms; softmax, gates and biases shift the crossing by a few per cent at
 * widths of a hundred. */
#define CROSSOVER_TOLERANCE 0.05

enum { CROSSOVER_KEY = 0x4358 + 6 };

/* --- one rival ---------------------------------------------------------------------------------------- */

/* A measured crossing as a multiple of the predicted one. */
static struct interval relative_to(struct interval at, double prediction) {
    return (struct interval){at.value / prediction,   at.low / prediction,      at.high / prediction,
                             at.low_999 / prediction, at.high_999 / prediction, at.n};
}

static void decide_against(const struct comparison *comparison, const struct rival *rival,
                           const struct aspect *aspect, const struct crossing *crossing,
                           struct finding *finding) {
    const char *part = aspect->layer ? "layer" : "core";
    double constants = theory_crossover(rival->kind, comparison->width, rival->kernel_size, aspect->layer);
    struct measurement *m;
    if (constants <= 0) {
        m = finding_measurement(finding, "1", "%s cheaper than %s, FLOPs: lengths (predicted: never)", part,
                                rival->name);
        measurement_decides(m, CRITERION_NEAR, 0, 0);
        struct interval lengths = interval_exact((double)crossing->cheaper, crossing->places);
        if (crossing->places >= SWEEP_POINTS_LEAST) measurement_set(m, &lengths);
        return;
    }
    m = finding_measurement(finding, "1", "%s/%s, FLOPs: L* over prediction %.0f", part, rival->name,
                            constants);
    measurement_decides(m, CRITERION_NEAR, 1, CROSSOVER_TOLERANCE);
    struct interval relative = relative_to(crossing->at, constants);
    measurement_set(m, &relative);
    if (aspect->layer) return; /* the chapter's orders speak of the core */
    double order = theory_crossover_order(rival->kind, comparison->width, rival->kernel_size);
    m = finding_measurement(finding, "1", "%s/%s, FLOPs: L* over the chapter's order %.0f", part, rival->name,
                            order);
    measurement_decides(m, CRITERION_NEAR, 1, CROSSOVER_TOLERANCE);
    if (m != NULL) m->definition = 1;
    relative = relative_to(crossing->at, order);
    measurement_set(m, &relative);
}

static enum status plot_cost(struct plot *plot, const char *label, int colour, const struct sweep *sweep) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX];
    for (size_t i = 0; i < sweep->count; i++) {
        x[i] = sweep->points[i].x;
        y[i] = sweep->points[i].typical / sweep->points[i].x;
    }
    return plot_series(plot, label, PLOT_POINTS_LINES, colour, sweep->count, x, y, NULL, NULL);
}

static void say_crossing(const struct rival *rival, const struct aspect *aspect,
                         const struct crossing *crossing, bool first, struct finding *finding) {
    if (aspect->layer) return;
    const char *separator = first ? "" : ",";
    if (crossing->places < 2) {
        finding_say(finding, "%s unknown (%s)", separator, rival->name);
        return;
    }
    const char *side = isinf(crossing->at.high) ? "above " : isinf(crossing->at.low) ? "below " : "";
    finding_say(finding, "%s %s%.0f (%s)", separator, side, crossing->at.value, rival->name);
}

static enum status compare_rival(const struct results *results, const struct comparison *comparison,
                                 const struct rival *rival, const struct aspect *aspect,
                                 const struct sweep *attention, struct plot *plot, int colour,
                                 struct finding *finding) {
    struct sweep sweep = {0};
    struct crossing crossing;
    enum status status = crossover_rival(results, comparison, rival, aspect, &sweep);
    if (status == STATUS_OK) status = crossing_measure(attention, &sweep, CROSSOVER_KEY, &crossing);
    if (status == STATUS_OK) {
        if (aspect->time) {
            struct measurement *m = finding_measurement(finding, "1", "%s/%s, time: L*",
                                                        aspect->layer ? "layer" : "core", rival->name);
            measurement_set(m, &crossing.at);
        } else {
            decide_against(comparison, rival, aspect, &crossing, finding);
            finding->records += aspect->layer ? 0 : sweep.records;
        }
        say_crossing(rival, aspect, &crossing, colour == 1, finding);
        status = plot_cost(plot, rival->name, colour, &sweep);
    }
    sweep_clear(&sweep);
    return status;
}

/* --- the row ------------------------------------------------------------------------------------------ */

static struct plot *aspect_plot(const struct comparison *comparison, const struct aspect *aspect,
                                struct finding *finding) {
    char name[48], title[120];
    const char *part = aspect->layer ? "layer" : "core", *what = aspect->time ? "time" : "flops";
    snprintf(name, sizeof name, "cx6_%s_%s", part, what);
    snprintf(title, sizeof title, "%s per position at width %.0f: attention %s and its rivals",
             aspect->time ? "Time" : "Operations", comparison->width,
             aspect->layer ? "with projections" : "core");
    struct plot *plot =
        finding_plot(finding, name, title, "length L", aspect->time ? "seconds / L" : "operations / L");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Attention grows with L, the others do not: attention is cheaper to the left of the crossing. Medians; batch "
        "%.0f, %.0f thread%s.",
        comparison->batch, comparison->threads, comparison->threads == 1 ? "" : "s");
    return plot;
}

static enum status compare_aspect(const struct results *results, const struct comparison *comparison,
                                  const struct aspect *aspect, struct finding *finding) {
    struct sweep attention;
    CHECK(crossover_attention(results, comparison, aspect, &attention));
    struct plot *plot = aspect_plot(comparison, aspect, finding);
    enum status status = plot_cost(plot, "attention", 0, &attention);
    for (size_t i = 0; i < comparison->rival_count && status == STATUS_OK; i++) {
        status = compare_rival(results, comparison, &comparison->rivals[i], aspect, &attention, plot,
                               (int)i + 1, finding);
    }
    if (!aspect->layer && !aspect->time) finding->records += attention.records;
    sweep_clear(&attention);
    return status;
}

/* A rival without records leaves the row open: every layer that the claim names is to be compared. */
static void report_missing(const struct comparison *comparison, struct finding *finding) {
    for (enum theory_rival kind = 0; kind < RIVAL_COUNT; kind++) {
        size_t i = 0;
        while (i < comparison->rival_count && comparison->rivals[i].kind != kind)
            i++;
        if (i < comparison->rival_count) continue;
        struct measurement *m =
            finding_measurement(finding, "1", "core/%s, FLOPs: L* over prediction", theory_rival_name(kind));
        measurement_decides(m, CRITERION_NEAR, 1, CROSSOVER_TOLERANCE);
        finding_say(finding, " No records of %s at the width and batch of attention.",
                    theory_rival_name(kind));
    }
}

/* All four aspects of the comparison with the most rivals. */
static enum status compare_best(const struct results *results, const struct comparison *best,
                                struct finding *finding) {
    finding_sizes(finding, "width %.0f, batch %.0f, %zu rivals", best->width, best->batch, best->rival_count);
    finding_say(
        finding,
        "At width %.0f the core of attention does as many executed FLOPs as the others at L* =", best->width);
    for (size_t i = 0; i < CROSSOVER_ASPECTS; i++) {
        if (i == CROSSOVER_CORE_TIME) finding_say(finding, "; in time");
        CHECK(compare_aspect(results, best, &crossover_aspects[i], finding));
    }
    finding_say(
        finding,
        ". L* in FLOPs is compared, to +-%.0f %%, with the prediction that counts constants and, as a second "
        "definition, with the chapter's orders d and k d read as lengths; L* in time is only reported.",
        100 * CROSSOVER_TOLERANCE);
    return STATUS_OK;
}

/* The same prediction at every other width, all rivals: the one that is farthest off. */
static void decide_widths(const struct crossover_widths *widths, struct finding *finding) {
    if (widths->widths < 2) return;
    struct measurement *m = finding_measurement(
        finding, "1", "core, FLOPs, %zu widths: farthest L* from its prediction", widths->widths);
    struct interval farthest = interval_exact(widths->farthest, widths->crossings);
    measurement_set(m, &farthest);
    measurement_decides(m, CRITERION_AT_MOST, 0, CROSSOVER_TOLERANCE);
}

static enum status find_crossovers(const struct results *results, struct finding *finding) {
    static const struct comparison nothing;
    struct comparisons comparisons;
    CHECK(crossover_find(results, &comparisons));
    const struct comparison *best = comparisons.best;
    if (best != NULL) {
        struct crossover_widths widths;
        CHECK(compare_best(results, best, finding));
        CHECK(crossover_map(results, &comparisons, finding, &widths));
        decide_widths(&widths, finding);
    }
    report_missing(best != NULL ? best : &nothing, finding);
    return cheapest_report(results, finding);
}

const struct claim claim_crossovers = {
    .id = "CX6",
    .statement = "Attention is cheaper than recurrence when L < d, than convolution when L < k d",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, section 4",
    .prediction = "with constants: RNN d, GRU 3d, LSTM 4d, convolution k d / 2; orders: d, k d",
    .sources =
        {{"attention", "batch length head_width heads kv_heads mask ranks threads schedule flops_core "
                       "flops_softmax flops_projections seconds_core seconds_projections disturbed"},
         {"recurrent", "cell batch length width layers directions ranks threads flops seconds disturbed"},
         {"convolution",
          "batch length width kernel_size dilation reads channels ranks threads flops seconds disturbed"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_crossovers,
};
