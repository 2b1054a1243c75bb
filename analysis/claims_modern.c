/* HC8a, HC8b: modern continuous Hopfield networks are attention, and how many patterns they hold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/modern_growth.h"
#include "analysis/selection.h"
#include "analysis/theory_modern.h"
#include "core/base/memory.h"

/* Of the exponent g in ln P = a + b d^g: 1 and 1/2 lie three of them apart. */
#define EXPONENT_TOLERANCE 0.15

/* Relative; float32 sums of up to a million terms. */
#define REFERENCE_TOLERANCE 1e-4

enum { MODERN_KEY = 0x4843 + 8, NETWORKS_LEAST = 8, SCALINGS = 2, BETAS_MAX = 64 };

static const struct scaling {
    const char *name, *symbol;
} scalings[SCALINGS] = {{"one", "beta = 1"}, {"inverse_sqrt", "beta = 1/sqrt(d)"}};

/* --- HC8a: the same numbers ----------------------------------------------------------------------------- */

static enum status find_attention(const struct results *results, struct finding *finding) {
    struct selection selection;
    CHECK(selection_create(results, "modern_capacity", &selection));
    double differences = 0, largest = 0, low = INFINITY, high = 0, most = 0;
    size_t used = 0;
    for (size_t i = 0; i < selection.count; i++) {
        const struct record *record = selection.records[i];
        double count = record_real(record, "attention_differences");
        double error = record_real(record, "reference_difference");
        if (!(count >= 0) || !(error >= 0) || !isfinite(error)) continue;
        used++, differences += count, largest = fmax(largest, error);
        low = fmin(low, record_real(record, "dimension"));
        high = fmax(high, record_real(record, "dimension"));
        most = fmax(most, record_real(record, "patterns"));
    }
    selection_destroy(&selection);
    struct measurement *m =
        finding_measurement(finding, "1", "numbers that differ in a bit from attention's");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval exact = interval_exact(differences, used);
    if (used >= NETWORKS_LEAST) measurement_set(m, &exact);
    m = finding_measurement(finding, "1", "largest relative difference from the formula in float64");
    measurement_decides(m, CRITERION_AT_MOST, 0, REFERENCE_TOLERANCE);
    exact = interval_exact(largest, used);
    if (used >= NETWORKS_LEAST) {
        measurement_set(m, &exact);
        finding_sizes(finding, "d = %.0f ... %.0f, up to %.0f patterns", low, high, most);
    }
    finding->records = used;
    finding_say(
        finding,
        "Updates of %zu networks beside attention layers of two heads that have the states as queries and "
        "the patterns as keys and as values, in arrays of their own, with beta as scale: numbers that "
        "differ in any bit, exactly none allowed; and beside X softmax(beta X^T xi) in float64, within "
        "%g; of %d networks or more.",
        used, REFERENCE_TOLERANCE, NETWORKS_LEAST);
    return STATUS_OK;
}

/* --- HC8b: capacity ------------------------------------------------------------------------------------- */

struct line {
    double intercept, slope, power;
};

static double line_at(double dimension, const void *context) {
    const struct line *line = context;
    return exp(line->intercept + line->slope * pow(dimension, line->power));
}

static double theory_at(double dimension, const void *context) {
    double beta = *(const int *)context == 0 ? 1 : 1 / sqrt(dimension);
    return theory_modern_patterns(dimension, beta, MODERN_SUCCESS_ERROR);
}

static enum status plot_growth(int scaling, const struct modern_growth *growth, struct finding *finding) {
    struct plot *plot =
        growth->count == 0
            ? NULL
            : finding_plot(finding, scaling == 0 ? "hc8b_beta_one" : "hc8b_beta_attention",
                           scaling == 0 ? "Patterns that one update retrieves, beta = 1"
                                        : "Patterns that one update retrieves, beta = 1/sqrt(d)",
                           "dimension d", "patterns P");
    if (plot == NULL) return STATUS_OK;
    plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Numbers at which half of the trials end within a relative error of %g of their pattern, with 95 %% "
        "intervals over pattern sets. Dashed: theory for many patterns, their sum at its mean.",
        MODERN_SUCCESS_ERROR);
    double y[MODERN_SIZES_MAX], low[MODERN_SIZES_MAX], high[MODERN_SIZES_MAX];
    for (size_t i = 0; i < growth->count; i++)
        y[i] = growth->patterns[i].value, low[i] = growth->patterns[i].low,
        high[i] = growth->patterns[i].high;
    CHECK(plot_series(plot, "half of the trials succeed", PLOT_POINTS, scaling, growth->count,
                      growth->dimensions, y, low, high));
    const struct series *points = plot_last_series(plot);
    double first = growth->dimensions[0], last = growth->dimensions[growth->count - 1];
    struct line straight = {growth->intercept, growth->slope.value, 1};
    struct line root = {growth->root_intercept, growth->root_slope.value, 0.5};
    if (isfinite(straight.slope)) {
        CHECK(plot_curve(plot, "ln P = a + b d", PLOT_LINES, 2, first, last, 0, line_at, &straight));
        CHECK(plot_curve(plot, "ln P = a + b d^{1/2}", PLOT_LINES, 3, first, last, 0, line_at, &root));
        CHECK(finding_residuals(finding, plot, points, RESIDUAL_RATIO, line_at,
                                scaling == 0 ? &straight : &root));
    }
    return plot_curve(plot, "theory", PLOT_DASHED, scaling, first, last, 0, theory_at, &scaling);
}

