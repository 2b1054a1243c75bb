/* Heads: each rank computes some of the query heads over the whole sequence. Its queries and the key/value
 * heads that they read are born on it, so nothing is sent. */
#include "core/base/memory.h"
#include "parallel/head_runs.h"
#include "parallel/schedule_split.h"

struct schedule_run {
    struct attention_share share;
    size_t batch, length, head_width;
    struct attention_mask mask;
    size_t *key_lengths;
    size_t runs_count;
    struct head_run runs[HEAD_RUNS_MAX];
    struct attention_plan *plans[HEAD_RUNS_MAX];
};

static const char *refuses(const struct attention_split *split) {
    const char *reason = split_refuses(split);
    if (reason) return reason;
    return (size_t)split->ranks > split->shape.heads ? "there are more ranks than query heads" : NULL;
}

static struct attention_share share(const struct attention_split *split, int rank) {
    struct head_range heads = head_range_of(&split->shape, split->ranks, rank);
    return (struct attention_share){.head_first = heads.first,
                                    .heads = heads.count,
                                    .kv_head_first = heads.kv_first,
                                    .kv_heads = heads.kv_count,
                                    .part = sequence_whole(split->shape.query_length),
                                    .rows = split->shape.query_length};
}

/* Always 0: claims.md AP1. */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    (void)split, (void)rank;
    return 0;
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    struct attention_share most = share(split, 0); /* no rank has more heads */
    double flops = attention_flops(&split->shape, mask);
    return flops * (double)most.heads / (double)split->shape.heads / rates->flops;
}

static size_t cut_runs(const struct attention_split *split, int rank, struct head_run runs[HEAD_RUNS_MAX]) {
    return head_runs_cut(&split->shape, head_range_of(&split->shape, split->ranks, rank), runs);
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    const struct attention_shape *shape = &split->shape;
    size_t most = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        struct head_run runs[HEAD_RUNS_MAX];
        size_t count = cut_runs(split, rank, runs), bytes = sizeof(struct schedule_run);
        for (size_t i = 0; i < count; i++)
            bytes += attention_plan_bytes(&runs[i].shape, threads);
        bytes += shape->batch * sizeof(size_t);
        if (bytes > most) most = bytes;
    }
    return most;
}

static void destroy(struct schedule_run **run) {
    if (!*run) return;
    for (size_t i = 0; i < (*run)->runs_count; i++)
        attention_plan_destroy(&(*run)->plans[i]);
    memory_free((*run)->key_lengths);
    memory_free(*run);
    *run = NULL;
}

static enum status fill(struct schedule_run *run, const struct attention_split *split, int rank,
                        const struct attention_mask *mask) {
    CHECK(split_copy_mask(&split->shape, mask, &run->mask, &run->key_lengths));
    run->runs_count = cut_runs(split, rank, run->runs);
    for (size_t i = 0; i < run->runs_count; i++)
        CHECK(attention_plan_create(&run->runs[i].shape, &run->plans[i]));
    return STATUS_OK;
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    *run = NULL;
    if (refuses(split)) return STATUS_INVALID;
    const struct attention_shape *shape = &split->shape;
    struct schedule_run *made = memory_allocate(1, sizeof *made);
    enum status status = STATUS_NO_MEMORY;
    if (made) {
        *made = (struct schedule_run){.share = share(split, team_rank(team)),
                                      .batch = shape->batch,
                                      .length = shape->query_length,
                                      .head_width = shape->head_width};
        status = fill(made, split, team_rank(team), mask);
    }
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) destroy(&made);
    *run = made;
    return status;
}

static void forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic) {
    *traffic = (struct split_traffic){0};
    double start = parallel_seconds();
    for (size_t i = 0; i < run->runs_count; i++) {
        const struct head_run *part = &run->runs[i];
        for (size_t item = 0; item < run->batch; item += part->shape.batch) {
            size_t rows = (item * run->share.heads + part->head) * run->length;
            size_t kv_rows = (item * run->share.kv_heads + part->kv_head) * run->length;
            struct attention_mask mask = run->mask;
            if (mask.key_lengths) mask.key_lengths += item;
            attention_forward(run->plans[i], &mask, scale, queries + rows * run->head_width,
                              keys + kv_rows * run->head_width, values + kv_rows * run->head_width,
                              output + rows * run->head_width, log_sum_exp ? log_sum_exp + rows : NULL);
        }
    }
    traffic->seconds_compute = parallel_seconds() - start;
}

const struct schedule schedule_heads = {
    .name = "heads",
    .summary = "each rank computes some of the query heads over the whole sequence; nothing is sent",
    .needs = "at least as many query heads as ranks",
    .refuses = refuses,
    .share = share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = forward,
    .destroy = destroy,
};
