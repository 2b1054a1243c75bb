#include "parallel/ring_pass.h"

#include <limits.h>

#include "core/base/memory.h"
#include "parallel/sequence_group.h"

enum {
    KEYS_TAG = 3, /* or keys and values in one */
    VALUES_TAG = 4,
    MESSAGES = 4 /* keys and values, coming and going */
};

_Static_assert((int)GROUP_SIZES_MAX <= (int)BLOCK_SIZES_MAX, "a plan for every size of block");

struct ring_pass {
    struct sequence_groups groups;
    int group, before, next; /* `before` and `next` are ranks of the team */
    struct attention_mask mask;
    bool adjoining, position_matters;
    size_t elements_per_row; /* of keys */
    struct block_calls calls;
    bool *visible; /* [groups][calls.items_groups] */
    size_t *query_positions, *key_positions;
    float *travelling[2]; /* keys, then values; one is passed on while the next one arrives */
    float *log_sum_exp;   /* for callers that do not want it */
    struct message_clock *clock;
    struct exchange messages;
};

/* A block on its way. */
struct travelling_block {
    int group; /* where it was born */
    bool adjoining;
    struct key_block keys;
};

static struct sequence_groups groups_of(const struct attention_split *split, int ways) {
    return (struct sequence_groups){split->layout, split->shape.key_length, split->ranks, ways};
}

static struct block_shape block_shape_of(const struct attention_split *split, int ways, int way,
                                         size_t rows) {
    struct sequence_groups groups = groups_of(split, ways);
    struct block_shape of = {.whole = split->shape,
                             .heads = head_range_of(&split->shape, ways, way),
                             .rows = rows,
                             .merges = groups_count(&groups) > 1};
    of.sizes_count = groups_sizes(&groups, of.sizes);
    return of;
}

static size_t most_rows(const struct block_shape *of) {
    size_t most = 0;
    for (int i = 0; i < of->sizes_count; i++)
        if (of->sizes[i] > most) most = of->sizes[i];
    return most;
}

/* Numbers in the keys of one row of all batch items. */
static size_t elements_per_row(const struct block_shape *of) {
    return of->whole.batch * of->heads.kv_count * of->whole.head_width;
}

/* Two buffers when more than one block comes; the one that was born here stays where it is. */
static int blocks_travelling(const struct sequence_groups *groups) {
    int others = groups_count(groups) - 1;
    return others < 2 ? others : 2;
}

const char *ring_pass_refuses(const struct attention_split *split, int ways) {
    struct sequence_groups groups = groups_of(split, ways);
    struct block_shape of = block_shape_of(split, ways, 0, 1);
    /* How many key/value heads its query heads read differs from way to way. */
    for (int way = 1; way < ways; way++) {
        struct head_range heads = head_range_of(&split->shape, ways, way);
        if (heads.kv_count > of.heads.kv_count) of.heads = heads;
    }
    bool too_large = 2 * elements_per_row(&of) * most_rows(&of) > INT_MAX;
    return groups_count(&groups) > 1 && too_large ? "a block exceeds what one MPI message holds" : NULL;
}

uint64_t ring_pass_elements(const struct attention_split *split, int ways, int rank) {
    struct sequence_groups groups = groups_of(split, ways);
    const struct attention_shape *shape = &split->shape;
    size_t next_rows = groups_rows(&groups, (rank / ways + 1) % groups_count(&groups));
    size_t kv_heads = head_range_of(shape, ways, rank % ways).kv_count;
    return 2 * (uint64_t)(shape->batch * kv_heads * shape->head_width * (shape->key_length - next_rows));
}

/* Of a rank that has the heads of `way` and so many rows. */
static size_t bytes_of_rank(const struct attention_split *split, int ways, int way, size_t rows,
                            int threads) {
    struct sequence_groups groups = groups_of(split, ways);
    struct block_shape of = block_shape_of(split, ways, way, rows);
    size_t most = most_rows(&of), ring = (size_t)groups_count(&groups);
    size_t floats = (size_t)blocks_travelling(&groups) * 2 * elements_per_row(&of) * most;
    if (of.merges && !split->log_sum_exp) floats += of.whole.batch * of.heads.count * rows;
    size_t positions = groups_need_room(&groups) ? rows + most : 0;
    return sizeof(struct ring_pass) + block_calls_bytes(&of, threads) + floats * sizeof(float) +
           positions * sizeof(size_t) + ring * of.whole.batch * sizeof(bool) + MESSAGES * sizeof(MPI_Request);
}

size_t ring_pass_bytes(const struct attention_split *split, int ways, int threads) {
    struct sequence_groups groups = groups_of(split, ways);
    size_t sizes[GROUP_SIZES_MAX], most = 0;
    int count = groups_sizes(&groups, sizes);
    for (int way = 0; way < ways; way++)
        for (int i = 0; i < count; i++) {
            size_t bytes = bytes_of_rank(split, ways, way, sizes[i], threads);
            if (bytes > most) most = bytes;
        }
    return most;
}

/* The mask between the rank's rows and those of a block. */
static struct attention_mask mask_of_block(const struct ring_pass *pass, int group) {
    struct attention_mask mask = pass->mask;
    if (!pass->position_matters) return mask;
    mask.queries = groups_positions(&pass->groups, pass->group, pass->query_positions);
    mask.keys = groups_positions(&pass->groups, group, pass->key_positions);
    return mask;
}

