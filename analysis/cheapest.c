#include "analysis/cheapest.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cheapest_chart.h"
#include "analysis/finding.h"
#include "analysis/shape_costs.h"
#include "core/base/memory.h"

#define GIGA  1e9
#define MILLI 1e-3

enum { CHEAPEST_KEY = 0x4358 + 61 };

/* --- the cheapest --------------------------------------------------------------------------------------- */

/* The two cheapest of attention, in one of its ways, and the rivals. */
struct ranking {
    const struct shape_costs *costs;
    size_t attention, first, second;
};

/* False: not all costs are known. */
static bool rank(const struct shape_costs *costs, size_t attention, const double cost[CANDIDATES],
                 struct ranking *ranking) {
    *ranking = (struct ranking){costs, attention, attention, CANDIDATES};
    for (size_t i = RIVALS; i < CANDIDATES; i++) {
        if (!isfinite(cost[i]) || !isfinite(cost[attention])) return false;
        if (cost[i] < cost[ranking->first])
            ranking->second = ranking->first, ranking->first = i;
        else if (ranking->second == CANDIDATES || cost[i] < cost[ranking->second])
            ranking->second = i;
    }
    return true;
}

/* Times of the second and of attention over that of the first; 1 for attention if it is the first. */
static void time_ratios(const void *context, struct resampler *resampler, double *values) {
    const struct ranking *ranking = context;
    const struct sweep_point *seconds = ranking->costs->seconds;
    double first = sweep_point_median(&seconds[ranking->first], resampler);
    double second = sweep_point_median(&seconds[ranking->second], resampler);
    double attention = first;
    if (ranking->attention == ranking->second) attention = second;
    if (ranking->attention != ranking->first && ranking->attention != ranking->second)
        attention = sweep_point_median(&seconds[ranking->attention], resampler);
    values[0] = second / first;
    values[1] = attention / first;
}

/* Intervals of both ratios by bootstrap over the samples. */
static enum status measure_ratios(const struct ranking *ranking, struct interval ratios[2]) {
    double values[2];
    double *replicates = memory_allocate(2 * (size_t)BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    const struct sweep_point *seconds = ranking->costs->seconds;
    size_t fewest = seconds[ranking->first].count;
    if (seconds[ranking->second].count < fewest) fewest = seconds[ranking->second].count;
    if (seconds[ranking->attention].count < fewest) fewest = seconds[ranking->attention].count;
    enum status status =
        bootstrap(time_ratios, ranking, 2, CHEAPEST_KEY, BOOTSTRAP_REPLICATES, values, replicates);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++)
        ratios[i] = interval_from_replicates(values[i], BOOTSTRAP_REPLICATES,
                                             replicates + i * BOOTSTRAP_REPLICATES, fewest, fewest);
    memory_free(replicates);
    return status;
}

/* How often attention came out first, beyond its interval. */
struct tally {
    size_t ranked, attention;
};

static void count_ranking(const struct ranking *ranking, const struct interval *next, struct tally *tally) {
    tally->ranked++;
    tally->attention += ranking->first == ranking->attention && next->low > 1;
}

/* What is the cheapest and how many times as much the next one and attention take. */
static void set_ranking(struct table_row *row, const struct ranking *ranking,
                        const struct interval ratios[2]) {
    table_set_text(row, 0, ranking->first < RIVALS ? "attention" : candidate_names[ranking->first]);
    table_set_interval(row, 1, &ratios[0]);
    table_set_interval(row, 2, &ratios[1]);
}

/* A row for attention in one of its ways beside the rivals. */
static void add_work_ranking(const struct shape_costs *costs, size_t attention, const char *name,
                             struct tally *tally, struct finding_table *table) {
    struct ranking ranking;
    if (!rank(costs, attention, costs->work, &ranking)) return;
    const double *work = costs->work, least = work[ranking.first];
    struct interval ratios[] = {interval_exact(work[ranking.second] / least, 1),
                                interval_exact(work[attention] / least, 1)};
    set_ranking(table_add_row(table, "%s", name), &ranking, ratios);
    count_ranking(&ranking, &ratios[0], tally);
}

static enum status add_time_ranking(const struct shape_costs *costs, size_t attention, const char *name,
                                    struct tally *tally, struct finding_table *table) {
    double seconds[CANDIDATES];
    struct ranking ranking;
    struct interval ratios[2];
    for (size_t i = 0; i < CANDIDATES; i++)
        seconds[i] = costs->seconds[i].typical;
    if (!rank(costs, attention, seconds, &ranking)) return STATUS_OK;
    CHECK(measure_ratios(&ranking, ratios));
    set_ranking(table_add_row(table, "%s", name), &ranking, ratios);
    count_ranking(&ranking, &ratios[0], tally);
    return STATUS_OK;
}

/* --- the tables ----------------------------------------------------------------------------------------- */

struct tables {
    struct finding_table *work, *time, *least_work, *least_time;
};

static struct finding_table *cost_table(struct finding *finding, const char *name, const char *title,
                                        const char *caption) {
    struct finding_table *table = finding_table(finding, name, title, "shape");
    if (table == NULL) return NULL;
    for (size_t i = 0; i < CANDIDATES; i++)
        table_add_column(table, candidate_names[i]);
    snprintf(table->caption, sizeof table->caption, "%s", caption);
    return table;
}

static struct finding_table *ranking_table(struct finding *finding, const char *name, const char *title,
                                           const char *caption) {
    static const char *const heads[] = {"cheapest", "next", "attention"};
    struct finding_table *table = finding_table(finding, name, title, "shape, attention as");
    if (table == NULL) return NULL;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_add_column(table, heads[i]);
    snprintf(table->caption, sizeof table->caption, "%s", caption);
    return table;
}

