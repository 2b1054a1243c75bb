/* One layer in one direction: the inputs of a stretch of steps are multiplied at once, then each step
 * multiplies the hidden states and turns the sums into new ones while they are in the first-level cache.
 *
 * Each thread has the same panels at every step, so that their weights stay in its cache. Where they are
 * larger than the cache, a step goes through them in the opposite order of the step before: it starts with
 * those that were used last, which are still there. */
#include <string.h>

#include "core/base/chain.h"
#include "core/sequence/recurrent.h"

/* Terms that are summed by themselves: errors are below PyTorch's then, at 1 % of the time. Sums of few terms
 * need shorter parts, since PyTorch's have smaller errors too. */
static size_t summed_terms(size_t depth) {
    return depth > 256 ? 128 : 64;
}

/* The pieces of thread crew->thread: first .. last - 1. */
struct share {
    size_t first, last;
};

static struct share share_of(const struct crew *crew, struct pieces pieces) {
    size_t count = pieces_count(pieces);
    return (struct share){count * crew->thread / crew->threads, count * (crew->thread + 1) / crew->threads};
}

/* The row of a sequence of `length` rows that belongs to a step. */
static size_t row_of(const struct strand *strand, const struct strand_arrays *arrays, size_t length,
                     size_t step) {
    return strand->backward ? length - 1 - step : step - arrays->first;
}

/* Puts the inputs of a stretch side by side, step by step, each thread a part of them. In the sequences the
 * rows of a step often lie a power of two apart. */
static void gather(const struct recurrent *layer, const struct strand *strand,
                   const struct strand_arrays *arrays, struct stretch stretch, const struct crew *crew) {
    size_t batch = layer->sizes.batch, rows = stretch.steps * batch, inputs = strand->input_weights.depth;
    size_t last = rows * (crew->thread + 1) / crew->threads;
    for (size_t row = rows * crew->thread / crew->threads; row < last; row++) {
        size_t length = arrays->input_length, step = stretch.first + row / batch;
        size_t at = row % batch * length + row_of(strand, arrays, length, step);
        memcpy(strand->rows + row * recurrent_stride(inputs), arrays->input + at * arrays->input_stride,
               inputs * sizeof *strand->rows);
    }
    barrier_wait(crew->barrier);
}

static void project_piece(const struct strand *strand, struct piece piece) {
    size_t columns = panels_columns(&strand->input_weights), inputs = strand->input_weights.depth;
    struct panel panel = panels_at(&strand->input_weights, piece.panel);
    const float *rows[PANELS_ROWS_MAX];
    float *out = strand->projected + piece.row * columns + panel.column;
    for (size_t i = 0; i < piece.rows; i++) {
        rows[i] = strand->rows + (piece.row + i) * recurrent_stride(inputs);
        memcpy(out + i * columns, strand->bias.weights + panel.column,
               panel.vectors * PANEL_LANES * sizeof *out);
    }
    kernels()->panel_multiply(&(struct panel_product){.rows = piece.rows,
                                                      .depth = inputs,
                                                      .vectors = panel.vectors,
                                                      .terms = summed_terms(inputs),
                                                      .in = rows,
                                                      .panel = panel.weights,
                                                      .out = out,
                                                      .out_stride = columns,
                                                      .accumulate = true,
                                                      .alike = true});
}

static void project(const struct recurrent *layer, const struct strand *strand, struct stretch stretch,
                    const struct crew *crew) {
    struct pieces pieces = panels_pieces(&strand->input_weights, stretch.steps * layer->sizes.batch);
    struct share share = share_of(crew, pieces);
    for (size_t index = share.first; index < share.last; index++)
        project_piece(strand, pieces_at(pieces, index));
    barrier_wait(crew->barrier);
}

/* The units of a piece, for one sequence of it. */
static struct panel_cell cell_at(const struct recurrent *layer, const struct strand *strand,
                                 struct panel panel, size_t item, size_t step) {
    size_t at = item * layer->sizes.stride + layer->sizes.first_unit + panel.unit;
    return (struct panel_cell){.count = panel.units,
                               .vectors = panel.vectors,
                               .previous = strand->hidden[step % 2] + at,
                               .state = strand->state ? strand->state + at : NULL,
                               .hidden = strand->hidden[(step + 1) % 2] + at};
}

/* A step of a crew's thread. */
struct step {
    const struct recurrent *layer;
    const struct strand *strand;
    const struct strand_arrays *arrays;
    size_t number, projected_row; /* of the first sequence */
};

static void multiply_piece(const struct step *step, struct piece piece, float *sums) {
    const struct strand *strand = step->strand;
    struct panel panel = panels_at(&strand->recurrent_weights, piece.panel);
    const float *rows[PANELS_ROWS_MAX];
    for (size_t i = 0; i < piece.rows; i++)
        rows[i] = strand->hidden[step->number % 2] + (piece.row + i) * step->layer->sizes.stride;
    kernels()->panel_multiply(&(struct panel_product){.rows = piece.rows,
                                                      .depth = strand->recurrent_weights.depth,
                                                      .vectors = panel.vectors,
                                                      .terms = summed_terms(strand->recurrent_weights.depth),
                                                      .in = rows,
                                                      .panel = panel.weights,
                                                      .out = sums,
                                                      .out_stride = panel.vectors * PANEL_LANES,
                                                      .alike = step->layer->sizes.alike});
}

