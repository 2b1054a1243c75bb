/* CX1, CX2, CX3: how work and time of a layer grow with each of its sizes. Cost is defined twice, as executed
 * floating-point operations (definition 0) and as time (definition 1). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/cache_edge.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/rate_share.h"
#include "analysis/sweep_plot.h"

#define FLOPS_TOLERANCE 0.02
#define TIME_TOLERANCE  0.1

enum { COMPLEXITY_KEY = 0x4358, FIXED_MAX = 12, COLUMNS_MAX = 4 };

/* One variable of a layer's cost. */
struct cost_law {
    const char *part;     /* what is measured, for names: "rnn ", "core ", "" */
    const char *variable; /* the parameter */
    const char *symbol;   /* the chapter's letter */
    double exponent;      /* the claim's; NaN: reported only */
    const char *flops[COLUMNS_MAX], *seconds[COLUMNS_MAX]; /* columns to add up, ended by NULL */
    const char *fixed[FIXED_MAX];                          /* parameters that must agree, ended by NULL */
};

/* What is being filled in. */
struct cost_report {
    const struct results *results;
    const struct selection *all;         /* for work */
    const struct selection *undisturbed; /* for time */
    struct finding *finding;
    const char *row; /* lower-case id, for plot names */
    int colour;
};

/* --- plots -------------------------------------------------------------------------------------------- */

/* The row's plot of this quantity against this variable, made on first use. */
static struct plot *law_plot(const struct cost_report *report, const struct cost_law *law, bool time) {
    char name[48], title[120], label[80];
    snprintf(name, sizeof name, "%s_%s_%s", report->row, time ? "time" : "flops", law->variable);
    for (size_t i = 0; i < report->finding->plot_count; i++) {
        if (strcmp(report->finding->plots[i].name, name) == 0) return &report->finding->plots[i];
    }
    snprintf(title, sizeof title, "%s against %s", time ? "Time" : "Executed operations", law->symbol);
    snprintf(label, sizeof label, "%s (%s)", law->symbol, law->variable);
    struct plot *plot = finding_plot(report->finding, name, title, label, time ? "seconds" : "operations");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption, "%s Lines: power laws over the fitted range%s",
        time
            ? "Medians; bars hold 95 % of the samples. Hollow: left out, before the asymptotic range. Dotted: "
              "what is read again and again fills a cache."
            : "Counted where the work is done.",
        time ? "; dashed: with a fixed cost, a + b x^c." : ".");
    return plot;
}

static double offset_curve(double x, const void *context) {
    const struct power_law *law = context;
    return law->offset + law->offset_factor * pow(x, law->offset_exponent.value);
}

/* The fitted curves of the points, the triangle of the exponent, the residuals. */
static enum status plot_fits(const struct cost_report *report, const struct cost_law *law, bool time,
                             const struct sweep *sweep, const struct power_law *power,
                             const struct series *points, struct plot *plot) {
    double low = sweep->points[power->first].x, high = sweep->points[sweep->count - 1].x;
    char label[64];
    snprintf(label, sizeof label, "%spower law", law->part);
    CHECK(plot_curve(plot, label, PLOT_LINES, report->colour, low, high, 1, power_law_curve, power));
    plot_unlist(plot);
    plot_add_slope(plot, report->colour, power->exponent.value, power->factor, low, high);
    CHECK(finding_residuals(report->finding, plot, points, RESIDUAL_RATIO, power_law_curve, power));
    if (!time || !isfinite(power->offset_exponent.value)) return STATUS_OK;
    snprintf(label, sizeof label, "%sa + b %s^{%.2f}", law->part, law->symbol, power->offset_exponent.value);
    CHECK(plot_curve(plot, label, PLOT_DASHED, report->colour, sweep->points[0].x, high, 1, offset_curve,
                     power));
    plot_unlist(plot);
    return STATUS_OK;
}

