#include "parallel/tile_grid.h"

#include <limits.h>
#include <math.h>

#include "parallel/cost.h"
#include "parallel/schedule_split.h"

/* What lies open of the messages is about one part in so many: at least so many pieces, if heads and items
 * allow. */
enum { PIECES_WANTED = 8 };

static size_t largest_divisor_up_to(size_t number, size_t most) {
    size_t divisor = most < number ? most : number;
    while (number % divisor != 0)
        divisor--;
    return divisor;
}

struct attention_shape tile_piece(const struct attention_shape *shape) {
    size_t sets = shape->batch * shape->kv_heads / PIECES_WANTED, group = shape->heads / shape->kv_heads;
    struct attention_shape piece = *shape;
    piece.kv_heads = largest_divisor_up_to(shape->kv_heads, sets > 1 ? sets : 1);
    piece.heads = piece.kv_heads * group;
    /* The heads of several items lie together only when they are all there. */
    piece.batch = sets < shape->kv_heads ? 1 : largest_divisor_up_to(shape->batch, sets / shape->kv_heads);
    return piece;
}

static size_t rows_of_rank(const struct attention_split *split, int rank) {
    return sequence_rows(
        (struct sequence_part){split->layout, split->shape.query_length, split->ranks, rank});
}

size_t tile_rows_most(const struct attention_split *split) {
    size_t ranks = (size_t)split->ranks;
    return (split->shape.query_length + ranks - 1) / ranks;
}

const char *tile_refuses(const struct attention_split *split, struct tile_grid grid) {
    const char *reason = split_refuses(split);
    if (reason) return reason;
    if (split->ranks == 1) return NULL;
    struct attention_shape piece = tile_piece(&split->shape);
    size_t keys = piece.kv_heads * piece.head_width, outputs = piece.heads * (piece.head_width + 1);
    size_t largest = piece.batch * tile_rows_most(split) * (grid.columns > 1 ? outputs : keys);
    return largest > INT_MAX ? "the rows of a rank exceed what one MPI message holds" : NULL;
}

struct attention_share tile_share(const struct attention_split *split, int rank) {
    struct sequence_part part = {split->layout, split->shape.query_length, split->ranks, rank};
    return (struct attention_share){.heads = split->shape.heads,
                                    .kv_heads = split->shape.kv_heads,
                                    .part = part,
                                    .rows = sequence_rows(part)};
}

/* tile_elements_sent with the rows of the rank's grid row known. */
static uint64_t elements_sent(const struct attention_split *split, struct tile_grid grid, int rank,
                              uint64_t grid_row_rows) {
    const struct attention_shape *shape = &split->shape;
    uint64_t rows = rows_of_rank(split, rank);
    uint64_t heads = shape->batch * shape->heads, kv_heads = shape->batch * shape->kv_heads;
    return heads * shape->head_width * rows * (uint64_t)(grid.columns - 1) +
           2 * kv_heads * shape->head_width * rows * (uint64_t)(grid.rows - 1) +
           heads * (shape->head_width + 1) * (grid_row_rows - rows);
}

static uint64_t rows_of_grid_row(const struct attention_split *split, struct tile_grid grid, int row) {
    uint64_t rows = 0;
    for (int column = 0; column < grid.columns; column++)
        rows += rows_of_rank(split, row * grid.columns + column);
    return rows;
}

uint64_t tile_elements_sent(const struct attention_split *split, struct tile_grid grid, int rank) {
    return elements_sent(split, grid, rank, rows_of_grid_row(split, grid, rank / grid.columns));
}

uint64_t tile_elements_of_busiest(const struct attention_split *split, struct tile_grid grid) {
    uint64_t most = 0;
    for (int row = 0; row < grid.rows; row++) {
        uint64_t rows = rows_of_grid_row(split, grid, row);
        for (int column = 0; column < grid.columns; column++) {
            uint64_t elements = elements_sent(split, grid, row * grid.columns + column, rows);
            if (elements > most) most = elements;
        }
    }
    return most;
}

/* Floats that a rank brings into order, deals out again or merges. Where rows lie together, and pieces are
 * single heads, the others' keys and queries arrive where they belong. */
static double floats_copied(const struct attention_split *split, struct tile_grid grid) {
    const struct attention_shape *shape = &split->shape;
    struct attention_shape piece = tile_piece(shape);
    bool in_place = split->layout != LAYOUT_STRIPED && piece.batch * piece.kv_heads == 1;
    double width = (double)(shape->batch * shape->head_width), own_rows = (double)tile_rows_most(split);
    double key_floats = width * (double)shape->kv_heads * own_rows;
    double query_floats = width * (double)shape->heads * own_rows;
    return (grid.rows > 1 ? 2 * key_floats * (in_place ? 1 : grid.rows) : 0) +
           (grid.columns > 1 ? 3 * query_floats * grid.columns : 0);
}

/* One piece's rows come before it can be computed, and one piece's results leave after the last one was; what
 * is between them is hidden unless there is more of it than to compute. */
static double rank_seconds(const struct attention_split *split, struct tile_grid grid,
                           const struct schedule_rates *rates, double flops, uint64_t elements) {
    const struct attention_shape *shape = &split->shape;
    struct attention_shape piece = tile_piece(shape);
    double pieces = (double)(shape->batch / piece.batch * (shape->kv_heads / piece.kv_heads));
    double messages = pieces * (2 * (grid.columns - 1) + 2 * (grid.rows - 1));
    double transfer = cost_transfer(rates, messages, (double)elements * sizeof(float));
    double copying = cost_copy(floats_copied(split, grid) * sizeof(float));
    return copying + transfer / pieces + fmax(flops / rates->flops, transfer - transfer / pieces);
}

double tile_seconds(const struct attention_split *split, struct tile_grid grid,
                    const struct attention_mask *mask, const struct schedule_rates *rates) {
    double slowest = 0;
    for (int row = 0; row < grid.rows; row++) {
        uint64_t rows = rows_of_grid_row(split, grid, row);
        for (int column = 0; column < grid.columns; column++) {
            uint64_t elements = elements_sent(split, grid, row * grid.columns + column, rows);
            double flops = cost_tile_flops(split, mask, grid.columns, row, column);
            slowest = fmax(slowest, rank_seconds(split, grid, rates, flops, elements));
        }
    }
    return slowest;
}
