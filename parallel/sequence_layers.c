/* Recurrence by layers: each rank has neighbouring layers, and the sequence goes through them in chunks of
 * steps. While a rank works on a chunk, the one above works on the chunk before. */
#include <math.h>

#include "core/base/memory.h"
#include "parallel/sequence_way.h"

enum {
    CHUNKS_OF_STAGE = 8, /* filling and draining the pipeline takes at most an eighth of the time */
    TURNS = 2            /* a chunk comes or leaves while another is worked on */
};

struct layers_run {
    struct sequence_run base;
    size_t chunk;
    bool below, above;             /* whether there is a rank that chunks come from, or go to */
    float *in[TURNS], *out[TURNS]; /* [batch][chunk][width]; NULL without such a rank */
    struct exchange receive[TURNS], send[TURNS];
};

static struct part layers_of(const struct sequence_split *split, int rank) {
    return split_evenly(sequence_layers(&split->recurrent), split->ranks, rank);
}

/* Ranks with layers. */
static int stages_of(const struct sequence_split *split) {
    size_t layers = sequence_layers(&split->recurrent);
    return (size_t)split->ranks < layers ? split->ranks : (int)layers;
}

size_t sequence_split_chunk(const struct sequence_split *split) {
    size_t stages = (size_t)stages_of(split), chunks = CHUNKS_OF_STAGE * stages;
    size_t length = split->recurrent.length;
    return stages == 1 ? length : (length + chunks - 1) / chunks;
}

static size_t chunk_of(const struct sequence_split *split) {
    size_t length = split->recurrent.length;
    if (split->chunk == 0) return sequence_split_chunk(split);
    return split->chunk < length ? split->chunk : length;
}

static struct sequence_share input(const struct sequence_split *split, int rank) {
    return rank == 0 ? sequence_whole_input(split) : (struct sequence_share){.items = 0};
}

static struct sequence_share output(const struct sequence_split *split, int rank) {
    bool last = rank == stages_of(split) - 1;
    return last ? sequence_whole_output(split) : (struct sequence_share){.items = 0};
}

static uint64_t elements_sent(const struct sequence_split *split, int rank) {
    const struct recurrent_shape *shape = &split->recurrent;
    return rank < stages_of(split) - 1 ? (uint64_t)shape->batch * shape->length * shape->width : 0;
}

/* Operations of a rank's layers. */
static double flops_of(const struct sequence_split *split, int rank) {
    struct recurrent_shape shape = split->recurrent;
    shape.layers = layers_of(split, rank).count;
    shape.inputs = rank == 0 ? shape.inputs : shape.width;
    return recurrent_flops(&shape);
}

/* A chunk that is sent is hidden behind computing the next one, but for those that fill the pipeline. */
static double seconds(const struct sequence_split *split, const struct schedule_rates *rates) {
    const struct recurrent_shape *shape = &split->recurrent;
    int stages = stages_of(split);
    double sum = 0, most = 0;
    for (int rank = 0; rank < stages; rank++) {
        double flops = flops_of(split, rank);
        sum += flops;
        most = flops > most ? flops : most;
    }
    double chunk = (double)chunk_of(split), chunks = ceil((double)shape->length / chunk);
    double bytes = (double)(stages - 1) * (double)shape->batch * chunk * (double)shape->width * sizeof(float);
    return (sum + (chunks - 1) * most) / chunks / rates->flops + cost_transfer(rates, stages - 1, bytes);
}

static struct recurrent_part part_of(const struct sequence_split *split, int rank) {
    struct recurrent_part part = recurrent_whole(&split->recurrent);
    struct part layers = layers_of(split, rank);
    part.first_layer = layers.first;
    part.layers = layers.count;
    part.steps = chunk_of(split);
    return part;
}

/* Sides from which or to which chunks go. */
static size_t sides_of(const struct sequence_split *split, int rank) {
    return (rank > 0) + (rank < stages_of(split) - 1);
}

