/* The table of splits, and what they have in common. */
#include "parallel/sequence_split.h"

#include "core/base/memory.h"
#include "parallel/sequence_way.h"

const char *const sequence_split_names[] = {
    [SPLIT_NONE] = "none",   [SPLIT_BATCH] = "batch",   [SPLIT_SEQUENCE] = "sequence",
    [SPLIT_UNITS] = "units", [SPLIT_LAYERS] = "layers", NULL,
};

/* --- what is split ------------------------------------------------------------------------------------ */

static bool is_recurrent(const struct sequence_split *split) {
    return split->layer == LAYER_RECURRENT;
}

size_t sequence_layers(const struct recurrent_shape *shape) {
    return shape->layers ? shape->layers : 1;
}

size_t sequence_directions(const struct recurrent_shape *shape) {
    return shape->bidirectional ? 2 : 1;
}

size_t sequence_inputs(const struct sequence_split *split) {
    if (!is_recurrent(split)) return split->convolution.width;
    return split->recurrent.inputs ? split->recurrent.inputs : split->recurrent.width;
}

struct sequence_share sequence_whole_input(const struct sequence_split *split) {
    bool recurrent = is_recurrent(split);
    return (struct sequence_share){
        .items = recurrent ? split->recurrent.batch : split->convolution.batch,
        .rows = recurrent ? split->recurrent.length : split->convolution.length,
        .units = sequence_inputs(split),
    };
}

struct sequence_share sequence_whole_output(const struct sequence_split *split) {
    struct sequence_share share = sequence_whole_input(split);
    share.units = is_recurrent(split) ? split->recurrent.width : split->convolution.width;
    return share;
}

size_t sequence_share_inputs(const struct sequence_share *share) {
    return share->items * share->rows * share->units;
}

size_t sequence_share_outputs(const struct sequence_split *split, const struct sequence_share *share) {
    size_t directions = is_recurrent(split) ? sequence_directions(&split->recurrent) : 1;
    return share->items * share->rows * share->units * directions;
}

double sequence_flops(const struct sequence_split *split) {
    if (is_recurrent(split)) return recurrent_flops(&split->recurrent);
    return split->layer == LAYER_SEPARABLE ? separable_flops(&split->convolution)
                                           : convolution_flops(&split->convolution);
}

/* --- which way ---------------------------------------------------------------------------------------- */

static const char *refuse_convolution(const struct sequence_split *split) {
    if (convolution_bytes(&split->convolution) == 0) return "there is no such convolution";
    if (split->kind == SPLIT_UNITS) return "a convolution has no hidden units";
    return split->kind == SPLIT_LAYERS ? "there is one layer only" : NULL;
}

static const char *refuse_recurrent(const struct sequence_split *split) {
    if (recurrent_bytes(&split->recurrent) == 0) return "there is no such recurrent layer";
    if (split->kind == SPLIT_SEQUENCE) return "each step needs the hidden state of the one before";
    if (split->kind == SPLIT_LAYERS && split->recurrent.bidirectional)
        return "a layer's backward direction ends with the first position, so that the next layer cannot begin "
               "before the whole sequence is through";
    return NULL;
}

const char *sequence_split_refuses(const struct sequence_split *split) {
    if (split->ranks < 1) return "there is no rank";
    if (split->kind == SPLIT_NONE && split->ranks > 1) return "it is for one rank";
    return is_recurrent(split) ? refuse_recurrent(split) : refuse_convolution(split);
}

static const struct sequence_way *way_of(const struct sequence_split *split) {
    if (!is_recurrent(split)) return &sequence_way_convolution;
    if (split->kind == SPLIT_UNITS) return &sequence_way_units;
    return split->kind == SPLIT_LAYERS ? &sequence_way_layers : &sequence_way_recurrent;
}

struct sequence_share sequence_split_input(const struct sequence_split *split, int rank) {
    return way_of(split)->input(split, rank);
}

struct sequence_share sequence_split_output(const struct sequence_split *split, int rank) {
    return way_of(split)->output(split, rank);
}

uint64_t sequence_split_elements_sent(const struct sequence_split *split, int rank) {
    return way_of(split)->elements_sent(split, rank);
}

double sequence_bytes_of_busiest(const struct sequence_split *split) {
    uint64_t most = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        uint64_t elements = sequence_split_elements_sent(split, rank);
        if (elements > most) most = elements;
    }
    return (double)most * sizeof(float);
}

double sequence_split_seconds(const struct sequence_split *split, const struct schedule_rates *rates) {
    return way_of(split)->seconds(split, rates);
}

/* Whether the rank takes part. A stage of a pipeline may have layers but neither input nor output. */
static bool holds_something(const struct sequence_split *split, int rank) {
    if (split->kind == SPLIT_LAYERS)
        return split_evenly(sequence_layers(&split->recurrent), split->ranks, rank).count > 0;
    struct sequence_share share = sequence_split_output(split, rank);
    return sequence_share_outputs(split, &share) > 0;
}

size_t sequence_split_bytes(const struct sequence_split *split, int rank) {
    const struct sequence_way *way = way_of(split);
    return way->run_size + (holds_something(split, rank) ? way->bytes(split, rank) : 0);
}

/* --- runs --------------------------------------------------------------------------------------------- */

enum status sequence_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof **floats);
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status create_run(const struct team *team, const struct sequence_split *split,
                              struct random_source weights, struct sequence_run **run) {
    const struct sequence_way *way = way_of(split);
    struct sequence_run *made = memory_allocate(1, way->run_size);
    *run = made;
    if (!made) return STATUS_NO_MEMORY;
    *made = (struct sequence_run){.way = way, .split = *split, .team = team, .rank = team_rank(team)};
    return holds_something(split, made->rank) ? way->fill(made, weights) : STATUS_OK;
}

enum status sequence_split_create(struct team *team, const struct sequence_split *split,
                                  struct random_source weights, struct sequence_run **run) {
    *run = NULL;
    if (sequence_split_refuses(split) || split->ranks != team_size(team)) return STATUS_INVALID;
    enum status status = team_agree(team, create_run(team, split, weights, run), NULL);
    if (status != STATUS_OK) sequence_split_destroy(run);
    return status;
}

void sequence_split_forward(struct sequence_run *run, const float *input, float *output,
                            struct split_traffic *traffic) {
    *traffic = (struct split_traffic){0};
    run->clock = (struct message_clock){.traffic = traffic};
    if (!holds_something(&run->split, run->rank)) return;
    double start = parallel_seconds();
    run->way->forward(run, input, output);
    traffic->seconds_compute = parallel_seconds() - start - traffic->seconds_wait;
}

const struct sequence_layer *sequence_split_layer(const struct sequence_run *run) {
    return &run->layer;
}

void sequence_split_destroy(struct sequence_run **run) {
    if (!*run) return;
    (*run)->way->release(*run);
    convolution_destroy(&(*run)->layer.convolution);
    separable_destroy(&(*run)->layer.separable);
    recurrent_destroy(&(*run)->layer.recurrent);
    memory_free(*run);
    *run = NULL;
}
