#include "parallel/hybrid_pass.h"

#include "core/base/memory.h"
#include "parallel/head_exchange.h"
#include "parallel/ring_pass.h"
#include "parallel/schedule_split.h"

/* Arrays by heads: [batch][own heads][rows of the group]. */
struct by_heads {
    float *queries, *output, *log_sum_exp;
    float *keys, *values; /* one allocation: values follow the keys */
};

struct schedule_run {
    struct attention_mask mask;
    size_t *key_lengths;
    struct message_clock clock;
    struct head_exchange *exchange; /* NULL, and no arrays by heads, when every rank has all heads */
    struct by_heads by_heads;
    struct ring_pass *ring;
};

/* Numbers in one row of all batch items, and how many of each kind a run holds by heads. */
struct by_heads_floats {
    size_t queries, keys, rows;
};

static struct by_heads_floats count_floats(const struct attention_shape *shape, int ways, int way,
                                           size_t rows) {
    struct head_range heads = head_range_of(shape, ways, way);
    size_t query_rows = shape->batch * heads.count * rows, key_rows = shape->batch * heads.kv_count * rows;
    return (struct by_heads_floats){
        .queries = query_rows * shape->head_width, .keys = key_rows * shape->head_width, .rows = query_rows};
}

static size_t by_heads_bytes(const struct attention_split *split, int ways) {
    size_t ranks = (size_t)split->ranks, most = 0;
    size_t rows = (split->shape.query_length + ranks - 1) / ranks * (size_t)ways;
    for (int way = 0; way < ways; way++) {
        struct by_heads_floats floats = count_floats(&split->shape, ways, way, rows);
        size_t bytes = (2 * floats.queries + 2 * floats.keys + floats.rows) * sizeof(float);
        if (bytes > most) most = bytes;
    }
    return most;
}

size_t hybrid_bytes_extra(const struct attention_split *split, int ways, int threads) {
    size_t bytes = sizeof(struct schedule_run) + split->shape.batch * sizeof(size_t);
    if (ways > 1) bytes += head_exchange_bytes(split, ways) + by_heads_bytes(split, ways);
    return bytes + ring_pass_bytes(split, ways, threads);
}

static enum status create_by_heads(struct schedule_run *run, const struct attention_shape *shape, int ways,
                                   int way) {
    struct by_heads *made = &run->by_heads;
    struct by_heads_floats floats = count_floats(shape, ways, way, head_exchange_rows(run->exchange));
    made->queries = memory_allocate(floats.queries, sizeof(float));
    made->output = memory_allocate(floats.queries, sizeof(float));
    made->log_sum_exp = memory_allocate(floats.rows, sizeof(float));
    made->keys = memory_allocate(2 * floats.keys, sizeof(float));
    if (!made->queries || !made->output || !made->log_sum_exp || !made->keys) return STATUS_NO_MEMORY;
    made->values = made->keys + floats.keys;
    return STATUS_OK;
}

static enum status fill(struct schedule_run *run, const struct team *team,
                        const struct attention_split *split, int ways, const struct attention_mask *mask) {
    CHECK(split_copy_mask(&split->shape, mask, &run->mask, &run->key_lengths));
    /* With heads exchanged, log-sum-exps always have a place by heads. */
    struct attention_split by_blocks = *split;
    if (ways > 1) {
        CHECK(head_exchange_create(team, split, ways, &run->clock, &run->exchange));
        CHECK(create_by_heads(run, &split->shape, ways, team_rank(team) % ways));
        by_blocks.log_sum_exp = true;
    }
    return ring_pass_create(team, &by_blocks, ways, &run->mask, ways > 1, &run->clock, &run->ring);
}

enum status hybrid_create(struct team *team, const struct attention_split *split, int ways,
                          const struct attention_mask *mask, struct schedule_run **run) {
    *run = NULL;
    if (hybrid_refuses(split, ways)) return STATUS_INVALID;
    struct schedule_run *made = memory_allocate(1, sizeof *made);
    enum status status = made ? fill(made, team, split, ways, mask) : STATUS_NO_MEMORY;
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) hybrid_destroy(&made);
    *run = made;
    return status;
}

void hybrid_destroy(struct schedule_run **run) {
    struct schedule_run *gone = *run;
    if (!gone) return;
    ring_pass_destroy(&gone->ring);
    head_exchange_destroy(&gone->exchange);
    memory_free(gone->by_heads.queries);
    memory_free(gone->by_heads.output);
    memory_free(gone->by_heads.log_sum_exp);
    memory_free(gone->by_heads.keys);
    memory_free(gone->key_lengths);
    memory_free(gone);
    *run = NULL;
}

void hybrid_forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic) {
    *traffic = (struct split_traffic){0};
    run->clock = (struct message_clock){.traffic = traffic};
    if (!run->exchange) {
        const struct block_queries rows = {queries, output, log_sum_exp};
        ring_pass_forward(run->ring, scale, &rows, keys, values);
        return;
    }
    const struct by_heads *own = &run->by_heads;
    const struct exchange_inputs inputs = {queries, keys, values};
    const struct exchange_gathered gathered = {own->queries, own->keys, own->values};
    const struct block_queries rows = {own->queries, own->output, own->log_sum_exp};
    head_exchange_gather(run->exchange, &inputs, &gathered);
    ring_pass_forward(run->ring, scale, &rows, own->keys, own->values);
    head_exchange_return(run->exchange, own->output, own->log_sum_exp, output, log_sum_exp);
}
