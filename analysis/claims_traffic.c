/* AP1: what must leave a rank follows from how attention is split. */
#include <math.h>
#include <stdio.h>

#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "core/base/memory.h"

enum { POINTS_MAX = 2048 };

/* Counted bytes of one schedule against one form of its formula. */
struct agreement {
    size_t values;             /* ranks of records that were compared */
    double most_ranks;         /* of their records */
    double largest_difference; /* bytes; infinite when a number is missing */
};

struct byte_comparison {
    size_t records; /* with two ranks or more */
    struct agreement closed, general;
    size_t points;
    double predicted[POINTS_MAX], sent[POINTS_MAX];
};

static void compare(double sent, double predicted, double ranks, struct agreement *agreement) {
    double difference = fabs(sent - predicted);
    agreement->values++;
    agreement->most_ranks = fmax(agreement->most_ranks, ranks);
    /* A missing number is a difference, not an agreement. */
    agreement->largest_difference =
        fmax(agreement->largest_difference, isnan(difference) ? INFINITY : difference);
}

static void compare_rank(double sent, double closed, double general, double ranks,
                         struct byte_comparison *comparison) {
    compare(sent, general, ranks, &comparison->general);
    if (!isnan(closed)) compare(sent, closed, ranks, &comparison->closed);
    double predicted = isnan(closed) ? general : closed;
    if (!(predicted > 0) || !(sent > 0) || comparison->points == POINTS_MAX) return;
    comparison->predicted[comparison->points] = predicted;
    comparison->sent[comparison->points++] = sent;
}

static enum status compare_record(const struct record *record, size_t schedule,
                                  struct byte_comparison *comparison) {
    size_t count, others;
    double ranks = record_real(record, "ranks");
    double *sent = record_numbers(record, "bytes_sent", &count);
    double *general = record_numbers(record, "bytes_predicted", &others);
    enum status status = sent && general ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK && count > 0 && (double)count == ranks) {
        comparison->records++;
        for (size_t rank = 0; rank < count; rank++)
            compare_rank(sent[rank], split_bytes(record, schedule, (double)rank),
                         others == count ? general[rank] : NAN, ranks, comparison);
    }
    memory_free(sent);
    memory_free(general);
    return status;
}

static enum status compare_schedule(const struct selection *all, size_t schedule,
                                    struct byte_comparison *comparison) {
    *comparison = (struct byte_comparison){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i];
        if (!split_ran_under(record, schedule) || !record_has_several_ranks(record)) continue;
        CHECK(compare_record(record, schedule, comparison));
    }
    return STATUS_OK;
}

/* --- what is said of it ------------------------------------------------------------------------------- */

/* Fewer ranks than RANKS_LEAST can refute the formula, not confirm it. */
static bool is_decided(const struct agreement *agreement) {
    return agreement->values > 0 &&
           (agreement->most_ranks >= RANKS_LEAST || agreement->largest_difference > 0);
}

/* A schedule that is not needed leaves nothing open: it decides, or is reported. */
static void measure_agreement(size_t schedule, const char *form, const struct agreement *agreement,
                              struct finding *finding) {
    const char *name = split_schedules[schedule];
    bool decided = is_decided(agreement);
    struct interval exact = interval_exact(agreement->largest_difference, agreement->values);
    if (decided || split_schedule_is_needed(schedule)) {
        struct measurement *m =
            finding_measurement(finding, "byte", "%s: largest difference from %s", name, form);
        measurement_decides(m, CRITERION_NEAR, 0, 0);
        if (decided) measurement_set(m, &exact);
    }
    if (decided || agreement->values == 0) return;
    measurement_set(
        finding_measurement(finding, "byte", "%s, two ranks alone: largest difference from %s", name, form),
        &exact);
}

