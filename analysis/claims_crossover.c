/* CX6: up to which length self-attention is cheaper than the other layers. Compared with the chapter's orders
 * read as lengths (definition 1) and with the constants that counting gives (definition 0). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/crossing.h"
#include "analysis/finding.h"
#include "analysis/theory.h"

/* The predictions count leading terms; softmax, gates and biases shift the crossing by a few per cent at
 * widths of a hundred. */
#define CROSSOVER_TOLERANCE 0.05

enum { CROSSOVER_KEY = 0x4358 + 6, KERNELS_MAX = 3, RIVALS_MAX = RIVAL_CONVOLUTION + KERNELS_MAX };

static const char *const attention_fixed[] = {"batch", "head_width", "heads",    "kv_heads", "mask",
                                              "ranks", "threads",    "schedule", NULL};
static const char *const convolution_fixed[] = {"batch", "width",    "kernel_size", "dilation",
                                                "reads", "channels", "threads",     NULL};
static const char *const recurrent_fixed[] = {"batch",      "width",   "cell", "layers",
                                              "directions", "threads", NULL};

/* What attention is compared with. */
struct rival {
    enum theory_rival kind;
    double kernel_size;
    char name[32];
};

/* One comparison: attention and rivals of one width, batch and number of threads. */
struct comparison {
    const struct record *attention; /* one of the records */
    double width, batch, threads;
    size_t rival_count;
    struct rival rivals[RIVALS_MAX];
};

static double width_of(const struct record *record) {
    return record_real(record, "heads") * record_real(record, "head_width");
}

static bool is_plain_attention(const struct record *record) {
    return strcmp(record_string(record, "mask"), "full") == 0 && record_real(record, "ranks") == 1 &&
           record_real(record, "kv_heads") == record_real(record, "heads");
}

/* The rival's records at the comparison's width. */
static enum status select_rival(const struct results *results, const struct comparison *comparison,
                                const struct rival *rival, struct selection *selection) {
    bool convolution = rival->kind == RIVAL_CONVOLUTION;
    CHECK(selection_create(results, convolution ? "convolution" : "recurrent", selection));
    selection_keep(selection, record_is_on_one_rank);
    selection_keep_number(selection, "width", comparison->width);
    selection_keep_number(selection, "batch", comparison->batch);
    selection_keep_number(selection, "threads", comparison->threads);
    if (convolution) {
        selection_keep_number(selection, "dilation", 1);
        if (rival->kernel_size > 0) selection_keep_number(selection, "kernel_size", rival->kernel_size);
    } else {
        selection_keep_text(selection, "cell", theory_rival_name(rival->kind));
    }
    return STATUS_OK;
}

static void add_rival(struct comparison *comparison, enum theory_rival kind, double kernel_size) {
    for (size_t i = 0; i < comparison->rival_count; i++) {
        const struct rival *known = &comparison->rivals[i];
        if (known->kind == kind && known->kernel_size == kernel_size) return;
    }
    if (comparison->rival_count == RIVALS_MAX) return;
    struct rival *rival = &comparison->rivals[comparison->rival_count++];
    *rival = (struct rival){.kind = kind, .kernel_size = kernel_size};
    if (kind == RIVAL_CONVOLUTION)
        snprintf(rival->name, sizeof rival->name, "convolution k=%.0f", kernel_size);
    else
        snprintf(rival->name, sizeof rival->name, "%s", theory_rival_name(kind));
}

/* Fills in the rivals that have records at the comparison's width. */
static enum status find_rivals(const struct results *results, struct comparison *comparison) {
    for (enum theory_rival kind = 0; kind < RIVAL_COUNT; kind++) {
        struct rival any = {.kind = kind};
        struct selection selection;
        CHECK(select_rival(results, comparison, &any, &selection));
        for (size_t i = 0; i < selection.count; i++) {
            double kernel_size =
                kind == RIVAL_CONVOLUTION ? record_real(selection.records[i], "kernel_size") : 0;
            if (kernel_size >= 0) add_rival(comparison, kind, kernel_size);
        }
        selection_destroy(&selection);
    }
    return STATUS_OK;
}

static size_t lengths_of(const struct selection *selection, const struct record *first) {
    size_t count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        count += records_agree(first, selection->records[i], attention_fixed);
    }
    return count;
}

