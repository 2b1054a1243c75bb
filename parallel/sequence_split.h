/* Convolution and recurrence split over the ranks of a team as attention is (schedule.h), so that they can be
 * compared. Every split gives the bits of one rank. */
#ifndef PARALLEL_SEQUENCE_SPLIT_H
#define PARALLEL_SEQUENCE_SPLIT_H

#include "core/sequence/sequence.h"
#include "parallel/schedule.h"
#include "parallel/team.h"
#include "parallel/traffic.h"

enum sequence_layer_kind { LAYER_CONVOLUTION, LAYER_SEPARABLE, LAYER_RECURRENT };

enum sequence_split_kind {
    SPLIT_NONE,     /* one rank has it all */
    SPLIT_BATCH,    /* each rank has some of the sequences; nothing is sent */
    SPLIT_SEQUENCE, /* convolution: each has neighbouring positions, and gets what their outputs read beside
                       them */
    SPLIT_UNITS, /* recurrence: each has some hidden units of every layer; hidden states go round each step */
    SPLIT_LAYERS /* recurrence: each has neighbouring layers; chunks of the sequence go from rank to rank */
};

/* "none", "batch", "sequence", "units", "layers" in the order of the enumeration, ended by NULL. */
extern const char *const sequence_split_names[];

/* What is split, and how. Parts differ by one at most, the first ones being the larger; where there are more
 * ranks than parts, the last ranks hold nothing. */
struct sequence_split {
    enum sequence_layer_kind layer;
    struct convolution_shape convolution; /* of the whole; both kinds of convolution */
    struct recurrent_shape recurrent;     /* of the whole */
    enum sequence_split_kind kind;
    int ranks;
    size_t chunk; /* of SPLIT_LAYERS: steps of a chunk; 0: sequence_split_chunk */
};

/* NULL, or why this split cannot be. */
const char *sequence_split_refuses(const struct sequence_split *split);

/* The part of the whole input or output that is born on, or stays with, one rank: an array
 * [items][rows][width] of the input, [items][rows][directions][units] of the output. All counts are 0 where
 * the rank has nothing. */
struct sequence_share {
    size_t first_item, items; /* sequences */
    size_t first_row, rows;   /* positions */
    size_t first_unit, units; /* channels, or hidden units of each direction; of an input all there are */
};
struct sequence_share sequence_split_input(const struct sequence_split *split, int rank);
struct sequence_share sequence_split_output(const struct sequence_split *split, int rank);

/* Floats of the share of the input or the output. */
size_t sequence_share_inputs(const struct sequence_share *share);
size_t sequence_share_outputs(const struct sequence_split *split, const struct sequence_share *share);

/* Steps of a chunk in a pipeline of A = min(ranks, layers) stages: length / (8 A), rounded up, so that
 * filling and draining it costs at most an eighth of the time: (C + A - 1) / C with C = 8 A chunks. All steps
 * if A = 1. */
size_t sequence_split_chunk(const struct sequence_split *split);

/* Floats that must leave `rank` in a pass. B sequences, L positions, d or D wide, P ranks:
 *   none, batch  0
 *   sequence     B d times, added up over the other ranks, the rank's rows that outputs of the other read.
 * With reach (k - 1) dilation, no longer than a part: B d reach in all, of an inner rank units        B u
 * directions (A - 1) (layers L - 1), of u own units, A = min(P, D): each step's hidden states to all others,
 * but for the last step of the last layer, which nobody reads layers       B L D of each of the first A - 1
 * ranks, A = min(P, layers) */
uint64_t sequence_split_elements_sent(const struct sequence_split *split, int rank);

/* Predicted seconds of a pass, slowest rank, of a split that is not refused; rates->flops is what a rank does
 * of this layer alone. Part of the work on the busiest rank, and what is not hidden of its messages:
 *   sequence     messages beyond the outputs that read own rows only, and copying
 *   units        an exchange after each step, whole
 *   layers       C chunks through A stages: each stage once, the busiest C - 1 times more, A - 1 chunks sent
 * Local. */
double sequence_split_seconds(const struct sequence_split *split, const struct schedule_rates *rates);

/* Bytes that a rank needs beside its shares of input and output: weights and buffers. */
size_t sequence_split_bytes(const struct sequence_split *split, int rank);

/* The layer that a rank runs: one of these, or none where it holds nothing. */
struct sequence_layer {
    struct convolution *convolution;
    struct separable *separable;
    struct recurrent *recurrent;
};

struct sequence_run;

/* Allocates all buffers and draws the weights of the whole layer, of which each rank keeps what it needs. The
 * same status on every rank: STATUS_INVALID when the split is refused or is not over the team's ranks,
 * STATUS_NO_MEMORY. Collective. */
enum status sequence_split_create(struct team *team, const struct sequence_split *split,
                                  struct random_source weights, struct sequence_run **run);

/* One forward pass on this rank's shares. Collective. Allocates nothing. */
void sequence_split_forward(struct sequence_run *run, const float *input, float *output,
                            struct split_traffic *traffic);

/* The layer of this rank: the whole one if the split is SPLIT_NONE. Local. */
const struct sequence_layer *sequence_split_layer(const struct sequence_run *run);

/* Local. */
void sequence_split_destroy(struct sequence_run **run);

#endif
