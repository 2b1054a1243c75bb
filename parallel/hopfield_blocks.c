#include "parallel/hopfield_blocks.h"

#include <limits.h>

#include "core/base/memory.h"
#include "parallel/team_comm.h"

struct hopfield_blocks {
    struct team *team;
    struct pattern_slice *slice;
    struct block_retrieval *retrieval;
    struct hopfield_traffic traffic;
};

/* The first neuron of a rank; that of the rank after the last is N. */
static size_t first_neuron(size_t neurons, int rank, int ranks) {
    return (size_t)((uint64_t)neurons * (uint64_t)rank / (uint64_t)ranks);
}

/* In pieces that an int counts. */
static void sum_over_ranks(struct hopfield_blocks *blocks, size_t count, size_t size, MPI_Datatype type,
                           void *values) {
    double start = parallel_seconds();
    for (size_t done = 0; done < count; done += INT_MAX) {
        size_t part = count - done < INT_MAX ? count - done : INT_MAX;
        MPI_Allreduce(MPI_IN_PLACE, (char *)values + done * size, (int)part, type, MPI_SUM,
                      blocks->team->comm);
        blocks->traffic.sums++;
        blocks->traffic.bytes_sent += part * size;
    }
    blocks->traffic.seconds_wait += parallel_seconds() - start;
}

static void sum_i32(void *context, size_t count, int32_t *values) {
    sum_over_ranks(context, count, sizeof *values, MPI_INT32_T, values);
}

static void sum_u64(void *context, size_t count, uint64_t *values) {
    sum_over_ranks(context, count, sizeof *values, MPI_UINT64_T, values);
}

static enum status allocate(struct hopfield_blocks *made, size_t neurons, size_t patterns, size_t block) {
    int rank = team_rank(made->team), ranks = team_size(made->team);
    size_t first = first_neuron(neurons, rank, ranks), end = first_neuron(neurons, rank + 1, ranks);
    CHECK(pattern_slice_create(neurons, patterns, first, end - first, &made->slice));
    return block_retrieval_create(made->slice, block, &made->retrieval);
}

enum status hopfield_blocks_create(struct team *team, size_t neurons, size_t patterns, size_t block,
                                   struct hopfield_blocks **made) {
    *made = memory_allocate(1, sizeof **made);
    enum status status = *made ? STATUS_OK : STATUS_NO_MEMORY;
    if (*made) {
        (*made)->team = team;
        status = allocate(*made, neurons, patterns, block);
    }
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) hopfield_blocks_destroy(made);
    return status;
}

void hopfield_blocks_destroy(struct hopfield_blocks **gone) {
    if (!*gone) return;
    block_retrieval_destroy(&(*gone)->retrieval);
    pattern_slice_destroy(&(*gone)->slice);
    memory_free(*gone);
    *gone = NULL;
}

double hopfield_blocks_bytes(size_t neurons, size_t patterns, size_t block, int ranks) {
    size_t most = neurons / (size_t)ranks + (neurons % (size_t)ranks > 0);
    return (double)sizeof(struct hopfield_blocks) + pattern_slice_bytes(most, patterns) +
           block_retrieval_bytes(neurons, patterns, most, block);
}

void hopfield_blocks_draw(struct hopfield_blocks *blocks, uint64_t key) {
    pattern_slice_draw(blocks->slice, key);
}

enum status hopfield_blocks_retrieve(struct hopfield_blocks *blocks, const struct block_settings *settings,
                                     struct block_outcome *outcome) {
    const struct slice_exchange exchange = {blocks, sum_i32, sum_u64};
    bool alone = team_size(blocks->team) == 1;
    return block_retrieval_run(blocks->retrieval, settings, alone ? NULL : &exchange, outcome);
}

const int8_t *hopfield_blocks_spins(const struct hopfield_blocks *blocks, size_t *first, size_t *count) {
    *first = blocks->slice->first;
    *count = blocks->slice->count;
    return block_retrieval_spins(blocks->retrieval);
}

struct hopfield_traffic hopfield_blocks_traffic(const struct hopfield_blocks *blocks) {
    return blocks->traffic;
}
