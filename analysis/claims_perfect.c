/* HC3: perfect recall. Up to which number of patterns most of them, or all, are fixed points. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/success_curve.h"
#include "analysis/theory.h"

/* Most: this share of the patterns are fixed points. All: every pattern is, in this share of the sets. */
#define PERFECT_SHARE 0.9
/* Relative, of the number of patterns. Between neurons and between patterns there are correlations that the
 * expression leaves out; they take some per cent at N = 250. */
#define PERFECT_TOLERANCE 0.05
#define PERFECT_PRECISION 0.05
/* Patterns beside the expression's that the curve is fitted to: chosen by the load alone. A probit is locally
 * right. */
#define NEAR_LOW  0.8
#define NEAR_HIGH 1.25

enum { PERFECT_KEY = 0x4843 + 3, PERFECT_SIZES_MAX = 12, PERFECT_SIZES_LEAST = 4 };

enum perfect_criterion { PERFECT_MOST, PERFECT_ALL, PERFECT_CRITERION_COUNT };

static const char *const criterion_names[] = {"most", "all"};

/* Sizes at which one criterion was measured, rising. */
struct perfect {
    size_t count, sets;
    double neurons[PERFECT_SIZES_MAX];
    struct interval patterns[PERFECT_SIZES_MAX];
};

/* --- measuring ---------------------------------------------------------------------------------------- */

static bool tries_every_pattern(const struct record *record) {
    return record_integer(record, "trials") == record_integer(record, "patterns");
}

/* What a criterion calls a trial and a success, in the place of retrievals. */
static void count_perfect(struct retrieval *retrieval, enum perfect_criterion criterion) {
    for (size_t i = 0; i < retrieval->set_count; i++) {
        struct pattern_set *set = &retrieval->sets[i];
        if (criterion == PERFECT_MOST) {
            set->successes = set->fixed;
        } else {
            set->successes = set->fixed == set->trials;
            set->trials = 1;
        }
    }
}

static enum status gather(const struct results *results, enum perfect_criterion criterion,
                          struct retrieval **retrieval) {
    *retrieval = NULL;
    struct selection selection;
    CHECK(selection_create(results, "hopfield_capacity", &selection));
    selection_keep_text(&selection, "rule", "hebb");
    selection_keep(&selection, tries_every_pattern);
    enum status status = retrieval_gather(&selection, RETRIEVAL_SUCCESS_OVERLAP, retrieval);
    selection_destroy(&selection);
    if (status == STATUS_OK) count_perfect(*retrieval, criterion);
    return status;
}

/* The loads of a size about the expression's. */
static struct size_group loads_near(const struct size_group *size, enum perfect_criterion criterion) {
    double patterns = theory_perfect_patterns(size->neurons, PERFECT_SHARE, criterion == PERFECT_ALL);
    struct size_group near = {.neurons = size->neurons};
    for (size_t i = 0; i < size->count; i++) {
        const struct load_cell *cell = &size->cells[i];
        if (cell->patterns < NEAR_LOW * patterns || cell->patterns > NEAR_HIGH * patterns) continue;
        if (near.count++ == 0) near.cells = cell;
    }
    return near;
}

static void patterns_at_share(const void *context, struct resampler *resampler, double *values) {
    const struct success_curve *curve = context;
    double c[CURVE_TERMS_MAX];
    values[0] = success_curve_resample(curve, resampler, c)
                    ? curve->size->neurons * success_curve_load(curve, c)
                    : NAN;
}

static enum status measure(const struct results *results, enum perfect_criterion criterion,
                           struct perfect *perfect) {
    *perfect = (struct perfect){0};
    struct retrieval *retrieval;
    enum status status = gather(results, criterion, &retrieval);
    for (size_t i = 0; status == STATUS_OK && i < retrieval->size_count; i++) {
        struct size_group near = loads_near(&retrieval->sizes[i], criterion);
        struct success_curve curve;
        if (perfect->count == PERFECT_SIZES_MAX || !success_curve_fit(&near, PERFECT_SHARE, &curve)) continue;
        perfect->neurons[perfect->count] = near.neurons;
        perfect->sets += curve.sets;
        status = bootstrap_interval(patterns_at_share, &curve, PERFECT_KEY + (uint64_t)i, curve.fewest_sets,
                                    curve.sets, &perfect->patterns[perfect->count]);
        if (status == STATUS_OK) perfect->count++;
    }
    retrieval_destroy(&retrieval);
    return status;
}

/* --- plots -------------------------------------------------------------------------------------------- */

