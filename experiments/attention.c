/* Time, work, traffic and error of an attention layer: the core softmax(Q K^T) V, split over ranks by a
 * schedule, and the projections around it. */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/work.h"
#include "experiments/attention_fields.h"
#include "experiments/attention_share.h"
#include "experiments/layer.h"
#include "experiments/timing.h"
#include "experiments/traffic_report.h"

static struct attention_shape shape_of(const struct record *values) {
    size_t length = (size_t)record_integer(values, "length");
    return (struct attention_shape){
        .batch = (size_t)record_integer(values, "batch"),
        .heads = (size_t)record_integer(values, "heads"),
        .kv_heads = (size_t)record_integer(values, "kv_heads"),
        .query_length = length,
        .key_length = length,
        .head_width = (size_t)record_integer(values, "head_width"),
    };
}

static struct attention_mask mask_of(const struct record *values) {
    struct attention_mask mask = attention_mask_none();
    if (record_string(values, "mask")[0] == 'c') mask.kind = ATTENTION_CAUSAL;
    return mask;
}

static enum sequence_layout layout_of(const char *name) {
    int layout = 0;
    while (strcmp(sequence_layout_names[layout], name) != 0)
        layout++;
    return (enum sequence_layout)layout;
}

/* What the parameters ask for; the grid may still be the schedule's to choose. */
static struct attention_split split_of(const struct record *values) {
    return (struct attention_split){.shape = shape_of(values),
                                    .layout = layout_of(record_string(values, "layout")),
                                    .ranks = (int)record_integer(values, "ranks"),
                                    .ways = (int)record_integer(values, "ways")};
}

static bool is_auto(const struct record *values) {
    return strcmp(record_string(values, "schedule"), "auto") == 0;
}

/* The split as `schedule` would make it, or why it cannot. */
static const char *fit_schedule(const struct schedule *schedule, struct attention_split *split) {
    if (schedule->choose_ways && split->ways == 0) split->ways = schedule->choose_ways(split);
    return schedule->refuses(split);
}

static enum status resolve_schedule(struct record *values, struct error *error) {
    if (record_string(values, "layout")[0] == '\0') {
        bool masked = strcmp(record_string(values, "mask"), "full") != 0;
        CHECK(record_set_string(values, "layout", masked ? "zigzag" : "contiguous"));
    }
    const char *name = record_string(values, "schedule"), *reason = NULL;
    struct attention_split split = split_of(values);
    size_t able = 0;
    for (size_t i = 0; schedules()[i]; i++) {
        struct attention_split tried = split;
        const char *refusal = fit_schedule(schedules()[i], &tried);
        able += refusal == NULL;
        if (strcmp(schedules()[i]->name, name) == 0) reason = refusal;
    }
    if (is_auto(values) && able == 0)
        return error_set(error, STATUS_INVALID, "schedule: none can split this layer over %d ranks",
                         split.ranks);
    if (!reason) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "schedule: %s cannot split this layer over %d ranks: %s", name,
                     split.ranks, reason);
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    int64_t heads = record_integer(values, "heads"), kv_heads = record_integer(values, "kv_heads");
    int64_t batch = record_integer(values, "batch"), length = record_integer(values, "length");
    if (kv_heads == INT64_MIN) {
        kv_heads = heads;
        CHECK(record_set_integer(values, "kv_heads", kv_heads));
    }
    if (heads % kv_heads != 0)
        return error_set(error, STATUS_INVALID, "heads: %lld is no multiple of kv_heads, %lld",
                         (long long)heads, (long long)kv_heads);
    if (batch * length > PRODUCT_SIZE_MAX)
        return error_set(error, STATUS_INVALID, "batch x length is %lld x %lld: BLAS counts %d rows at most",
                         (long long)batch, (long long)length, (int)PRODUCT_SIZE_MAX);
    return resolve_schedule(values, error);
}

/* Bytes that the busiest rank needs under one schedule; 0 when it refuses. */
static double bytes_needed(const struct schedule *schedule, struct attention_split split, int threads) {
    if (fit_schedule(schedule, &split)) return 0;
    double most = 0;
    for (int rank = 0; rank < split.ranks; rank++) {
        struct attention_share share = schedule->share(&split, rank);
        most = fmax(most, attention_data_bytes(&split.shape, &share));
    }
    return most + (double)schedule->bytes_extra(&split, threads);
}

