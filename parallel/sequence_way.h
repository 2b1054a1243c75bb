/* One way to split a layer, as sequence_split.h describes it; for the sources of this folder only. */
#ifndef PARALLEL_SEQUENCE_WAY_H
#define PARALLEL_SEQUENCE_WAY_H

#include "parallel/cost.h"
#include "parallel/exchange.h"
#include "parallel/schedule_split.h"
#include "parallel/sequence_split.h"

/* What every way's run begins with. */
struct sequence_run {
    const struct sequence_way *way;
    struct sequence_split split;
    const struct team *team;
    int rank;
    struct sequence_layer layer; /* none where the rank holds nothing: then nothing else is allocated */
    struct message_clock clock;
};

struct sequence_way {
    size_t run_size; /* of a struct that begins with struct sequence_run */
    struct sequence_share (*input)(const struct sequence_split *split, int rank);
    struct sequence_share (*output)(const struct sequence_split *split, int rank);
    uint64_t (*elements_sent)(const struct sequence_split *split, int rank);
    /* Predicted seconds of a pass, slowest rank. */
    double (*seconds)(const struct sequence_split *split, const struct schedule_rates *rates);
    /* Beside the run itself; asked for ranks that hold something only, as are the next two. */
    size_t (*bytes)(const struct sequence_split *split, int rank);
    /* STATUS_NO_MEMORY: release takes away what there is. Local. */
    enum status (*fill)(struct sequence_run *run, struct random_source weights);
    /* Takes part in the pass and adds to the traffic. */
    void (*forward)(struct sequence_run *run, const float *input, float *output);
    void (*release)(struct sequence_run *run);
};

/* Convolutions: none, batch, sequence. */
extern const struct sequence_way sequence_way_convolution;
/* Recurrence: none and batch; units; layers. */
extern const struct sequence_way sequence_way_recurrent, sequence_way_units, sequence_way_layers;

/* Hidden layers and directions of a recurrent shape, as numbers. */
size_t sequence_layers(const struct recurrent_shape *shape);
size_t sequence_directions(const struct recurrent_shape *shape);

/* Width of the input, and the whole of input and output as shares. */
size_t sequence_inputs(const struct sequence_split *split);
struct sequence_share sequence_whole_input(const struct sequence_split *split);
struct sequence_share sequence_whole_output(const struct sequence_split *split);

/* Operations of a pass over the whole layer. */
double sequence_flops(const struct sequence_split *split);

/* Bytes that leave the busiest rank in a pass. */
double sequence_bytes_of_busiest(const struct sequence_split *split);

/* Allocates floats; STATUS_NO_MEMORY. */
enum status sequence_floats(size_t count, float **floats);

#endif
