/* Convolutions: each rank has some of the sequences or some neighbouring positions, and all weights. Rows
 * beside its own come from the ranks that have them, from several where the reach is longer than a part.
 * While they are under way, the outputs that read own rows only are computed. */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "parallel/sequence_halo.h"
#include "parallel/sequence_way.h"

enum {
    STRETCHES = 8,      /* of a pass: between them messages are driven on */
    STRETCH_LEAST = 128 /* rows: in fewer, reading weights would show */
};

struct convolution_run {
    struct sequence_run base;
    struct sequence_share share;
    size_t before_rows, after_rows;
    float *before, *after; /* [items][rows][width] */
    struct halos to, from;
    struct exchange exchange;
};

/* --- who has what ------------------------------------------------------------------------------------- */

static struct sequence_share share(const struct sequence_split *split, int rank) {
    struct sequence_share whole = sequence_whole_input(split);
    struct part rows = halo_part(split, rank), items = {0, whole.items};
    if (split->kind == SPLIT_BATCH) items = split_evenly(whole.items, split->ranks, rank);
    if (rows.count == 0 || items.count == 0) return (struct sequence_share){.items = 0};
    return (struct sequence_share){.first_item = items.first,
                                   .items = items.count,
                                   .first_row = rows.first,
                                   .rows = rows.count,
                                   .units = whole.units};
}

/* The layer as this rank has it. */
static struct convolution_shape shape_of_part(const struct sequence_split *split, size_t items) {
    struct convolution_shape shape = split->convolution;
    shape.batch = items;
    return shape;
}

/* Rows beside a part that its outputs may read. */
static size_t rows_before(const struct convolution_shape *shape, struct part rows) {
    size_t reach = convolution_reach(shape).before;
    return reach < rows.first ? reach : rows.first;
}

static size_t rows_after(const struct convolution_shape *shape, struct part rows) {
    size_t reach = convolution_reach(shape).after, left = shape->length - rows.first - rows.count;
    return reach < left ? reach : left;
}

static uint64_t elements_sent(const struct sequence_split *split, int rank) {
    const struct convolution_shape *shape = &split->convolution;
    uint64_t sum = 0;
    if (split->kind != SPLIT_SEQUENCE) return 0;
    struct ranks readers = halo_ranks(split, rank, true);
    for (int reader = readers.first; reader <= readers.last; reader++) {
        size_t rows;
        if (reader == rank) continue;
        halo_runs(shape, halo_part(split, reader), halo_part(split, rank), NULL, &rows);
        sum += rows;
    }
    return sum * shape->batch * shape->width;
}

/* Messages of an inner rank, from or to both sides. */
static double messages_of(const struct sequence_split *split) {
    int inner = split->ranks / 2;
    struct ranks readers = halo_ranks(split, inner, true);
    return readers.last - readers.first;
}

/* The first rank has the most. Messages are hidden behind the rows that read no others. */
static double seconds(const struct sequence_split *split, const struct schedule_rates *rates) {
    const struct convolution_shape *shape = &split->convolution;
    struct sequence_share mine = share(split, 0);
    double rows = (double)mine.items * (double)mine.rows;
    double of_row = sequence_flops(split) / (double)shape->batch / (double)shape->length / rates->flops;
    if (split->kind != SPLIT_SEQUENCE) return rows * of_row;
    struct convolution_reach reach = convolution_reach(shape);
    double inner = fmax(0, (double)mine.rows - (double)reach.before - (double)reach.after);
    double bytes = sequence_bytes_of_busiest(split);
    double transfer = cost_transfer(rates, messages_of(split), bytes);
    return rows * of_row + fmax(0, transfer - (double)mine.items * inner * of_row) + cost_copy(2 * bytes);
}

/* --- memory ------------------------------------------------------------------------------------------- */

static size_t bytes(const struct sequence_split *split, int rank) {
    struct sequence_share mine = share(split, rank);
    struct convolution_shape shape = shape_of_part(split, mine.items);
    bool apart = split->layer == LAYER_SEPARABLE;
    size_t layer = apart ? separable_part_bytes(&shape, mine.rows) : convolution_bytes(&shape);
    if (split->kind != SPLIT_SEQUENCE) return layer;
    struct part rows = halo_part(split, rank);
    size_t beside = rows_before(&shape, rows) + rows_after(&shape, rows);
    return layer + beside * shape.batch * shape.width * sizeof(float) + halos_bytes(split, rank, true) +
           halos_bytes(split, rank, false);
}

static enum status fill_exchange(struct convolution_run *run) {
    const struct sequence_split *split = &run->base.split;
    const struct convolution_shape *shape = &split->convolution;
    struct part rows = halo_part(split, run->base.rank);
    run->before_rows = rows_before(shape, rows);
    run->after_rows = rows_after(shape, rows);
    CHECK(sequence_floats(shape->batch * run->before_rows * shape->width, &run->before));
    CHECK(sequence_floats(shape->batch * run->after_rows * shape->width, &run->after));
    CHECK(halos_create(split, run->base.rank, true, &run->to));
    CHECK(halos_create(split, run->base.rank, false, &run->from));
    return exchange_create(&run->exchange, run->base.team, &run->base.clock,
                           (int)(run->to.count + run->from.count));
}

static enum status fill(struct sequence_run *base, struct random_source weights) {
    struct convolution_run *run = (struct convolution_run *)base;
    run->share = share(&base->split, base->rank);
    struct convolution_shape shape = shape_of_part(&base->split, run->share.items);
    if (base->split.layer == LAYER_SEPARABLE)
        CHECK(separable_create_part(&shape, run->share.rows, weights, &base->layer.separable));
    else
        CHECK(convolution_create(&shape, weights, &base->layer.convolution));
    return base->split.kind == SPLIT_SEQUENCE ? fill_exchange(run) : STATUS_OK;
}

