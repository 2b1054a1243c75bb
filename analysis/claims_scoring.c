/* SC1, SC2: scores of queries and keys. Why dot products are scaled, and what the scoring functions cost. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/sweep_plot.h"
#include "core/base/memory.h"

#define VARIANCE_TOLERANCE 0.02
#define TREND_TOLERANCE    0.05
#define TIME_TOLERANCE     0.1
#define WORK_TOLERANCE     0.05
#define ARGMAX_TOLERANCE   1e-6

enum { SCORING_KEY = 0x5343 };

/* The points of a sweep, and the power law fitted to them. */
static enum status plot_sweep(struct plot *plot, const char *label, int colour, const struct sweep *sweep,
                              const struct power_law *law) {
    CHECK(sweep_plot_points(plot, label, PLOT_POINTS, colour, sweep, 0, sweep->count));
    if (!isfinite(law->exponent.value) || sweep->count == 0) return STATUS_OK;
    char fitted[64];
    snprintf(fitted, sizeof fitted, "%s: exponent %.2f", label, law->exponent.value);
    double low = sweep->points[law->first].x, high = sweep->points[sweep->count - 1].x;
    return plot_curve(plot, fitted, PLOT_LINES, colour, low, high, 1, power_law_curve, law);
}

static struct plot *log_plot(struct finding *finding, const char *name, const char *title, const char *x,
                             const char *y, const char *caption) {
    struct plot *plot = finding_plot(finding, name, title, x, y);
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(plot->caption, sizeof plot->caption, "%s", caption);
    return plot;
}

/* --- SC1
 * ---------------------------------------------------------------------------------------------------- */

/* A quantity against the dimension, under one scaling. */
struct trend {
    const char *scaling, *column, *name;
    double exponent, tolerance; /* exponent NaN: reported only */
    enum criterion criterion;
};

static const struct trend trends[] = {
    {"none", "score_variance", "variance of q.k: exponent in D", 1, VARIANCE_TOLERANCE, CRITERION_NEAR},
    {"inverse_sqrt", "score_variance", "variance of q.k / sqrt(D): exponent in D", 0, VARIANCE_TOLERANCE,
     CRITERION_NEAR},
    {"none", "jacobian_norm", "norm of the softmax's derivative, not scaled: exponent in D", -TREND_TOLERANCE,
     0, CRITERION_AT_MOST},
    {"inverse_sqrt", "jacobian_norm", "norm of the softmax's derivative, scaled: exponent in D", 0,
     TREND_TOLERANCE, CRITERION_NEAR},
};

static enum status measure_trend(const struct results *results, const struct trend *trend, struct plot *plot,
                                 int colour, struct finding *finding) {
    static const char *const fixed[] = {"keys", "scaling", "sharpness", NULL};
    const char *const columns[] = {trend->column, NULL};
    struct selection records;
    struct sweep sweep = {0};
    struct power_law law;
    CHECK(selection_create(results, "softmax_saturation", &records));
    selection_keep_text(&records, "scaling", trend->scaling);
    selection_keep_number(&records, "sharpness", 1);
    enum status status = sweep_find(&records, "dimension", fixed, columns, &sweep);
    if (status == STATUS_OK) status = power_law_fit(&sweep, SCORING_KEY, &law);
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "%s", trend->name);
        measurement_set(m, &law.exponent);
        measurement_decides(m, trend->criterion, trend->exponent, trend->tolerance);
        finding->records += sweep.records;
        status = plot_sweep(plot, strcmp(trend->scaling, "none") == 0 ? "not scaled" : "scaled", colour,
                            &sweep, &law);
    }
    sweep_clear(&sweep);
    selection_destroy(&records);
    return status;
}

/* The largest distance from argmax over the queries of the sharpest softmax. */
static enum status measure_argmax(const struct results *results, struct finding *finding) {
    struct selection records;
    CHECK(selection_create(results, "softmax_saturation", &records));
    double sharpest = 0, farthest = NAN;
    size_t trials = 0;
    for (size_t i = 0; i < records.count; i++)
        sharpest = fmax(sharpest, record_real(records.records[i], "sharpness"));
    selection_keep_number(&records, "sharpness", sharpest);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < records.count && sharpest > 1; i++) {
        const char *const columns[] = {"argmax_distance", NULL};
        size_t count;
        double *values = record_sums(records.records[i], columns, &count);
        if (values == NULL) status = STATUS_NO_MEMORY;
        for (size_t t = 0; values != NULL && t < count; t++)
            farthest = fmax(farthest, values[t]);
        trials += values != NULL ? count : 0;
        memory_free(values);
    }
    selection_destroy(&records);
    struct measurement *m = finding_measurement(finding, "1", "beta = %.0f: farthest from argmax", sharpest);
    measurement_decides(m, CRITERION_AT_MOST, 0, ARGMAX_TOLERANCE);
    struct interval found = interval_exact(farthest, trials);
    if (trials > 0) measurement_set(m, &found);
    return status;
}

