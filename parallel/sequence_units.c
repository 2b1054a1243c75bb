/* Recurrence by hidden units: each rank has some units of every layer, all rows of their gates, and the whole
 * input. After each step all ranks exchange their hidden states, both directions in one message. */
#include <string.h>

#include "core/base/memory.h"
#include "parallel/sequence_way.h"

struct units_run {
    struct sequence_run base;
    struct part units;
    int holders;            /* the first ranks, which have units */
    size_t rows;            /* directions * batch: what a message has of each unit */
    float *sent, *received; /* [directions][batch][units]; rank by rank in order of their units */
    struct exchange exchange;
};

static struct part units_of(const struct sequence_split *split, int rank) {
    return split_evenly(split->recurrent.width, split->ranks, rank);
}

/* Ranks with units. */
static int holders_of(const struct sequence_split *split) {
    return (size_t)split->ranks < split->recurrent.width ? split->ranks : (int)split->recurrent.width;
}

static struct sequence_share input(const struct sequence_split *split, int rank) {
    return units_of(split, rank).count > 0 ? sequence_whole_input(split)
                                           : (struct sequence_share){.items = 0};
}

static struct sequence_share output(const struct sequence_split *split, int rank) {
    struct part units = units_of(split, rank);
    struct sequence_share share = sequence_whole_output(split);
    if (units.count == 0) return (struct sequence_share){.items = 0};
    share.first_unit = units.first;
    share.units = units.count;
    return share;
}

static size_t rows_of(const struct recurrent_shape *shape) {
    return shape->batch * sequence_directions(shape);
}

static uint64_t elements_sent(const struct sequence_split *split, int rank) {
    const struct recurrent_shape *shape = &split->recurrent;
    uint64_t exchanges = (uint64_t)sequence_layers(shape) * shape->length - 1;
    return exchanges * (uint64_t)(holders_of(split) - 1) * rows_of(shape) * units_of(split, rank).count;
}

/* The first rank has the most; what it sends to the others goes one after the other. */
static double seconds(const struct sequence_split *split, const struct schedule_rates *rates) {
    const struct recurrent_shape *shape = &split->recurrent;
    double compute =
        sequence_flops(split) * (double)units_of(split, 0).count / (double)shape->width / rates->flops;
    double exchanges = (double)(sequence_layers(shape) * shape->length - 1);
    return compute + cost_transfer(rates, exchanges * (holders_of(split) - 1),
                                   (double)elements_sent(split, 0) * sizeof(float));
}

static struct recurrent_part part_of(const struct sequence_split *split, int rank) {
    struct recurrent_part part = recurrent_whole(&split->recurrent);
    struct part units = units_of(split, rank);
    part.first_unit = units.first;
    part.units = units.count;
    return part;
}

static size_t bytes(const struct sequence_split *split, int rank) {
    const struct recurrent_part part = part_of(split, rank);
    size_t floats = rows_of(&split->recurrent) * (part.units + split->recurrent.width);
    return recurrent_part_bytes(&split->recurrent, &part) + floats * sizeof(float) +
           2 * (size_t)split->ranks * sizeof(MPI_Request);
}

static enum status fill(struct sequence_run *base, struct random_source weights) {
    struct units_run *run = (struct units_run *)base;
    const struct recurrent_shape *shape = &base->split.recurrent;
    const struct recurrent_part part = part_of(&base->split, base->rank);
    run->units = units_of(&base->split, base->rank);
    run->holders = holders_of(&base->split);
    run->rows = rows_of(shape);
    CHECK(recurrent_create_part(shape, &part, weights, &base->layer.recurrent));
    CHECK(sequence_floats(run->rows * run->units.count, &run->sent));
    CHECK(sequence_floats(run->rows * shape->width, &run->received));
    return exchange_create(&run->exchange, base->team, &base->clock, 2 * base->split.ranks);
}

static void release(struct sequence_run *base) {
    struct units_run *run = (struct units_run *)base;
    memory_free(run->sent);
    memory_free(run->received);
    exchange_destroy(&run->exchange);
}

/* Row `row` of the states: direction row / batch, sequence row % batch. */
static float *states_of(const struct units_run *run, float *const *hidden, size_t stride, size_t row) {
    size_t batch = run->base.split.recurrent.batch;
    return hidden[row / batch] + row % batch * stride;
}

static void pack(struct units_run *run, float *const *hidden, size_t stride) {
    for (size_t row = 0; row < run->rows; row++)
        memcpy(run->sent + row * run->units.count, states_of(run, hidden, stride, row) + run->units.first,
               run->units.count * sizeof(float));
}

static void unpack(const struct units_run *run, float *const *hidden, size_t stride) {
    for (int rank = 0; rank < run->holders; rank++) {
        struct part units = units_of(&run->base.split, rank);
        const float *from = run->received + run->rows * units.first;
        if (rank == run->base.rank) continue;
        for (size_t row = 0; row < run->rows; row++)
            memcpy(states_of(run, hidden, stride, row) + units.first, from + row * units.count,
                   units.count * sizeof(float));
    }
}

/* What a cell has computed beyond the own units is overwritten by what the others send. */
static void complete(void *context, float *const *hidden, size_t stride) {
    struct units_run *run = context;
    double start = parallel_seconds();
    pack(run, hidden, stride);
    double packing = parallel_seconds() - start;
    for (int step = 1; step < run->holders; step++) {
        int other = (run->base.rank + step) % run->holders;
        struct part units = units_of(&run->base.split, other);
        exchange_receive(&run->exchange, run->received + run->rows * units.first, run->rows * units.count,
                         other, 0);
    }
    for (int step = 1; step < run->holders; step++)
        exchange_send(&run->exchange, run->sent, run->rows * run->units.count,
                      (run->base.rank + step) % run->holders, 0);
    exchange_finish(&run->exchange);
    start = parallel_seconds();
    unpack(run, hidden, stride);
    run->base.clock.traffic->seconds_wait += packing + parallel_seconds() - start;
}

static void forward(struct sequence_run *base, const float *in, float *out) {
    const struct recurrent_meeting meeting = {complete, base};
    recurrent_forward_units(base->layer.recurrent, in, out, &meeting);
}

const struct sequence_way sequence_way_units = {
    .run_size = sizeof(struct units_run),
    .input = input,
    .output = output,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes = bytes,
    .fill = fill,
    .forward = forward,
    .release = release,
};
