/* SP2: strong and weak scaling of split convolution and recurrence, beside attention's. Decided is that no
 * split gains more than the work of its busiest rank leaves; how much it gains is reported. */
#include <stdio.h>

#include "analysis/attention_scaling.h"
#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/layer_scaling.h"
#include "analysis/layer_split.h"
#include "analysis/rank_scaling_report.h"
#include "analysis/scaling_chart.h"
#include "core/base/memory.h"

enum { IDEAL_COLOUR = 7 };

/* By kind: the layers' curves, and attention's to compare with. */
struct all_curves {
    struct scaling_curves layers[SCALING_KINDS], attention[SCALING_KINDS];
};

static const char *const attention_ways[SPLIT_SCHEDULES] = {"attention by heads",      "attention by ring",
                                                            "attention by all-gather", "attention by ulysses",
                                                            "attention by hybrid",     "attention by tiles"};

/* Attention's records under names that stand beside the layers'. */
static struct scaling_subject attention_beside(void) {
    struct scaling_subject subject = attention_scaling;
    subject.way_names = attention_ways;
    return subject;
}

static struct plot *start_plot(enum scaling_kind kind, struct finding *finding) {
    static const char *const names[] = {"sp2_strong", "sp2_weak"};
    static const char *const titles[] = {"Strong scaling of all layers", "Weak scaling of all layers"};
    static const char *const y_labels[] = {"time on one rank over time", "efficiency"};
    static const char *const captions[] = {
        "Time of the same problem on one rank over its time on P",
        "Rate of a rank over that of one rank alone; a rank keeps its sequences, positions, units or layers, "
        "attention its rows"};
    struct plot *plot = finding_plot(finding, names[kind], titles[kind], "ranks", y_labels[kind]);
    if (plot == NULL) return NULL;
    plot->x_log = plot->beside = true;
    plot->y_log = kind == SCALING_STRONG;
    snprintf(plot->caption, sizeof plot->caption,
             "%s: geometric mean over problems, bars: their range, of a single problem the 95 %% interval. "
             "Dashed: ranks that cost nothing. Points of as many ranks stand beside each other.",
             captions[kind]);
    return plot;
}

/* Heads and ring stand for attention: its two ends. */
static bool is_beside(size_t schedule) {
    return split_schedule_is_needed(schedule);
}

static enum status plot_kind(enum scaling_kind kind, const struct all_curves *curves,
                             struct finding *finding) {
    const struct scaling_view view = {.gain = kind == SCALING_STRONG, .first_colour = 0};
    const struct scaling_view beside = {.gain = view.gain, .first_colour = LAYER_SPLIT_WAYS};
    const struct scaling_subject attention = attention_beside();
    const struct scaling_curves *layers = &curves->layers[kind];
    if (layers->count == 0) return STATUS_OK;
    struct plot *plot = start_plot(kind, finding);
    for (size_t way = 0; way < LAYER_SPLIT_WAYS; way++)
        CHECK(scaling_plot_way(&view, &convolution_scaling, way, layers, plot));
    for (size_t way = 0; way < SPLIT_SCHEDULES; way++)
        if (is_beside(way)) CHECK(scaling_plot_way(&beside, &attention, way, &curves->attention[kind], plot));
    double ranks[] = {1, layers->most_ranks}, ideal[] = {1, view.gain ? ranks[1] : 1};
    return plot_series(plot, "ideal", PLOT_DASHED, IDEAL_COLOUR, 2, ranks, ideal, NULL, NULL);
}

/* --- all splits on their most ranks ------------------------------------------------------------------- */

/* One row of the chart for each way that was run in either kind. */
static enum status chart_ways(const struct scaling_subject *subject, bool (*shown)(size_t way),
                              const struct scaling_curves *curves, struct scaling_chart *chart) {
    for (size_t way = 0; way < subject->ways; way++)
        if (shown == NULL || shown(way)) CHECK(scaling_chart_way(chart, subject, way, curves));
    return STATUS_OK;
}

