/* All-gather: the rows are split; every rank gathers all keys and values in the order of their positions and
 * computes its rows as one process would, so nothing is merged and the bits are those of one process. It is
 * the grid of tiles with one column. Exposed are the first piece's messages and copying keys and values into
 * order. */
#include "parallel/schedule_split.h"
#include "parallel/tile_pass.h"

static struct tile_grid grid_of(const struct attention_split *split) {
    return (struct tile_grid){.rows = split->ranks, .columns = 1};
}

static const char *refuses(const struct attention_split *split) {
    return tile_refuses(split, grid_of(split));
}

/* 2 H_kv B d rows (P - 1) of the rank's own rows: claims.md AP1, uneven splits included. */
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
    return tile_create(team, split, grid_of(split), mask, run);
}

const struct schedule schedule_allgather = {
    .name = "allgather",
    .summary = "the rows are split; every rank gathers all keys and values before it computes its rows",
    .needs = "nothing",
    .refuses = refuses,
    .share = tile_share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = tile_forward,
    .destroy = tile_destroy,
};
