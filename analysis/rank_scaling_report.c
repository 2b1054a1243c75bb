#include "analysis/rank_scaling_report.h"

#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"

enum { SHARE_KEY = 0x4150 + 5 };

const char *const scaling_kind_names[] = {"strong", "weak"};

/* --- efficiency over bound ---------------------------------------------------------------------------- */

/* The geometric mean over all points that have a bound; curves and samples are resampled. */
static void mean_share(const void *context, struct resampler *resampler, double *values) {
    const struct scaling_curves *curves = context;
    double sum = 0, count = 0;
    for (size_t i = 0; i < curves->curves; i++) {
        size_t curve = resample_one(resampler, curves->curves, i);
        for (size_t p = 0; p < curves->count; p++) {
            const struct scaling_point *point = &curves->points[p];
            if (point->curve != curve || isnan(point->bound)) continue;
            sum += log(scaling_redrawn(point, resampler) / point->bound);
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

enum status scaling_report_share(enum scaling_kind kind, const char *bound,
                                 const struct scaling_curves *curves, struct finding *finding) {
    const char *name = scaling_kind_names[kind];
    struct measurement *m = finding_measurement(finding, "1", "%s: efficiency over %s", name, bound);
    measurement_decides(m, CRITERION_AT_MOST, 1, SCALING_BOUND_TOLERANCE);
    size_t bounded = count_bounded(curves);
    if (bounded == 0) return STATUS_OK;
    struct interval share;
    CHECK(bootstrap_interval(mean_share, curves, SHARE_KEY, curves->curves, bounded, &share));
    if (curves->most_ranks < RANKS_LEAST && !(share.low > 1 + SCALING_BOUND_TOLERANCE))
        m = finding_measurement(finding, "1", "%s, two ranks alone: efficiency over %s", name, bound);
    measurement_set(m, &share);
    finding_say(finding, "%s: %zu points, %.2f of the bound on average; ", name, curves->count, share.value);
    return STATUS_OK;
}

/* --- efficiency by way and ranks ---------------------------------------------------------------------- */

static void report_most_ranks(const char *kind, const char *way, const struct scaling_efficiency *at,
                              struct finding *finding) {
    char bound[32] = "none";
    if (!isnan(at->bound)) snprintf(bound, sizeof bound, "%.3f", at->bound);
    struct interval mean = {at->mean, at->low, at->high, at->low, at->high, at->count};
    if (at->count < 2) mean.low_999 = -INFINITY, mean.high_999 = INFINITY;
    measurement_set(finding_measurement(finding, "1", "%s, %s on %.0f ranks: efficiency (bound: %s)", kind,
                                        way, at->ranks, bound),
                    &mean);
}

enum status scaling_report_ways(enum scaling_kind kind, const struct scaling_subject *subject,
                                const struct scaling_curves *curves, struct finding *finding) {
    struct scaling_efficiency all[SCALING_RANKS_MAX];
    for (size_t way = 0; way < subject->ways; way++) {
        size_t count;
        CHECK(scaling_efficiencies(curves, way, all, &count));
        if (count < 2) continue;
        report_most_ranks(scaling_kind_names[kind], subject->way_names[way], &all[count - 1], finding);
    }
    return STATUS_OK;
}

/* --- plots -------------------------------------------------------------------------------------------- */

enum status scaling_plot_way(const struct scaling_view *view, const struct scaling_subject *subject,
                             size_t way, const struct scaling_curves *curves, struct plot *plot) {
    struct scaling_efficiency all[SCALING_RANKS_MAX];
    double x[SCALING_RANKS_MAX], y[SCALING_RANKS_MAX], low[SCALING_RANKS_MAX], high[SCALING_RANKS_MAX],
        bound[SCALING_RANKS_MAX];
    size_t count;
    CHECK(scaling_efficiencies(curves, way, all, &count));
    if (count < 2) return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        double factor = view->gain ? all[i].ranks : 1;
        x[i] = all[i].ranks;
        y[i] = factor * all[i].mean, low[i] = factor * all[i].low, high[i] = factor * all[i].high;
        bound[i] = factor * all[i].bound;
    }
    const char *name = subject->way_names[way];
    int colour = view->first_colour + (int)way;
    CHECK(plot_series(plot, name, PLOT_POINTS_LINES, colour, count, x, y, low, high));
    if (!view->bounds) return STATUS_OK;
    char label[64];
    snprintf(label, sizeof label, "%s, bound", name);
    return plot_series(plot, label, PLOT_DASHED, colour, count, x, bound, NULL, NULL);
}
