/* Recurrence on one rank, or some of the sequences on each: nothing is sent. */
#include "parallel/sequence_way.h"

static struct sequence_share take_items(const struct sequence_split *split, int rank,
                                        struct sequence_share whole) {
    struct part items = split_evenly(whole.items, split->ranks, rank);
    if (items.count == 0) return (struct sequence_share){.items = 0};
    whole.first_item = items.first;
    whole.items = items.count;
    return whole;
}

static struct sequence_share input(const struct sequence_split *split, int rank) {
    return take_items(split, rank, sequence_whole_input(split));
}

static struct sequence_share output(const struct sequence_split *split, int rank) {
    return take_items(split, rank, sequence_whole_output(split));
}

static uint64_t elements_sent(const struct sequence_split *split, int rank) {
    (void)split, (void)rank;
    return 0;
}

/* The first rank has the most. */
static double seconds(const struct sequence_split *split, const struct schedule_rates *rates) {
    double share = (double)input(split, 0).items / (double)split->recurrent.batch;
    return sequence_flops(split) * share / rates->flops;
}

static struct recurrent_part part_of(const struct sequence_split *split, int rank) {
    struct recurrent_part part = recurrent_whole(&split->recurrent);
    part.batch = input(split, rank).items;
    return part;
}

static size_t bytes(const struct sequence_split *split, int rank) {
    const struct recurrent_part part = part_of(split, rank);
    return recurrent_part_bytes(&split->recurrent, &part);
}

static enum status fill(struct sequence_run *run, struct random_source weights) {
    const struct recurrent_part part = part_of(&run->split, run->rank);
    return recurrent_create_part(&run->split.recurrent, &part, weights, &run->layer.recurrent);
}

static void forward(struct sequence_run *run, const float *in, float *out) {
    recurrent_forward(run->layer.recurrent, in, out);
}

static void release(struct sequence_run *run) {
    (void)run;
}

const struct sequence_way sequence_way_recurrent = {
    .run_size = sizeof(struct sequence_run),
    .input = input,
    .output = output,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes = bytes,
    .fill = fill,
    .forward = forward,
    .release = release,
};
