#include "analysis/capacity_plots.h"

#include <math.h>
#include <stdio.h>

#include "analysis/number.h"
#include "analysis/theory.h"

enum { PLOT_KEY = 0x504C, POINTS_MAX = 64, CHAIN_MAX = 7 };

/* --- points over pattern sets ------------------------------------------------------------------------- */

static void success_share(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.successes / total.trials;
}

static void cycle_share(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.cycles / total.trials;
}

static void capped_share(const void *context, struct resampler *resampler, double *values) {
    struct pattern_set total = cell_total(context, resampler);
    values[0] = total.capped / total.trials;
}

/* A share at every load of a size, with 95 % intervals where there are sets enough. */
static enum status plot_shares(struct plot *plot, const struct size_group *size,
                               bootstrap_statistic *statistic, enum plot_style style, const char *label,
                               int colour) {
    double x[POINTS_MAX], y[POINTS_MAX], low[POINTS_MAX], high[POINTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < size->count && count < POINTS_MAX; i++) {
        const struct load_cell *cell = &size->cells[i];
        struct interval interval;
        if (cell->count < RETRIEVAL_SETS_LEAST) continue;
        CHECK(bootstrap_interval(statistic, cell, PLOT_KEY, cell->count, cell->count, &interval));
        x[count] = cell->load;
        y[count] = interval.value;
        low[count] = fmax(0, interval.low);
        high[count++] = fmin(1, interval.high);
    }
    return plot_series(plot, label, style, colour, count, x, y, low, high);
}

/* --- success curves ----------------------------------------------------------------------------------- */

static double fitted_success(double load, const void *context) {
    return success_curve_at(context, load);
}

/* Points and fitted curve of the sizes of a chain, and the theory's load; what the curves leave goes to the
 * finding unless that is NULL. */
static enum status draw_chain(const struct capacity *capacity, size_t count, const size_t *chain,
                              struct plot *plot, struct finding *residuals) {
    for (size_t i = 0; i < count; i++) {
        const struct success_curve *curve = &capacity->curves[chain[i]];
        const struct size_group *size = curve->size;
        char label[64];
        snprintf(label, sizeof label, "N = %.0f", size->neurons);
        CHECK(plot_shares(plot, size, success_share, PLOT_POINTS, label, (int)i));
        if (residuals != NULL)
            CHECK(finding_residuals(residuals, plot, plot_last_series(plot), RESIDUAL_DIFFERENCE,
                                    fitted_success, curve));
        CHECK(plot_curve(plot, "", PLOT_LINES, (int)i, size->cells[0].load, size->cells[size->count - 1].load,
                         0, fitted_success, curve));
    }
    double x[2] = {theory_capacity(NULL), theory_capacity(NULL)}, y[2] = {0, 1};
    return plot_series(plot, "theory", PLOT_DASHED, CHAIN_MAX, 2, x, y, NULL, NULL);
}

/* Sizes that double from the smallest one (`doubling`), or all others; the larger ones if they are too many.
 */
static size_t choose_chain(const struct capacity *capacity, bool doubling, size_t chain[CHAIN_MAX]) {
    size_t count = 0;
    for (size_t i = capacity->curve_count; i-- > 0 && count < CHAIN_MAX;) {
        int exponent;
        double ratio = capacity->curves[i].size->neurons / capacity->curves[0].size->neurons;
        if ((frexp(ratio, &exponent) == 0.5) == doubling) chain[count++] = i;
    }
    for (size_t i = 0; i < count / 2; i++) {
        size_t other = chain[count - 1 - i];
        chain[count - 1 - i] = chain[i];
        chain[i] = other;
    }
    return count;
}

static enum status plot_chain(const struct capacity *capacity, bool doubling, struct finding *finding) {
    size_t chain[CHAIN_MAX], count = choose_chain(capacity, doubling, chain);
    struct plot *plot = count == 0 ? NULL
                                   : finding_plot(finding, doubling ? "hc1a_success" : "hc1a_success_between",
                                                  "Retrieval breaks at a load that sharpens with size",
                                                  "load P/N", "share of trials with overlap above 0.9");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Start at a stored pattern, random-order asynchronous updates to a fixed point%s. Points with 95 %% "
        "intervals over pattern sets, probit fits as lines; where the curves of N and 2N cross "
        "estimates the capacity. Dashed: theory of retrieval minima, %.4f.",
        doubling ? "" : "; sizes between", theory_capacity(NULL));
    plot->y_low = -0.03;
    plot->y_high = 1.03;
    return draw_chain(capacity, count, chain, plot, finding);
}

static enum status plot_crossing(const struct capacity *capacity, struct finding *finding) {
    size_t chain[CHAIN_MAX], count = choose_chain(capacity, true, chain);
    struct plot *plot = capacity->pair_count == 0
                            ? NULL
                            : finding_plot(finding, "hc1a_crossing", "Where the curves cross", "load P/N",
                                           "share of trials with overlap above 0.9");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "The same data, near the theory's load: left of the crossing larger networks succeed more often, "
        "right of it less often.");
    plot->x_low = 0.134;
    plot->x_high = 0.147;
    plot->y_low = 0.7;
    plot->y_high = 1;
    return draw_chain(capacity, count, chain, plot, NULL);
}

