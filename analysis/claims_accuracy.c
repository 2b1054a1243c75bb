/* AP4: splitting attention over ranks changes no result. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/selection.h"
#include "core/base/memory.h"

static const char *const problem_fields[] = {"batch",    "length", "head_width", "heads",
                                             "kv_heads", "mask",   "repeat",     NULL};

/* The schedules whose errors are compared. */
static const char *const schedule_names[] = {"heads", "ring"};
enum { SCHEDULES = 2, PROBLEMS_MAX = 1024, PROBLEMS_LEAST = 4, ERROR_KEY = 0x4150 + 4 };

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
    static const char *const schedule_field[] = {"schedule", NULL};
    double same = NAN, any = NAN;
    for (size_t i = 0; i < all->count; i++) {
        const struct record *other = all->records[i];
        if (rank_count(other) != 1 || !records_agree(record, other, problem_fields)) continue;
        any = fmax(any, error_of(other));
        if (records_agree(record, other, schedule_field)) same = fmax(same, error_of(other));
    }
    return isnan(same) ? any : same;
}

static void add_error(struct error_growth *growth, const struct record *record, double ratio) {
    size_t place = 0;
    while (place < growth->count && !records_agree(growth->problems[place].first, record, problem_fields))
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

static void gather_growth(const struct selection *all, const char *schedule, struct error_growth *growth) {
    *growth = (struct error_growth){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i];
        if (!record_has_several_ranks(record) || strcmp(record_string(record, "schedule"), schedule) != 0)
            continue;
        double ratio = error_of(record) / error_alone(all, record);
        if (isfinite(ratio)) add_error(growth, record, ratio);
    }
}

/* Whether the problem was run on several ranks under the record's schedule. */
static bool is_compared(const struct selection *all, const struct record *record) {
    static const char *const schedule_field[] = {"schedule", NULL};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *other = all->records[i];
        if (record_has_several_ranks(other) && records_agree(record, other, schedule_field) &&
            records_agree(record, other, problem_fields))
            return true;
    }
    return false;
}

static enum status plot_errors(const struct selection *all, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "ap4_error", "Error against a float64 reference", "ranks",
                                     "largest absolute error");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "One point per record, over the rows checked in each head. Growth like the square root of the ranks would "
        "show as a slope of 1/2.");
    for (size_t s = 0; s < SCHEDULES; s++) {
        double x[PROBLEMS_MAX], y[PROBLEMS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < all->count && count < PROBLEMS_MAX; i++) {
            if (strcmp(record_string(all->records[i], "schedule"), schedule_names[s]) != 0) continue;
            if (!is_compared(all, all->records[i])) continue;
            x[count] = rank_count(all->records[i]);
            y[count] = error_of(all->records[i]);
            count += isfinite(x[count]) && isfinite(y[count]);
        }
        CHECK(plot_series(plot, schedule_names[s], PLOT_POINTS, (int)s, count, x, y, NULL, NULL));
    }
    return STATUS_OK;
}

static enum status report_growth(const char *schedule, const struct error_growth *growth,
                                 struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "%s: exponent of the error in the ranks", schedule);
    measurement_decides(m, CRITERION_AT_MOST, 0, ERROR_GROWTH_TOLERANCE);
    if (growth->count < PROBLEMS_LEAST) {
        finding_say(finding, "%s: %zu problems were run on one rank and on several, of %d that it takes. ",
                    schedule, growth->count, PROBLEMS_LEAST);
        return STATUS_OK;
    }
    struct interval interval;
    CHECK(bootstrap_interval(growth_exponent, growth, ERROR_KEY, growth->count, growth->count, &interval));
    bool enough = growth->most_ranks >= RANKS_LEAST || interval.low > ERROR_GROWTH_TOLERANCE;
    if (!enough)
        m = finding_measurement(finding, "1", "%s, two ranks alone: exponent of the error", schedule);
    measurement_set(m, &interval);
    m = finding_measurement(finding, "1", "%s: worst error of several ranks over one rank", schedule);
    struct interval worst = interval_exact(growth->worst_ratio, growth->records);
    measurement_set(m, &worst);
    finding->records += growth->records;
    finding_say(
        finding,
        "%s: over %zu problems on up to %.0f ranks the error goes as P^%.2f, at worst %.2f times that of one "
        "rank. ",
        schedule, growth->count, growth->most_ranks, interval.value, growth->worst_ratio);
    if (!enough) finding_say(finding, "Two ranks show no trend: three or more decide. ");
    finding_sizes(finding, "%s: %zu problems, P = 1 ... %.0f", schedule, growth->count, growth->most_ranks);
    return STATUS_OK;
}

static enum status find_error(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct error_growth *growth = memory_allocate(1, sizeof *growth);
    enum status status = growth == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    for (size_t i = 0; i < SCHEDULES && status == STATUS_OK; i++) {
        gather_growth(&all, schedule_names[i], growth);
        status = report_growth(schedule_names[i], growth, finding);
    }
    if (status == STATUS_OK) {
        finding_say(finding, "No growth means an exponent of at most %.2f; a random walk would give 0.5.",
                    ERROR_GROWTH_TOLERANCE);
        if (all.count > 0) status = plot_errors(&all, finding);
    }
    selection_destroy(&all);
    memory_free(growth);
    return status;
}

const struct claim claim_attention_error = {
    .id = "AP4",
    .statement = "Splitting attention over ranks changes no result",
    .source = "Log-sum-exp merging of blocks; Milakov & Gimelshein 2018",
    .prediction = "error grows no faster than P^0.25",
    .sources = {{"attention", "batch length head_width heads kv_heads mask ranks schedule max_abs_error"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_error,
};
