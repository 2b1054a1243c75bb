/* What the sources of the recurrent layers share. Internal to this folder. */
#ifndef CORE_SEQUENCE_RECURRENT_H
#define CORE_SEQUENCE_RECURRENT_H

#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/sequence/barrier.h"
#include "core/sequence/panels.h"
#include "core/sequence/sequence.h"

/* One layer in one direction. Arrays with `columns` are in the order of the packed columns (panels.h). */
struct strand {
    struct panels input_weights, recurrent_weights; /* of depth inputs and width */
    struct panels bias;                             /* of depth 1: [columns] */
    float *projected; /* [steps of a stretch][batch][columns]: input times input_weights, and the bias */
    float *rows;      /* [steps of a stretch][batch][rows_stride]: the inputs, side by side */
    float *hidden[2]; /* [batch][stride]: hidden states of all units before and after a step, in turns */
    float *state;     /* [batch][stride]: the LSTM's memory; NULL for the others */
    bool backward;
};

/* Numbers that follow from the shape and the part of it. */
struct recurrent_sizes {
    size_t batch, steps; /* of the part */
    size_t width, inputs, layers, directions;
    size_t first_unit, units; /* of `width`, that belong to the part */
    size_t stretch;           /* steps whose inputs are multiplied at once */
    size_t stride;            /* between the hidden states of two sequences */
    bool alike;               /* a single sequence has the bits that it would have among others */
};

struct recurrent {
    struct recurrent_sizes sizes;
    const struct cell *cell;
    struct strand *strands;   /* [layers][directions] */
    float *between[2];        /* [batch][steps][directions][width]: outputs of the inner layers, in turns */
    struct barrier *barriers; /* one for all threads, then one for each direction */
};

/* A kind of cell. */
struct cell {
    size_t gates;
    bool has_state;
    size_t elementwise, transcendental; /* operations per unit and step, the addition of biases included */
    void (*(*kernel)(const struct kernels *table))(const struct panel_cell *);
    /* The same in float64 for one sequence, on [gates][width] sums; projected has the bias. */
    void (*reference)(size_t width, const double *projected, const double *products, double *hidden,
                      double *state);
};
const struct cell *recurrent_cell(enum recurrent_cell kind);

/* False for a shape that has no layer, or a part that is not within it. */
bool recurrent_sizes_of(const struct recurrent_shape *shape, const struct recurrent_part *part,
                        struct recurrent_sizes *sizes);
/* From one row of `width` numbers to the next, so that rows of a power of two do not share the lines of a
 * cache. */
size_t recurrent_stride(size_t width);
size_t recurrent_strand_inputs(const struct recurrent_sizes *sizes, size_t layer);

/* What a strand reads and writes: of sequence b, step t forward is in row b * input_length + t - first of the
 * input, likewise of the output. Backwards the first step reads row input_length - 1 of a whole sequence. */
struct strand_arrays {
    const float *input;
    float *output;
    size_t input_length, output_length, input_stride, output_stride;
    size_t first;
};

/* Some of the threads, which work on a strand together. */
struct crew {
    size_t thread, threads;
    struct barrier *barrier;
};

/* Steps of a strand that are prepared together, at most sizes.stretch of them. */
struct stretch {
    size_t first, steps;
};

/* All four are called by all threads of the crew; when one returns, all of them are done.
 * strand_prepare multiplies the inputs of a stretch; step 0 sets the state to 0. strand_step is step
 * stretch.first + i of one that was prepared: from hidden[step % 2] to hidden[(step + 1) % 2], of the part's
 * units. strand_count counts what the stretch has cost. strand_run does the three. */
void strand_prepare(const struct recurrent *layer, const struct strand *strand,
                    const struct strand_arrays *arrays, struct stretch stretch, const struct crew *crew);
void strand_step(const struct recurrent *layer, const struct strand *strand,
                 const struct strand_arrays *arrays, struct stretch stretch, size_t i,
                 const struct crew *crew);
void strand_count(const struct recurrent *layer, const struct strand *strand, struct stretch stretch,
                  const struct crew *crew);
void strand_run(const struct recurrent *layer, const struct strand *strand,
                const struct strand_arrays *arrays, struct stretch stretch, const struct crew *crew);

#endif