static enum status chart_all(const struct all_curves *curves, struct finding *finding) {
    const struct scaling_subject attention = attention_beside();
    if (curves->layers[SCALING_STRONG].count + curves->layers[SCALING_WEAK].count == 0) return STATUS_OK;
    struct scaling_chart chart = {
        .plot = finding_plot(finding, "sp2_most_ranks", "All splits on the most ranks", "efficiency", "")};
    if (chart.plot == NULL) return STATUS_OK;
    CHECK(chart_ways(&convolution_scaling, NULL, curves->layers, &chart));
    CHECK(chart_ways(&attention, is_beside, curves->attention, &chart));
    return scaling_chart_end(&chart);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status report_kind(enum scaling_kind kind, const struct all_curves *curves,
                               struct finding *finding) {
    const struct scaling_subject attention = attention_beside();
    const struct scaling_curves *layers = &curves->layers[kind];
    CHECK(scaling_report_share(kind, "its bound", layers, finding));
    CHECK(scaling_report_ways(kind, &convolution_scaling, layers, finding));
    if (layers->count == 0) return STATUS_OK;
    CHECK(scaling_report_ways(kind, &attention, &curves->attention[kind], finding));
    finding->records += layers->count;
    finding_sizes(finding, "%s P = 1 ... %.0f", scaling_kind_names[kind], layers->most_ranks);
    return plot_kind(kind, curves, finding);
}

static enum status report_all(const struct all_curves *curves, struct finding *finding) {
    if (curves->layers[SCALING_STRONG].shared > 0)
        finding_say(finding, "%zu records left out: disturbed, or more threads than cores. ",
                    curves->layers[SCALING_STRONG].shared);
    CHECK(report_kind(SCALING_STRONG, curves, finding));
    CHECK(report_kind(SCALING_WEAK, curves, finding));
    CHECK(chart_all(curves, finding));
    finding_say(
        finding,
        "decided: efficiency is at most what counted work allows, its mean over ranks over that of the "
        "busiest, with a pipeline's filling and draining, to %.0f %%; weights that fit a cache only when "
        "split may exceed it. It takes %d ranks with a core for every thread.",
        100 * SCALING_BOUND_TOLERANCE, RANKS_LEAST);
    return STATUS_OK;
}

static enum status gather(const struct results *results, struct all_curves *curves) {
    for (int i = 0; i < SCALING_KINDS; i++) {
        enum scaling_kind kind = (enum scaling_kind)i;
        CHECK(scaling_gather(results, &convolution_scaling, kind, &curves->layers[i]));
        CHECK(scaling_gather(results, &recurrence_scaling, kind, &curves->layers[i]));
        CHECK(scaling_gather(results, &attention_scaling, kind, &curves->attention[i]));
    }
    return STATUS_OK;
}

static enum status find_scaling(const struct results *results, struct finding *finding) {
    struct all_curves *curves = memory_allocate(1, sizeof *curves);
    if (curves == NULL) return STATUS_NO_MEMORY;
    enum status status = gather(results, curves);
    if (status == STATUS_OK) status = report_all(curves, finding);
    for (int kind = 0; kind < SCALING_KINDS; kind++) {
        scaling_clear(&curves->layers[kind]);
        scaling_clear(&curves->attention[kind]);
    }
    memory_free(curves);
    return status;
}

const struct claim claim_layer_scaling = {
    .id = "SP2",
    .statement =
        "Split convolution and recurrence gain at most what the work of their busiest rank leaves, as "
        "attention does (AP5)",
    .source = "Amdahl 1967, Gustafson 1988; pipeline of C chunks over A stages: C / (C + A - 1)",
    .prediction = "efficiency at most the bound",
    .sources =
        {{"convolution", "batch length width kernel_size dilation reads channels ranks split threads seconds "
                         "flops flops_rank disturbed"},
         {"recurrent", "cell batch length width layers directions ranks split chunk threads seconds flops "
                       "flops_rank disturbed"},
         {"attention", "batch length head_width heads kv_heads mask ranks threads schedule_used seconds_core "
                       "disturbed"}},
    .decided_by = DECIDED_BY_CLUSTER,
    .find = find_scaling,
};
