/* Tiles: the score matrix is cut in two directions. Rank (i, j) of an a x b grid computes the queries of grid
 * row i with the keys of grid column j, and the partial results go back to the owners of the rows. */
#include "parallel/schedule_split.h"
#include "parallel/tile_pass.h"

static struct tile_grid grid_of_ways(const struct attention_split *split, int ways) {
    return (struct tile_grid){.rows = split->ranks / ways, .columns = ways};
}

static int choose_ways(const struct attention_split *split) {
    int best = 0;
    uint64_t least = UINT64_MAX;
    for (int ways = 1; ways <= split->ranks; ways++) {
        if (split->ranks % ways != 0 || tile_refuses(split, grid_of_ways(split, ways))) continue;
        uint64_t elements = tile_elements_of_busiest(split, grid_of_ways(split, ways));
        if (elements >= least) continue;
        least = elements;
        best = ways;
    }
    return best;
}

/* The grid that the split says, or the one with the least bytes. */
static struct tile_grid grid_of(const struct attention_split *split) {
    return grid_of_ways(split, split->ways ? split->ways : choose_ways(split));
}

static const char *refuses(const struct attention_split *split) {
    const char *reason = split_refuses(split);
    if (reason) return reason;
    if (split->ways < 0 || (split->ways > 0 && split->ranks % split->ways != 0))
        return "the ranks that share out the keys of a query do not divide the ranks";
    int ways = split->ways ? split->ways : choose_ways(split);
    return tile_refuses(split, grid_of_ways(split, ways ? ways : 1));
}

/* With rows that divide evenly, c = B d S / P, this is
 * 2 H c (b - 1) + 2 H_kv c (a - 1) + (b - 1) B H S / P; tile_elements_sent says it for all others. */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    return tile_elements_sent(split, grid_of(split), rank);
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    return tile_seconds(split, grid_of(split), mask, rates);
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    return tile_bytes_extra(split, grid_of(split), threads);
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    *run = NULL;
    return refuses(split) ? STATUS_INVALID : tile_create(team, split, grid_of(split), mask, run);
}

const struct schedule schedule_tiles = {
    .name = "tiles",
    .summary = "queries and keys are split over a grid of ranks; partial results go back to the rows' owners",
    .needs = "a number of ranks that share out the keys of a query which divides the ranks",
    .refuses = refuses,
    .choose_ways = choose_ways,
    .share = tile_share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = tile_forward,
    .destroy = tile_destroy,
};
