#include "parallel/block_calls.h"

#include "core/base/memory.h"

/* A single run takes the whole batch, unless items differ. */
static void cut(struct block_calls *calls, const struct block_shape *of, bool items_differ) {
    *calls = (struct block_calls){.of = *of};
    struct attention_shape shape = of->whole;
    shape.query_length = of->rows;
    calls->runs_count = head_runs_cut(&shape, of->heads, calls->runs);
    calls->items = items_differ ? 1 : calls->runs[0].shape.batch;
    calls->items_groups = shape.batch / calls->items;
    for (size_t run = 0; run < calls->runs_count; run++)
        calls->runs[run].shape.batch = calls->items;
}

static size_t rows_of_call(const struct block_calls *calls, size_t run) {
    return calls->items * calls->runs[run].shape.heads * calls->of.rows;
}

static size_t most_rows_of_call(const struct block_calls *calls) {
    size_t most = 0;
    for (size_t run = 0; run < calls->runs_count; run++)
        if (rows_of_call(calls, run) > most) most = rows_of_call(calls, run);
    return most;
}

static struct attention_shape shape_of_call(const struct block_calls *calls, size_t run, int size) {
    struct attention_shape shape = calls->runs[run].shape;
    shape.key_length = calls->of.sizes[size];
    return shape;
}

size_t block_calls_bytes(const struct block_shape *of, int threads) {
    struct block_calls calls;
    cut(&calls, of, false);
    size_t bytes = 0;
    if (of->rows == 0) return 0;
    for (size_t run = 0; run < calls.runs_count; run++)
        for (int size = 0; size < of->sizes_count; size++) {
            struct attention_shape shape = shape_of_call(&calls, run, size);
            bytes += attention_plan_bytes(&shape, threads);
        }
    if (of->merges) bytes += most_rows_of_call(&calls) * (of->whole.head_width + 1) * sizeof(float);
    return bytes;
}

static void progress(void *context) {
    exchange_progress(context);
}

enum status block_calls_create(struct block_calls *made, const struct block_shape *of, bool items_differ,
                               struct exchange *messages) {
    cut(made, of, items_differ);
    made->clock = messages->clock;
    if (of->rows == 0) return STATUS_OK;
    for (size_t run = 0; run < made->runs_count; run++)
        for (int size = 0; size < of->sizes_count; size++) {
            struct attention_shape shape = shape_of_call(made, run, size);
            CHECK(attention_plan_create(&shape, &made->plans[run][size]));
            attention_plan_on_progress(made->plans[run][size], progress, messages);
        }
    if (!of->merges) return STATUS_OK;
    size_t rows = most_rows_of_call(made);
    made->partial_output = memory_allocate(rows * of->whole.head_width, sizeof(float));
    made->partial_log_sum_exp = memory_allocate(rows, sizeof(float));
    return made->partial_output && made->partial_log_sum_exp ? STATUS_OK : STATUS_NO_MEMORY;
}

void block_calls_destroy(struct block_calls *gone) {
    for (size_t run = 0; run < HEAD_RUNS_MAX; run++)
        for (int size = 0; size < BLOCK_SIZES_MAX; size++)
            attention_plan_destroy(&gone->plans[run][size]);
    memory_free(gone->partial_output);
    memory_free(gone->partial_log_sum_exp);
    gone->partial_output = gone->partial_log_sum_exp = NULL;
}

/* The arguments of block_calls_attend. */
struct visit {
    const struct attention_mask *mask;
    float scale;
    const struct block_queries *rows;
    const struct key_block *block;
    int size;
    bool first;
};

static void call_attention(struct block_calls *calls, const struct visit *visit, size_t run, size_t item,
                           float *output, float *log_sum_exp) {
    const struct block_shape *of = &calls->of;
    const struct head_run *part = &calls->runs[run];
    size_t row = (item * of->heads.count + part->head) * of->rows, width = of->whole.head_width;
    size_t key = (item * of->heads.kv_count + part->kv_head) * visit->block->rows;
    struct attention_mask mask = *visit->mask;
    if (mask.key_lengths) mask.key_lengths += item;
    struct split_traffic *traffic = calls->clock->traffic;
    double start = parallel_seconds(), waited = traffic->seconds_wait;
    attention_forward(calls->plans[run][visit->size], &mask, visit->scale, visit->rows->queries + row * width,
                      visit->block->keys + key * width, visit->block->values + key * width, output,
                      log_sum_exp);
    /* Messages that were driven on meanwhile are waiting. */
    traffic->seconds_compute += parallel_seconds() - start - (traffic->seconds_wait - waited);
}

/* One run of heads of the items from `item` on. */
static void attend_run(struct block_calls *calls, const struct visit *visit, size_t run, size_t item) {
    const struct block_shape *of = &calls->of;
    size_t row = (item * of->heads.count + calls->runs[run].head) * of->rows;
    float *output = visit->rows->output + row * of->whole.head_width;
    float *log_sum_exp = visit->rows->log_sum_exp ? visit->rows->log_sum_exp + row : NULL;
    if (visit->first) {
        call_attention(calls, visit, run, item, output, log_sum_exp);
        return;
    }
    call_attention(calls, visit, run, item, calls->partial_output, calls->partial_log_sum_exp);
    double start = parallel_seconds();
    attention_merge(rows_of_call(calls, run), of->whole.head_width, calls->partial_output,
                    calls->partial_log_sum_exp, output, log_sum_exp);
    calls->clock->traffic->seconds_merge += parallel_seconds() - start;
}

void block_calls_attend(struct block_calls *calls, const struct attention_mask *mask, const bool *visible,
                        float scale, const struct block_queries *rows, const struct key_block *block,
                        bool first) {
    if (calls->of.rows == 0 || block->rows == 0) return;
    struct visit visit = {.mask = mask, .scale = scale, .rows = rows, .block = block, .first = first};
    while (calls->of.sizes[visit.size] != block->rows)
        visit.size++;
    for (size_t i = 0; i < calls->items_groups; i++)
        for (size_t run = 0; run < calls->runs_count && (first || visible[i]); run++)
            attend_run(calls, &visit, run, i * calls->items);
}