static enum status plot_law(const struct cost_report *report, const struct cost_law *law, bool time,
                            const struct sweep *sweep, const struct power_law *power) {
    struct plot *plot = sweep->count > 0 ? law_plot(report, law, time) : NULL;
    if (plot == NULL) return STATUS_OK;
    char label[64];
    int colour = report->colour;
    bool fitted = isfinite(power->exponent.value);
    int length = snprintf(label, sizeof label, "%s%s", law->part, time ? "time" : "operations");
    if (fitted)
        snprintf(label + length, sizeof label - (size_t)length, " ~ %s^{%.2f}", law->symbol,
                 power->exponent.value);
    CHECK(sweep_plot_points(plot, label, PLOT_POINTS, colour, sweep, power->first, sweep->count));
    const struct series *points = plot_last_series(plot);
    if (power->first > 0) {
        snprintf(label, sizeof label, "%sleft out", law->part);
        CHECK(sweep_plot_points(plot, label, PLOT_HOLLOW, colour, sweep, 0, power->first));
        plot_unlist(plot);
    }
    if (time && !isnan(law->exponent))
        CHECK(cache_edge_plot(report->results, sweep, law->variable, law->part, colour, plot));
    return fitted ? plot_fits(report, law, time, sweep, power, points, plot) : STATUS_OK;
}

/* --- measurements ------------------------------------------------------------------------------------- */

static void say_law(const struct cost_law *law, bool time, const struct sweep *sweep,
                    const struct power_law *power, struct finding *finding) {
    const char *what = time ? "time" : "executed FLOPs";
    if (!isfinite(power->exponent.value)) {
        finding_say(finding, " %s%s in %s: too few sizes;", law->part, what, law->symbol);
        return;
    }
    finding_say(finding, " %s%s ~ %s^%.3f", law->part, what, law->symbol, power->exponent.value);
    if (power->first > 0) {
        finding_say(finding, " (%s < %.0f left out)", law->symbol, sweep->points[power->first].x);
    }
    finding_say(finding, ";");
}

static void report_exponent(const struct cost_law *law, bool time, const struct power_law *power,
                            struct finding *finding) {
    struct measurement *m = finding_measurement(finding, "1", "%s%s: exponent in %s", law->part,
                                                time ? "time" : "executed FLOPs", law->symbol);
    measurement_set(m, &power->exponent);
    if (!isnan(law->exponent)) {
        measurement_decides(m, CRITERION_NEAR, law->exponent, time ? TIME_TOLERANCE : FLOPS_TOLERANCE);
        if (m != NULL) m->definition = time;
    }
    if (!time || !isfinite(power->offset_exponent.value)) return;
    m = finding_measurement(finding, "1", "%stime: exponent in %s beside a fixed cost", law->part,
                            law->symbol);
    measurement_set(m, &power->offset_exponent);
}

/* The rate that shares are of, once for each number of threads. */
static void report_product(double product, double threads, struct finding *finding) {
    char name[96];
    snprintf(name, sizeof name, "product rate: float32 matrices, threads: %.0f", threads);
    for (size_t i = 0; i < finding->measurement_count; i++)
        if (strcmp(finding->measurements[i].name, name) == 0) return;
    struct interval rate = interval_unknown(product / 1e9, 1);
    measurement_set(finding_measurement(finding, "GFLOP/s", "%s", name), &rate);
}

/* What the layer reaches of the machine's matrix products on the asymptotic range. */
static enum status report_rate(const struct cost_report *report, const struct cost_law *law,
                               const struct sweep *time, const struct power_law *power) {
    if (!isfinite(power->exponent.value)) return STATUS_OK;
    double product, threads = record_real(time->first, "threads");
    CHECK(rate_share_product(report->results, threads, &product));
    if (isnan(product)) return STATUS_OK;
    report_product(product, threads, report->finding);
    struct sweep work;
    CHECK(sweep_find(report->undisturbed, law->variable, law->fixed, law->flops, &work));
    struct interval share;
    enum status status = rate_share_measure(&work, time, power->first, product, COMPLEXITY_KEY, &share);
    if (status == STATUS_OK)
        measurement_set(finding_measurement(
                            report->finding, "1", "%sshare of product rate, %s = %.0f ... %.0f", law->part,
                            law->symbol, time->points[power->first].x, time->points[time->count - 1].x),
                        &share);
    sweep_clear(&work);
    return status;
}

