#include "parallel/cost.h"

#include "parallel/schedule_split.h"

/* Positions first, first + step, first + 2 step ... Every part of a sequence is one of them, or two. */
struct progression {
    int64_t first, step, count;
};

enum { PROGRESSIONS_MAX = 2 };

struct position_set {
    int count;
    struct progression progressions[PROGRESSIONS_MAX];
};

static struct position_set all_positions(size_t length) {
    return (struct position_set){1, {{0, 1, (int64_t)length}}};
}

/* One of `parts` stripes of a sequence. */
static struct position_set stripe(size_t length, int parts, int part) {
    struct part rows = split_evenly(length, parts, part);
    return (struct position_set){1, {{part, parts, (int64_t)rows.count}}};
}

/* The chunks first .. first + count - 1 of a sequence cut into `chunks`. */
static struct progression chunks_from(size_t length, int chunks, int first, int count) {
    struct part begin = split_evenly(length, chunks, first);
    if (count == 1) return (struct progression){(int64_t)begin.first, 1, (int64_t)begin.count};
    struct part last = split_evenly(length, chunks, first + count - 1);
    return (struct progression){(int64_t)begin.first, 1, (int64_t)(last.first + last.count - begin.first)};
}

/* What the ranks first .. first + count - 1 hold together. Striped: of one rank only. */
static struct position_set positions_of_ranks(const struct attention_split *split, int first, int count) {
    size_t length = split->shape.query_length;
    int ranks = split->ranks;
    switch (split->layout) {
    case LAYOUT_STRIPED:
        return stripe(length, ranks, first);
    case LAYOUT_ZIGZAG:
        return (struct position_set){2,
                                     {chunks_from(length, 2 * ranks, first, count),
                                      chunks_from(length, 2 * ranks, 2 * ranks - first - count, count)}};
    case LAYOUT_CONTIGUOUS:
        break;
    }
    return (struct position_set){1, {chunks_from(length, ranks, first, count)}};
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/* For a divisor above 0. */
static int64_t floor_divide(int64_t value, int64_t divisor) {
    if (divisor == 1) return value; /* most often so, and divisions are what a prediction's time goes to */
    return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

/* Sum over i = 0 .. count - 1 of offset + i * slope, kept within 0 .. limit; slope >= 1. */
static double sum_of_clamped_ramp(int64_t offset, int64_t slope, int64_t count, int64_t limit) {
    if (offset >= limit) return (double)count * (double)limit;
    if (offset + slope * (count - 1) <= 0) return 0;
    int64_t first = clamp(floor_divide(-offset, slope) + 1, 0, count); /* terms before it are 0 */
    int64_t full = clamp(floor_divide(limit - offset + slope - 1, slope), first, count); /* limit from here */
    double growing = (double)(full - first);
    return growing * (double)offset + (double)slope * growing * (double)(first + full - 1) / 2 +
           (double)(count - full) * (double)limit;
}

/* Sum over the rows' positions p of the number of keys at positions <= p - shift. The rows' step must be a
 * multiple of the keys', so that this number grows evenly. */
static double pairs_up_to(struct progression rows, struct progression keys, int64_t shift) {
    int64_t offset = floor_divide(rows.first - shift - keys.first, keys.step) + 1;
    return sum_of_clamped_ramp(offset, rows.step / keys.step, rows.count, keys.count);
}

/* Visible pairs of one head and batch item. */
static double visible_pairs(struct progression rows, struct progression keys,
                            const struct attention_mask *mask, size_t key_length, size_t length) {
    int64_t reach = key_length < length ? (int64_t)key_length : (int64_t)length; /* no key lies further */
    keys.count = clamp(floor_divide(reach - keys.first + keys.step - 1, keys.step), 0, keys.count);
    if (mask->kind == ATTENTION_FULL) return (double)rows.count * (double)keys.count;
    double seen = pairs_up_to(rows, keys, 0);
    if (mask->kind == ATTENTION_WINDOW && mask->window < length)
        seen -= pairs_up_to(rows, keys, (int64_t)mask->window);
    return seen;
}

static double flops_between(const struct attention_split *split, const struct attention_mask *mask,
                            struct position_set rows, struct position_set keys) {
    const struct attention_shape *shape = &split->shape;
    size_t lengths = mask->key_lengths ? shape->batch : 1;
    double pairs = 0;
    for (size_t item = 0; item < lengths; item++) {
        size_t key_length = mask->key_lengths ? mask->key_lengths[item] : shape->key_length;
        for (int r = 0; r < rows.count; r++)
            for (int k = 0; k < keys.count; k++)
                pairs += visible_pairs(rows.progressions[r], keys.progressions[k], mask, key_length,
                                       shape->key_length);
    }
    double items = (double)(shape->batch / lengths);
    return 4 * pairs * items * (double)shape->heads * (double)shape->head_width;
}

double cost_rank_flops(const struct attention_split *split, const struct attention_mask *mask, int query_rank,
                       int key_rank) {
    return flops_between(split, mask, positions_of_ranks(split, query_rank, 1),
                         positions_of_ranks(split, key_rank, 1));
}

double cost_rows_flops(const struct attention_split *split, const struct attention_mask *mask,
                       int query_rank) {
    return flops_between(split, mask, positions_of_ranks(split, query_rank, 1),
                         all_positions(split->shape.key_length));
}

double cost_tile_flops(const struct attention_split *split, const struct attention_mask *mask, int columns,
                       int row, int column) {
    if (columns == 1) return cost_rows_flops(split, mask, row);
    int first = row * columns;
    double flops = 0;
    if (split->layout == LAYOUT_STRIPED) {
        /* Every columns-th of all stripes: a stripe of a coarser cut. */
        struct position_set keys = stripe(split->shape.key_length, columns, column);
        for (int rank = first; rank < first + columns; rank++)
            flops += flops_between(split, mask, positions_of_ranks(split, rank, 1), keys);
        return flops;
    }
    struct position_set rows = positions_of_ranks(split, first, columns);
    for (int rank = column; rank < split->ranks; rank += columns)
        flops += flops_between(split, mask, rows, positions_of_ranks(split, rank, 1));
    return flops;
}

double cost_transfer(const struct schedule_rates *rates, double messages, double bytes) {
    if (messages <= 0) return 0;
    return messages * rates->latency + bytes / rates->bandwidth;
}

double cost_copy(double bytes) {
    static const double BYTES_PER_SECOND = 8e9;
    return bytes / BYTES_PER_SECOND;
}