static void finish_piece(const struct step *step, struct piece piece, const float *sums) {
    const struct recurrent *layer = step->layer;
    const struct strand *strand = step->strand;
    struct panel panel = panels_at(&strand->recurrent_weights, piece.panel);
    size_t columns = panels_columns(&strand->recurrent_weights);
    size_t length = step->arrays->output_length, place = row_of(strand, step->arrays, length, step->number);
    void (*const run_cell)(const struct panel_cell *) = layer->cell->kernel(kernels());
    for (size_t i = 0; i < piece.rows; i++) {
        size_t item = piece.row + i, row = item * length + place;
        struct panel_cell cell = cell_at(layer, strand, panel, item, step->number);
        cell.product = sums + i * panel.vectors * PANEL_LANES;
        cell.projected = strand->projected + (step->projected_row + item) * columns + panel.column;
        cell.output = step->arrays->output + row * step->arrays->output_stride + panel.unit;
        run_cell(&cell);
    }
}

/* Takes a thread's pieces in groups whose sums fit the first-level cache: the products of a group, then its
 * cells. The cells of a single sequence, each a long chain of operations, overlap then. */
static void run_step(const struct step *step, struct pieces pieces, const struct crew *crew) {
    enum { OF_PIECE = PANEL_VECTORS_MAX * PANEL_LANES };
    float sums[PANELS_ROWS_MAX * OF_PIECE];
    struct share share = share_of(crew, pieces);
    size_t rows = pieces_rows_most(pieces), group = PANELS_ROWS_MAX / rows;
    bool down = step->number % 2 == 1;
    for (size_t done = share.first; done < share.last; done += group) {
        size_t end = share.last - done < group ? share.last : done + group;
        for (size_t i = done; i < end; i++) {
            size_t index = down ? share.first + share.last - 1 - i : i;
            multiply_piece(step, pieces_at(pieces, index), sums + (i - done) * rows * OF_PIECE);
        }
        for (size_t i = done; i < end; i++) {
            size_t index = down ? share.first + share.last - 1 - i : i;
            finish_piece(step, pieces_at(pieces, index), sums + (i - done) * rows * OF_PIECE);
        }
    }
    barrier_wait(crew->barrier);
}

/* Initial states, each thread a part of the sequences. */
static void start(const struct recurrent *layer, const struct strand *strand, const struct crew *crew) {
    size_t first = layer->sizes.batch * crew->thread / crew->threads * layer->sizes.stride;
    size_t last = layer->sizes.batch * (crew->thread + 1) / crew->threads * layer->sizes.stride;
    memset(strand->hidden[0] + first, 0, (last - first) * sizeof(float));
    if (strand->state) memset(strand->state + first, 0, (last - first) * sizeof(float));
}

void strand_prepare(const struct recurrent *layer, const struct strand *strand,
                    const struct strand_arrays *arrays, struct stretch stretch, const struct crew *crew) {
    if (stretch.first == 0) start(layer, strand, crew);
    gather(layer, strand, arrays, stretch, crew);
    project(layer, strand, stretch, crew);
}

void strand_step(const struct recurrent *layer, const struct strand *strand,
                 const struct strand_arrays *arrays, struct stretch stretch, size_t i,
                 const struct crew *crew) {
    const struct step step = {layer, strand, arrays, stretch.first + i, i * layer->sizes.batch};
    run_step(&step, panels_pieces(&strand->recurrent_weights, layer->sizes.batch), crew);
}

/* The product of the first input, then one product a step, each on the hidden states of the one before. */
static void report_chain(const struct stretch *stretch) {
    uint64_t steps = stretch->first + stretch->steps;
    chain_report((struct chain){.operations = 1 + steps, .kernel = 1 + steps});
}

/* Once, by one thread: the steps are too short to count each. */
void strand_count(const struct recurrent *layer, const struct strand *strand, struct stretch stretch,
                  const struct crew *crew) {
    if (crew->thread != 0) return;
    uint64_t units = stretch.steps * layer->sizes.batch * layer->sizes.units;
    uint64_t depth = strand->input_weights.depth + strand->recurrent_weights.depth;
    work_add((struct work){.product = 2 * units * layer->cell->gates * depth,
                           .elementwise = units * layer->cell->elementwise,
                           .transcendental = units * layer->cell->transcendental});
    report_chain(&stretch);
}

void strand_run(const struct recurrent *layer, const struct strand *strand,
                const struct strand_arrays *arrays, struct stretch stretch, const struct crew *crew) {
    strand_prepare(layer, strand, arrays, stretch, crew);
    for (size_t i = 0; i < stretch.steps; i++)
        strand_step(layer, strand, arrays, stretch, i, crew);
    strand_count(layer, strand, stretch, crew);
}