struct reference {
    bool all, law, relative; /* relative: over the law */
};

static double reference_at(double neurons, const void *context) {
    const struct reference *reference = context;
    double law = theory_perfect_law(neurons, reference->all);
    double patterns = reference->law ? law : theory_perfect_patterns(neurons, PERFECT_SHARE, reference->all);
    return reference->relative ? patterns / law : patterns;
}

static enum status plot_criterion(const struct perfect *perfect, enum perfect_criterion criterion,
                                  bool relative, struct plot *plot) {
    static const char *const labels[] = {"most: 90 % of the patterns", "all, in 90 % of the sets"};
    double y[PERFECT_SIZES_MAX], low[PERFECT_SIZES_MAX], high[PERFECT_SIZES_MAX];
    for (size_t i = 0; i < perfect->count; i++) {
        double unit = relative ? theory_perfect_law(perfect->neurons[i], criterion == PERFECT_ALL) : 1;
        y[i] = perfect->patterns[i].value / unit;
        low[i] = perfect->patterns[i].low / unit;
        high[i] = perfect->patterns[i].high / unit;
    }
    struct reference expression = {.all = criterion == PERFECT_ALL, .relative = relative}, law = expression;
    law.law = true;
    CHECK(plot_series(plot, labels[criterion], PLOT_POINTS, (int)criterion, perfect->count, perfect->neurons,
                      y, low, high));
    CHECK(plot_curve(plot, "", PLOT_LINES, (int)criterion, 200, 40000, 1, reference_at, &expression));
    if (relative) return STATUS_OK;
    return plot_curve(plot, criterion == PERFECT_ALL ? "N/(4 ln N)" : "N/(2 ln N)", PLOT_DASHED,
                      (int)criterion, 200, 40000, 1, reference_at, &law);
}

