/* CX8: from which length on the L^2 term matters in whole models: attention's core beside all that grows with
 * L alone, the projections and the feed-forward part. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/published.h"
#include "analysis/scaling.h"
#include "core/base/memory.h"

#define MODEL_TOLERANCE 0.05

enum { MODELS_KEY = 0x4358 + 8, LENGTHS_MAX = 16 };

/* A published model by what its blocks look like; its figures are those of experiments/shapes.c. */
struct model {
    const struct published_shape *attention;
    double hidden, matrices, blocks; /* matrices of the feed-forward part */
};

static const struct model models[] = {
    {&published_shapes[PUBLISHED_BERT_BASE], 3072, 2, 12},
    {&published_shapes[PUBLISHED_GPT2_XL], 6400, 2, 48},
    {&published_shapes[PUBLISHED_LLAMA_3_8B], 14336, 3, 32},
};
enum { MODEL_COUNT = sizeof models / sizeof models[0] };

/* Operations of a position beside the core: queries and output, keys and values, the feed-forward part. */
static double linear_work(const struct model *model) {
    double width = model->attention->width;
    double kv_width = model->attention->kv_heads * model->attention->head_width;
    return 2 * width * (2 * width + 2 * kv_width + model->matrices * model->hidden);
}

/* The core's 4 d a pair, half of the pairs under a causal mask. */
static double predicted_length(const struct model *model) {
    return linear_work(model) / ((model->attention->causal ? 2 : 4) * model->attention->width);
}

/* --- one model's costs --------------------------------------------------------------------------------- */

/* Costs of one block at one length: samples of time, or one count. */
struct place {
    double length;
    struct sweep_point core, projections, feed_forward;
};

/* Records of both experiments at one length, batch 1 and one thread. */
struct pair {
    double length;
    const struct record *attention, *feed_forward;
};

static bool is_attention_of(const struct record *record, const struct model *model) {
    const struct published_shape *shape = model->attention;
    return record_real(record, "heads") == shape->heads &&
           record_real(record, "kv_heads") == shape->kv_heads &&
           record_real(record, "head_width") == shape->head_width && record_real(record, "ranks") == 1 &&
           record_real(record, "batch") == 1 && record_real(record, "threads") == 1 &&
           strcmp(record_string(record, "mask"), shape->causal ? "causal" : "full") == 0;
}

static bool is_feed_forward_of(const struct record *record, const struct model *model) {
    return record_real(record, "width") == model->attention->width &&
           record_real(record, "hidden") == model->hidden && record_real(record, "batch") == 1 &&
           record_real(record, "threads") == 1 &&
           (strcmp(record_string(record, "activation"), "gated") == 0) == (model->matrices == 3);
}

static int by_length(const void *left, const void *right) {
    const struct pair *a = left, *b = right;
    return (a->length > b->length) - (a->length < b->length);
}

/* The lengths at which both were measured, rising; the first record of each. */
static size_t find_pairs(const struct selection *attention, const struct selection *feed_forward,
                         const struct model *model, struct pair pairs[LENGTHS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < attention->count && count < LENGTHS_MAX; i++) {
        struct pair pair = {record_real(attention->records[i], "length"), attention->records[i], NULL};
        bool known = !is_attention_of(pair.attention, model);
        for (size_t k = 0; k < count; k++)
            known = known || pairs[k].length == pair.length;
        for (size_t k = 0; k < feed_forward->count && !known && !pair.feed_forward; k++)
            if (is_feed_forward_of(feed_forward->records[k], model) &&
                record_real(feed_forward->records[k], "length") == pair.length)
                pair.feed_forward = feed_forward->records[k];
        if (pair.feed_forward) pairs[count++] = pair;
    }
    qsort(pairs, count, sizeof pairs[0], by_length);
    return count;
}

/* The sum of some columns of a record as a point of a sweep. */
static enum status read_point(const struct record *record, const char *const *columns,
                              struct sweep_point *point) {
    point->values = record_sums(record, columns, &point->count);
    if (point->values == NULL) return STATUS_NO_MEMORY;
    point->typical = statistics_median(point->count, point->values);
    return STATUS_OK;
}