static void release(struct sequence_run *base) {
    struct convolution_run *run = (struct convolution_run *)base;
    halos_destroy(&run->to);
    halos_destroy(&run->from);
    memory_free(run->before);
    memory_free(run->after);
    exchange_destroy(&run->exchange);
}

/* --- a pass ------------------------------------------------------------------------------------------- */

/* Where a received position belongs. */
static float *place_of(const struct convolution_run *run, size_t item, size_t position) {
    size_t width = run->share.units, first = run->share.first_row, end = first + run->share.rows;
    if (position < first)
        return run->before + (item * run->before_rows + position + run->before_rows - first) * width;
    return run->after + (item * run->after_rows + position - end) * width;
}

static void pack(const struct convolution_run *run, const struct halo *halo, const float *input) {
    size_t width = run->share.units;
    float *to = halo->floats;
    for (size_t item = 0; item < run->share.items; item++)
        for (size_t i = 0; i < halo->count; i++) {
            size_t row = item * run->share.rows + halo->runs[i].first - run->share.first_row;
            memcpy(to, input + row * width, halo->runs[i].count * width * sizeof *to);
            to += halo->runs[i].count * width;
        }
}

static void unpack(const struct convolution_run *run, const struct halo *halo) {
    size_t width = run->share.units;
    const float *from = halo->floats;
    for (size_t item = 0; item < run->share.items; item++)
        for (size_t i = 0; i < halo->count; i++) {
            memcpy(place_of(run, item, halo->runs[i].first), from,
                   halo->runs[i].count * width * sizeof *from);
            from += halo->runs[i].count * width;
        }
}

static void start_messages(struct convolution_run *run, const float *input) {
    size_t width = run->share.units, items = run->share.items;
    for (size_t i = 0; i < run->from.count; i++) {
        const struct halo *halo = &run->from.halos[i];
        float *to = halo->floats ? halo->floats : place_of(run, 0, halo->runs[0].first);
        exchange_receive(&run->exchange, to, items * halo->rows * width, halo->rank, 0);
    }
    for (size_t i = 0; i < run->to.count; i++) {
        const struct halo *halo = &run->to.halos[i];
        const float *from = input + (halo->runs[0].first - run->share.first_row) * width;
        if (halo->floats) {
            double start = parallel_seconds();
            pack(run, halo, input);
            run->base.clock.traffic->seconds_wait += parallel_seconds() - start;
            from = halo->floats;
        }
        exchange_send(&run->exchange, from, items * halo->rows * width, halo->rank, 0);
    }
}

static void finish_messages(struct convolution_run *run) {
    exchange_finish(&run->exchange);
    double start = parallel_seconds();
    for (size_t i = 0; i < run->from.count; i++)
        if (run->from.halos[i].floats) unpack(run, &run->from.halos[i]);
    run->base.clock.traffic->seconds_wait += parallel_seconds() - start;
}

static void compute(const struct convolution_run *run, const struct convolution_window *window, size_t from,
                    size_t end, float *output) {
    const struct sequence_layer *layer = &run->base.layer;
    if (from >= end) return;
    if (layer->separable)
        separable_forward_window(layer->separable, window, from, end - from, output);
    else
        convolution_forward_window(layer->convolution, window, from, end - from, output);
}

/* The same in stretches, driving the messages on after each; every stretch reads all weights again. */
static void compute_meanwhile(struct convolution_run *run, const struct convolution_window *window,
                              size_t from, size_t end, float *output) {
    size_t stretch = (end - from + STRETCHES - 1) / STRETCHES;
    if (stretch < STRETCH_LEAST) stretch = STRETCH_LEAST;
    for (; from < end; from += stretch) {
        compute(run, window, from, from + stretch < end ? from + stretch : end, output);
        exchange_progress(&run->exchange);
    }
}

/* Outputs that read own rows only first; those at the ends when the rows beside them are there. */
static void compute_around_messages(struct convolution_run *run, const struct convolution_window *window,
                                    const float *input, float *output) {
    struct convolution_reach reach = convolution_reach(&run->base.split.convolution);
    size_t first = window->first, end = first + window->rows;
    size_t head = run->before_rows > 0 ? reach.before : 0, tail = run->after_rows > 0 ? reach.after : 0;
    bool overlaps = head + tail < window->rows;
    start_messages(run, input);
    if (overlaps) compute_meanwhile(run, window, first + head, end - tail, output);
    finish_messages(run);
    if (!overlaps) {
        compute(run, window, first, end, output);
        return;
    }
    compute(run, window, first, first + head, output);
    compute(run, window, end - tail, end, output);
}

static void forward(struct sequence_run *base, const float *input, float *output) {
    struct convolution_run *run = (struct convolution_run *)base;
    const struct convolution_window window = {.first = run->share.first_row,
                                              .rows = run->share.rows,
                                              .input = input,
                                              .before = run->before,
                                              .after = run->after,
                                              .before_rows = run->before_rows,
                                              .after_rows = run->after_rows};
    if (base->split.kind == SPLIT_SEQUENCE)
        compute_around_messages(run, &window, input, output);
    else
        compute(run, &window, window.first, window.first + window.rows, output);
}

const struct sequence_way sequence_way_convolution = {
    .run_size = sizeof(struct convolution_run),
    .input = share,
    .output = share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes = bytes,
    .fill = fill,
    .forward = forward,
    .release = release,
};