/* auto may choose any schedule: memory is that of the neediest. */
static struct estimate estimate(const struct point *point) {
    struct attention_split split = split_of(point->values);
    struct attention_mask mask = mask_of(point->values);
    int threads = (int)point_integer(point, "threads");
    const char *name = point_string(point, "schedule");
    double bytes = 0;
    for (size_t i = 0; schedules()[i]; i++)
        if (is_auto(point->values) || strcmp(schedules()[i]->name, name) == 0)
            bytes = fmax(bytes, bytes_needed(schedules()[i], split, threads));
    struct attention_share whole = {
        .heads = split.shape.heads, .kv_heads = split.shape.kv_heads, .rows = split.shape.query_length};
    return (struct estimate){.flops = attention_flops(&split.shape, &mask) +
                                      attention_projection_flops(&split.shape, &whole),
                             .bytes_per_rank = bytes,
                             .seconds = TIMING_SECONDS};
}

static double predict(const struct point *point, const struct schedule_rates *rates) {
    struct attention_split split = split_of(point->values);
    struct attention_mask mask = mask_of(point->values);
    const struct schedule *schedule = schedule_named(point_string(point, "schedule"));
    if (!schedule || fit_schedule(schedule, &split)) return NAN;
    return schedule->seconds(&split, &mask, rates);
}

static const char *const split_parameters[] = {"schedule", "ways", "layout", NULL};

/* What one rank works with. */
struct split_layer {
    struct team *team;
    struct attention_split split;
    const struct schedule *schedule;
    struct schedule_choice choice; /* auto's, or what was asked for */
    struct schedule_run *run;
    struct attention_data data;
    struct split_traffic traffic; /* these three of the last pass */
    struct work core_work, projection_work;
    size_t memory_before; /* bytes held before any of this was made */
};

static void core(struct split_layer *layer) {
    struct attention_data *data = &layer->data;
    layer->schedule->forward(layer->run, attention_scale(&data->shape), data->queries, data->keys,
                             data->values, data->output, data->log_sum_exp, &layer->traffic);
}

/* The projections stand together, since the core has data of its own: see attention_share.h. */
static void pass(void *context, double *seconds) {
    struct split_layer *layer = context;
    struct work work_start = work_now();
    double start = parallel_seconds();
    attention_project_inputs(&layer->data);
    attention_project_output(&layer->data);
    seconds[1] += parallel_seconds() - start;
    struct work work_between = work_now();
    team_barrier(layer->team); /* uneven projections are not the core's */
    start = parallel_seconds();
    core(layer);
    seconds[0] += parallel_seconds() - start;
    layer->projection_work = work_difference(work_start, work_between);
    layer->core_work = work_difference(work_between, work_now());
}

/* What came out, the same on all ranks. All that needs the other ranks is done before the first column is
 * set, so that a failure to set one strands nobody. */
struct outcome {
    struct timing timing;
    double flops_core, flops_softmax, flops_projections;
    double memory, max_abs_error, rows_checked;
    struct traffic_reports reports;
};

/* Adds up what the ranks counted in the last pass. Collective. */
static void gather_counts(struct split_layer *layer, struct outcome *outcome) {
    const struct work *core_work = &layer->core_work;
    double flops[] = {(double)core_work->product,
                      (double)(core_work->elementwise + core_work->transcendental),
                      (double)work_total(layer->projection_work)};
    team_sum(layer->team, 3, flops);
    outcome->flops_core = flops[0];
    outcome->flops_softmax = flops[1];
    outcome->flops_projections = flops[2];

    uint64_t elements = layer->schedule->elements_sent(&layer->split, team_rank(layer->team));
    traffic_reports_gather(&outcome->reports, layer->team, &layer->traffic, elements,
                           (double)core_work->product);
}

/* Collective; agreed. */
static enum status measure(struct split_layer *layer, struct outcome *outcome, struct error *error) {
    timing_collect(layer->team, 2, pass, layer, &outcome->timing);
    gather_counts(layer, outcome);
    outcome->memory = (double)(memory_high_water() - layer->memory_before);
    size_t checked;
    enum status status = attention_data_check(&layer->data, &outcome->max_abs_error, &checked);
    if (status != STATUS_OK) error_set(error, status, "no memory for the float64 reference");
    CHECK(team_agree(layer->team, status, error));
    outcome->rows_checked = (double)checked;
    team_sum(layer->team, 1, &outcome->rows_checked);
    team_maximum(layer->team, 1, &outcome->memory);
    team_maximum(layer->team, 1, &outcome->max_abs_error);
    return STATUS_OK;
}

