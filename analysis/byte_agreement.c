#include "analysis/byte_agreement.h"

#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "core/base/memory.h"

/* --- comparing ---------------------------------------------------------------------------------------- */

static void compare(double sent, double predicted, double ranks, struct byte_agreement *agreement) {
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
    if (!(predicted > 0) || !(sent > 0) || comparison->points == BYTE_POINTS_MAX) return;
    comparison->predicted[comparison->points] = predicted;
    comparison->sent[comparison->points++] = sent;
}

enum status byte_compare(const struct record *record, byte_form *form, size_t way,
                         struct byte_comparison *comparison) {
    size_t count, others;
    double ranks = record_real(record, "ranks");
    double *sent = record_numbers(record, "bytes_sent", &count);
    double *general = record_numbers(record, "bytes_predicted", &others);
    enum status status = sent && general ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK && count > 0 && (double)count == ranks) {
        comparison->records++;
        for (size_t rank = 0; rank < count; rank++)
            compare_rank(sent[rank], form(record, way, (double)rank), others == count ? general[rank] : NAN,
                         ranks, comparison);
    }
    memory_free(sent);
    memory_free(general);
    return status;
}

/* --- what is said of it ------------------------------------------------------------------------------- */

/* Fewer ranks than RANKS_LEAST can refute the formula, not confirm it. */
static bool is_decided(const struct byte_agreement *agreement) {
    return agreement->values > 0 &&
           (agreement->most_ranks >= RANKS_LEAST || agreement->largest_difference > 0);
}

static void measure_agreement(const char *way, bool needed, const char *form,
                              const struct byte_agreement *agreement, struct finding *finding) {
    bool decided = is_decided(agreement);
    struct interval exact = interval_exact(agreement->largest_difference, agreement->values);
    if (decided || needed) {
        struct measurement *m =
            finding_measurement(finding, "byte", "%s: largest difference from %s", way, form);
        measurement_decides(m, CRITERION_NEAR, 0, 0);
        if (decided) measurement_set(m, &exact);
    }
    if (decided || agreement->values == 0) return;
    measurement_set(
        finding_measurement(finding, "byte", "%s, two ranks alone: largest difference from %s", way, form),
        &exact);
}

static void say_way(const char *way, const struct byte_comparison *comparison, struct finding *finding) {
    bool equal = comparison->general.largest_difference == 0 && comparison->closed.largest_difference == 0;
    finding_say(finding, "%s %s (%zu ranks, %zu in closed form, P up to %.0f), ", way,
                equal ? "exact" : "not equal", comparison->general.values, comparison->closed.values,
                comparison->general.most_ranks);
}

enum status byte_report(const char *way, bool needed, int colour, const struct byte_comparison *comparison,
                        struct plot *plot, struct finding *finding) {
    if (comparison->records == 0 && !needed) return STATUS_OK;
    measure_agreement(way, needed, "the closed form", &comparison->closed, finding);
    measure_agreement(way, needed, "the general form", &comparison->general, finding);
    if (comparison->records == 0) {
        finding_say(finding, "%s missing (no record with two ranks or more), ", way);
        return STATUS_OK;
    }
    say_way(way, comparison, finding);
    finding->records += comparison->records;
    return plot_series(plot, way, PLOT_POINTS, colour, comparison->points, comparison->predicted,
                       comparison->sent, NULL, NULL);
}

/* --- the plot ----------------------------------------------------------------------------------------- */

struct plot *byte_plot(struct finding *finding, const char *name, const char *caption) {
    struct plot *plot = finding_plot(finding, name, "Bytes that leave a rank", "formula (bytes)",
                                     "counted at the MPI calls (bytes)");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(plot->caption, sizeof plot->caption, "%s", caption);
    return plot;
}

static double identity(double x, const void *unused) {
    (void)unused;
    return x;
}

enum status byte_plot_end(struct plot *plot, struct finding *finding) {
    double low = INFINITY, high = 0;
    if (plot == NULL) return STATUS_OK;
    if (plot->series_count == 0) {
        finding->plot_count--;
        return STATUS_OK;
    }
    for (size_t s = 0; s < plot->series_count; s++)
        for (size_t i = 0; i < plot->series[s].count; i++) {
            low = fmin(low, plot->series[s].x[i]);
            high = fmax(high, plot->series[s].x[i]);
        }
    return plot_curve(plot, "equal", PLOT_LINES, 0, low / 2, high * 2, 1, identity, NULL);
}
