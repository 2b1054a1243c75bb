/* AP2: under a causal mask contiguous blocks cap the efficiency at P/(2P-1); zigzag and striped rows restore
 * it. Efficiency is mean over maximum of what the ranks do: executed work (definition 0) and the time that
 * they compute (definition 1). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "core/base/memory.h"

/* Work is counted, but in tiles: a mask is followed to 16 keys. */
#define WORK_TOLERANCE 0.02
#define TIME_TOLERANCE 0.1

enum {
    LAYOUTS = 3,
    ROWS_LEAST = 256, /* of a rank: with fewer the tiles blur the mask by more than the tolerance */
    TIMED_LEAST = 4,  /* records for an interval over them */
    RECORDS_MAX = 2048,
    BALANCE_KEY = 0x4150 + 2
};

static const char *const layouts[LAYOUTS] = {"contiguous", "zigzag", "striped"};

/* Records of one layout. */
struct balance {
    size_t count;
    double ranks[RECORDS_MAX], work[RECORDS_MAX]; /* efficiency */
    double most_ranks, worst_deviation;
    size_t timed; /* of them, those whose times count, on RANKS_LEAST ranks or more */
    double timed_ranks[RECORDS_MAX], time[RECORDS_MAX], time_deviation[RECORDS_MAX];
};

/* Rows stay with their ranks under these two only. */
static bool is_balanced_by_layout(const struct record *record) {
    const char *schedule = record_string(record, "schedule_used");
    return strcmp(schedule, "ring") == 0 || strcmp(schedule, "allgather") == 0;
}

static bool has_large_parts(const struct record *record) {
    return floor(record_real(record, "length") / record_real(record, "ranks")) >= ROWS_LEAST;
}

static double mean_over_maximum(size_t count, const double *values) {
    double sum = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0) || !isfinite(values[i])) return NAN;
        sum += values[i];
        most = fmax(most, values[i]);
    }
    return count == 0 ? NAN : sum / (double)count / most;
}

/* The claim's efficiency: of contiguous blocks in its finite form, which goes to P/(2P-1) as blocks grow. */
static double predicted_efficiency(const struct record *record, size_t layout) {
    return layout == 0 ? split_causal_efficiency(record) : 1;
}

static enum status efficiency_of(const struct record *record, const char *column, double *efficiency) {
    size_t count;
    double *values = record_numbers(record, column, &count);
    if (values == NULL) return STATUS_NO_MEMORY;
    *efficiency = (double)count == record_real(record, "ranks") ? mean_over_maximum(count, values) : NAN;
    memory_free(values);
    return STATUS_OK;
}

static enum status add_record(const struct record *record, size_t layout, double cores,
                              struct balance *balance) {
    double work, time, ranks = record_real(record, "ranks"), claimed = predicted_efficiency(record, layout);
    CHECK(efficiency_of(record, "flops_rank", &work));
    CHECK(efficiency_of(record, "seconds_compute", &time));
    if (isnan(work) || balance->count == RECORDS_MAX) return STATUS_OK;
    balance->ranks[balance->count] = ranks;
    balance->work[balance->count++] = work;
    balance->most_ranks = fmax(balance->most_ranks, ranks);
    if (fabs(work - claimed) > fabs(balance->worst_deviation)) balance->worst_deviation = work - claimed;
    if (isnan(time) || !split_times_count(record, cores) || ranks < RANKS_LEAST) return STATUS_OK;
    balance->timed_ranks[balance->timed] = ranks;
    balance->time[balance->timed] = time;
    balance->time_deviation[balance->timed++] = time - claimed;
    return STATUS_OK;
}

static enum status gather(const struct selection *all, size_t layout, double cores, struct balance *balance) {
    *balance = (struct balance){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i];
        if (strcmp(record_string(record, "layout"), layouts[layout]) != 0) continue;
        CHECK(add_record(record, layout, cores, balance));
    }
    return STATUS_OK;
}

/* --- what is said of it ------------------------------------------------------------------------------- */

static void mean_deviation(const void *context, struct resampler *resampler, double *values) {
    const struct balance *balance = context;
    double sum = 0;
    for (size_t i = 0; i < balance->timed; i++)
        sum += balance->time_deviation[resample_one(resampler, balance->timed, i)];
    values[0] = sum / (double)balance->timed;
}

/* Time is a second definition where there is enough of it, and left out otherwise. */
static enum status report_time(size_t layout, const struct balance *balance, struct finding *finding) {
    if (balance->timed < TIMED_LEAST) return STATUS_OK;
    struct interval interval;
    CHECK(
        bootstrap_interval(mean_deviation, balance, BALANCE_KEY, balance->timed, balance->timed, &interval));
    struct measurement *m = finding_measurement(
        finding, "1", "%s: mean deviation of the efficiency in time from the claim", layouts[layout]);
    measurement_decides(m, CRITERION_NEAR, 0, TIME_TOLERANCE);
    measurement_set(m, &interval);
    if (m != NULL) m->definition = 1;
    return STATUS_OK;
}

static void report_work(size_t layout, const struct balance *balance, struct finding *finding) {
    struct measurement *m = finding_measurement(
        finding, "1", "%s: largest deviation of the efficiency in work from the claim", layouts[layout]);
    measurement_decides(m, CRITERION_NEAR, 0, WORK_TOLERANCE);
    if (balance->count == 0) return;
    struct interval exact = interval_exact(balance->worst_deviation, balance->count);
    bool enough = balance->most_ranks >= RANKS_LEAST || fabs(balance->worst_deviation) > WORK_TOLERANCE;
    if (!enough)
        m = finding_measurement(finding, "1", "%s, two ranks alone: largest deviation", layouts[layout]);
    measurement_set(m, &exact);
}