static enum status read_place(const struct pair *pair, bool time, struct place *place) {
    static const char *const columns[2][3][3] = {
        {{"flops_core", "flops_softmax", NULL}, {"flops_projections", NULL}, {"flops", NULL}},
        {{"seconds_core", NULL}, {"seconds_projections", NULL}, {"seconds", NULL}},
    };
    *place = (struct place){.length = pair->length};
    CHECK(read_point(pair->attention, columns[time][0], &place->core));
    CHECK(read_point(pair->attention, columns[time][1], &place->projections));
    return read_point(pair->feed_forward, columns[time][2], &place->feed_forward);
}

static void place_clear(struct place *place) {
    memory_free(place->core.values);
    memory_free(place->projections.values);
    memory_free(place->feed_forward.values);
}

/* The median of samples drawn anew; they are as they were measured. */
static double drawn_median(const struct sweep_point *point, struct resampler *resampler) {
    double values[SWEEP_VALUES_MAX];
    if (resampler->identity || point->count == 1) return point->typical;
    size_t count = point->count < SWEEP_VALUES_MAX ? point->count : SWEEP_VALUES_MAX;
    for (size_t i = 0; i < count; i++)
        values[i] = point->values[resample_one(resampler, point->count, i)];
    return statistics_median_in_place(count, values);
}

/* The length at which the core, growing with L, would cost as much as the rest, and the core's share here. */
static void place_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct place *place = context;
    double core = drawn_median(&place->core, resampler);
    double rest =
        drawn_median(&place->projections, resampler) + drawn_median(&place->feed_forward, resampler);
    values[0] = place->length * rest / core;
}

static double core_share(const struct place *place) {
    double rest = place->projections.typical + place->feed_forward.typical;
    return place->core.typical / (place->core.typical + rest);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static double share_curve(double length, const void *context) {
    return length / (length + predicted_length(context));
}

/* Shares of the core at the measured lengths. */
struct shares {
    size_t count;
    double lengths[LENGTHS_MAX], values[LENGTHS_MAX];
};

/* The last length's estimate of L*, in time or in FLOPs. */
static enum status report_length(const struct model *model, bool time, const struct place *place,
                                 struct finding *finding) {
    double predicted = predicted_length(model);
    struct interval at;
    if (time) {
        size_t fewest = (size_t)fmin(fmin((double)place->core.count, (double)place->projections.count),
                                     (double)place->feed_forward.count);
        CHECK(bootstrap_interval(place_statistic, place, MODELS_KEY, fewest, fewest, &at));
    } else {
        struct resampler themselves = {.identity = 1};
        double value;
        place_statistic(place, &themselves, &value);
        at = interval_exact(value / predicted, 1);
    }
    struct measurement *m = time
                                ? finding_measurement(finding, "1", "%s: L* in time", model->attention->title)
                                : finding_measurement(finding, "1", "%s: L* in FLOPs over %.0f",
                                                      model->attention->title, predicted);
    measurement_set(m, &at);
    if (!time) measurement_decides(m, CRITERION_NEAR, 1, MODEL_TOLERANCE);
    return STATUS_OK;
}

/* What a forward pass of one sequence takes in all blocks. */
static void report_whole(const struct model *model, bool time, const struct place *place,
                         struct finding *finding) {
    double block = place->core.typical + place->projections.typical + place->feed_forward.typical;
    struct interval whole = interval_unknown(model->blocks * block * (time ? 1 : 1e-9), 1);
    measurement_set(finding_measurement(finding, time ? "s" : "GFLOP", "%s: all %.0f blocks at L = %.0f",
                                        model->attention->title, model->blocks, place->length),
                    &whole);
}

static enum status measure_model(const struct model *model, bool time, size_t count, const struct pair *pairs,
                                 struct shares *shares, struct finding *finding) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct place place;
        status = read_place(&pairs[i], time, &place);
        if (status == STATUS_OK) {
            shares->lengths[i] = place.length;
            shares->values[i] = core_share(&place);
            if (place.length == model->attention->length) report_whole(model, time, &place, finding);
            if (i + 1 == count) status = report_length(model, time, &place, finding);
        }
        place_clear(&place);
    }
    shares->count = count;
    return status;
}

