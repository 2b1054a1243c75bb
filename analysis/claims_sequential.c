/* CX4: what of a layer stays sequential, counted where it is done; and what more threads gain. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/scaling.h"
#include "core/base/memory.h"

#define EXPONENT_TOLERANCE 0.02

enum { CHAIN_KEY = 0x4358 + 4 };

/* A layer whose chain is fitted, and where its times are. */
struct chained {
    const char *layer, *name;
    double exponent;
    const char *experiment;             /* timed */
    const char *seconds[3], *fixed[12]; /* ended by NULL */
    const char *field, *text;           /* of the timed records, or NULL */
};

static const struct chained chains[] = {
    {"attention",
     "attention",
     0,
     "attention",
     {"seconds_core", NULL},
     {"batch", "length", "head_width", "heads", "kv_heads", "mask", "ranks", "schedule", NULL},
     NULL,
     NULL},
    {"convolution",
     "convolution",
     0,
     "convolution",
     {"seconds", NULL},
     {"batch", "length", "width", "kernel_size", "dilation", NULL},
     NULL,
     NULL},
    {"rnn",
     "RNN",
     1,
     "recurrent",
     {"seconds", NULL},
     {"batch", "length", "width", "cell", NULL},
     "cell",
     "rnn"},
    {"gru",
     "GRU",
     1,
     "recurrent",
     {"seconds", NULL},
     {"batch", "length", "width", "cell", NULL},
     "cell",
     "gru"},
    {"lstm",
     "LSTM",
     1,
     "recurrent",
     {"seconds", NULL},
     {"batch", "length", "width", "cell", NULL},
     "cell",
     "lstm"},
};

static enum status plot_chain(struct plot *plot, const struct chained *chain, int colour,
                              enum plot_style style, const struct sweep *sweep, const char *what) {
    double x[SWEEP_POINTS_MAX], y[SWEEP_POINTS_MAX];
    char label[64];
    for (size_t i = 0; i < sweep->count; i++) {
        x[i] = sweep->points[i].x;
        y[i] = sweep->points[i].typical;
    }
    snprintf(label, sizeof label, "%s%s", chain->name, what);
    return plot_series(plot, label, style, colour, sweep->count, x, y, NULL, NULL);
}

static const char *const chain_fixed[] = {"layer", "width", "kernel_size", "dilation", "side", NULL};

/* Fits a counted column against the length. */
static enum status fit_column(const struct selection *records, const char *column, struct sweep *sweep,
                              struct power_law *law) {
    const char *const columns[] = {column, NULL};
    CHECK(sweep_find(records, "length", chain_fixed, columns, sweep));
    return power_law_fit(sweep, CHAIN_KEY, law);
}

static enum status measure_chain(const struct results *results, size_t index, struct plot *plot,
                                 struct finding *finding) {
    const struct chained *chain = &chains[index];
    struct selection records = {0};
    struct sweep operations = {0}, pieces = {0};
    struct power_law law = {.exponent = interval_unknown(NAN, 0)}, of_kernel = law;
    enum status status = selection_create(results, "layer_paths", &records);
    selection_keep_text(&records, "layer", chain->layer);
    if (status == STATUS_OK) status = fit_column(&records, "operations", &operations, &law);
    if (status == STATUS_OK) status = fit_column(&records, "kernel_chain", &pieces, &of_kernel);
    if (status == STATUS_OK) {
        struct measurement *m =
            finding_measurement(finding, "1", "%s: operations that wait, exponent in L", chain->name);
        measurement_set(m, &law.exponent);
        measurement_decides(m, CRITERION_NEAR, chain->exponent, EXPONENT_TOLERANCE);
        measurement_set(finding_measurement(
                            finding, "1", "%s: pieces one thread takes in turn, exponent in L", chain->name),
                        &of_kernel.exponent);
        finding->records += operations.records;
        if (operations.count > 0) {
            const struct sweep_point *last = &operations.points[operations.count - 1];
            finding_say(finding, " %s: %.0f of them at L = %.0f,", chain->name, last->typical, last->x);
        }
        status = plot_chain(plot, chain, (int)index, PLOT_POINTS_LINES, &operations, "");
    }
    if (status == STATUS_OK && chain->exponent == 0)
        status = plot_chain(plot, chain, (int)index, PLOT_DASHED, &pieces, ": pieces of the kernel");
    sweep_clear(&operations);
    sweep_clear(&pieces);
    selection_destroy(&records);
    return status;
}

