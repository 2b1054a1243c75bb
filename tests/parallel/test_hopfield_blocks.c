/* Retrieval in blocks split over ranks: nothing that comes out depends on how many they are. */
#include <string.h>

#include "core/associative/patterns.h"
#include "core/base/memory.h"
#include "harness.h"
#include "parallel/hopfield_blocks.h"

/* Sizes that divide by no number of ranks, fewer neurons than ranks among them. */
static const struct block_case {
    size_t neurons, patterns, block;
    double overlap;
} cases[] = {
    {3, 2, 1, 1}, {67, 9, 5, 0.6}, {401, 60, 401, 0.5}, {997, 139, 16, 1}, {1009, 515, 100, 0.2},
};
enum { CASES = sizeof cases / sizeof *cases };

static struct block_settings settings_of(const struct block_case *c, uint32_t trial) {
    return (struct block_settings){.key = 7,
                                   .trial = trial,
                                   .pattern = trial % c->patterns,
                                   .start_flips = patterns_flips_for(c->neurons, c->overlap),
                                   .sweep_cap = 40};
}

/* A retrieval on a team, the spins of all ranks in spins[neurons] on its first. */
static void retrieve(struct harness *h, struct team *team, const struct block_case *c, uint32_t trial,
                     struct block_outcome *outcome, double *spins) {
    struct hopfield_blocks *blocks;
    struct block_settings settings = settings_of(c, trial);
    EXPECT(h, hopfield_blocks_create(team, c->neurons, c->patterns, c->block, &blocks) == STATUS_OK);
    hopfield_blocks_draw(blocks, settings.key);
    EXPECT(h, hopfield_blocks_retrieve(blocks, &settings, outcome) == STATUS_OK);
    size_t first, count;
    const int8_t *own = hopfield_blocks_spins(blocks, &first, &count);
    for (size_t i = 0; i < count; i++)
        spins[first + i] = own[i];
    team_sum(team, c->neurons, spins);
    struct hopfield_traffic traffic = hopfield_blocks_traffic(blocks);
    /* Eight bytes tell how many flip in a block, four a pattern which overlaps follow; one for the checksum,
     * and for a 2-cycle one more. */
    bool whole = c->block >= c->neurons;
    uint64_t counts = outcome->looks / c->neurons * ((c->neurons + c->block - 1) / c->block) + 1;
    if (whole) counts += outcome->sweeps + outcome->cycle;
    uint64_t bytes = 8 * counts + 4 * c->patterns * (outcome->changes + 1);
    EXPECT(h, traffic.bytes_sent == (team_size(team) > 1 ? bytes : 0));
    hopfield_blocks_destroy(&blocks);
}

static void results_are_those_of_one_rank(struct harness *h) {
    struct team *alone;
    EXPECT(h, team_alone(&alone) == STATUS_OK);
    uint64_t flips = 0;
    for (size_t i = 0; i < CASES; i++)
        for (uint32_t trial = 0; trial < 2; trial++) {
            static struct block_outcome together, one;
            double split[1009] = {0}, whole[1009] = {0};
            retrieve(h, h->world, &cases[i], trial, &together, split);
            retrieve(h, alone, &cases[i], trial, &one, whole);
            EXPECT(h, memcmp(split, whole, sizeof whole) == 0);
            EXPECT(h, memcmp(&together, &one, sizeof one) == 0);
            flips += one.flips;
        }
    EXPECT(h, flips > 100);
    team_destroy(&alone);
}

static void a_rank_without_memory_is_told_to_all(struct harness *h) {
    int last = team_size(h->world) - 1;
    for (long allowed = 0;; allowed++) {
        struct hopfield_blocks *blocks;
        if (team_rank(h->world) == last) memory_fail_after(allowed);
        enum status status = hopfield_blocks_create(h->world, 501, 70, 10, &blocks);
        memory_fail_after(-1);
        double done = status == STATUS_OK, most = done;
        team_maximum(h->world, 1, &most);
        EXPECT(h, most == done);
        EXPECT(h, (blocks != NULL) == (status == STATUS_OK));
        EXPECT(h, status == STATUS_OK || status == STATUS_NO_MEMORY);
        hopfield_blocks_destroy(&blocks);
        if (status != STATUS_NO_MEMORY) {
            EXPECT(h, allowed > 10);
            return;
        }
    }
}

static void memory_is_as_announced(struct harness *h) {
    struct hopfield_blocks *blocks;
    size_t before = memory_in_use();
    EXPECT(h, hopfield_blocks_create(h->world, 5003, 600, 50, &blocks) == STATUS_OK);
    double used = (double)(memory_in_use() - before);
    team_maximum(h->world, 1, &used);
    double announced = hopfield_blocks_bytes(5003, 600, 50, team_size(h->world));
    /* Alignment and headers come on top. */
    EXPECT(h, used <= announced + 4096 && used >= 0.95 * announced);
    hopfield_blocks_destroy(&blocks);
}

static void impossible_networks_are_refused(struct harness *h) {
    struct hopfield_blocks *blocks;
    EXPECT(h, hopfield_blocks_create(h->world, 0, 5, 1, &blocks) == STATUS_INVALID && !blocks);
    EXPECT(h, hopfield_blocks_create(h->world, 5, 0, 1, &blocks) == STATUS_INVALID && !blocks);
    EXPECT(h, hopfield_blocks_create(h->world, 5, 5, 0, &blocks) == STATUS_INVALID && !blocks);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(results_are_those_of_one_rank),
        PROPERTY(a_rank_without_memory_is_told_to_all),
        PROPERTY(memory_is_as_announced),
        PROPERTY(impossible_networks_are_refused),
        {NULL, NULL},
    };
    return harness_main("test_hopfield_blocks", properties);
}