static enum status measure_cost(const struct cost_report *report, const struct cost_law *law, bool time) {
    struct sweep sweep;
    struct power_law power;
    CHECK(sweep_find(time ? report->undisturbed : report->all, law->variable, law->fixed,
                     time ? law->seconds : law->flops, &sweep));
    enum status status = time ? power_law_fit_asymptotic(&sweep, TIME_TOLERANCE, COMPLEXITY_KEY, &power)
                              : power_law_fit(&sweep, COMPLEXITY_KEY, &power);
    if (status == STATUS_OK) {
        report_exponent(law, time, &power, report->finding);
        say_law(law, time, &sweep, &power, report->finding);
        if (!time && sweep.count > 0 && !isnan(law->exponent)) {
            finding_sizes(report->finding, "%s%s = %.0f ... %.0f", law->part, law->symbol, sweep.points[0].x,
                          sweep.points[sweep.count - 1].x);
        }
        report->finding->records += time ? 0 : sweep.records;
        status = plot_law(report, law, time, &sweep, &power);
    }
    if (status == STATUS_OK && time) status = report_rate(report, law, &sweep, &power);
    sweep_clear(&sweep);
    return status;
}

/* Measures all laws on the records of one experiment, those with field = text if field is not NULL. */
static enum status measure_laws(const struct results *results, const char *experiment, const char *field,
                                const char *text, size_t count, const struct cost_law *laws,
                                struct cost_report *report) {
    struct selection all = {0}, undisturbed = {0};
    enum status status = selection_create(results, experiment, &all);
    if (status == STATUS_OK) status = selection_create(results, experiment, &undisturbed);
    if (status == STATUS_OK) {
        struct selection *both[] = {&all, &undisturbed};
        for (size_t i = 0; i < 2; i++) {
            selection_keep(both[i], record_is_on_one_rank);
            if (field != NULL) selection_keep_text(both[i], field, text);
        }
        selection_keep(&undisturbed, record_is_undisturbed);
        report->all = &all;
        report->undisturbed = &undisturbed;
        for (size_t i = 0; i < count && status == STATUS_OK; i++) {
            status = measure_cost(report, &laws[i], false);
            if (status == STATUS_OK) status = measure_cost(report, &laws[i], true);
        }
        if (all.count > undisturbed.count) {
            finding_say(report->finding, " %zu disturbed records left out of the times;",
                        all.count - undisturbed.count);
        }
    }
    selection_destroy(&all);
    selection_destroy(&undisturbed);
    return status;
}

/* --- the rows ----------------------------------------------------------------------------------------- */

static void say_comparison(struct finding *finding) {
    finding_say(
        finding,
        " compared with the claim's exponents, FLOPs to +-%.2f and time (asymptotic range) to +-%.1f.",
        FLOPS_TOLERANCE, TIME_TOLERANCE);
}

#define CONVOLUTION_LAW(name, letter, power, ...)                                                            \
    {                                                                                                        \
        .part = "", .variable = name, .symbol = letter, .exponent = power, .flops = {"flops"},               \
        .seconds = {"seconds"}, .fixed = {                                                                   \
            "batch",                                                                                         \
            "dilation",                                                                                      \
            "reads",                                                                                         \
            "channels",                                                                                      \
            "threads",                                                                                       \
            __VA_ARGS__,                                                                                     \
            NULL                                                                                             \
        }                                                                                                    \
    }

static enum status find_convolution(const struct results *results, struct finding *finding) {
    static const struct cost_law laws[] = {
        CONVOLUTION_LAW("length", "L", 1, "width", "kernel_size"),
        CONVOLUTION_LAW("width", "d", 2, "length", "kernel_size"),
        CONVOLUTION_LAW("kernel_size", "k", 1, "length", "width"),
    };
    struct cost_report report = {.results = results, .finding = finding, .row = "cx1"};
    finding_say(finding, "Convolution:");
    CHECK(measure_laws(results, "convolution", NULL, NULL, 3, laws, &report));
    say_comparison(finding);
    return STATUS_OK;
}

#define RECURRENT_LAW(cell, name, letter, power, other)                                                      \
    {                                                                                                        \
        .part = cell " ", .variable = name, .symbol = letter, .exponent = power, .flops = {"flops"},         \
        .seconds = {"seconds"}, .fixed = {                                                                   \
            "batch",                                                                                         \
            "layers",                                                                                        \
            "directions",                                                                                    \
            "threads",                                                                                       \
            other,                                                                                           \
            NULL                                                                                             \
        }                                                                                                    \
    }