static enum status plot_sharpness(const struct results *results, struct finding *finding) {
    static const char *const fixed[] = {"keys", "scaling", "dimension", NULL};
    static const char *const columns[] = {"argmax_distance", NULL};
    struct selection records;
    struct sweep sweep = {0};
    CHECK(selection_create(results, "softmax_saturation", &records));
    enum status status = sweep_find(&records, "sharpness", fixed, columns, &sweep);
    struct power_law none = {.exponent = interval_unknown(NAN, 0)};
    if (status == STATUS_OK && sweep.count > 0) {
        struct plot *plot =
            log_plot(finding, "sc1_argmax", "From soft to hard attention", "beta",
                     "distance of the weights from argmax",
                     "Sum of the differences from choosing the key with the largest score; medians "
                     "over queries, bars hold 95 % of them. Distances of 0 are not shown.");
        if (plot != NULL) plot->y_log = false;
        status = plot_sweep(plot, "scaled scores", 1, &sweep, &none);
    }
    sweep_clear(&sweep);
    selection_destroy(&records);
    return status;
}

static enum status find_saturation(const struct results *results, struct finding *finding) {
    struct plot *plots[] = {
        log_plot(finding, "sc1_variance", "Variance of the scores", "D (dimension)", "variance",
                 "Mean square of all scores of a set of queries; medians over sets, bars hold 95 % of them."),
        log_plot(finding, "sc1_jacobian", "What is left of the softmax's derivative", "D (dimension)",
                 "Frobenius norm", "Of diag(p) - p p^T; medians over queries, bars hold 95 % of them.")};
    for (size_t i = 0; i < sizeof trends / sizeof *trends; i++)
        CHECK(measure_trend(results, &trends[i], plots[i / 2], (int)(i % 2), finding));
    CHECK(measure_argmax(results, finding));
    CHECK(plot_sharpness(results, finding));
    finding_say(
        finding,
        "Standard normal queries and keys: the variance of their products against D, and the norm of the softmax's "
        "derivative with the scores as they are (it must fall) and divided by sqrt(D) (it must not change, to +-%.2f); "
        "and how far the sharpest softmax is from argmax (at most %.0e).",
        TREND_TOLERANCE, ARGMAX_TOLERANCE);
    return STATUS_OK;
}

