/* AP4: splitting attention over ranks changes no result. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/attention_split.h"
#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "core/base/memory.h"

enum { PROBLEMS_MAX = 1024, PROBLEMS_LEAST = 4, ERROR_KEY = 0x4150 + 4 };

/* Errors grow as a random walk, like P^(1/2), or worse, when merging is careless; half of that is none. */
#define ERROR_GROWTH_TOLERANCE 0.25
/* Below this an error is as good as none; keeps logarithms finite. */
#define ERROR_FLOOR 1e-12

/* One problem (shape, mask, inputs) under one schedule: ln(error at P ranks / error at one) against ln P. */
struct error_problem {
    const struct record *first;
    double cross, squares; /* sums over its records of x y and x x */
};

struct error_growth {
    size_t count, records;
    double most_ranks, worst_ratio;
    struct error_problem problems[PROBLEMS_MAX];
};

static double error_of(const struct record *record) {
    double error = record_real(record, "max_abs_error");
    return isnan(error) ? NAN : fmax(fabs(error), ERROR_FLOOR);
}

static double rank_count(const struct record *record) {
    return record_real(record, "ranks");
}

/* The error of the same problem on one rank: the largest under the same schedule, else under any; NaN when
 * there is none. */
static double error_alone(const struct selection *all, const struct record *record) {
    static const char *const schedule_field[] = {"schedule_used", NULL};
    double same = NAN, any = NAN;
    for (size_t i = 0; i < all->count; i++) {
        const struct record *other = all->records[i];
        if (rank_count(other) != 1 || !records_agree(record, other, split_problem_fields)) continue;
        any = fmax(any, error_of(other));
        if (records_agree(record, other, schedule_field)) same = fmax(same, error_of(other));
    }
    return isnan(same) ? any : same;
}

static void add_error(struct error_growth *growth, const struct record *record, double ratio) {
    size_t place = 0;
    while (place < growth->count &&
           !records_agree(growth->problems[place].first, record, split_problem_fields))
        place++;
    if (place == PROBLEMS_MAX) return;
    if (place == growth->count) growth->problems[growth->count++] = (struct error_problem){.first = record};
    double x = log(rank_count(record));
    growth->problems[place].cross += x * log(ratio);
    growth->problems[place].squares += x * x;
    growth->records++;
    growth->most_ranks = fmax(growth->most_ranks, rank_count(record));
    growth->worst_ratio = fmax(growth->worst_ratio, ratio);
}

/* The exponent e of error ~ P^e through the error on one rank, by least squares over all problems. */
static void growth_exponent(const void *context, struct resampler *resampler, double *values) {
    const struct error_growth *growth = context;
    double cross = 0, squares = 0;
    for (size_t i = 0; i < growth->count; i++) {
        const struct error_problem *problem = &growth->problems[resample_one(resampler, growth->count, i)];
        cross += problem->cross;
        squares += problem->squares;
    }
    values[0] = cross / squares;
}

static void gather_growth(const struct selection *all, size_t schedule, struct error_growth *growth) {
    *growth = (struct error_growth){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i];
        if (!record_has_several_ranks(record) || !split_ran_under(record, schedule)) continue;
        double ratio = error_of(record) / error_alone(all, record);
        if (isfinite(ratio)) add_error(growth, record, ratio);
    }
}

/* Whether the problem was run on several ranks under that schedule. */
static bool is_compared(const struct error_growth *growth, const struct record *record) {
    for (size_t i = 0; i < growth->count; i++)
        if (records_agree(growth->problems[i].first, record, split_problem_fields)) return true;
    return false;
}

static enum status plot_errors(const struct selection *all, size_t schedule,
                               const struct error_growth *growth, struct plot *plot) {
    double x[PROBLEMS_MAX], y[PROBLEMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < all->count && count < PROBLEMS_MAX; i++) {
        const struct record *record = all->records[i];
        if (!split_ran_under(record, schedule) || !is_compared(growth, record)) continue;
        x[count] = rank_count(record);
        y[count] = error_of(record);
        count += isfinite(x[count]) && isfinite(y[count]);
    }
    return plot_series(plot, split_schedules[schedule], PLOT_POINTS, (int)schedule + 1, count, x, y, NULL,
                       NULL);
}

static struct plot *start_plot(struct finding *finding) {
    struct plot *plot = finding_plot(finding, "ap4_error", "Error against a float64 reference", "ranks",
                                     "largest absolute error");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "One point per record, over the rows checked in each head; equal errors cover each other. Growth "
        "like the square root of the ranks would show as a slope of 1/2.");
    return plot;
}

