/* Ring: rows are split; each rank keeps its queries, and blocks of keys and values travel from rank to rank,
 * hidden behind computing (ring_pass.h). It is hybrid with all heads on every rank. */
#include "parallel/hybrid_pass.h"
#include "parallel/schedule_split.h"

static const char *refuses(const struct attention_split *split) {
    return hybrid_refuses(split, 1);
}

/* 2 H_kv B d (S - rows of the next rank); evenly AP1's 2 H_kv c (P - 1). */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    return hybrid_elements_sent(split, 1, rank);
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    return hybrid_seconds(split, 1, mask, rates);
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    return hybrid_bytes_extra(split, 1, threads);
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    return hybrid_create(team, split, 1, mask, run);
}

const struct schedule schedule_ring = {
    .name = "ring",
    .summary = "the rows are split; blocks of keys and values travel around and partial results are merged",
    .needs = "nothing",
    .refuses = refuses,
    .share = hybrid_share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = hybrid_forward,
    .destroy = hybrid_destroy,
};