#define RECURRENT_LAWS(cell)                                                                                 \
    { RECURRENT_LAW(cell, "length", "L", 1, "width"), RECURRENT_LAW(cell, "width", "d", 2, "length") }

static enum status find_recurrent(const struct results *results, struct finding *finding) {
    static const char *const cells[] = {"rnn", "gru", "lstm"};
    static const struct cost_law laws[][2] = {RECURRENT_LAWS("rnn"), RECURRENT_LAWS("gru"),
                                              RECURRENT_LAWS("lstm")};
    struct cost_report report = {.results = results, .finding = finding, .row = "cx2"};
    finding_say(finding, "Recurrent layers:");
    for (size_t i = 0; i < 3; i++) {
        report.colour = (int)i;
        CHECK(measure_laws(results, "recurrent", "cell", cells[i], 2, laws[i], &report));
    }
    say_comparison(finding);
    return STATUS_OK;
}

#define ATTENTION_FIXED "batch", "heads", "kv_heads", "mask", "ranks", "threads", "schedule"
#define ATTENTION_LAW(name, letter, power, other)                                                            \
    {                                                                                                        \
        .part = "core ", .variable = name, .symbol = letter, .exponent = power,                              \
        .flops = {"flops_core", "flops_softmax"}, .seconds = {"seconds_core"}, .fixed = {                    \
            ATTENTION_FIXED,                                                                                 \
            other,                                                                                           \
            NULL                                                                                             \
        }                                                                                                    \
    }
#define LAYER_LAW(name, letter, other)                                                                       \
    {                                                                                                        \
        .part = "layer ", .variable = name, .symbol = letter, .exponent = NAN,                               \
        .flops = {"flops_core", "flops_softmax", "flops_projections"},                                       \
        .seconds = {"seconds_core", "seconds_projections"}, .fixed = {                                       \
            ATTENTION_FIXED,                                                                                 \
            other,                                                                                           \
            NULL                                                                                             \
        }                                                                                                    \
    }

static enum status find_attention(const struct results *results, struct finding *finding) {
    static const struct cost_law core[] = {ATTENTION_LAW("length", "L", 2, "head_width"),
                                           ATTENTION_LAW("head_width", "d", 1, "length")};
    static const struct cost_law layer[] = {LAYER_LAW("length", "L", "head_width"),
                                            LAYER_LAW("head_width", "d", "length")};
    struct cost_report report = {.results = results, .finding = finding, .row = "cx3"};
    finding_say(finding, "Self-attention, core softmax(QK')V without mask:");
    CHECK(measure_laws(results, "attention", "mask", "full", 2, core, &report));
    say_comparison(finding);
    finding_say(finding, " Whole layer with projections, which add 8 L d^2 FLOPs, reported apart:");
    report.colour = 1;
    return measure_laws(results, "attention", "mask", "full", 2, layer, &report);
}

const struct claim claim_convolution_cost = {
    .id = "CX1",
    .statement = "A convolution costs k L d^2",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, table 1",
    .prediction = "exponents 1 in L, 2 in d, 1 in k",
    .sources =
        {{"convolution",
          "batch length width kernel_size dilation reads channels ranks threads seconds flops disturbed"},
         {"machine", "ranks threads blas_f32 cache_core cache_last"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_convolution,
};

const struct claim claim_recurrent_cost = {
    .id = "CX2",
    .statement = "A recurrent layer costs L d^2",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, table 1",
    .prediction = "exponents 1 in L, 2 in d; RNN, GRU, LSTM",
    .sources = {{"recurrent",
                 "cell batch length width layers directions ranks threads seconds flops disturbed"},
                {"machine", "ranks threads blas_f32 cache_core cache_last"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_recurrent,
};

const struct claim claim_attention_cost = {
    .id = "CX3",
    .statement = "Self-attention costs L^2 d",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, table 1",
    .prediction = "exponents 2 in L, 1 in d",
    .sources = {{"attention",
                 "batch length head_width heads kv_heads mask ranks threads schedule seconds_core "
                 "seconds_projections flops_core flops_softmax flops_projections disturbed"},
                {"machine", "ranks threads blas_f32 cache_core cache_last"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_attention,
};