static enum status record_choice(const struct split_layer *layer, struct record *record) {
    CHECK(record_set_string(record, "schedule_used", layer->schedule->name));
    CHECK(record_set_integer(record, "ways_used", layer->schedule->choose_ways ? layer->split.ways : 0));
    CHECK(record_set_string(record, "choice", layer->choice.reason));
    return record_set_real(record, "seconds_predicted", layer->choice.seconds);
}

static enum status record_outcome(const struct outcome *outcome, struct record *record) {
    const struct timing *timing = &outcome->timing;
    CHECK(record_set_reals(record, "seconds_core", timing->samples, timing->seconds[0]));
    CHECK(record_set_reals(record, "seconds_projections", timing->samples, timing->seconds[1]));
    CHECK(record_set_real(record, "flops_core", outcome->flops_core));
    CHECK(record_set_real(record, "flops_softmax", outcome->flops_softmax));
    CHECK(record_set_real(record, "flops_projections", outcome->flops_projections));
    CHECK(traffic_reports_record(&outcome->reports, record));
    CHECK(record_set_real(record, "max_abs_error", outcome->max_abs_error));
    CHECK(record_set_integer(record, "rows_checked", (int64_t)outcome->rows_checked));
    CHECK(record_set_integer(record, "memory", (int64_t)outcome->memory));
    return timing_record(timing, record);
}

/* Settles schedule and grid, at rates measured now. Collective; agreed. */
static enum status choose_schedule(const struct point *point, struct split_layer *layer,
                                   struct error *error) {
    struct attention_mask mask = mask_of(point->values);
    struct schedule_rates rates;
    layer->split = split_of(point->values);
    enum status status = schedule_measure_rates(layer->team, &rates);
    if (status != STATUS_OK) return error_set(error, status, "no memory for measuring the rates");
    if (is_auto(point->values)) {
        layer->choice = schedule_auto(&layer->split, &mask, &rates);
    } else {
        const struct schedule *schedule = schedule_named(point_string(point, "schedule"));
        fit_schedule(schedule, &layer->split);
        layer->choice = (struct schedule_choice){.schedule = schedule,
                                                 .ways = layer->split.ways,
                                                 .seconds = schedule->seconds(&layer->split, &mask, &rates),
                                                 .reason = "asked for"};
    }
    layer->schedule = layer->choice.schedule;
    layer->split.ways = layer->choice.ways;
    return STATUS_OK;
}

/* Everything that is needed. Collective; agreed. */
static enum status prepare(const struct point *point, struct split_layer *layer, struct outcome *outcome,
                           struct error *error) {
    CHECK(choose_schedule(point, layer, error));
    memory_reset_high_water();
    layer->memory_before = memory_in_use();
    layer->data =
        (struct attention_data){.shape = layer->split.shape,
                                .mask = mask_of(point->values),
                                .share = layer->schedule->share(&layer->split, team_rank(layer->team)),
                                .key = point->data_key};
    enum status status = attention_data_create(&layer->data);
    if (status == STATUS_OK)
        status = traffic_reports_create(&outcome->reports, (size_t)team_size(layer->team));
    if (status != STATUS_OK) error_set(error, status, "no memory for this rank's share of the layer");
    CHECK(team_agree(layer->team, status, error));
    status = layer->schedule->create(layer->team, &layer->split, &layer->data.mask, &layer->run);
    if (status == STATUS_OK) return STATUS_OK;
    return error_set(error, status, "schedule %s cannot be set up: %s", layer->schedule->name,
                     status_text(status));
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct split_layer layer = {.team = team};
    struct outcome outcome = {.memory = 0};
    enum status status = prepare(point, &layer, &outcome, error);
    if (status == STATUS_OK) status = measure(&layer, &outcome, error);
    if (status == STATUS_OK) status = record_choice(&layer, record);
    if (status == STATUS_OK) status = record_outcome(&outcome, record);
    if (layer.run) layer.schedule->destroy(&layer.run);
    attention_data_destroy(&layer.data);
    traffic_reports_destroy(&outcome.reports);
    return status;
}

const struct experiment experiment_attention = {
    .schema = {.name = "attention",
               .summary = "Time, work, traffic and error of an attention layer, split over ranks",
               .version = 2,
               .parameters = attention_parameters,
               .columns = attention_columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .split_parameters = split_parameters,
    .predict = predict,
    .run = run,
};