static void say_schedule(const char *schedule, const struct byte_comparison *comparison,
                         struct finding *finding) {
    bool equal = comparison->general.largest_difference == 0 && comparison->closed.largest_difference == 0;
    finding_say(finding, "%s %s (%zu ranks, %zu in closed form, P up to %.0f), ", schedule,
                equal ? "exact" : "not equal", comparison->general.values, comparison->closed.values,
                comparison->general.most_ranks);
}

static enum status report_schedule(size_t schedule, const struct byte_comparison *comparison,
                                   struct plot *plot, struct finding *finding) {
    const char *name = split_schedules[schedule];
    if (comparison->records == 0 && !split_schedule_is_needed(schedule)) return STATUS_OK;
    measure_agreement(schedule, "the closed form", &comparison->closed, finding);
    measure_agreement(schedule, "the schedule's general form", &comparison->general, finding);
    if (comparison->records == 0) {
        finding_say(finding, "%s missing (no record with two ranks or more), ", name);
        return STATUS_OK;
    }
    say_schedule(name, comparison, finding);
    finding->records += comparison->records;
    return plot_series(plot, name, PLOT_POINTS, (int)schedule + 1, comparison->points, comparison->predicted,
                       comparison->sent, NULL, NULL);
}

static double identity(double x, const void *unused) {
    (void)unused;
    return x;
}

/* The line of equality over all points that were drawn. */
static enum status plot_equality(struct plot *plot) {
    double low = INFINITY, high = 0;
    for (size_t s = 0; s < plot->series_count; s++)
        for (size_t i = 0; i < plot->series[s].count; i++) {
            low = fmin(low, plot->series[s].x[i]);
            high = fmax(high, plot->series[s].x[i]);
        }
    return plot_curve(plot, "equal", PLOT_LINES, 0, low / 2, high * 2, 1, identity, NULL);
}

static struct plot *start_plot(struct finding *finding) {
    struct plot *plot = finding_plot(finding, "ap1_bytes", "Bytes that leave a rank", "formula (bytes)",
                                     "counted at the MPI calls (bytes)");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "One point per record and rank that sends anything (under heads none does); formula: the closed form of "
        "AP1 where it applies, else the schedule's general form for uneven splits.");
    return plot;
}

static enum status report_all(const struct selection *all, struct byte_comparison *comparison,
                              struct finding *finding) {
    struct plot *plot = all->count > 0 ? start_plot(finding) : NULL;
    finding_say(finding, "Bytes counted at the MPI calls against the formulas, to the byte: ");
    for (size_t schedule = 0; schedule < SPLIT_SCHEDULES; schedule++) {
        CHECK(compare_schedule(all, schedule, comparison));
        CHECK(report_schedule(schedule, comparison, plot, finding));
        if (comparison->records > 0)
            finding_sizes(finding, "%s %zu", split_schedules[schedule], comparison->general.values);
    }
    finding_end_sentence(finding);
    finding_say(
        finding,
        " Two ranks alone cannot tell P-1 from P/2: three decide. Heads and ring must be there; what else ran "
        "on three is decided with them.");
    if (plot == NULL) return STATUS_OK;
    if (plot->series_count > 0) return plot_equality(plot);
    finding->plot_count--;
    return STATUS_OK;
}

static enum status find_bytes(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct byte_comparison *comparison = memory_allocate(1, sizeof *comparison);
    enum status status = comparison == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    if (status == STATUS_OK) status = report_all(&all, comparison, finding);
    selection_destroy(&all);
    memory_free(comparison);
    return status;
}

const struct claim claim_attention_bytes = {
    .id = "AP1",
    .statement =
        "What must leave a rank follows from the split: nothing for heads, 2 H_kv c (P-1) elements for a ring, "
        "(2H + 2H_kv) c (P-1)/P for Ulysses",
    .source =
        "Communication formulas of parallel attention; hybrid and tiles in closed form, uneven splits in general form",
    .prediction = "equal, per record and rank",
    .sources = {{"attention",
                 "batch length head_width heads kv_heads ranks layout schedule_used ways_used bytes_sent "
                 "bytes_predicted"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_bytes,
};