/* Efficiencies on the most ranks, for people. */
static void report_most_ranks(size_t layout, const struct balance *balance, struct finding *finding) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < balance->count; i++) {
        if (balance->ranks[i] != balance->most_ranks) continue;
        sum += balance->work[i];
        count++;
    }
    struct interval mean = interval_exact(sum / (double)count, count);
    struct measurement *m = finding_measurement(finding, "1", "%s: efficiency in work on %.0f ranks",
                                                layouts[layout], balance->most_ranks);
    measurement_set(m, &mean);
    finding_say(finding, "%s %.3f on %.0f ranks (records: %zu), ", layouts[layout], mean.value,
                balance->most_ranks, balance->count);
}

static enum status report_layout(size_t layout, const struct balance *balance, struct plot *plot,
                                 struct finding *finding) {
    report_work(layout, balance, finding);
    if (balance->count == 0) {
        finding_say(finding, "%s not measured, ", layouts[layout]);
        return STATUS_OK;
    }
    report_most_ranks(layout, balance, finding);
    CHECK(report_time(layout, balance, finding));
    finding->records += balance->count;
    char label[64];
    snprintf(label, sizeof label, "%s, work", layouts[layout]);
    CHECK(plot_series(plot, label, PLOT_POINTS, (int)layout + 1, balance->count, balance->ranks,
                      balance->work, NULL, NULL));
    snprintf(label, sizeof label, "%s, time", layouts[layout]);
    return plot_series(plot, label, PLOT_POINTS, (int)layout + 4, balance->timed, balance->timed_ranks,
                       balance->time, NULL, NULL);
}

static double contiguous_limit(double ranks, const void *unused) {
    (void)unused;
    return ranks / (2 * ranks - 1);
}

static enum status plot_claims(double most_ranks, struct plot *plot) {
    CHECK(plot_curve(plot, "P/(2P-1)", PLOT_LINES, 1, 1, most_ranks, 1, contiguous_limit, NULL));
    const double ranks[] = {1, most_ranks}, balanced[] = {1, 1};
    return plot_series(plot, "1", PLOT_LINES, 2, 2, ranks, balanced, NULL, NULL);
}

static struct plot *start_plot(struct finding *finding) {
    struct plot *plot = finding_plot(finding, "ap2_efficiency", "Balance of a causal mask over the ranks",
                                     "ranks P", "efficiency (mean/maximum)");
    if (plot == NULL) return NULL;
    plot->x_log = true;
    plot->y_low = 0.4;
    plot->y_high = 1.05;
    snprintf(
        plot->caption, sizeof plot->caption,
        "One point per record of ring or allgather with %d rows a rank or more: executed operations, and seconds of "
        "computing where every rank had a core. Lines: the claim.",
        ROWS_LEAST);
    return plot;
}

static enum status report_all(const struct selection *all, double cores, struct balance *balance,
                              struct finding *finding) {
    struct plot *plot = all->count > 0 ? start_plot(finding) : NULL;
    double most_ranks = 1;
    size_t timed = 0;
    finding_say(finding, "Causal mask, mean over maximum of the ranks' executed work (ring, allgather): ");
    for (size_t layout = 0; layout < LAYOUTS; layout++) {
        CHECK(gather(all, layout, cores, balance));
        CHECK(report_layout(layout, balance, plot, finding));
        most_ranks = fmax(most_ranks, balance->most_ranks);
        timed += balance->timed;
    }
    finding_say(
        finding,
        "compared with the exact share of visible pairs for contiguous blocks, which goes to P/(2P-1), and with 1, "
        "to +-%.2f; two ranks alone decide nothing. ",
        WORK_TOLERANCE);
    finding_say(
        finding,
        "Times of computing are a second definition (to +-%.1f) for a layout with %d undisturbed records on %d "
        "ranks or more that had a core each: there are %zu in all.",
        TIME_TOLERANCE, TIMED_LEAST, RANKS_LEAST, timed);
    finding_sizes(finding, "P = 2 ... %.0f", most_ranks);
    return plot == NULL ? STATUS_OK : plot_claims(most_ranks, plot);
}

static enum status find_balance(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct balance *balance = memory_allocate(1, sizeof *balance);
    enum status status = balance == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    if (status == STATUS_OK) {
        selection_keep_text(&all, "mask", "causal");
        selection_keep(&all, record_has_several_ranks);
        selection_keep(&all, is_balanced_by_layout);
        selection_keep(&all, has_large_parts);
        status = report_all(&all, split_cores(results), balance, finding);
    }
    selection_destroy(&all);
    memory_free(balance);
    return status;
}

const struct claim claim_causal_balance = {
    .id = "AP2",
    .statement =
        "A causal mask on contiguous blocks caps the efficiency at P/(2P-1); zigzag and striped blocks restore 1",
    .source = "Brandon et al. 2023 (striped attention); zigzag ring attention",
    .prediction = "P/(2P-1) contiguous; 1 zigzag and striped",
    .sources = {{"attention",
                 "length mask ranks threads layout schedule_used flops_rank seconds_compute disturbed"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_balance,
};
