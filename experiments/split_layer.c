#include "experiments/split_layer.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "experiments/timing.h"
#include "experiments/traffic_report.h"

enum { RANKS_ESTIMATED = 64 };

/* --- the split ---------------------------------------------------------------------------------------- */

void split_layer_read(const struct record *values, struct sequence_split *split) {
    const char *name = record_string(values, "split");
    int kind = SPLIT_NONE;
    while (sequence_split_names[kind + 1] && strcmp(sequence_split_names[kind], name) != 0)
        kind++;
    split->kind = (enum sequence_split_kind)kind;
    split->ranks = (int)record_integer(values, "ranks");
}

static struct sequence_share whole_of(const struct sequence_split *split) {
    struct sequence_split alone = *split;
    alone.kind = SPLIT_NONE;
    alone.ranks = 1;
    return sequence_split_input(&alone, 0);
}

static bool can_be_addressed(const struct sequence_split *split) {
    if (split->layer == LAYER_RECURRENT) return recurrent_bytes(&split->recurrent) > 0;
    return convolution_bytes(&split->convolution) > 0;
}

enum status split_layer_refuse(const struct sequence_split *split, struct error *error) {
    struct sequence_share whole = whole_of(split);
    if (!can_be_addressed(split))
        return error_set(error, STATUS_INVALID,
                         "batch x length x width is %zu x %zu x %zu: more than can be addressed", whole.items,
                         whole.rows, whole.units);
    const char *reason = sequence_split_refuses(split);
    if (!reason) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "split: %s cannot be over %d ranks: %s",
                     sequence_split_names[split->kind], split->ranks, reason);
}

/* Bytes of a rank: its part of the layer, of the input and of the output. */
static double bytes_of(const struct sequence_split *split, int rank) {
    struct sequence_share in = sequence_split_input(split, rank), out = sequence_split_output(split, rank);
    double floats = (double)sequence_share_inputs(&in) + (double)sequence_share_outputs(split, &out);
    return (double)sequence_split_bytes(split, rank) + floats * sizeof(float);
}

/* Parts hardly differ: of very many ranks some are looked at, the second among them, which has neighbours. */
struct estimate split_layer_estimate(const struct sequence_split *split, double flops, double check_bytes) {
    double most = bytes_of(split, 0);
    for (int rank = 1; rank < split->ranks; rank += 1 + split->ranks / RANKS_ESTIMATED)
        most = fmax(most, bytes_of(split, rank));
    return (struct estimate){.flops = flops, .bytes_per_rank = most + check_bytes, .seconds = TIMING_SECONDS};
}

/* --- a rank's part of the layer ----------------------------------------------------------------------- */

void split_layer_draw_rows(const struct split_layer *layer, size_t item, size_t first, size_t rows,
                           float *input) {
    struct sequence_share whole = whole_of(&layer->split);
    random_fill_normal_f32(random_source(layer->data_key, RANDOM_INPUTS, 0),
                           (item * whole.rows + first) * whole.units, rows * whole.units, input);
}

static enum status draw_input(struct split_layer *layer) {
    const struct sequence_share *share = &layer->in;
    layer->input = memory_allocate(sequence_share_inputs(share), sizeof *layer->input);
    layer->output =
        memory_allocate(sequence_share_outputs(&layer->split, &layer->out), sizeof *layer->output);
    if (!layer->input || !layer->output) return STATUS_NO_MEMORY;
    for (size_t item = 0; item < share->items; item++)
        split_layer_draw_rows(layer, share->first_item + item, share->first_row, share->rows,
                              layer->input + item * share->rows * share->units);
    return STATUS_OK;
}

/* Collective; agreed. */
static enum status create(struct split_layer *layer, struct team *team, struct traffic_reports *reports,
                          struct error *error) {
    enum status status = sequence_split_create(
        team, &layer->split, random_source(layer->data_key, RANDOM_WEIGHTS, 0), &layer->run);
    if (status == STATUS_OK) status = draw_input(layer);
    if (status == STATUS_OK) status = traffic_reports_create(reports, (size_t)team_size(team));
    if (status != STATUS_OK) error_set(error, status, "no memory for the layer, its input and its output");
    return team_agree(team, status, error);
}

static void destroy(struct split_layer *layer) {
    sequence_split_destroy(&layer->run);
    memory_free(layer->input);
    memory_free(layer->output);
}

/* --- a unit ------------------------------------------------------------------------------------------- */

/* A layer while it is timed. */
struct timed_layer {
    const struct split_layer *layer;
    struct team *team;
    struct split_traffic traffic; /* these two of the last pass */
    struct work work;
};

