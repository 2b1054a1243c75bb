#include "parallel/head_exchange_size.h"

#include <limits.h>

#include "parallel/head_runs.h"
#include "parallel/sequence_group.h"

/* No rank has more. */
static size_t most_rows(const struct attention_split *split) {
    size_t ranks = (size_t)split->ranks;
    return (split->shape.query_length + ranks - 1) / ranks;
}

/* Key/value heads that the ranks of a group read, each counted once for every rank that reads it. */
static size_t kv_heads_read(const struct attention_shape *shape, int ways) {
    size_t heads = 0;
    for (int way = 0; way < ways; way++)
        heads += head_range_of(shape, ways, way).kv_count;
    return heads;
}

const char *head_exchange_refuses(const struct attention_split *split, int ways) {
    const struct attention_shape *shape = &split->shape;
    size_t most = head_range_of(shape, ways, 0).count * most_rows(split);
    bool too_large = ways > 1 && shape->batch * most * shape->head_width > INT_MAX;
    return too_large ? "the heads of a rank exceed one MPI message" : NULL;
}

uint64_t head_exchange_elements(const struct attention_split *split, int ways, int rank) {
    const struct attention_shape *shape = &split->shape;
    const struct sequence_groups groups = {split->layout, shape->query_length, split->ranks, ways};
    const struct sequence_part part = {split->layout, shape->query_length, split->ranks, rank};
    struct head_range heads = head_range_of(shape, ways, rank % ways);
    uint64_t own = sequence_rows(part), others = groups_rows(&groups, rank / ways) - own;
    uint64_t out = own * (shape->heads - heads.count + 2 * (kv_heads_read(shape, ways) - heads.kv_count));
    uint64_t back = heads.count * others;
    return shape->batch * (shape->head_width * (out + back) + (split->log_sum_exp ? back : 0));
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Floats of messages between so many heads and rows: coming with keys and values, or going back. */
static size_t message_floats(const struct attention_shape *shape, size_t heads, size_t kv_heads,
                             size_t rows) {
    size_t gathered = (heads + 2 * kv_heads) * shape->head_width, returned = heads * (shape->head_width + 1);
    return shape->batch * rows * larger(gathered, returned);
}

size_t head_exchange_floats_by_heads(const struct attention_shape *shape, int ways, int way,
                                     size_t other_rows) {
    struct head_range heads = head_range_of(shape, ways, way);
    return message_floats(shape, heads.count, heads.kv_count, other_rows);
}

size_t head_exchange_floats_by_rows(const struct attention_shape *shape, int ways, int way, size_t own_rows) {
    if (shape->batch == 1) return 0;
    struct head_range heads = head_range_of(shape, ways, way);
    return message_floats(shape, shape->heads - heads.count, kv_heads_read(shape, ways) - heads.kv_count,
                          own_rows);
}

size_t head_exchange_floats(const struct attention_split *split, int ways) {
    size_t own_rows = most_rows(split), other_rows = own_rows * (size_t)(ways - 1), most = 0;
    for (int way = 0; way < ways; way++)
        most = larger(most, head_exchange_floats_by_heads(&split->shape, ways, way, other_rows) +
                                head_exchange_floats_by_rows(&split->shape, ways, way, own_rows));
    return most;
}
