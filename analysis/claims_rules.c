/* HC5a, HC5b: learning rules beyond Hebb's under one criterion: how their capacity grows, and what it is
 * beside what the literature says. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/rule_memory.h"
#include "analysis/theory.h"
#include "core/base/memory.h"

/* Of an exponent, as in HC4. Storkey's N / sqrt(2 ln N) has 0.91 at N = 200. */
#define EXPONENT_TOLERANCE 0.1
#define EXPONENT_PRECISION 0.1
/* Of a capacity against a quoted one, relative. */
#define CAPACITY_TOLERANCE 0.05
#define CAPACITY_PRECISION 0.1
/* A basin of so few flips counts as none: where a start at this overlap is lost more often than not. */
#define CLOSED_OVERLAP 0.85
#define CLOSED_LOAD    0.9

enum rule_index {
    HEBB,
    PSEUDO_INVERSE,
    PSEUDO_INVERSE_DIAGONAL,
    STORKEY,
    PERCEPTRON,
    PERCEPTRON_STABLE,
    PERCEPTRON_SYMMETRIC,
    DREAMING_1,
    DREAMING_10,
    DREAMING_100,
    RULE_COUNT
};

static const struct {
    const char *name, *label;
    double refused_at; /* the projector of N patterns is the identity */
} rules[RULE_COUNT] = {
    [HEBB] = {"hebb", "Hebb", 0},
    [PSEUDO_INVERSE] = {"pseudo_inverse", "pseudo-inverse", 1},
    [PSEUDO_INVERSE_DIAGONAL] = {"pseudo_inverse_diagonal", "pseudo-inverse, diagonal", 1},
    [STORKEY] = {"storkey", "Storkey", 0},
    [PERCEPTRON] = {"perceptron", "perceptron", 0},
    [PERCEPTRON_STABLE] = {"perceptron_stable", "perceptron, stability 1", 0},
    [PERCEPTRON_SYMMETRIC] = {"perceptron_symmetric", "perceptron, symmetric", 0},
    [DREAMING_1] = {"dreaming_1", "dreaming, t = 1", 0},
    [DREAMING_10] = {"dreaming_10", "dreaming, t = 10", 0},
    [DREAMING_100] = {"dreaming_100", "dreaming, t = 100", 0},
};

static const char *const criteria[RULE_CRITERION_COUNT] = {"retrieval", "perfect recall"};

/* memories[RULE_COUNT]; to be freed even on failure. */
static enum status measure(const struct results *results, struct rule_memory **memories) {
    *memories = memory_allocate(RULE_COUNT, sizeof **memories);
    if (*memories == NULL) return STATUS_NO_MEMORY;
    for (size_t r = 0; r < RULE_COUNT; r++)
        CHECK(rule_memory_measure(results, rules[r].name, rules[r].refused_at, &(*memories)[r]));
    return STATUS_OK;
}

/* The largest size whose capacity was found, or NULL: at the size of the basins few loads may have run. */
static const struct rule_size *largest(const struct rule_memory *memory) {
    for (size_t i = memory->size_count; i-- > 0;)
        if (isfinite(memory->sizes[i].capacity[RULE_PERFECT].value)) return &memory->sizes[i];
    return NULL;
}

static void describe(const struct rule_memory *memories, struct finding *finding) {
    double low = INFINITY, high = 0;
    size_t fewest = SIZE_MAX, measured = 0;
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_memory *memory = &memories[r];
        finding->records += memory->sets;
        measured += memory->size_count > 0;
        for (size_t i = 0; i < memory->size_count; i++) {
            low = fmin(low, memory->sizes[i].neurons);
            high = fmax(high, memory->sizes[i].neurons);
            if (memory->sizes[i].fewest_sets < fewest) fewest = memory->sizes[i].fewest_sets;
        }
    }
    if (measured > 0)
        finding_sizes(finding, "%zu rules, N = %.0f ... %.0f, at least %zu pattern sets per load", measured,
                      low, high, fewest);
}

/* There are fewer colours than rules: dreaming is dashed. */
static enum plot_style style_of(size_t rule) {
    return rule >= DREAMING_1 ? PLOT_DASHED : PLOT_POINTS_LINES;
}

static int colour_of(size_t rule) {
    return (int)(rule >= DREAMING_1 ? rule - DREAMING_1 : rule);
}

static bool is_bounded(const struct interval *interval) {
    return isfinite(interval->value) && isfinite(interval->low) && isfinite(interval->high);
}

/* --- plots ---------------------------------------------------------------------------------------------- */

