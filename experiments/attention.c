/* Time, work, traffic and error of an attention layer: the core softmax(Q K^T) V, split over ranks by a
 * schedule, and the projections around it. */
#include <math.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/work.h"
#include "experiments/attention_share.h"
#include "experiments/layer.h"
#include "experiments/timing.h"

static const char *const masks[] = {"full", "causal", NULL};
static const char *const schedule_names[] = {"heads", "ring", NULL};

static const struct field parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA,
     "Positions L of a sequence; queries and keys are equally many"},
    {"head_width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, ATTENTION_WIDTH_MAX, NULL, FIELD_DATA,
     "Width of a head; the layer is heads x head_width wide"},
    {"heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e5, NULL, FIELD_DATA, "Query heads H"},
    {"kv_heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 1e5, NULL, FIELD_DATA | FIELD_AUTO,
     "Key/value heads, each read by heads / kv_heads query heads; auto: as many as heads"},
    {"mask", FIELD_CHOICE, DIMENSION_SCALAR, "1", "full", 0, 0, masks, 0,
     "causal: a position sees itself and those before it"},
    {"ranks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_MAX,
     "Ranks that share the layer"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of each rank"},
    {"schedule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "auto", 0, 0, schedule_names, FIELD_AUTO,
     "How the core is split over ranks; auto: heads if there are enough, else ring"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"seconds_core", FIELD_REAL, DIMENSION_SAMPLE, "s", NULL, 0, 0, NULL, 0,
     "Time of softmax(Q K^T) V with its messages, slowest rank"},
    {"seconds_projections", FIELD_REAL, DIMENSION_SAMPLE, "s", NULL, 0, 0, NULL, 0,
     "Time of the products with the query, key, value and output weights, slowest rank; where heads are split over "
     "ranks, without the sum of the partial outputs"},
    {"flops_core", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Operations that one pass executes in the products Q K^T and with V, all ranks; a multiply-add is two"},
    {"flops_softmax", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Those in the core outside the two products: scaling, maxima, exponentials, sums, merging"},
    {"flops_projections", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Those in the projections, all ranks"},
    {"bytes_sent", FIELD_INTEGER, DIMENSION_RANK, "byte", NULL, 0, 0, NULL, 0,
     "What left each rank in the last pass of the core, counted at the MPI calls"},
    {"bytes_predicted", FIELD_INTEGER, DIMENSION_RANK, "byte", NULL, 0, 0, NULL, 0,
     "The same by the schedule's formula"},
    {"seconds_compute", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that each rank computed in the last pass of the core"},
    {"seconds_wait", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that it waited in that pass for keys and values"},
    {"seconds_merge", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that it merged partial results in that pass"},
    {"max_abs_error", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Largest difference of the core's output from a float64 reference; inputs are standard normal"},
    {"rows_checked", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Rows that were compared: of every head the first, the last and 64 drawn, or all if there are fewer"},
    {"memory", FIELD_INTEGER, DIMENSION_SCALAR, "byte", NULL, 0, 0, NULL, 0,
     "The most memory that a rank held for it up to the end of the samples: its share of the layer and scratch"},
    TIMING_FIELDS,
    {.name = NULL},
};

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

static enum status resolve_schedule(struct record *values, struct error *error) {
    struct attention_shape shape = shape_of(values);
    int ranks = (int)record_integer(values, "ranks");
    const char *name = record_string(values, "schedule");
    if (name[0] == '\0') {
        const struct schedule *schedule = schedule_auto(&shape, ranks);
        if (schedule) return record_set_string(values, "schedule", schedule->name);
        return error_set(error, STATUS_INVALID, "schedule: none can split this layer over %d ranks", ranks);
    }
    const char *reason = schedule_named(name)->refuses(&shape, ranks);
    if (!reason) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "schedule: %s cannot split this layer over %d ranks: %s", name,
                     ranks, reason);
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

static struct estimate estimate(const struct point *point) {
    struct attention_shape shape = shape_of(point->values);
    struct attention_mask mask = mask_of(point->values);
    const struct schedule *schedule = schedule_named(point_string(point, "schedule"));
    int ranks = (int)point_integer(point, "ranks"), threads = (int)point_integer(point, "threads");
    double flops = attention_flops(&shape, &mask), most = 0;
    for (int rank = 0; rank < ranks; rank++) {
        struct attention_share share = schedule->share(&shape, ranks, rank);
        flops += attention_projection_flops(&shape, &share);
        most = fmax(most, attention_data_bytes(&shape, &share));
    }
    return (struct estimate){.flops = flops,
                             .bytes_per_rank = most + (double)schedule->bytes_extra(&shape, ranks, threads),
                             .seconds = TIMING_SECONDS};
}

/* What one rank works with. */
struct split_layer {
    struct team *team;
    const struct schedule *schedule;
    struct schedule_run *run;
    struct attention_data data;
    struct attention_traffic traffic; /* these three of the last pass */
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

/* What a rank tells the first one. */
struct report {
    int64_t bytes_sent, bytes_predicted;
    double seconds_compute, seconds_wait, seconds_merge;
};

/* What came out, the same on all ranks. All that needs the other ranks is done before the first column is
 * set, so that a failure to set one strands nobody. */
struct outcome {
    struct timing timing;
    double flops_core, flops_softmax, flops_projections;
    double memory, max_abs_error, rows_checked;
    size_t ranks;
    struct report *reports; /* [ranks] */
    int64_t *integers;      /* [ranks], for handing over the columns of the reports */
    double *reals;
};

static enum status outcome_allocate(struct outcome *outcome, size_t ranks) {
    outcome->ranks = ranks;
    outcome->reports = memory_allocate(ranks, sizeof *outcome->reports);
    outcome->integers = memory_allocate(ranks, sizeof *outcome->integers);
    outcome->reals = memory_allocate(ranks, sizeof *outcome->reals);
    return outcome->reports && outcome->integers && outcome->reals ? STATUS_OK : STATUS_NO_MEMORY;
}

static void outcome_free(struct outcome *outcome) {
    memory_free(outcome->reports);
    memory_free(outcome->integers);
    memory_free(outcome->reals);
}

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

    const struct attention_traffic *traffic = &layer->traffic;
    uint64_t elements =
        layer->schedule->elements_sent(&layer->data.shape, team_size(layer->team), team_rank(layer->team));
    struct report mine = {(int64_t)traffic->bytes_sent, (int64_t)(elements * sizeof(float)),
                          traffic->seconds_compute, traffic->seconds_wait, traffic->seconds_merge};
    team_gather(layer->team, sizeof mine, &mine, outcome->reports);
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

static enum status record_reports(const struct outcome *outcome, struct record *record) {
#define RECORD_COLUMN(name, array, set)                                                                      \
    do {                                                                                                     \
        for (size_t rank = 0; rank < outcome->ranks; rank++)                                                 \
            outcome->array[rank] = outcome->reports[rank].name;                                              \
        CHECK(set(record, #name, outcome->ranks, outcome->array));                                           \
    } while (0)
    RECORD_COLUMN(bytes_sent, integers, record_set_integers);
    RECORD_COLUMN(bytes_predicted, integers, record_set_integers);
    RECORD_COLUMN(seconds_compute, reals, record_set_reals);
    RECORD_COLUMN(seconds_wait, reals, record_set_reals);
    RECORD_COLUMN(seconds_merge, reals, record_set_reals);
#undef RECORD_COLUMN
    return STATUS_OK;
}

static enum status record_outcome(const struct outcome *outcome, struct record *record) {
    const struct timing *timing = &outcome->timing;
    CHECK(record_set_reals(record, "seconds_core", timing->samples, timing->seconds[0]));
    CHECK(record_set_reals(record, "seconds_projections", timing->samples, timing->seconds[1]));
    CHECK(record_set_real(record, "flops_core", outcome->flops_core));
    CHECK(record_set_real(record, "flops_softmax", outcome->flops_softmax));
    CHECK(record_set_real(record, "flops_projections", outcome->flops_projections));
    CHECK(record_reports(outcome, record));
    CHECK(record_set_real(record, "max_abs_error", outcome->max_abs_error));
    CHECK(record_set_integer(record, "rows_checked", (int64_t)outcome->rows_checked));
    CHECK(record_set_integer(record, "memory", (int64_t)outcome->memory));
    return timing_record(timing, record);
}

/* Everything that is needed. Collective; agreed. */
static enum status prepare(struct split_layer *layer, struct outcome *outcome, struct error *error) {
    enum status status = attention_data_create(&layer->data);
    if (status == STATUS_OK) status = outcome_allocate(outcome, (size_t)team_size(layer->team));
    if (status != STATUS_OK) error_set(error, status, "no memory for this rank's share of the layer");
    CHECK(team_agree(layer->team, status, error));
    status = layer->schedule->create(layer->team, &layer->data.shape, &layer->data.mask, &layer->run);
    if (status == STATUS_OK) return STATUS_OK;
    return error_set(error, status, "schedule %s cannot be set up: %s", layer->schedule->name,
                     status_text(status));
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    const struct schedule *schedule = schedule_named(point_string(point, "schedule"));
    struct attention_shape shape = shape_of(point->values);
    struct split_layer layer = {.team = team,
                                .schedule = schedule,
                                .memory_before = memory_in_use(),
                                .data = {.shape = shape,
                                         .mask = mask_of(point->values),
                                         .share = schedule->share(&shape, team_size(team), team_rank(team)),
                                         .key = point->data_key}};
    struct outcome outcome = {.reports = NULL};
    memory_reset_high_water();
    enum status status = prepare(&layer, &outcome, error);
    if (status == STATUS_OK) status = measure(&layer, &outcome, error);
    if (status == STATUS_OK) status = record_outcome(&outcome, record);
    if (layer.run) schedule->destroy(&layer.run);
    attention_data_destroy(&layer.data);
    outcome_free(&outcome);
    return status;
}

const struct experiment experiment_attention = {
    .schema = {.name = "attention",
               .summary = "Time, work, traffic and error of an attention layer, split over ranks",
               .version = 1,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