/* Blocks that are masked in whole travel on, but are not computed. */
static enum status find_visible(struct ring_pass *pass) {
    const struct block_calls *calls = &pass->calls;
    size_t ring = (size_t)groups_count(&pass->groups);
    pass->visible = memory_allocate(ring * calls->items_groups, sizeof *pass->visible);
    if (!pass->visible) return STATUS_NO_MEMORY;
    bool *visible = pass->visible;
    for (int group = 0; group < (int)ring; group++) {
        struct attention_shape pairs = {1, 1, 1, calls->of.rows, groups_rows(&pass->groups, group), 1};
        struct attention_mask mask = mask_of_block(pass, group);
        for (size_t i = 0; i < calls->items_groups; i++, visible++) {
            *visible = attention_flops(&pairs, &mask) > 0;
            if (mask.key_lengths) mask.key_lengths += calls->items;
        }
    }
    return STATUS_OK;
}

static enum status allocate_positions(struct ring_pass *pass) {
    if (!groups_need_room(&pass->groups)) return STATUS_OK;
    pass->query_positions = memory_allocate(pass->calls.of.rows, sizeof(size_t));
    pass->key_positions = memory_allocate(most_rows(&pass->calls.of), sizeof(size_t));
    return pass->query_positions && pass->key_positions ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof(float));
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status fill(struct ring_pass *pass, const struct team *team, const struct attention_split *split,
                        int way) {
    const struct attention_shape *shape = &split->shape;
    size_t rows = groups_rows(&pass->groups, pass->group);
    struct block_shape of = block_shape_of(split, pass->groups.ways, way, rows);
    pass->elements_per_row = elements_per_row(&of);
    CHECK(exchange_create(&pass->messages, team, pass->clock, MESSAGES));
    CHECK(block_calls_create(&pass->calls, &of, pass->mask.key_lengths != NULL, &pass->messages));
    CHECK(allocate_positions(pass));
    CHECK(find_visible(pass));
    for (int i = 0; i < blocks_travelling(&pass->groups); i++)
        CHECK(allocate_floats(2 * pass->elements_per_row * most_rows(&of), &pass->travelling[i]));
    if (!of.merges || split->log_sum_exp) return STATUS_OK;
    return allocate_floats(shape->batch * of.heads.count * rows, &pass->log_sum_exp);
}

enum status ring_pass_create(const struct team *team, const struct attention_split *split, int ways,
                             const struct attention_mask *mask, bool adjoining, struct message_clock *clock,
                             struct ring_pass **pass) {
    *pass = memory_allocate(1, sizeof **pass);
    if (!*pass) return STATUS_NO_MEMORY;
    int rank = team_rank(team), ranks = split->ranks;
    **pass = (struct ring_pass){.groups = groups_of(split, ways),
                                .group = rank / ways,
                                .before = (rank + ranks - ways) % ranks,
                                .next = (rank + ways) % ranks,
                                .mask = *mask,
                                .adjoining = adjoining,
                                .position_matters = mask->kind != ATTENTION_FULL || mask->key_lengths,
                                .clock = clock};
    enum status status = fill(*pass, team, split, rank % ways);
    if (status != STATUS_OK) ring_pass_destroy(pass);
    return status;
}

void ring_pass_destroy(struct ring_pass **pass) {
    struct ring_pass *gone = *pass;
    if (!gone) return;
    block_calls_destroy(&gone->calls);
    exchange_destroy(&gone->messages);
    memory_free(gone->visible);
    memory_free(gone->query_positions);
    memory_free(gone->key_positions);
    for (int i = 0; i < 2; i++)
        memory_free(gone->travelling[i]);
    memory_free(gone->log_sum_exp);
    memory_free(gone);
    *pass = NULL;
}

/* Starts passing `block` on and bringing the one after it into `room`. */
static struct travelling_block pass_on(struct ring_pass *pass, const struct travelling_block *block,
                                       float *room) {
    struct exchange *messages = &pass->messages;
    int ring = groups_count(&pass->groups), group = (block->group + ring - 1) % ring;
    size_t rows = groups_rows(&pass->groups, group);
    size_t coming = pass->elements_per_row * rows, going = pass->elements_per_row * block->keys.rows;
    if (block->adjoining) {
        exchange_receive(messages, room, 2 * coming, pass->before, KEYS_TAG);
        exchange_send(messages, block->keys.keys, 2 * going, pass->next, KEYS_TAG);
    } else {
        exchange_receive(messages, room, coming, pass->before, KEYS_TAG);
        exchange_receive(messages, room + coming, coming, pass->before, VALUES_TAG);
        exchange_send(messages, block->keys.keys, going, pass->next, KEYS_TAG);
        exchange_send(messages, block->keys.values, going, pass->next, VALUES_TAG);
    }
    return (struct travelling_block){group, true, {rows, room, room + coming}};
}

static void attend(struct ring_pass *pass, float scale, const struct block_queries *rows,
                   const struct travelling_block *block) {
    const bool *visible = pass->visible + (size_t)block->group * pass->calls.items_groups;
    struct attention_mask mask = mask_of_block(pass, block->group);
    block_calls_attend(&pass->calls, &mask, visible, scale, rows, &block->keys, block->group == pass->group);
}

void ring_pass_forward(struct ring_pass *pass, float scale, const struct block_queries *rows,
                       const float *keys, const float *values) {
    struct block_queries merged = *rows;
    if (!merged.log_sum_exp) merged.log_sum_exp = pass->log_sum_exp;
    int ring = groups_count(&pass->groups);
    struct travelling_block block = {pass->group, pass->adjoining, {pass->calls.of.rows, keys, values}};
    for (int step = 0; step < ring; step++) {
        struct travelling_block after = block;
        if (step + 1 < ring) after = pass_on(pass, &block, pass->travelling[step % 2]);
        attend(pass, scale, &merged, &block);
        exchange_finish(&pass->messages);
        block = after;
    }
}
