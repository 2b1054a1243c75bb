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

static struct progression consecutive(struct part part) {
    return (struct progression){(int64_t)part.first, 1, (int64_t)part.count};
}

static struct position_set positions_of(struct sequence_part part) {
    size_t length = part.length;
    switch (part.layout) {
    case LAYOUT_STRIPED: {
        struct part rows = split_evenly(length, part.parts, part.part);
        return (struct position_set){1, {{part.part, part.parts, (int64_t)rows.count}}};
    }
    case LAYOUT_ZIGZAG: {
        struct part low = split_evenly(length, 2 * part.parts, part.part);
        struct part high = split_evenly(length, 2 * part.parts, 2 * part.parts - 1 - part.part);
        return (struct position_set){2, {consecutive(low), consecutive(high)}};
    }
    case LAYOUT_CONTIGUOUS:
        break;
    }
    return (struct position_set){1, {consecutive(split_evenly(length, part.parts, part.part))}};
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/* For a divisor above 0. */
static int64_t floor_divide(int64_t value, int64_t divisor) {
    return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

/* Sum over i = 0 .. count - 1 of offset + i * slope, kept within 0 .. limit; slope >= 1. */
static double sum_of_clamped_ramp(int64_t offset, int64_t slope, int64_t count, int64_t limit) {
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
                            struct sequence_part row_part, struct sequence_part key_part) {
    const struct attention_shape *shape = &split->shape;
    struct position_set rows = positions_of(row_part), keys = positions_of(key_part);
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

static struct sequence_part part_of_rank(const struct attention_split *split, int rank) {
    return (struct sequence_part){split->layout, split->shape.query_length, split->ranks, rank};
}

double cost_rank_flops(const struct attention_split *split, const struct attention_mask *mask, int query_rank,
                       int key_rank) {
    return flops_between(split, mask, part_of_rank(split, query_rank), part_of_rank(split, key_rank));
}

double cost_rows_flops(const struct attention_split *split, const struct attention_mask *mask,
                       int query_rank) {
    return flops_between(split, mask, part_of_rank(split, query_rank),
                         sequence_whole(split->shape.key_length));
}

double cost_transfer(const struct schedule_rates *rates, double messages, double bytes) {
    if (messages <= 0) return 0;
    return messages * rates->latency + bytes / rates->bandwidth;
}