static enum status plot_growth(const struct rule_memory *memories, enum rule_criterion criterion,
                               struct finding *finding) {
    struct plot *plot = finding_plot(finding, criterion == RULE_PERFECT ? "hc5a_perfect" : "hc5a_retrieved",
                                     criterion == RULE_PERFECT ? "All patterns are fixed points"
                                                               : "Half of the retrievals succeed",
                                     "neurons N", "patterns P");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption, "%s",
        criterion == RULE_PERFECT
            ? "Number of patterns at which all of them are fixed points in half of the sets, with 95 % "
              "intervals over sets. Dashed: N."
            : "Number of patterns at which half of the retrievals from a stored pattern end above overlap "
              "0.9, with 95 % intervals over pattern sets. Thin line: N.");
    plot->x_log = plot->y_log = true;
    double smallest = INFINITY, widest = 0;
    for (size_t r = 0; r < RULE_COUNT; r++) {
        double x[RULE_SIZES_MAX], y[RULE_SIZES_MAX], low[RULE_SIZES_MAX], high[RULE_SIZES_MAX];
        size_t count = 0;
        for (size_t i = 0; i < memories[r].size_count; i++) {
            const struct rule_size *size = &memories[r].sizes[i];
            const struct interval *load = &size->capacity[criterion];
            if (!is_bounded(load)) continue;
            x[count] = size->neurons, y[count] = load->value * size->neurons;
            low[count] = load->low * size->neurons, high[count++] = load->high * size->neurons;
            smallest = fmin(smallest, size->neurons), widest = fmax(widest, size->neurons);
        }
        CHECK(plot_series(plot, rules[r].label, style_of(r), colour_of(r), count, x, y, low, high));
    }
    double ends[2] = {smallest, widest};
    return widest > 0 ? plot_series(plot, "N", PLOT_LINES, PERCEPTRON_SYMMETRIC, 2, ends, ends, NULL, NULL)
                      : STATUS_OK;
}

/* What the literature claims of a rule at its largest size by perfect recall (Hebb: retrieval); NaN: nothing.
 */
static double claimed_load(size_t rule, double neurons) {
    switch (rule) {
    case HEBB:
        return theory_capacity(NULL);
    case PSEUDO_INVERSE:
    case PSEUDO_INVERSE_DIAGONAL:
    case DREAMING_100:
        return 1;
    case STORKEY:
        return 1 / sqrt(2 * log(neurons));
    case PERCEPTRON:
        return 2;
    default:
        return NAN;
    }
}

static enum status plot_capacities(const struct rule_memory *memories, struct finding *finding) {
    struct plot *plot =
        finding_plot(finding, "hc5b_capacity", "Capacity of each rule, claim beside measurement",
                     "rule (see the caption)", "load P/N");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "At each rule's largest size, 95 %% intervals: 1 Hebb, 2 pseudo-inverse, 3 with its diagonal, 4 "
        "Storkey, 5 perceptron, 6 with stability 1, 7 symmetric, 8-10 dreaming for t = 1, 10, 100. "
        "Claimed: 0.138 with errors (1), 1 (2, 3, 10), 1/sqrt(2 ln N) (4), 2 (5); at finite N all neurons "
        "can learn at once up to Cover's load.");
    double x[3][RULE_COUNT], y[3][RULE_COUNT], low[2][RULE_COUNT], high[2][RULE_COUNT];
    size_t count[3] = {0};
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_size *size = largest(&memories[r]);
        if (size == NULL) continue;
        for (size_t c = 0; c < RULE_CRITERION_COUNT; c++) {
            const struct interval *load = &size->capacity[c];
            if (!is_bounded(load)) continue;
            x[c][count[c]] = (double)r + 1 + 0.2 * ((double)c - 0.5), y[c][count[c]] = load->value;
            low[c][count[c]] = load->low, high[c][count[c]++] = load->high;
        }
        if (isnan(claimed_load(r, size->neurons))) continue;
        x[2][count[2]] = (double)r + 1, y[2][count[2]++] = claimed_load(r, size->neurons);
    }
    plot->x_low = 0.5, plot->x_high = RULE_COUNT + 0.5;
    CHECK(plot_series(plot, "retrieval above 0.9", PLOT_POINTS, 0, count[0], x[0], y[0], low[0], high[0]));
    CHECK(plot_series(plot, "all patterns fixed", PLOT_POINTS, 1, count[1], x[1], y[1], low[1], high[1]));
    CHECK(plot_series(plot, "claimed", PLOT_POINTS, 2, count[2], x[2], y[2], NULL, NULL));
    const struct rule_size *size = largest(&memories[PERCEPTRON]);
    if (size == NULL) return STATUS_OK;
    double place = PERCEPTRON + 1, cover = rule_separable_load(size->neurons);
    return plot_series(plot, "Cover, all N neurons", PLOT_POINTS, 3, 1, &place, &cover, NULL, NULL);
}

