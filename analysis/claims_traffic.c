/* AP1: what must leave a rank follows from how attention is split. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/selection.h"
#include "core/base/memory.h"

/* The schedules whose bytes are compared. */
static const char *const schedule_names[] = {"heads", "ring"};
enum { SCHEDULES = 2, BYTES_OF_ELEMENT = 4, POINTS_MAX = 4096 };

/* Rows of the sequence that are born on a rank: parts differ by one at most, the first ranks have the larger.
 */
static double rows_of_rank(double length, double ranks, double rank) {
    return floor(length / ranks) + (rank < fmod(length, ranks) ? 1 : 0);
}

/* Bytes that must leave `rank` in a ring that passes blocks of keys and values on to the next rank: every
 * block but the one born there, 2 H_kv d B (S - rows of the next rank) elements. Rows that divide evenly make
 * it AP1's 2 H_kv c (P - 1). */
static double ring_bytes(const struct record *record, double rank) {
    double ranks = record_real(record, "ranks"), length = record_real(record, "length");
    double next = rows_of_rank(length, ranks, fmod(rank + 1, ranks));
    return BYTES_OF_ELEMENT * 2 * record_real(record, "kv_heads") * record_real(record, "head_width") *
           record_real(record, "batch") * (length - next);
}

static double predicted_bytes(const struct record *record, double rank) {
    /* With heads split, inputs are born on their head's rank: nothing leaves it before the output projection.
     */
    return strcmp(record_string(record, "schedule"), "ring") == 0 ? ring_bytes(record, rank) : 0;
}

/* What one schedule sent against the formula. */
struct byte_comparison {
    size_t records, ranks;     /* with two ranks or more; values compared */
    double largest_difference; /* bytes */
    double most_ranks;
    size_t points;
    double predicted[POINTS_MAX], sent[POINTS_MAX];
};

static enum status compare_record(const struct record *record, struct byte_comparison *comparison) {
    size_t count;
    double *sent = record_numbers(record, "bytes_sent", &count);
    if (sent == NULL) return STATUS_NO_MEMORY;
    double ranks = record_real(record, "ranks");
    if (count > 0 && (double)count == ranks) {
        comparison->records++;
        comparison->most_ranks = fmax(comparison->most_ranks, ranks);
        for (size_t rank = 0; rank < count; rank++) {
            double predicted = predicted_bytes(record, (double)rank),
                   difference = fabs(sent[rank] - predicted);
            comparison->ranks++;
            /* A missing number is a difference, not an agreement. */
            comparison->largest_difference =
                fmax(comparison->largest_difference, isnan(difference) ? INFINITY : difference);
            if (predicted <= 0 || !(sent[rank] > 0) || comparison->points == POINTS_MAX) continue;
            comparison->predicted[comparison->points] = predicted;
            comparison->sent[comparison->points++] = sent[rank];
        }
    }
    memory_free(sent);
    return STATUS_OK;
}

static double identity(double x, const void *unused) {
    (void)unused;
    return x;
}

static enum status plot_bytes(const struct byte_comparison *comparison, struct finding *finding) {
    if (comparison->points == 0) return STATUS_OK;
    struct plot *plot = finding_plot(finding, "ap1_bytes", "Bytes that leave a rank, ring", "formula (bytes)",
                                     "counted at the MPI calls (bytes)");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "One point per record and rank. Line: equality with 2 H_kv d B (S - rows of the next rank) elements.");
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < comparison->points; i++) {
        low = fmin(low, comparison->predicted[i]);
        high = fmax(high, comparison->predicted[i]);
    }
    CHECK(plot_curve(plot, "formula", PLOT_LINES, 0, low / 2, high * 2, 1, identity, NULL));
    return plot_series(plot, "counted", PLOT_POINTS, 1, comparison->points, comparison->predicted,
                       comparison->sent, NULL, NULL);
}

static enum status report_bytes(const char *schedule, const struct byte_comparison *comparison,
                                struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "byte", "%s: largest difference from the formula", schedule);
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    if (comparison->records == 0) {
        finding_say(finding, "%s: no record with two ranks or more. ", schedule);
        return STATUS_OK;
    }
    struct interval exact = interval_exact(comparison->largest_difference, comparison->ranks);
    bool enough = comparison->most_ranks >= RANKS_LEAST || comparison->largest_difference > 0;
    if (!enough)
        m = finding_measurement(finding, "byte", "%s, two ranks alone: largest difference", schedule);
    measurement_set(m, &exact);
    finding->records += comparison->records;
    finding_say(finding, "%s: %zu ranks of %zu records, of up to %.0f ranks, sent %s. ", schedule,
                comparison->ranks, comparison->records, comparison->most_ranks,
                comparison->largest_difference == 0 ? "exactly the formula's bytes"
                                                    : "other numbers of bytes");
    if (!enough) finding_say(finding, "Two ranks cannot tell P-1 from P/2: three or more decide. ");
    finding_sizes(finding, "%s: %zu values", schedule, comparison->ranks);
    return plot_bytes(comparison, finding);
}

static enum status compare_schedule(const struct results *results, const char *schedule,
                                    struct byte_comparison *comparison, struct finding *finding) {
    struct selection selection;
    *comparison = (struct byte_comparison){0};
    CHECK(selection_create(results, "attention", &selection));
    selection_keep_text(&selection, "schedule", schedule);
    selection_keep(&selection, record_has_several_ranks);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < selection.count && status == STATUS_OK; i++) {
        status = compare_record(selection.records[i], comparison);
    }
    selection_destroy(&selection);
    return status == STATUS_OK ? report_bytes(schedule, comparison, finding) : status;
}

static enum status find_bytes(const struct results *results, struct finding *finding) {
    struct byte_comparison *comparison = memory_allocate(1, sizeof *comparison);
    enum status status = comparison == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < SCHEDULES && status == STATUS_OK; i++) {
        status = compare_schedule(results, schedule_names[i], comparison, finding);
    }
    memory_free(comparison);
    return status;
}

const struct claim claim_attention_bytes = {
    .id = "AP1",
    .statement =
        "What must leave a rank follows from the split: nothing for heads, 2 H_kv c (P-1) elements for a ring",
    .source = "Communication formulas of parallel attention; general form for uneven splits",
    .prediction = "equal, per record and rank",
    .sources = {{"attention", "batch length head_width kv_heads ranks schedule bytes_sent"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_bytes,
};