/* The group of attention records with the most rivals; among equals the one with more records. */
static enum status choose_comparison(const struct results *results, const struct selection *attention,
                                     struct comparison *best) {
    size_t best_lengths = 0;
    *best = (struct comparison){0};
    for (size_t i = 0; i < attention->count; i++) {
        const struct record *first = attention->records[i];
        size_t earlier = 0, lengths = lengths_of(attention, first);
        while (earlier < i && !records_agree(attention->records[earlier], first, attention_fixed))
            earlier++;
        if (earlier < i || lengths < SWEEP_POINTS_LEAST) continue;
        struct comparison candidate = {.attention = first,
                                       .width = width_of(first),
                                       .batch = record_real(first, "batch"),
                                       .threads = record_real(first, "threads")};
        CHECK(find_rivals(results, &candidate));
        bool better = candidate.rival_count > best->rival_count ||
                      (candidate.rival_count == best->rival_count && lengths > best_lengths);
        if (candidate.rival_count == 0 || !better) continue;
        *best = candidate;
        best_lengths = lengths;
    }
    return STATUS_OK;
}

/* --- one rival ---------------------------------------------------------------------------------------- */

/* One of the four ways to compare: core or whole layer, work or time. */
struct aspect {
    bool layer, time;
    const char *attention[4], *rival[2]; /* columns to add up, ended by NULL */
};

static const struct aspect aspects[] = {
    {false, false, {"flops_core", "flops_softmax"}, {"flops"}},
    {true, false, {"flops_core", "flops_softmax", "flops_projections"}, {"flops"}},
    {false, true, {"seconds_core"}, {"seconds"}},
    {true, true, {"seconds_core", "seconds_projections"}, {"seconds"}},
};
enum { ASPECTS = sizeof aspects / sizeof aspects[0] };

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
    const char *side = isinf(crossing->at.high) ? "above " : crossing->at.low == 0 ? "below " : "";
    finding_say(finding, "%s %s%.0f (%s)", separator, side, crossing->at.value, rival->name);
}

static enum status compare_rival(const struct results *results, const struct comparison *comparison,
                                 const struct rival *rival, const struct aspect *aspect,
                                 const struct sweep *attention, struct plot *plot, int colour,
                                 struct finding *finding) {
    struct selection selection;
    struct sweep sweep = {0};
    struct crossing crossing;
    CHECK(select_rival(results, comparison, rival, &selection));
    if (aspect->time) selection_keep(&selection, record_is_undisturbed);
    enum status status = sweep_find(&selection, "length",
                                    rival->kind == RIVAL_CONVOLUTION ? convolution_fixed : recurrent_fixed,
                                    aspect->rival, &sweep);
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
    selection_destroy(&selection);
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

/* Attention's own curve: of all its records, the group that was chosen. */
static enum status attention_curve(const struct results *results, const struct comparison *comparison,
                                   const struct aspect *aspect, struct sweep *sweep) {
    struct selection own;
    CHECK(selection_create(results, "attention", &own));
    selection_keep(&own, is_plain_attention);
    if (aspect->time) selection_keep(&own, record_is_undisturbed);
    size_t kept = 0;
    for (size_t i = 0; i < own.count; i++) {
        if (records_agree(comparison->attention, own.records[i], attention_fixed))
            own.records[kept++] = own.records[i];
    }
    own.count = kept;
    enum status status = sweep_find(&own, "length", attention_fixed, aspect->attention, sweep);
    selection_destroy(&own);
    return status;
}

static enum status compare_aspect(const struct results *results, const struct comparison *comparison,
                                  const struct aspect *aspect, struct finding *finding) {
    struct sweep attention;
    CHECK(attention_curve(results, comparison, aspect, &attention));
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

static enum status find_crossovers(const struct results *results, struct finding *finding) {
    struct selection attention;
    struct comparison comparison;
    CHECK(selection_create(results, "attention", &attention));
    selection_keep(&attention, is_plain_attention);
    enum status status = choose_comparison(results, &attention, &comparison);
    selection_destroy(&attention);
    if (status != STATUS_OK) return status;
    if (comparison.rival_count > 0) {
        finding_sizes(finding, "width %.0f, batch %.0f, %zu rivals", comparison.width, comparison.batch,
                      comparison.rival_count);
        finding_say(finding,
                    "At width %.0f the core of attention does as many executed FLOPs as the others at L* =",
                    comparison.width);
    }
    for (size_t i = 0; i < ASPECTS && status == STATUS_OK && comparison.rival_count > 0; i++) {
        if (aspects[i].time && !aspects[i].layer) finding_say(finding, "; in time");
        status = compare_aspect(results, &comparison, &aspects[i], finding);
    }
    if (comparison.rival_count > 0) {
        finding_say(
            finding,
            ". L* in FLOPs is compared, to +-%.0f %%, with the prediction that counts constants and, as a second "
            "definition, with the chapter's orders d and k d read as lengths; L* in time is only reported.",
            100 * CROSSOVER_TOLERANCE);
    }
    report_missing(&comparison, finding);
    return status;
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