const struct claim claim_saturation = {
    .id = "SC1",
    .statement =
        "Dot products have variance D and saturate the softmax; 1/sqrt(D) cures it; beta -> infinity is argmax",
    .source = "Chapter 8; Vaswani et al. 2017, section 3.2.1",
    .prediction = "variance ~ D; scaled: no trend",
    .sources = {{"softmax_saturation",
                 "dimension keys scaling sharpness score_variance jacobian_norm argmax_distance"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_saturation,
};

/* --- SC2
 * ---------------------------------------------------------------------------------------------------- */

enum { FUNCTION_COUNT = 5, DOT = 1 };

static const char *const functions[FUNCTION_COUNT] = {"additive", "dot", "scaled", "bilinear", "low_rank"};

/* A variable of the cost of all N^2 scores. */
struct variable {
    const char *parameter, *symbol, *fixed[4];
};

static const struct variable variables[] = {
    {"width", "D", {"length", "threads", NULL}},
    {"length", "N", {"width", "threads", NULL}},
};

/* Fits time (or work) of one function against one variable. */
static enum status fit_function(const struct results *results, const char *function,
                                const struct variable *variable, bool time, struct sweep *sweep,
                                struct power_law *law) {
    const char *const columns[] = {time ? "seconds" : "flops", NULL};
    struct selection records;
    CHECK(selection_create(results, "scoring", &records));
    selection_keep_text(&records, "function", function);
    if (time) selection_keep(&records, record_is_undisturbed);
    enum status status = sweep_find(&records, variable->parameter, variable->fixed, columns, sweep);
    if (status == STATUS_OK)
        status = time ? power_law_fit_asymptotic(sweep, TIME_TOLERANCE, SCORING_KEY, law)
                      : power_law_fit(sweep, SCORING_KEY, law);
    selection_destroy(&records);
    return status;
}

/* a - b with the errors of both, which are independent. */
static struct interval difference(const struct interval *a, const struct interval *b) {
    return (struct interval){
        .value = a->value - b->value,
        .low = a->value - b->value - hypot(a->value - a->low, b->high - b->value),
        .high = a->value - b->value + hypot(a->high - a->value, b->value - b->low),
        .low_999 = a->value - b->value - hypot(a->value - a->low_999, b->high_999 - b->value),
        .high_999 = a->value - b->value + hypot(a->high_999 - a->value, b->value - b->low_999),
        .n = a->n + b->n};
}

/* The samples of a function and of dot products at one place. */
struct pair {
    const struct sweep_point *ours, *theirs;
};

static void median_ratio(const void *context, struct resampler *resampler, double *values) {
    const struct pair *pair = context;
    double ours = sweep_point_median(pair->ours, resampler);
    values[0] = ours / sweep_point_median(pair->theirs, resampler);
}

/* Median time of a score over that of a dot product's, both with their scatter, at the largest place that
 * both were measured at. */
static enum status report_ratio(const char *function, const struct variable *variable,
                                const struct sweep *sweep, const struct sweep *dot, struct finding *finding) {
    if (sweep->count == 0 || dot->count == 0) return STATUS_OK;
    struct pair pair = {&sweep->points[sweep->count - 1], &dot->points[dot->count - 1]};
    if (pair.ours->x != pair.theirs->x) return STATUS_OK;
    size_t fewer = pair.ours->count < pair.theirs->count ? pair.ours->count : pair.theirs->count;
    struct interval ratio;
    CHECK(bootstrap_interval(median_ratio, &pair, SCORING_KEY, fewer, pair.ours->count + pair.theirs->count,
                             &ratio));
    struct measurement *m = finding_measurement(finding, "1", "time of a score, %s over dot, at %s = %.0f",
                                                function, variable->symbol, pair.ours->x);
    measurement_set(m, &ratio);
    if (strcmp(function, "additive") != 0) return STATUS_OK;
    measurement_decides(m, CRITERION_AT_LEAST, 1, 0);
    if (m != NULL) m->definition = 1;
    return STATUS_OK;
}

/* All functions against one variable: exponents, additive's beside dot's, ratios. */
static enum status measure_variable(const struct results *results, const struct variable *variable, bool time,
                                    struct plot *plot, struct finding *finding) {
    struct sweep sweeps[FUNCTION_COUNT] = {0};
    struct power_law laws[FUNCTION_COUNT];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < FUNCTION_COUNT && status == STATUS_OK; i++) {
        status = fit_function(results, functions[i], variable, time, &sweeps[i], &laws[i]);
        if (status != STATUS_OK || !time) continue;
        finding->records += sweeps[i].records;
        measurement_set(
            finding_measurement(finding, "1", "time, %s: exponent in %s", functions[i], variable->symbol),
            &laws[i].exponent);
        status = plot_sweep(plot, functions[i], (int)i, &sweeps[i], &laws[i]);
    }
    if (status == STATUS_OK) {
        struct measurement *m = finding_measurement(finding, "1", "%s: exponent in %s, additive - dot",
                                                    time ? "time" : "executed FLOPs", variable->symbol);
        struct interval apart = difference(&laws[0].exponent, &laws[DOT].exponent);
        measurement_decides(m, CRITERION_NEAR, 0, time ? TIME_TOLERANCE : WORK_TOLERANCE);
        if (m != NULL) m->definition = time;
        if (isfinite(apart.value)) measurement_set(m, &apart);
    }
    for (size_t i = 0; i < FUNCTION_COUNT && time && status == STATUS_OK; i++)
        if (i != DOT) status = report_ratio(functions[i], variable, &sweeps[i], &sweeps[DOT], finding);
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        sweep_clear(&sweeps[i]);
    return status;
}

static enum status find_scoring(const struct results *results, struct finding *finding) {
    static const char caption[] =
        "Every query against every key, N of each; medians, bars hold 95 % of the samples. Lines: power laws over the "
        "asymptotic range.";
    for (size_t i = 0; i < 2; i++) {
        char name[32], title[80], label[48];
        snprintf(name, sizeof name, "sc2_time_%s", variables[i].parameter);
        snprintf(title, sizeof title, "Time of all scores against %s", variables[i].symbol);
        snprintf(label, sizeof label, "%s (%s)", variables[i].symbol, variables[i].parameter);
        struct plot *plot = log_plot(finding, name, title, label, "seconds", caption);
        CHECK(measure_variable(results, &variables[i], false, NULL, finding));
        CHECK(measure_variable(results, &variables[i], true, plot, finding));
    }
    finding_say(
        finding,
        "Same order: the exponents of additive and dot-product scoring differ by 0, +-%.2f in executed FLOPs and, as a "
        "second definition, +-%.1f in time over the asymptotic range, in the width D and in the number N of queries and "
        "keys; and dot is faster: the ratio of median times, both resampled, is at least 1.",
        WORK_TOLERANCE, TIME_TOLERANCE);
    return STATUS_OK;
}

const struct claim claim_scoring_cost = {
    .id = "SC2",
    .statement = "Additive and dot-product scoring are of the same order; dot product is faster",
    .source = "Chapter 8; Vaswani et al. 2017, section 3.2.1",
    .prediction = "equal exponents; ratio at least 1",
    .sources = {{"scoring", "function length width threads seconds flops disturbed"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_scoring,
};