static enum status plot_basins(const struct rule_memory *memories, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc5b_basins", "Basins shrink as the load grows", "load P/N",
                                     "critical overlap");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Initial overlap from which half of the retrievals end above 0.9, N = %.0f, with 95 %% intervals over "
        "pattern sets: the lower, the wider the basin. Near 0.9 and above there is none to speak of.",
        memories[PSEUDO_INVERSE].basin_neurons);
    for (size_t r = 0; r < RULE_COUNT; r++) {
        double x[RULE_LOADS_MAX], y[RULE_LOADS_MAX], low[RULE_LOADS_MAX], high[RULE_LOADS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < memories[r].basin_count; i++) {
            const struct rule_basin *basin = &memories[r].basins[i];
            if (!is_bounded(&basin->overlap)) continue;
            x[count] = basin->load, y[count] = basin->overlap.value;
            low[count] = basin->overlap.low, high[count++] = basin->overlap.high;
        }
        CHECK(plot_series(plot, rules[r].label, style_of(r), colour_of(r), count, x, y, low, high));
    }
    return STATUS_OK;
}

static enum status plot_costs(const struct rule_memory *memories, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "hc5b_cost", "What learning costs", "load P/N", "operations");
    if (plot == NULL) return STATUS_OK;
    plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Counted operations of learning all patterns, N = %.0f, mean over pattern sets; Hebb's are on 64 bits "
        "at once, the others on numbers.",
        memories[PSEUDO_INVERSE].basin_neurons);
    for (size_t r = 0; r < RULE_COUNT; r++) {
        double x[RULE_LOADS_MAX], y[RULE_LOADS_MAX];
        for (size_t i = 0; i < memories[r].basin_count; i++)
            x[i] = memories[r].basins[i].load, y[i] = memories[r].basins[i].operations;
        CHECK(plot_series(plot, rules[r].label, style_of(r), colour_of(r), memories[r].basin_count, x, y,
                          NULL, NULL));
    }
    return STATUS_OK;
}

/* --- HC5a ----------------------------------------------------------------------------------------------- */

static void report_exponents(const struct rule_memory *memories, enum rule_criterion criterion,
                             struct finding *finding) {
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_memory *memory = &memories[r];
        struct measurement *m = finding_measurement(finding, "1", "exponent of P in N, %s, %s",
                                                    criteria[criterion], rules[r].label);
        if (m == NULL) return;
        measurement_set(m, &memory->exponent[criterion]);
        if (r == HEBB) continue;
        measurement_decides(m, CRITERION_NEAR, 1, EXPONENT_TOLERANCE);
        m->precision = EXPONENT_PRECISION;
        m->definition = criterion;
    }
}

static enum status find_growth(const struct results *results, struct finding *finding) {
    struct rule_memory *memories;
    enum status status = measure(results, &memories);
    if (status == STATUS_OK) {
        report_exponents(memories, RULE_RETRIEVED, finding);
        report_exponents(memories, RULE_PERFECT, finding);
        describe(memories, finding);
        finding_say(
            finding,
            "Exponent of the number of patterns in the number of neurons, by least squares over %d sizes or more, "
            "compared with 1 +- %.1f, all rules but Hebb's under each of two definitions: half of the "
            "asynchronous retrievals from a stored pattern end above overlap 0.9; all patterns are fixed points "
            "in half of the sets. Exponents are those of the sizes that were run: what 1/sqrt(N) or a logarithm "
            "does to the load is in them.",
            RULE_SIZES_LEAST, EXPONENT_TOLERANCE);
        status = plot_growth(memories, RULE_RETRIEVED, finding);
        if (status == STATUS_OK) status = plot_growth(memories, RULE_PERFECT, finding);
    }
    memory_free(memories);
    return status;
}

/* --- HC5b ----------------------------------------------------------------------------------------------- */

static void decide_ratio(struct finding *finding, const struct rule_size *size, double claimed,
                         const char *what) {
    struct measurement *m = finding_measurement(finding, "1", "%s", what);
    if (m == NULL) return;
    measurement_decides(m, CRITERION_NEAR, 1, CAPACITY_TOLERANCE);
    m->precision = CAPACITY_PRECISION;
    if (size == NULL || !(isfinite(claimed) && claimed > 0)) return;
    struct interval ratio = interval_scaled(size->capacity[RULE_PERFECT], 1 / claimed);
    measurement_set(m, &ratio);
}