static void pass(void *context, double *seconds) {
    struct timed_layer *timed = context;
    const struct split_layer *layer = timed->layer;
    struct work before = work_now();
    team_barrier(timed->team); /* no rank begins a pass while another ends the one before */
    double start = parallel_seconds();
    sequence_split_forward(layer->run, layer->input, layer->output, &timed->traffic);
    seconds[0] += parallel_seconds() - start;
    timed->work = work_difference(before, work_now());
}

/* What came out, the same on all ranks. All that needs the other ranks is done before the first column is
 * set, so that a failure to set one strands nobody. */
struct outcome {
    struct timing timing;
    double flops[3]; /* products, elementwise, transcendental */
    double memory, weights, max_abs_error, rows_checked;
    struct traffic_reports reports;
};

/* Adds up what the ranks counted in the last pass. Collective. */
static void gather_counts(const struct timed_layer *timed, struct outcome *outcome) {
    const struct sequence_split *split = &timed->layer->split;
    const struct work *work = &timed->work;
    outcome->flops[0] = (double)work->product;
    outcome->flops[1] = (double)work->elementwise;
    outcome->flops[2] = (double)work->transcendental;
    team_sum(timed->team, 3, outcome->flops);
    traffic_reports_gather(&outcome->reports, timed->team, &timed->traffic,
                           sequence_split_elements_sent(split, team_rank(timed->team)),
                           (double)work_total(*work));
    const struct recurrent *recurrent = sequence_split_layer(timed->layer->run)->recurrent;
    outcome->weights = recurrent ? (double)recurrent_parameter_count(recurrent) : 0;
    if (split->kind == SPLIT_BATCH)
        team_maximum(timed->team, 1, &outcome->weights); /* each has all of them */
    else
        team_sum(timed->team, 1, &outcome->weights);
}

/* Collective; agreed. */
static enum status measure(const struct split_layer *layer, struct team *team, size_t memory_before,
                           split_layer_check *check, struct outcome *outcome, struct error *error) {
    struct timed_layer timed = {.layer = layer, .team = team};
    timing_collect(team, 1, pass, &timed, &outcome->timing);
    gather_counts(&timed, outcome);
    outcome->memory = (double)(memory_high_water() - memory_before);
    size_t checked = 0;
    enum status status = check(layer, &outcome->max_abs_error, &checked);
    if (status != STATUS_OK) error_set(error, status, "no memory for the float64 reference");
    CHECK(team_agree(team, status, error));
    outcome->rows_checked = (double)checked;
    team_sum(team, 1, &outcome->rows_checked);
    team_maximum(team, 1, &outcome->memory);
    team_maximum(team, 1, &outcome->max_abs_error);
    return STATUS_OK;
}

static enum status record_outcome(const struct outcome *outcome, struct record *record) {
    const struct timing *timing = &outcome->timing;
    const double *flops = outcome->flops;
    CHECK(record_set_reals(record, "seconds", timing->samples, timing->seconds[0]));
    CHECK(record_set_real(record, "flops", flops[0] + flops[1] + flops[2]));
    CHECK(record_set_real(record, "flops_product", flops[0]));
    CHECK(record_set_real(record, "flops_elementwise", flops[1]));
    CHECK(record_set_real(record, "flops_transcendental", flops[2]));
    CHECK(traffic_reports_record(&outcome->reports, record));
    CHECK(record_set_integer(record, "memory", (int64_t)outcome->memory));
    CHECK(record_set_real(record, "max_abs_error", outcome->max_abs_error));
    CHECK(record_set_integer(record, "rows_checked", (int64_t)outcome->rows_checked));
    if (schema_find(record->schema, "weights") >= 0)
        CHECK(record_set_integer(record, "weights", (int64_t)outcome->weights));
    return timing_record(timing, record);
}

enum status split_layer_unit(const struct sequence_split *split, const struct point *point, struct team *team,
                             split_layer_check *check, struct record *record, struct error *error) {
    int rank = team_rank(team);
    struct split_layer layer = {.split = *split,
                                .in = sequence_split_input(split, rank),
                                .out = sequence_split_output(split, rank),
                                .data_key = point->data_key};
    struct outcome outcome = {.memory = 0};
    memory_reset_high_water();
    size_t memory_before = memory_in_use();
    enum status status = create(&layer, team, &outcome.reports, error);
    if (status == STATUS_OK) status = measure(&layer, team, memory_before, check, &outcome, error);
    if (status == STATUS_OK) status = record_outcome(&outcome, record);
    destroy(&layer);
    traffic_reports_destroy(&outcome.reports);
    return status;
}
