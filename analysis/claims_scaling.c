/* AP5: strong and weak scaling beside what the cost model allows, the base case in absolute terms, and the
 * roofline of one rank. Decided is that efficiency does not exceed the model's bound; how much of it is
 * reached is reported. */
#include <math.h>
#include <stdio.h>

#include "analysis/attention_scaling.h"
#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/roofline.h"
#include "core/base/memory.h"

/* Rates are measured just before a unit, on a problem of their own: they are good to about this. */
#define BOUND_TOLERANCE 0.1

enum { SCALING_KEY = 0x4150 + 5 };

static const char *const kind_names[] = {"strong", "weak"};

/* --- efficiency over bound ---------------------------------------------------------------------------- */

/* ln(efficiency / bound) of a point with its samples drawn anew. */
static double log_share(const struct scaling_point *point, struct resampler *resampler) {
    double seconds = sweep_point_median(&point->seconds, resampler);
    double base = sweep_point_median(&point->base_seconds, resampler);
    return log(point->work * base / seconds / point->bound);
}

/* The geometric mean over all points that have a bound; curves and samples are resampled. */
static void mean_share(const void *context, struct resampler *resampler, double *values) {
    const struct scaling_curves *curves = context;
    double sum = 0, count = 0;
    for (size_t i = 0; i < curves->curves; i++) {
        size_t curve = resample_one(resampler, curves->curves, i);
        for (size_t p = 0; p < curves->count; p++) {
            const struct scaling_point *point = &curves->points[p];
            if (point->curve != curve || isnan(point->bound)) continue;
            sum += log_share(point, resampler);
            count++;
        }
    }
    values[0] = exp(sum / count);
}

static size_t count_bounded(const struct scaling_curves *curves) {
    size_t count = 0;
    for (size_t i = 0; i < curves->count; i++)
        count += !isnan(curves->points[i].bound);
    return count;
}

static enum status report_share(const char *kind, const struct scaling_curves *curves,
                                struct finding *finding) {
    struct measurement *m = finding_measurement(finding, "1", "%s: efficiency over the model's bound", kind);
    measurement_decides(m, CRITERION_AT_MOST, 1, BOUND_TOLERANCE);
    size_t bounded = count_bounded(curves);
    if (bounded == 0) return STATUS_OK;
    struct interval share;
    CHECK(bootstrap_interval(mean_share, curves, SCALING_KEY, curves->curves, bounded, &share));
    if (curves->most_ranks < RANKS_LEAST && !(share.low > 1 + BOUND_TOLERANCE))
        m = finding_measurement(finding, "1", "%s, two ranks alone: efficiency over the model's bound", kind);
    measurement_set(m, &share);
    finding_say(finding, "%s: %zu points, %.2f of the bound on average; ", kind, curves->count, share.value);
    return STATUS_OK;
}

/* --- efficiency by schedule and ranks ----------------------------------------------------------------- */

static void report_most_ranks(const char *kind, size_t schedule, const struct scaling_efficiency *at,
                              struct finding *finding) {
    char model[32] = "none";
    if (!isnan(at->bound)) snprintf(model, sizeof model, "%.3f", at->bound);
    struct interval mean = {at->mean, at->low, at->high, at->low, at->high, at->count};
    if (at->count < 2) mean = interval_unknown(at->mean, at->count);
    measurement_set(finding_measurement(finding, "1", "%s, %s on %.0f ranks: efficiency (model: %s)", kind,
                                        split_schedules[schedule], at->ranks, model),
                    &mean);
}

static enum status plot_efficiency(size_t schedule, size_t count, const struct scaling_efficiency *all,
                                   struct plot *plot) {
    double x[SCALING_RANKS_MAX], y[SCALING_RANKS_MAX], low[SCALING_RANKS_MAX], high[SCALING_RANKS_MAX],
        bound[SCALING_RANKS_MAX];
    for (size_t i = 0; i < count; i++) {
        x[i] = all[i].ranks;
        y[i] = all[i].mean, low[i] = all[i].low, high[i] = all[i].high;
        bound[i] = all[i].bound;
    }
    char label[64];
    snprintf(label, sizeof label, "%s, model", split_schedules[schedule]);
    CHECK(plot_series(plot, split_schedules[schedule], PLOT_POINTS_LINES, (int)schedule + 1, count, x, y, low,
                      high));
    return plot_series(plot, label, PLOT_DASHED, (int)schedule + 1, count, x, bound, NULL, NULL);
}

static struct plot *start_efficiency_plot(enum scaling_kind kind, struct finding *finding) {
    static const char *const names[] = {"ap5_strong", "ap5_weak"};
    static const char *const titles[] = {"Strong scaling", "Weak scaling: as many rows a rank"};
    struct plot *plot = finding_plot(finding, names[kind], titles[kind], "ranks", "efficiency");
    if (plot == NULL) return NULL;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Rate of a rank over that of one rank alone: geometric mean over problems, bars: their range. Dashed: the "
        "cost model at rates measured just before each unit.");
    return plot;
}

static enum status report_efficiencies(enum scaling_kind kind, const struct scaling_curves *curves,
                                       struct finding *finding) {
    struct plot *plot = curves->count > 0 ? start_efficiency_plot(kind, finding) : NULL;
    for (size_t schedule = 0; schedule < SPLIT_SCHEDULES; schedule++) {
        struct scaling_efficiency all[SCALING_RANKS_MAX];
        size_t count = scaling_efficiencies(curves, schedule, all);
        if (count < 2) continue;
        report_most_ranks(kind_names[kind], schedule, &all[count - 1], finding);
        CHECK(plot_efficiency(schedule, count, all, plot));
    }
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
    CHECK(bootstrap_interval(sample_median, samples, SCALING_KEY, samples->count, samples->count, &seconds));
    measurement_set(finding_measurement(finding, "s", "base: time on one rank"), &seconds);
    struct interval rate = interval_exact(scaling_operations(base) / seconds.value / 1e9, samples->count);
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

static enum status report_kind(const struct selection *all, enum scaling_kind kind, double cores,
                               struct scaling_curves *curves, struct finding *finding) {
    enum status status = scaling_gather(all, kind, cores, curves);
    if (status == STATUS_OK && kind == SCALING_STRONG && curves->shared > 0)
        finding_say(
            finding,
            "%zu records left out: disturbed, or more threads than cores, where efficiencies mean nothing. ",
            curves->shared);
    if (status == STATUS_OK && kind == SCALING_STRONG) status = report_base(curves, finding);
    if (status == STATUS_OK) status = report_share(kind_names[kind], curves, finding);
    if (status == STATUS_OK) status = report_efficiencies(kind, curves, finding);
    finding->records += curves->count;
    if (curves->count > 0) finding_sizes(finding, "%s P = 1 ... %.0f", kind_names[kind], curves->most_ranks);
    scaling_clear(curves);
    return status;
}

static enum status find_scaling(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct scaling_curves *curves = memory_allocate(1, sizeof *curves);
    enum status status = curves == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    if (status == STATUS_OK)
        status = report_kind(&all, SCALING_STRONG, split_cores(results), curves, finding);
    if (status == STATUS_OK) status = report_kind(&all, SCALING_WEAK, split_cores(results), curves, finding);
    if (status == STATUS_OK) {
        finding_say(
            finding,
            "decided: efficiency is at most the model's, whose rates are good to %.0f %%; it takes %d ranks "
            "with a core for every thread.",
            100 * BOUND_TOLERANCE, RANKS_LEAST);
        status = roofline_report(results, finding);
    }
    selection_destroy(&all);
    memory_free(curves);
    return status;
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