/* Median time of a record. */
static enum status typical_seconds(const struct record *record, const struct chained *chain,
                                   double *seconds) {
    size_t count;
    double *values = record_sums(record, chain->seconds, &count);
    if (values == NULL) return STATUS_NO_MEMORY;
    *seconds = statistics_median(count, values);
    memory_free(values);
    return STATUS_OK;
}

/* Time on one thread over time on `many`, of a record and its like on one thread; NaN if there is none. */
static enum status speedup_of(const struct selection *records, const struct record *many,
                              const struct chained *chain, double *speedup) {
    double one = NAN, all = NAN;
    *speedup = NAN;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *other = records->records[i];
        if (record_real(other, "threads") != 1 || !records_agree(other, many, chain->fixed)) continue;
        CHECK(typical_seconds(other, chain, &one));
        CHECK(typical_seconds(many, chain, &all));
        *speedup = one / all;
        return STATUS_OK;
    }
    return STATUS_OK;
}

/* The most that more threads gave, of all problems that were timed on one thread too: reported, since it
 * depends on the machine. */
static enum status report_workers(const struct results *results, const struct chained *chain,
                                  struct finding *finding) {
    struct selection records = {0};
    double best = NAN, threads = 0;
    size_t compared = 0;
    CHECK(selection_create(results, chain->experiment, &records));
    selection_keep(&records, record_is_undisturbed);
    if (chain->field) selection_keep_text(&records, chain->field, chain->text);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < records.count && status == STATUS_OK; i++) {
        double speedup;
        if (!(record_real(records.records[i], "threads") > 1)) continue;
        status = speedup_of(&records, records.records[i], chain, &speedup);
        if (status != STATUS_OK || isnan(speedup)) continue;
        compared++;
        if (speedup <= best) continue;
        best = speedup;
        threads = record_real(records.records[i], "threads");
    }
    selection_destroy(&records);
    if (compared == 0 || status != STATUS_OK) return status;
    struct interval found = interval_unknown(best, compared);
    measurement_set(finding_measurement(finding, "1", "%s: times faster with %.0f threads, at best",
                                        chain->name, threads),
                    &found);
    return STATUS_OK;
}

static enum status find_sequential(const struct results *results, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "cx4_chain", "Operations that wait for others", "L (length)",
                                     "operations one after the other");
    if (plot != NULL) {
        plot->x_log = plot->y_log = true;
        snprintf(
            plot->caption, sizeof plot->caption,
            "Products and reductions of one layer that each need the one before, counted where they are done. Dashed: "
            "pieces that the kernel takes one after the other, which blocks of an online softmax are.");
    }
    finding_say(finding, "Operations of one layer that waited for others:");
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
        CHECK(measure_chain(results, i, plot, finding));
    size_t before = finding->measurement_count;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
        CHECK(report_workers(results, &chains[i], finding));
    bool threads = finding->measurement_count > before;
    finding_say(finding, " with exponents compared to +-%.2f. What one thread takes in turn%s reported.",
                EXPONENT_TOLERANCE, threads ? " and what more threads gain are" : " is");
    return STATUS_OK;
}

const struct claim claim_sequential = {
    .id = "CX4",
    .statement = "Operations one after the other: attention O(1), recurrence O(L), convolution O(1)",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, table 1",
    .prediction = "exponents in L: 0, 1, 0",
    .sources = {{"layer_paths", "layer length width kernel_size dilation side operations kernel_chain"},
                {"attention",
                 "batch length head_width heads kv_heads mask ranks schedule threads seconds_core disturbed"},
                {"convolution", "batch length width kernel_size dilation threads seconds disturbed"},
                {"recurrent", "cell batch length width threads seconds disturbed"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_sequential,
};