static void report_fits(int scaling, const struct modern_growth *growth, struct finding *finding) {
    const char *symbol = scalings[scaling].symbol;
    struct measurement *m = finding_measurement(finding, "1", "exponent g in ln P = a + b d^g, %s", symbol);
    measurement_set(m, &growth->exponent);
    measurement_decides(m, CRITERION_NEAR, 1, EXPONENT_TOLERANCE);
    if (m != NULL) m->definition = scaling, m->precision = EXPONENT_TOLERANCE;
    m = finding_measurement(finding, "1", "  residuals of the line in d, of both lines', %s", symbol);
    measurement_set(m, &growth->misfit_ratio);
    if (scaling == 0) {
        m = finding_measurement(finding, "1", "  growth of ln P per dimension (theory: %.4f), %s",
                                theory_modern_rate(), symbol);
        measurement_set(m, &growth->slope);
    } else {
        m = finding_measurement(finding, "1", "  growth of ln P per root of d (theory: 1), %s", symbol);
        measurement_set(m, &growth->root_slope);
    }
    if (growth->count == 0) return;
    double last = growth->dimensions[growth->count - 1];
    m = finding_measurement(finding, "1", "  P at d = %.0f (theory: %.4g), %s", last,
                            theory_at(last, &scaling), symbol);
    measurement_set(m, &growth->patterns[growth->count - 1]);
    struct interval per_dimension = interval_scaled(growth->patterns[growth->count - 1], 1 / last);
    finding_capacity(finding, scaling == 0 ? "modern, beta = 1" : "modern, beta = 1/sqrt(d)",
                     theory_at(last, &scaling) / last, &per_dimension,
                     "half within an error of %g after one update, d = %.0f", MODERN_SUCCESS_ERROR, last);
    finding_sizes(finding, "%s: d = %.0f ... %.0f, %zu sets", symbol, growth->dimensions[0], last,
                  growth->fewest_sets);
}

/* --- fixed points against beta -------------------------------------------------------------------------- */

enum regime { SINGLE, METASTABLE, GLOBAL, UNSETTLED, REGIMES };

static const char *const regime_columns[REGIMES] = {"single_states", "metastable_states", "global_states",
                                                    "unsettled_states"};
static const char *const regime_names[REGIMES] = {"a single pattern", "metastable", "average of all",
                                                  "not at rest"};

struct fixed_points {
    size_t count, records;
    double beta[BETAS_MAX], states[BETAS_MAX][REGIMES];
    double dimension, patterns; /* the same in all: those of the first */
};

static void add_fixed_points(const struct record *record, struct fixed_points *points) {
    double beta = record_real(record, "beta"), states[REGIMES];
    for (int regime = 0; regime < REGIMES; regime++) {
        states[regime] = (double)record_integer(record, regime_columns[regime]);
        if (!(states[regime] >= 0)) return;
    }
    if (!(beta > 0)) return;
    if (points->records == 0) {
        points->dimension = record_real(record, "dimension");
        points->patterns = record_real(record, "patterns");
    }
    if (record_real(record, "dimension") != points->dimension ||
        record_real(record, "patterns") != points->patterns)
        return;
    size_t place = 0;
    while (place < points->count && points->beta[place] < beta)
        place++;
    if (place == points->count || points->beta[place] != beta) {
        if (points->count == BETAS_MAX) return;
        size_t later = points->count++ - place;
        memmove(&points->beta[place + 1], &points->beta[place], later * sizeof *points->beta);
        memmove(&points->states[place + 1], &points->states[place], later * sizeof *points->states);
        points->beta[place] = beta;
        memset(points->states[place], 0, sizeof points->states[place]);
    }
    for (int regime = 0; regime < REGIMES; regime++)
        points->states[place][regime] += states[regime];
    points->records++;
}

