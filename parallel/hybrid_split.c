#include "parallel/hybrid_split.h"

#include "parallel/cost.h"
#include "parallel/head_exchange.h"
#include "parallel/ring_pass.h"
#include "parallel/schedule_split.h"

const char *hybrid_refuses(const struct attention_split *split, int ways) {
    const char *reason = split_refuses(split);
    if (reason) return reason;
    if (ways < 1 || split->ranks % ways != 0)
        return "the ranks that share out the heads do not divide the ranks";
    if ((size_t)ways > split->shape.heads)
        return "there are more ranks to share out the heads than query heads";
    reason = head_exchange_refuses(split, ways);
    return reason ? reason : ring_pass_refuses(split, ways);
}

struct attention_share hybrid_share(const struct attention_split *split, int rank) {
    struct sequence_part part = {split->layout, split->shape.query_length, split->ranks, rank};
    return (struct attention_share){.heads = split->shape.heads,
                                    .kv_heads = split->shape.kv_heads,
                                    .part = part,
                                    .rows = sequence_rows(part)};
}

uint64_t hybrid_elements_sent(const struct attention_split *split, int ways, int rank) {
    return head_exchange_elements(split, ways, rank) + ring_pass_elements(split, ways, rank);
}

uint64_t hybrid_elements_of_busiest(const struct attention_split *split, int ways) {
    uint64_t most = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        uint64_t elements = hybrid_elements_sent(split, ways, rank);
        if (elements > most) most = elements;
    }
    return most;
}

/* Of all heads, on the visible pairs of the group's rows. */
static double flops_of_group(const struct attention_split *split, int ways, const struct attention_mask *mask,
                             int group) {
    double flops = 0;
    for (int way = 0; way < ways; way++)
        flops += cost_rows_flops(split, mask, group * ways + way);
    return flops;
}

static double messages_of_rank(const struct attention_split *split, int ways) {
    int arrays = split->log_sum_exp ? 5 : 4, steps = split->ranks / ways - 1;
    return arrays * (ways - 1) + steps + (ways == 1 && steps > 0);
}

double hybrid_seconds(const struct attention_split *split, int ways, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    double most = 0, bytes = (double)hybrid_elements_of_busiest(split, ways) * sizeof(float);
    for (int group = 0; group < split->ranks / ways; group++) {
        double flops = flops_of_group(split, ways, mask, group);
        if (flops > most) most = flops;
    }
    double heads = (double)head_range_of(&split->shape, ways, 0).count / (double)split->shape.heads;
    return most * heads / rates->flops + cost_transfer(rates, messages_of_rank(split, ways), bytes);
}