static enum status plot_patterns(const struct perfect *perfect, bool relative, struct finding *finding) {
    struct plot *plot =
        finding_plot(finding, relative ? "hc3_ratio" : "hc3_patterns",
                     relative ? "Beside the asymptotic laws" : "Patterns that are fixed points", "neurons N",
                     relative ? "patterns / law" : "patterns P");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    plot->y_log = !relative;
    snprintf(
        plot->caption, sizeof plot->caption,
        "%s, with 95 %% intervals over pattern sets. Lines: what the first-step error probability p leaves at "
        "finite N, (1-p)^{N} for most and (1-p)^{NP} for all. %s",
        relative ? "The numbers of patterns over N/(2 ln N) and N/(4 ln N)"
                 : "Up to how many patterns most or all of them are fixed points",
        relative ? "The laws themselves are at 1, which the lines approach as slowly as ln ln N / ln N."
                 : "Dashed: the asymptotic laws.");
    for (size_t k = 0; k < PERFECT_CRITERION_COUNT; k++)
        CHECK(plot_criterion(&perfect[k], k, relative, plot));
    if (!relative) return STATUS_OK;
    double ends[2] = {200, 40000}, one[2] = {1, 1};
    return plot_series(plot, "laws", PLOT_DASHED, 6, 2, ends, one, NULL, NULL);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static struct interval divided(struct interval interval, double by) {
    return interval_scaled(interval, 1 / by);
}

/* A ratio that decides (tolerance > 0) or is reported. */
static void report_ratio(struct finding *finding, const struct interval *ratio, int definition, bool decides,
                         const char *name) {
    struct measurement *m = finding_measurement(finding, "1", "%s", name);
    if (ratio != NULL) measurement_set(m, ratio);
    if (!decides || m == NULL) return;
    measurement_decides(m, CRITERION_NEAR, 1, PERFECT_TOLERANCE);
    m->precision = PERFECT_PRECISION;
    m->definition = definition;
}

/* The largest size decides, if there are enough to see where they go. */
static void report_criterion(const struct perfect *perfect, enum perfect_criterion criterion,
                             struct finding *finding) {
    char name[96];
    const char *what = criterion_names[criterion];
    if (perfect->count < PERFECT_SIZES_LEAST) {
        snprintf(name, sizeof name, "%s: patterns / expression of finite N", what);
        report_ratio(finding, NULL, 0, true, name);
        snprintf(name, sizeof name, "%s: patterns / asymptotic law", what);
        report_ratio(finding, NULL, 1, true, name);
    }
    for (size_t i = perfect->count; i-- > 0;) {
        double neurons = perfect->neurons[i];
        bool decides = perfect->count >= PERFECT_SIZES_LEAST && i + 1 == perfect->count;
        struct interval ratio = divided(
            perfect->patterns[i], theory_perfect_patterns(neurons, PERFECT_SHARE, criterion == PERFECT_ALL));
        snprintf(name, sizeof name, "%s: patterns / expression of finite N, N = %.0f", what, neurons);
        report_ratio(finding, &ratio, 0, decides, name);
        ratio = divided(perfect->patterns[i], theory_perfect_law(neurons, criterion == PERFECT_ALL));
        snprintf(name, sizeof name, "%s: patterns / asymptotic law, N = %.0f", what, neurons);
        report_ratio(finding, &ratio, 1, decides, name);
    }
}

/* The largest size, beside the asymptotic law. */
static void hand_capacity(const struct perfect *perfect, enum perfect_criterion criterion,
                          struct finding *finding) {
    if (perfect->count == 0) return;
    bool all = criterion == PERFECT_ALL;
    double neurons = perfect->neurons[perfect->count - 1];
    struct interval load = interval_scaled(perfect->patterns[perfect->count - 1], 1 / neurons);
    finding_capacity(finding, "Hebb, perfect recall", theory_perfect_law(neurons, all) / neurons, &load,
                     all ? "all patterns fixed in 90 %% of the sets, N = %.0f"
                         : "90 %% of the patterns fixed, N = %.0f",
                     neurons);
}

/* "most 1.05 at N = 250, 1.02 at N = 8000" */
static void say_trend(const struct perfect *perfect, enum perfect_criterion criterion,
                      struct finding *finding) {
    if (perfect->count == 0) return;
    size_t last = perfect->count - 1;
    for (size_t i = 0; i <= last; i += last > 0 ? last : 1) {
        double law = theory_perfect_law(perfect->neurons[i], criterion == PERFECT_ALL);
        finding_say(finding, "%s%.2f at N = %.0f",
                    i > 0                      ? ", "
                    : criterion == PERFECT_ALL ? "; all "
                                               : " most ",
                    perfect->patterns[i].value / law, perfect->neurons[i]);
    }
}

static void describe(const struct perfect *perfect, struct finding *finding) {
    for (size_t k = 0; k < PERFECT_CRITERION_COUNT; k++) {
        finding->records += perfect[k].sets;
        if (perfect[k].count == 0) continue;
        finding_sizes(finding, "%s: N = %.0f ... %.0f (%zu sizes)", criterion_names[k], perfect[k].neurons[0],
                      perfect[k].neurons[perfect[k].count - 1], perfect[k].count);
    }
    finding_say(
        finding,
        "Number of patterns up to which 90 %% of them are fixed points (most), or all are in 90 %% of the "
        "sets (all), at the largest size and to +-%.0f %%, under two definitions: what the first-step error "
        "probability p leaves at finite N, (1-p)^N and (1-p)^(NP), and the asymptotic laws N/(2 ln N) and "
        "N/(4 ln N).",
        100 * PERFECT_TOLERANCE);
    if (perfect[PERFECT_MOST].count == 0 && perfect[PERFECT_ALL].count == 0) return;
    finding_say(finding, " Over these laws:");
    for (size_t k = 0; k < PERFECT_CRITERION_COUNT; k++)
        say_trend(&perfect[k], k, finding);
    finding_say(finding, ".");
}

static enum status find_perfect(const struct results *results, struct finding *finding) {
    struct perfect perfect[PERFECT_CRITERION_COUNT];
    for (size_t k = 0; k < PERFECT_CRITERION_COUNT; k++)
        CHECK(measure(results, k, &perfect[k]));
    describe(perfect, finding);
    for (size_t k = 0; k < PERFECT_CRITERION_COUNT; k++) {
        report_criterion(&perfect[k], k, finding);
        hand_capacity(&perfect[k], k, finding);
    }
    if (perfect[PERFECT_MOST].count + perfect[PERFECT_ALL].count == 0) return STATUS_OK;
    CHECK(plot_patterns(perfect, false, finding));
    return plot_patterns(perfect, true, finding);
}

const struct claim claim_perfect_recall = {
    .id = "HC3",
    .statement = "Most patterns are recalled without error up to N/(2 ln N) of them, all up to N/(4 ln N)",
    .source = "McEliece, Posner, Rodemich & Venkatesh 1987",
    .prediction = "finite-N expression +- 5 %; the laws +- 5 %",
    .sources = {{"hopfield_capacity", "neurons load rule trials patterns overlap fixed_patterns"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_perfect,
};