enum status capacity_plot_curves(const struct capacity *capacity, struct finding *finding) {
    if (capacity->curve_count == 0) return STATUS_OK;
    CHECK(plot_chain(capacity, true, finding));
    CHECK(plot_chain(capacity, false, finding));
    return plot_crossing(capacity, finding);
}

/* --- extrapolation ------------------------------------------------------------------------------------ */

/* Extrapolation as a curve over N^(-1/2), down to infinite size at 0. */
static double extrapolated(double root, const void *context) {
    const struct extrapolation *made = context;
    return root > 0 ? extrapolation_at(made, 1 / (root * root)) : made->limit.value;
}

static enum status plot_one(struct plot *plot, const char *label, int colour, double x, double y, double low,
                            double high) {
    return plot_series(plot, label, PLOT_POINTS, colour, 1, &x, &y, &low, &high);
}

static const struct {
    const char *label;
    double value, deviation; /* value 0: computed */
} published[] = {
    {"theory, replica symmetric", 0, 0},
    {"theory, symmetry broken", CAPACITY_SYMMETRY_BROKEN, 0},
    {"simulations, 1994", CAPACITY_SIMULATIONS, CAPACITY_SIMULATIONS_DEVIATION},
    {"Hopfield, 1982", CAPACITY_HOPFIELD, 0},
};

static double published_value(size_t index) {
    return published[index].value > 0 ? published[index].value : theory_capacity(NULL);
}

/* Published figures and the estimate, one beside the other from x on in steps. */
static enum status plot_published(const struct capacity *capacity, double x, double step, struct plot *plot) {
    const struct interval *estimate = &capacity->estimate;
    if (isfinite(estimate->low) && isfinite(estimate->high))
        CHECK(plot_one(plot, "this run, both estimators", 6, x, estimate->value, estimate->low,
                       estimate->high));
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        double value = published_value(i);
        CHECK(plot_one(plot, published[i].label, (int)i + 2 + (i == 3) * 2, x + (double)(i + 1) * step, value,
                       value - published[i].deviation, value + published[i].deviation));
    }
    return STATUS_OK;
}

static enum status draw_halves(const struct capacity *capacity, struct plot *plot) {
    double x[CAPACITY_SIZES_MAX], y[CAPACITY_SIZES_MAX], low[CAPACITY_SIZES_MAX], high[CAPACITY_SIZES_MAX];
    for (size_t i = 0; i < capacity->curve_count; i++) {
        const struct interval *half = &capacity->curves[i].half;
        x[i] = 1 / sqrt(capacity->curves[i].size->neurons);
        y[i] = half->value, low[i] = half->low, high[i] = half->high;
    }
    CHECK(plot_series(plot, "half of the trials succeed", PLOT_POINTS, 0, capacity->curve_count, x, y, low,
                      high));
    size_t crossings = 0;
    for (size_t i = 0; i < capacity->pair_count; i++) {
        const struct interval *crossing = &capacity->pairs[i].crossing;
        if (!isfinite(crossing->low) || !isfinite(crossing->high)) continue;
        x[crossings] = 1 / sqrt(capacity->curves[capacity->pairs[i].smaller].size->neurons);
        y[crossings] = crossing->value, low[crossings] = crossing->low, high[crossings++] = crossing->high;
    }
    return plot_series(plot, "curves of N and 2N cross", PLOT_POINTS, 1, crossings, x, y, low, high);
}

enum status capacity_plot_extrapolation(const struct capacity *capacity, struct finding *finding) {
    struct plot *plot =
        capacity->curve_count == 0
            ? NULL
            : finding_plot(finding, "hc1a_capacity", "To infinitely many neurons", "N^{-1/2}", "load P/N");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Loads of half success and loads where the curves of N and 2N cross (drawn at N), with 95 %% "
        "intervals. Lines: extrapolations with theory's exponents (half success 1/2 and 1, crossings 1) and, "
        "dashed, with the exponent fitted; at 0: infinite size. Left of 0, beside each other: this run's "
        "estimate and published figures.");
    double widest = 1 / sqrt(capacity->curves[0].size->neurons);
    CHECK(draw_halves(capacity, plot));
    CHECK(plot_curve(plot, "", PLOT_LINES, 0, 0, widest, 0, extrapolated, &capacity->half_theory));
    CHECK(plot_curve(plot, "", PLOT_DASHED, 0, 0, widest, 0, extrapolated, &capacity->half_fitted));
    CHECK(plot_curve(plot, "", PLOT_LINES, 1, 0, widest, 0, extrapolated, &capacity->crossing_theory));
    CHECK(plot_curve(plot, "", PLOT_DASHED, 1, 0, widest, 0, extrapolated, &capacity->crossing_fitted));
    plot->x_low = -0.15 * widest;
    plot->x_high = 1.03 * widest;
    return plot_published(capacity, -0.02 * widest, -0.025 * widest, plot);
}