/* Fewer ranks than RANKS_LEAST can refute, not confirm. */
static bool is_decided(const struct error_growth *growth, const struct interval *exponent) {
    return growth->most_ranks >= RANKS_LEAST || exponent->low > ERROR_GROWTH_TOLERANCE;
}

static void measure_growth(const char *schedule, const struct error_growth *growth, bool decided,
                           const struct interval *exponent, struct finding *finding) {
    struct measurement *m =
        decided ? finding_measurement(finding, "1", "%s: exponent of the error in the ranks", schedule)
                : finding_measurement(finding, "1", "%s, two ranks alone: exponent of the error", schedule);
    if (decided) measurement_decides(m, CRITERION_AT_MOST, 0, ERROR_GROWTH_TOLERANCE);
    measurement_set(m, exponent);
    struct interval worst = interval_exact(growth->worst_ratio, growth->records);
    m = finding_measurement(finding, "1", "%s: worst error of several ranks over one rank", schedule);
    measurement_set(m, &worst);
}

/* What a needed schedule leaves open keeps the row open. */
static void measure_nothing(size_t schedule, struct finding *finding) {
    if (!split_schedule_is_needed(schedule)) return;
    measurement_decides(finding_measurement(finding, "1", "%s: exponent of the error in the ranks",
                                            split_schedules[schedule]),
                        CRITERION_AT_MOST, 0, ERROR_GROWTH_TOLERANCE);
}

static enum status report_growth(size_t schedule, const struct error_growth *growth,
                                 struct finding *finding) {
    const char *name = split_schedules[schedule];
    if (growth->count < PROBLEMS_LEAST) {
        measure_nothing(schedule, finding);
        finding_say(finding, "%s %zu problems of the %d it takes, ", name, growth->count, PROBLEMS_LEAST);
        return STATUS_OK;
    }
    struct interval exponent;
    CHECK(bootstrap_interval(growth_exponent, growth, ERROR_KEY, growth->count, growth->count, &exponent));
    bool decided = is_decided(growth, &exponent);
    if (!decided) measure_nothing(schedule, finding);
    measure_growth(name, growth, decided, &exponent, finding);
    finding->records += growth->records;
    finding_say(finding, "%s P^%.2f (at worst %.2f times, %zu problems, P up to %.0f), ", name,
                exponent.value, growth->worst_ratio, growth->count, growth->most_ranks);
    finding_sizes(finding, "%s %zu", name, growth->records);
    return STATUS_OK;
}

static enum status report_schedule(const struct selection *all, size_t schedule, struct error_growth *growth,
                                   struct plot *plot, struct finding *finding) {
    gather_growth(all, schedule, growth);
    if (growth->count == 0 && !split_schedule_is_needed(schedule)) return STATUS_OK;
    CHECK(report_growth(schedule, growth, finding));
    return plot_errors(all, schedule, growth, plot);
}

static enum status report_all(const struct selection *all, struct error_growth *growth,
                              struct finding *finding) {
    struct plot *plot = all->count > 0 ? start_plot(finding) : NULL;
    finding_say(finding, "Error against float64 over that of the same problem on one rank goes as: ");
    for (size_t schedule = 0; schedule < SPLIT_SCHEDULES; schedule++)
        CHECK(report_schedule(all, schedule, growth, plot, finding));
    finding_end_sentence(finding);
    finding_say(
        finding,
        " No growth means an exponent of at most %.2f; a random walk would give 0.5. Two ranks alone show no trend: "
        "three decide. Heads and ring must be there; what else ran on three is decided with them.",
        ERROR_GROWTH_TOLERANCE);
    if (plot != NULL && plot->series_count == 0) finding->plot_count--;
    return STATUS_OK;
}

static enum status find_error(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct error_growth *growth = memory_allocate(1, sizeof *growth);
    enum status status = growth == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    if (status == STATUS_OK) status = report_all(&all, growth, finding);
    selection_destroy(&all);
    memory_free(growth);
    return status;
}

const struct claim claim_attention_error = {
    .id = "AP4",
    .statement = "Splitting attention over ranks changes no result",
    .source = "Log-sum-exp merging of blocks; Milakov & Gimelshein 2018",
    .prediction = "error grows no faster than P^0.25",
    .sources = {{"attention",
                 "batch length head_width heads kv_heads mask ranks schedule_used max_abs_error"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_error,
};
