/* AP5: strong and weak scaling beside what the cost model allows, the base case in absolute terms, and the
 * roofline of one rank. Decided is that efficiency does not exceed the model's bound; how much of it is
 * reached is reported. */
#include <math.h>
#include <stdio.h>

#include "analysis/attention_scaling.h"
#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/rank_scaling_report.h"
#include "analysis/roofline.h"
#include "core/base/memory.h"

enum { BASE_KEY = 0x4150 + 5 };

/* --- plots -------------------------------------------------------------------------------------------- */

static struct plot *start_plot(enum scaling_kind kind, struct finding *finding) {
    static const char *const names[] = {"ap5_strong", "ap5_weak"};
    static const char *const titles[] = {"Strong scaling", "Weak scaling: as many rows a rank"};
    struct plot *plot = finding_plot(finding, names[kind], titles[kind], "ranks", "efficiency");
    if (plot == NULL) return NULL;
    plot->x_log = plot->beside = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Rate of a rank over that of one rank alone: geometric mean over problems, bars: their range, of a "
        "single problem the 95 %% interval. Dashed: the cost model at rates measured just before each "
        "unit. Points of as many ranks stand beside each other.");
    return plot;
}

static enum status plot_schedules(enum scaling_kind kind, const struct scaling_curves *curves,
                                  struct finding *finding) {
    static const struct scaling_view view = {.bounds = true, .first_colour = 1};
    struct plot *plot = curves->count > 0 ? start_plot(kind, finding) : NULL;
    for (size_t schedule = 0; schedule < SPLIT_SCHEDULES; schedule++)
        CHECK(scaling_plot_way(&view, &attention_scaling, schedule, curves, plot));
    return STATUS_OK;
}

/* --- the base in absolute terms ------------------------------------------------------------------------ */

/* The base that took longest. */
static const struct scaling_point *largest(const struct scaling_curves *curves) {
    const struct scaling_point *most = NULL;
    for (size_t i = 0; i < curves->count; i++)
        if (most == NULL || curves->points[i].base_seconds.typical > most->base_seconds.typical)
            most = &curves->points[i];
    return most;
}

static void sample_median(const void *context, struct resampler *resampler, double *values) {
    values[0] = sweep_point_median(context, resampler);
}

static enum status report_base(const struct scaling_curves *curves, struct finding *finding) {
    const struct scaling_point *point = largest(curves);
    if (point == NULL) return STATUS_OK;
    const struct record *base = point->base;
    const struct sweep_point *samples = &point->base_seconds;
    struct interval seconds;
    CHECK(bootstrap_interval(sample_median, samples, BASE_KEY, samples->count, samples->count, &seconds));
    measurement_set(finding_measurement(finding, "s", "base: time on one rank"), &seconds);
    struct interval rate = interval_exact(attention_operations(base) / seconds.value / 1e9, samples->count);
    measurement_set(finding_measurement(finding, "GF/s", "base: rate of visible pairs on one rank"), &rate);
    finding_say(
        finding,
        "Largest base on one rank: B %.0f, L %.0f, H %.0f/%.0f, d %.0f, %s, threads %.0f: %.3g s, %.1f GF/s. ",
        record_real(base, "batch"), record_real(base, "length"), record_real(base, "heads"),
        record_real(base, "kv_heads"), record_real(base, "head_width"), record_string(base, "mask"),
        record_real(base, "threads"), seconds.value, rate.value);
    return STATUS_OK;
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status report_curves(enum scaling_kind kind, const struct scaling_curves *curves,
                                 struct finding *finding) {
    if (kind == SCALING_STRONG && curves->shared > 0)
        finding_say(
            finding,
            "%zu records left out: disturbed, or more threads than cores, where efficiencies mean nothing. ",
            curves->shared);
    if (kind == SCALING_STRONG) CHECK(report_base(curves, finding));
    CHECK(scaling_report_share(kind, "the model's bound", curves, finding));
    CHECK(scaling_report_ways(kind, &attention_scaling, curves, finding));
    finding->records += curves->count;
    if (curves->count > 0)
        finding_sizes(finding, "%s P = 1 ... %.0f", scaling_kind_names[kind], curves->most_ranks);
    return plot_schedules(kind, curves, finding);
}

static enum status report_kind(const struct results *results, enum scaling_kind kind,
                               struct scaling_curves *curves, struct finding *finding) {
    enum status status = scaling_gather(results, &attention_scaling, kind, curves);
    if (status == STATUS_OK) status = report_curves(kind, curves, finding);
    scaling_clear(curves);
    return status;
}

static enum status find_scaling(const struct results *results, struct finding *finding) {
    struct scaling_curves *curves = memory_allocate(1, sizeof *curves);
    if (curves == NULL) return STATUS_NO_MEMORY;
    enum status status = report_kind(results, SCALING_STRONG, curves, finding);
    if (status == STATUS_OK) status = report_kind(results, SCALING_WEAK, curves, finding);
    memory_free(curves);
    CHECK(status);
    finding_say(
        finding,
        "decided: efficiency is at most the model's, whose rates are good to %.0f %%; it takes %d ranks "
        "with a core for every thread.",
        100 * SCALING_BOUND_TOLERANCE, RANKS_LEAST);
    return roofline_report(results, finding);
}

const struct claim claim_attention_scaling = {
    .id = "AP5",
    .statement = "Strong and weak scaling of attention stays within what computing and messages cost",
    .source = "Cost model of each schedule; roofline: Williams, Waterman & Patterson 2009",
    .prediction = "efficiency at most the model's",
    .sources =
        {{"attention",
          "batch length head_width heads kv_heads mask ranks threads schedule_used seconds_core flops_core "
          "seconds_predicted disturbed"},
         {"machine", "ranks threads fma_f32 blas_f32 bandwidth"}},
    .decided_by = DECIDED_BY_CLUSTER,
    .find = find_scaling,
};