static struct tables start_tables(struct finding *finding) {
    struct tables tables;
    tables.work = cost_table(
        finding, "cx6_published_flops", "Executed operations at published shapes, predicted, in GFLOP",
        "From counted terms: core 4 d for each pair of positions that the mask lets see, attention with its "
        "projections + 4 L d (d + width of keys and values); rnn 4, gru 12, lstm 16, convolution 2 k, each times L "
        "d^2; all times the batch B. Recurrent models stand beside attention without mask. Counted operations have "
        "softmax and gates besides, and leave out what a convolution would read before the first position.");
    tables.least_work = ranking_table(
        finding, "cx6_published_least_flops",
        "The cheapest layer at published shapes by predicted operations",
        "Of attention (its core alone, or the whole layer), the three recurrent cells and both convolutions. next: "
        "how many times as much the second cheapest takes; attention: how many times as much attention does.");
    tables.time = cost_table(
        finding, "cx6_published_time", "Time at published shapes, measured, in ms",
        "Medians over records of these very shapes and batches, one rank, one thread, that the timer did not flag "
        "as disturbed; nothing is interpolated. -: not measured.");
    tables.least_time = ranking_table(
        finding, "cx6_published_least_time", "The cheapest layer at published shapes by measured time",
        "As above, with 95 % intervals, at the shapes where all six were measured. An interval of next that holds 1 "
        "names no winner.");
    return tables;
}

static void add_costs(const struct shape_costs *costs, const char *name, const char *batch,
                      const struct tables *tables) {
    struct table_row *work = table_add_row(tables->work, "%s%s", name, batch);
    struct table_row *time = table_add_row(tables->time, "%s%s", name, batch);
    for (size_t i = 0; i < CANDIDATES; i++) {
        table_set_number(work, i, costs->work[i] / GIGA);
        table_set_number(time, i, costs->seconds[i].typical / MILLI);
    }
}

/* Deviation of counted operations from the terms. */
struct deviation {
    size_t n;
    double farthest;
};

static void add_deviations(const struct shape_costs *costs, struct deviation *deviation) {
    for (size_t i = 0; i < CANDIDATES; i++) {
        if (!isfinite(costs->counted[i])) continue;
        deviation->farthest = fmax(deviation->farthest, fabs(costs->counted[i] / costs->work[i] - 1));
        deviation->n++;
    }
}

/* How often attention is the cheapest, by operations and by time, as core and as layer. */
struct tallies {
    struct tally work[2], time[2];
};

static enum status add_rankings(const struct shape_costs *costs, const char *name,
                                const struct tables *tables, struct tallies *tallies) {
    static const char *const parts[] = {[CORE] = "core", [LAYER] = "whole layer"};
    for (size_t attention = CORE; attention <= LAYER; attention++) {
        char part[64];
        snprintf(part, sizeof part, "%s, %s", name, parts[attention]);
        add_work_ranking(costs, attention, part, &tallies->work[attention], tables->least_work);
        CHECK(add_time_ranking(costs, attention, part, &tallies->time[attention], tables->least_time));
    }
    return STATUS_OK;
}

static enum status add_shape(const struct results *results, const struct published_shape *shape,
                             const struct tables *tables, struct tallies *tallies,
                             struct deviation *deviation, struct cheapest_chart charts[2]) {
    struct shape_costs costs;
    char name[40], batch[24] = "";
    snprintf(name, sizeof name, "%s %.0f x %.0f", shape->title, shape->length, shape->width);
    if (shape->batch > 1) snprintf(batch, sizeof batch, ", B = %.0f", shape->batch);
    enum status status = shape_costs_read(results, shape, &costs);
    if (status == STATUS_OK) {
        add_deviations(&costs, deviation);
        cheapest_chart_add(&charts[0], &costs, false);
        cheapest_chart_add(&charts[1], &costs, true);
        add_costs(&costs, name, batch, tables);
        status = add_rankings(&costs, name, tables, tallies);
    }
    shape_costs_clear(&costs);
    return status;
}

static void say_tallies(const struct tallies *tallies, struct finding *finding) {
    const struct tally *work = tallies->work, *time = tallies->time;
    finding_say(
        finding,
        " Published shapes: by predicted FLOPs attention is the cheapest at %zu of %zu with its core alone, "
        "at %zu as a whole layer",
        work[CORE].attention, work[CORE].ranked, work[LAYER].attention);
    if (time[CORE].ranked > 0)
        finding_say(finding, "; by measured time at %zu and %zu of %zu", time[CORE].attention,
                    time[LAYER].attention, time[CORE].ranked);
    finding_say(finding, ".");
}

enum status cheapest_report(const struct results *results, struct finding *finding) {
    const struct table *attention = results_table(results, "attention");
    if (attention == NULL || attention->count == 0) return STATUS_OK;
    struct tables tables = start_tables(finding);
    if (!tables.work || !tables.time || !tables.least_work || !tables.least_time) return STATUS_NO_MEMORY;
    struct tallies tallies = {0};
    struct deviation deviation = {0, 0};
    struct cheapest_chart charts[2] = {{0}}; /* operations, time */
    for (const struct published_shape *shape = published_shapes; shape->name != NULL; shape++)
        CHECK(add_shape(results, shape, &tables, &tallies, &deviation, charts));
    CHECK(cheapest_chart_plot(&charts[0], false, finding));
    CHECK(cheapest_chart_plot(&charts[1], true, finding));
    struct interval farthest = interval_exact(deviation.farthest, deviation.n);
    if (deviation.n > 0)
        measurement_set(
            finding_measurement(finding, "1", "published shapes: farthest counted FLOPs from predicted"),
            &farthest);
    say_tallies(&tallies, finding);
    return STATUS_OK;
}