/* The claims that can be decided at finite N. */
static void decide_capacities(const struct rule_memory *memories, struct finding *finding) {
    const struct rule_size *size = largest(&memories[PSEUDO_INVERSE]);
    decide_ratio(finding, size, 1, "pseudo-inverse, perfect recall over N");
    size = largest(&memories[STORKEY]);
    decide_ratio(finding, size, size == NULL ? 1 : claimed_load(STORKEY, size->neurons),
                 "Storkey, perfect recall over N / sqrt(2 ln N)");
    size = largest(&memories[PERCEPTRON]);
    decide_ratio(finding, size, size == NULL ? 1 : rule_separable_load(size->neurons),
                 "perceptron, perfect recall over Cover's load for all N neurons");
    size = largest(&memories[DREAMING_100]);
    decide_ratio(finding, size, 1, "dreaming, t = 100, perfect recall over N");
}

/* The pseudo-inverse's basin at the largest load. */
static void decide_basin(const struct rule_memory *memory, struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "pseudo-inverse, critical initial overlap near load 1");
    if (m == NULL) return;
    measurement_decides(m, CRITERION_AT_LEAST, CLOSED_OVERLAP, 0);
    m->precision = CAPACITY_PRECISION;
    if (memory->basin_count == 0) return;
    const struct rule_basin *last = &memory->basins[memory->basin_count - 1];
    if (last->load >= CLOSED_LOAD) measurement_set(m, &last->overlap);
}

static void report_rules(const struct rule_memory *memories, struct finding *finding) {
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_size *size = largest(&memories[r]);
        for (size_t c = 0; c < RULE_CRITERION_COUNT && size != NULL; c++)
            measurement_set(finding_measurement(finding, "1", "load, %s, %s, N = %.0f", criteria[c],
                                                rules[r].label, size->neurons),
                            &size->capacity[c]);
        if (memories[r].basin_count == 0) continue;
        const struct rule_basin *basin = &memories[r].basins[0];
        struct interval operations = interval_unknown(basin->operations, memories[r].sets);
        measurement_set(finding_measurement(finding, "operations", "learning, %s, N = %.0f, load %.2g",
                                            rules[r].label, memories[r].basin_neurons, basin->load),
                        &operations);
    }
}

/* Hebb's own claim is another row's. */
static void hand_capacities(const struct rule_memory *memories, struct finding *finding) {
    for (size_t r = PSEUDO_INVERSE; r < RULE_COUNT; r++) {
        const struct rule_size *size = largest(&memories[r]);
        if (size != NULL)
            finding_capacity(finding, rules[r].label, claimed_load(r, size->neurons),
                             &size->capacity[RULE_PERFECT],
                             "all patterns fixed in half of the sets, N = %.0f", size->neurons);
    }
}

static enum status find_capacities(const struct results *results, struct finding *finding) {
    struct rule_memory *memories;
    enum status status = measure(results, &memories);
    if (status == STATUS_OK) {
        decide_capacities(memories, finding);
        decide_basin(&memories[PSEUDO_INVERSE], finding);
        report_rules(memories, finding);
        hand_capacities(memories, finding);
        describe(memories, finding);
        finding_say(
            finding,
            "Load at which all patterns are fixed points in half of the sets, at each rule's largest size, to "
            "+-%.0f %% of what is claimed: pseudo-inverse (zero diagonal; it refuses P = N) 1, and near load 1 half "
            "of the starts at overlap %.2f are lost; Storkey N/sqrt(2 ln N), an asymptotic law; perceptron "
            "(stability above 0, from Hebb, 5000 rounds at most) 2N, at finite N what Cover's count leaves for all N "
            "neurons at once; dreaming towards 1 (t = 100). Retrieval above overlap 0.9 stands beside, by the "
            "same starts for all.",
            100 * CAPACITY_TOLERANCE, CLOSED_OVERLAP);
        status = plot_capacities(memories, finding);
    }
    if (status == STATUS_OK) status = plot_basins(memories, finding);
    if (status == STATUS_OK) status = plot_costs(memories, finding);
    memory_free(memories);
    return status;
}

const struct claim claim_rule_growth = {
    .id = "HC5a",
    .statement = "Better learning rules store O(N) patterns",
    .source = "Chapter 8; Kanter & Sompolinsky 1987; Storkey 1997; Gardner 1988; Fachechi et al. 2019",
    .prediction = "exponent 1 +- 0.1",
    .sources = {{"rule_capacity", RULE_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_growth,
};

const struct claim claim_rule_capacities = {
    .id = "HC5b",
    .statement =
        "Pseudo-inverse N without errors but without basins there, Storkey N/sqrt(2 ln N), perceptron 2N, "
        "dreaming towards N",
    .source = "Kanter & Sompolinsky 1987; Storkey 1997; Cover 1965; Fachechi et al. 2019",
    .prediction = "ratio to the claim 1 +- 5 %",
    .sources = {{"rule_capacity", RULE_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_capacities,
};