static size_t bytes(const struct sequence_split *split, int rank) {
    const struct recurrent_part part = part_of(split, rank);
    size_t chunk = split->recurrent.batch * part.steps * split->recurrent.width * sizeof(float);
    return recurrent_part_bytes(&split->recurrent, &part) +
           sides_of(split, rank) * TURNS * (chunk + sizeof(MPI_Request));
}

/* Buffers and requests of one side. */
static enum status fill_side(struct layers_run *run, float **floats, struct exchange *exchanges) {
    const struct recurrent_shape *shape = &run->base.split.recurrent;
    for (int turn = 0; turn < TURNS; turn++) {
        CHECK(sequence_floats(shape->batch * run->chunk * shape->width, &floats[turn]));
        CHECK(exchange_create(&exchanges[turn], run->base.team, &run->base.clock, 1));
    }
    return STATUS_OK;
}

static enum status fill(struct sequence_run *base, struct random_source weights) {
    struct layers_run *run = (struct layers_run *)base;
    const struct recurrent_part part = part_of(&base->split, base->rank);
    run->chunk = part.steps;
    run->below = base->rank > 0;
    run->above = base->rank < stages_of(&base->split) - 1;
    CHECK(recurrent_create_part(&base->split.recurrent, &part, weights, &base->layer.recurrent));
    if (run->below) CHECK(fill_side(run, run->in, run->receive));
    return run->above ? fill_side(run, run->out, run->send) : STATUS_OK;
}

static void release(struct sequence_run *base) {
    struct layers_run *run = (struct layers_run *)base;
    for (int turn = 0; turn < TURNS; turn++) {
        memory_free(run->in[turn]);
        memory_free(run->out[turn]);
        exchange_destroy(&run->receive[turn]);
        exchange_destroy(&run->send[turn]);
    }
}

/* Steps of chunk number `index`; 0 beyond the last. */
static size_t steps_of(const struct layers_run *run, size_t index) {
    size_t length = run->base.split.recurrent.length, done = index * run->chunk;
    if (done >= length) return 0;
    return length - done < run->chunk ? length - done : run->chunk;
}

static size_t floats_of(const struct layers_run *run, size_t index) {
    return run->base.split.recurrent.batch * steps_of(run, index) * run->base.split.recurrent.width;
}

/* Asks for a chunk from below, if there is one. */
static void await(struct layers_run *run, size_t index) {
    if (run->below)
        exchange_receive(&run->receive[index % TURNS], run->in[index % TURNS], floats_of(run, index),
                         run->base.rank - 1, 0);
}

/* Chunks stand by themselves between ranks; the first rank reads, and the last writes, the whole sequence. */
static void run_chunk(struct layers_run *run, size_t index, const float *input, float *output) {
    const struct sequence_split *split = &run->base.split;
    size_t first = index * run->chunk, steps = steps_of(run, index), length = split->recurrent.length;
    const struct recurrent_steps part = {
        .first = first,
        .steps = steps,
        .input = run->below ? run->in[index % TURNS] : input + first * sequence_inputs(split),
        .output = run->above ? run->out[index % TURNS] : output + first * split->recurrent.width,
        .input_length = run->below ? steps : length,
        .output_length = run->above ? steps : length};
    recurrent_forward_steps(run->base.layer.recurrent, &part);
}

static void forward(struct sequence_run *base, const float *in, float *out) {
    struct layers_run *run = (struct layers_run *)base;
    await(run, 0);
    for (size_t index = 0; steps_of(run, index) > 0; index++) {
        size_t turn = index % TURNS;
        if (run->below) exchange_finish(&run->receive[turn]);
        await(run, index + 1);
        if (run->above) exchange_finish(&run->send[turn]);
        run_chunk(run, index, in, out);
        if (run->above)
            exchange_send(&run->send[turn], run->out[turn], floats_of(run, index), base->rank + 1, 0);
    }
    for (int turn = 0; turn < TURNS; turn++)
        if (run->above) exchange_finish(&run->send[turn]);
}

const struct sequence_way sequence_way_layers = {
    .run_size = sizeof(struct layers_run),
    .input = input,
    .output = output,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes = bytes,
    .fill = fill,
    .forward = forward,
    .release = release,
};
