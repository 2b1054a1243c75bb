/* Hybrid: heads are shared out within groups of ranks by all-to-all, and the groups' blocks of keys and
 * values travel round a ring (hybrid_split.h). */
#include "parallel/hybrid_pass.h"
#include "parallel/schedule_split.h"

static int choose_ways(const struct attention_split *split) {
    int best = 0;
    uint64_t least = UINT64_MAX;
    for (int ways = 1; ways <= split->ranks; ways++) {
        if (hybrid_refuses(split, ways)) continue;
        uint64_t elements = hybrid_elements_of_busiest(split, ways);
        if (elements >= least) continue;
        least = elements;
        best = ways;
    }
    return best;
}

/* What the split says, or the choice with the least bytes; 1 when all are refused. */
static int ways_of(const struct attention_split *split) {
    if (split->ways != 0) return split->ways;
    int chosen = choose_ways(split);
    return chosen ? chosen : 1;
}

static const char *refuses(const struct attention_split *split) {
    return hybrid_refuses(split, ways_of(split));
}

/* The general form is in head_exchange_size.h and ring_pass.h, the even one in hybrid_split.h: claims.md AP1.
 */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    return hybrid_elements_sent(split, ways_of(split), rank);
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    return hybrid_seconds(split, ways_of(split), mask, rates);
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    return hybrid_bytes_extra(split, ways_of(split), threads);
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    return hybrid_create(team, split, ways_of(split), mask, run);
}

const struct schedule schedule_hybrid = {
    .name = "hybrid",
    .summary = "all-to-all for heads within groups of ranks, a ring of key and value blocks between them",
    .needs = "a number of ranks that share out the heads which divides the ranks, and as many query heads",
    .refuses = refuses,
    .choose_ways = choose_ways,
    .share = hybrid_share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = hybrid_forward,
    .destroy = hybrid_destroy,
};
