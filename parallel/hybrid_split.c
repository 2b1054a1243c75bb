#include "parallel/hybrid_split.h"

#include <math.h>

#include "parallel/cost.h"
#include "parallel/head_exchange_size.h"
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

/* Of all heads, on the visible pairs between the rows of two groups. */
static double flops_of_block(const struct attention_split *split, int ways, const struct attention_mask *mask,
                             int query_group, int key_group) {
    double flops = 0;
    for (int query = 0; query < ways; query++)
        for (int key = 0; key < ways; key++)
            flops += cost_rank_flops(split, mask, query_group * ways + query, key_group * ways + key);
    return flops;
}

/* Seconds of a group's blocks one after the other; `share` of the flops are the rank's. */
static double ring_seconds(const struct attention_split *split, int ways, const struct attention_mask *mask,
                           const struct schedule_rates *rates, int group, double share) {
    int ring = split->ranks / ways, rank = group * ways;
    double seconds = 0, transfer = 0;
    if (ring > 1) {
        double bytes = (double)ring_pass_elements(split, ways, rank) * sizeof(float);
        transfer = cost_transfer(rates, ring - 1, bytes) / (ring - 1);
    }
    for (int step = 0; step < ring; step++) {
        int block = (group + ring - step) % ring;
        double compute = share * flops_of_block(split, ways, mask, group, block) / rates->flops;
        seconds += step + 1 < ring ? fmax(compute, transfer) : compute;
    }
    return seconds;
}

/* All-to-all there and back. */
static double exchange_seconds(const struct attention_split *split, int ways,
                               const struct schedule_rates *rates) {
    int arrays = split->log_sum_exp ? 5 : 4;
    uint64_t most = 0;
    for (int rank = 0; rank < split->ranks; rank++) {
        uint64_t elements = head_exchange_elements(split, ways, rank);
        if (elements > most) most = elements;
    }
    return cost_transfer(rates, arrays * (ways - 1), (double)most * sizeof(float));
}

/* Floats brought into order for the exchange, once there and once back, and read and written by merging. */
static double floats_copied(const struct attention_split *split, int ways) {
    const struct attention_shape *shape = &split->shape;
    struct head_range heads = head_range_of(shape, ways, 0);
    double rows = (double)(shape->batch * shape->head_width * shape->query_length) * ways / split->ranks;
    double query_floats = rows * (double)heads.count, key_floats = rows * (double)heads.kv_count;
    int merges = split->ranks / ways - 1;
    return (ways > 1 ? 2 * (query_floats + key_floats) : 0) + 3 * merges * query_floats;
}

double hybrid_seconds(const struct attention_split *split, int ways, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    const struct attention_shape *shape = &split->shape;
    double share = (double)head_range_of(shape, ways, 0).count / (double)shape->heads, most = 0;
    for (int group = 0; group < split->ranks / ways; group++)
        most = fmax(most, ring_seconds(split, ways, mask, rates, group, share));
    return most + exchange_seconds(split, ways, rates) +
           cost_copy(floats_copied(split, ways) * sizeof(float));
}