/* A row of the chart of estimates with its mark. */
static enum status add_estimate(struct plot *plot, const char *name, const char *series, int colour,
                                double value, double low, double high) {
    struct plot_row *row = plot_add_row(plot, name);
    if (row == NULL) return STATUS_NO_MEMORY;
    number_with_interval(value, low, high, row->notes[0]);
    double place = (double)plot->row_count - 1;
    CHECK(plot_series(plot, series, PLOT_POINTS, colour, 1, &value, &place, &low, &high));
    if (plot->row_count > 1 && colour == plot->series[plot->series_count - 2].colour) plot_unlist(plot);
    return STATUS_OK;
}

enum status capacity_plot_estimates(const struct capacity *capacity, struct finding *finding) {
    const struct {
        const char *name;
        const struct interval *at;
    } estimates[] = {{"half success, exponents 1/2 and 1", &capacity->half_theory.limit},
                     {"half success, exponent fitted", &capacity->half_fitted.limit},
                     {"crossings of N and 2N, exponent 1", &capacity->crossing_theory.limit},
                     {"crossings, exponent fitted", &capacity->crossing_fitted.limit},
                     {"all together, which decides", &capacity->estimate}};
    struct plot *plot =
        finding_plot(finding, "hc1b_estimates", "Capacity for infinite size, by estimator", "load P/N", "");
    if (plot == NULL) return STATUS_OK;
    snprintf(plot->note_heads[0], sizeof plot->note_heads[0], "load [95 %%]");
    snprintf(
        plot->caption, sizeof plot->caption,
        "This run's estimates, and published figures: the theory of retrieval minima, simulations quoted by Steffan "
        "& Kuehn 1994, Hopfield's own estimate of 1982.");
    for (size_t i = 0; i < sizeof estimates / sizeof *estimates; i++) {
        const struct interval *at = estimates[i].at;
        if (!isfinite(at->low) || !isfinite(at->high)) continue;
        CHECK(add_estimate(plot, estimates[i].name, "this run", 0, at->value, at->low, at->high));
    }
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        double value = published_value(i), deviation = published[i].deviation;
        CHECK(add_estimate(plot, published[i].label, "published", 1, value, value - deviation,
                           value + deviation));
    }
    return STATUS_OK;
}

/* --- dynamics ----------------------------------------------------------------------------------------- */

static const struct size_group *size_of(const struct retrieval *retrieval, double neurons) {
    for (size_t i = 0; i < retrieval->size_count; i++) {
        if (retrieval->sizes[i].neurons == neurons) return &retrieval->sizes[i];
    }
    return NULL;
}

/* The first size from one end that has loads enough under both dynamics, or NULL. */
static const struct size_group *common_size(const struct retrieval *asynchronous,
                                            const struct retrieval *synchronous, bool largest) {
    for (size_t i = 0; i < synchronous->size_count; i++) {
        const struct size_group *size = &synchronous->sizes[largest ? synchronous->size_count - 1 - i : i];
        const struct size_group *other = size_of(asynchronous, size->neurons);
        if (size->count >= CURVE_LOADS_LEAST && other != NULL && other->count >= CURVE_LOADS_LEAST)
            return size;
    }
    return NULL;
}

static enum status draw_dynamics(const struct retrieval *asynchronous, const struct size_group *size,
                                 int colour, struct plot *plot) {
    char label[64];
    snprintf(label, sizeof label, "success, asynchronous, N = %.0f", size->neurons);
    CHECK(plot_shares(plot, size_of(asynchronous, size->neurons), success_share, PLOT_POINTS_LINES, label,
                      colour));
    snprintf(label, sizeof label, "success, synchronous, N = %.0f", size->neurons);
    CHECK(plot_shares(plot, size, success_share, PLOT_POINTS_LINES, label, colour + 1));
    snprintf(label, sizeof label, "2-cycles, synchronous, N = %.0f", size->neurons);
    CHECK(plot_shares(plot, size, cycle_share, PLOT_POINTS_LINES, label, colour + 2));
    return STATUS_OK;
}

enum status capacity_plot_dynamics(const struct retrieval *asynchronous, const struct retrieval *synchronous,
                                   struct finding *finding) {
    const struct size_group *small = common_size(asynchronous, synchronous, false),
                            *large = common_size(asynchronous, synchronous, true);
    struct plot *plot =
        large == NULL ? NULL
                      : finding_plot(finding, "hc1a_dynamics", "Synchronous updates beside asynchronous ones",
                                     "load P/N", "share of trials");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Start at a stored pattern. Near the transition synchronous updates mostly end in 2-cycles, whose "
        "overlap is that of one of their two states. Cut off: runs of either dynamics that hit the limit on "
        "sweeps, whose overlap would say nothing.");
    plot->y_low = -0.03;
    plot->y_high = 1.03;
    if (small != large) CHECK(draw_dynamics(asynchronous, small, 3, plot));
    CHECK(draw_dynamics(asynchronous, large, 0, plot));
    return plot_shares(plot, large, capped_share, PLOT_POINTS_LINES, "cut off, synchronous", 6);
}
