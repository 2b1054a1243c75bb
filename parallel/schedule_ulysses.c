/* Ulysses (all-to-all): rows are split at birth, exchanged for heads before computing and back after
 * (head_exchange.h). Nothing is merged. It is hybrid with a single group of ranks. */
#include "parallel/hybrid_pass.h"
#include "parallel/schedule_split.h"

static const char *refuses(const struct attention_split *split) {
    return hybrid_refuses(split, split->ranks);
}

/* The general form is in head_exchange_size.h; evenly AP1's (2 H + 2 H_kv) c (P - 1) / P. */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    return hybrid_elements_sent(split, split->ranks, rank);
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    return hybrid_seconds(split, split->ranks, mask, rates);
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    return hybrid_bytes_extra(split, split->ranks, threads);
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    return hybrid_create(team, split, split->ranks, mask, run);
}

const struct schedule schedule_ulysses = {
    .name = "ulysses",
    .summary = "the rows are split and exchanged for heads by all-to-all, and outputs are exchanged back",
    .needs = "at least as many query heads as ranks",
    .refuses = refuses,
    .share = hybrid_share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = hybrid_forward,
    .destroy = hybrid_destroy,
};