static enum status plot_regimes(const struct fixed_points *points, struct finding *finding) {
    struct plot *plot = points->count == 0
                            ? NULL
                            : finding_plot(finding, "hc8b_fixed_points", "Where states come to rest",
                                           "inverse temperature beta", "share of the states");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    plot->y_low = -0.03, plot->y_high = 1.03;
    snprintf(
        plot->caption, sizeof plot->caption,
        "d = %.0f, %.0f random patterns, starts at stored patterns, updates until rest; by the number of "
        "patterns that the weights mix, 1 / sum p^2: at most 1.5, up to half of all, more. 95 %% Wilson intervals "
        "over states.",
        points->dimension, points->patterns);
    for (int regime = 0; regime < REGIMES; regime++) {
        double share[BETAS_MAX], low[BETAS_MAX], high[BETAS_MAX], all = 0;
        for (size_t i = 0; i < points->count; i++) {
            double total = 0;
            for (int r = 0; r < REGIMES; r++)
                total += points->states[i][r];
            struct interval p = interval_of_proportion((size_t)points->states[i][regime], (size_t)total);
            share[i] = p.value, low[i] = p.low, high[i] = p.high, all += points->states[i][regime];
        }
        if (regime == UNSETTLED && all == 0) continue;
        CHECK(plot_series(plot, regime_names[regime], PLOT_POINTS_LINES, regime, points->count, points->beta,
                          share, low, high));
    }
    return STATUS_OK;
}

/* At which betas each kind of fixed point has the majority. */
static void say_regimes(const struct fixed_points *points, struct finding *finding) {
    if (points->count == 0) return;
    finding_say(finding, " Followed to rest (d = %.0f, %.0f patterns), most states end in", points->dimension,
                points->patterns);
    for (int regime = 0; regime < UNSETTLED; regime++) {
        double low = INFINITY, high = 0;
        for (size_t i = 0; i < points->count; i++) {
            double total = 0;
            for (int r = 0; r < REGIMES; r++)
                total += points->states[i][r];
            if (!(points->states[i][regime] > total / 2)) continue;
            low = fmin(low, points->beta[i]), high = fmax(high, points->beta[i]);
        }
        finding_say(finding, "%s %s", regime == 0 ? "" : ",", regime_names[regime]);
        if (high > 0)
            finding_say(finding, " at beta %.3g - %.3g", low, high);
        else
            finding_say(finding, " nowhere");
    }
    finding_say(finding, ".");
}

static enum status find_fixed_points(const struct results *results, struct finding *finding) {
    struct selection selection;
    struct fixed_points *points = memory_allocate(1, sizeof *points);
    if (points == NULL) return STATUS_NO_MEMORY;
    enum status status = selection_create(results, "modern_capacity", &selection);
    if (status == STATUS_OK) {
        selection_keep_text(&selection, "scaling", "given");
        selection_keep_number(&selection, "initial_error", 0);
        for (size_t i = 0; i < selection.count; i++)
            add_fixed_points(selection.records[i], points);
        selection_destroy(&selection);
        say_regimes(points, finding);
        finding->records += points->records;
        status = plot_regimes(points, finding);
    }
    memory_free(points);
    return status;
}

static enum status find_capacity(const struct results *results, struct finding *finding) {
    finding_say(
        finding,
        "The number P of random patterns of norm sqrt(d) at which half of the trials are within a relative "
        "error of %g after one update from a stored pattern, against the dimension d: the exponent g of "
        "ln P = a + b d^g compared with 1 to +-%.2f (an interval as narrow decides), for beta = 1 and for "
        "attention's beta = 1/sqrt(d), under which theory has ln P grow as sqrt(d), two definitions.",
        MODERN_SUCCESS_ERROR, EXPONENT_TOLERANCE);
    for (int scaling = 0; scaling < SCALINGS; scaling++) {
        struct modern_growth growth;
        CHECK(modern_growth_measure(results, scalings[scaling].name, MODERN_KEY, &growth));
        report_fits(scaling, &growth, finding);
        finding->records += growth.records;
        CHECK(plot_growth(scaling, &growth, finding));
    }
    return find_fixed_points(results, finding);
}

const struct claim claim_modern_attention = {
    .id = "HC8a",
    .statement = "An update of a modern Hopfield network is attention",
    .source = "Chapter 8; Ramsauer et al. 2020",
    .prediction = "no bit differs",
    .sources = {{"modern_capacity", "dimension patterns attention_differences reference_difference"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_attention,
};

const struct claim claim_modern_capacity = {
    .id = "HC8b",
    .statement = "A modern Hopfield network stores a number of patterns exponential in d",
    .source = "Chapter 8; Ramsauer et al. 2020",
    .prediction = "ln P grows as d, exponent 1 +- 0.15",
    .sources = {{"modern_capacity",
                 MODERN_GROWTH_COLUMNS " beta single_states metastable_states global_states "
                                       "unsettled_states"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_capacity,
};