static enum status plot_model(struct plot *plot, const struct model *model, int colour,
                              const struct shares *work, const struct shares *time) {
    char label[64];
    CHECK(plot_curve(plot, model->attention->title, PLOT_LINES, colour, 64, 65536, 1, share_curve, model));
    snprintf(label, sizeof label, "%s, FLOPs", model->attention->title);
    CHECK(
        plot_series(plot, label, PLOT_HOLLOW, colour, work->count, work->lengths, work->values, NULL, NULL));
    snprintf(label, sizeof label, "%s, time", model->attention->title);
    return plot_series(plot, label, PLOT_POINTS, colour, time->count, time->lengths, time->values, NULL,
                       NULL);
}

/* *short_of_it is set where no length beyond L* was run. */
static enum status find_model(const struct selection *attention, const struct selection *feed_forward,
                              const struct model *model, int colour, struct plot *plot,
                              struct finding *finding, bool *short_of_it) {
    struct pair pairs[LENGTHS_MAX];
    struct shares work, time;
    size_t count = find_pairs(attention, feed_forward, model, pairs);
    if (count == 0) return STATUS_OK;
    finding->records += 2 * count;
    double longest = pairs[count - 1].length;
    finding_say(finding, " %s: %.0f (run to %.0f);", model->attention->title, predicted_length(model),
                longest);
    *short_of_it = *short_of_it || longest < predicted_length(model);
    CHECK(measure_model(model, false, count, pairs, &work, finding));
    CHECK(measure_model(model, true, count, pairs, &time, finding));
    return plot_model(plot, model, colour, &work, &time);
}

static enum status find_whole_models(const struct results *results, struct finding *finding) {
    struct selection attention = {0}, feed_forward = {0};
    bool short_of_it = false;
    enum status status = selection_create(results, "attention", &attention);
    if (status == STATUS_OK) status = selection_create(results, "feed_forward", &feed_forward);
    struct plot *plot = finding_plot(finding, "cx8_share", "The core's share of whole models", "L (length)",
                                     "share of attention's core");
    if (plot != NULL) {
        plot->x_log = true;
        plot->y_low = 0, plot->y_high = 1;
        snprintf(
            plot->caption, sizeof plot->caption,
            "softmax(Q K^T) V beside projections and feed-forward part, one thread, batch 1. Lines: from counted terms, L / (L + "
            "L*); hollow: executed FLOPs; filled: time.");
    }
    finding_say(
        finding,
        "Length at which attention's core costs as much as all the rest of a block, by counted terms:");
    for (size_t i = 0; i < MODEL_COUNT && status == STATUS_OK; i++)
        status = find_model(&attention, &feed_forward, &models[i], (int)i, plot, finding, &short_of_it);
    selection_destroy(&attention);
    selection_destroy(&feed_forward);
    finding_say(
        finding,
        " compared, to +-%.0f %%, with executed FLOPs at the longest length that was run: L times the rest over the core, "
        "which grows with L.%s In time it is reported.",
        100 * MODEL_TOLERANCE,
        short_of_it
            ? " Where no length beyond L* was run, it is counted terms that are held against the formula: "
              "L* itself was not passed."
            : "");
    return status;
}

const struct claim claim_whole_models = {
    .id = "CX8",
    .statement =
        "In whole models the L^2 term overtakes all others at L* = (projections + feed-forward) / (4 d)",
    .source =
        "From CX3 and the shapes of the models (Devlin et al. 2019; Radford et al. 2019; Llama team 2024)",
    .prediction = "6 d with 4 d hidden units; twice that under a causal mask",
    .sources = {{"attention",
                 "batch length head_width heads kv_heads mask ranks threads flops_core flops_softmax "
                 "flops_projections seconds_core seconds_projections"},
                {"feed_forward", "batch length width hidden activation threads flops seconds"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_whole_models,
};
