/* The table of schedules, and what they have in common. */
#include "parallel/schedule.h"

#include <string.h>

#include "core/base/memory.h"
#include "parallel/schedule_split.h"

/* In order of preference: heads need no messages at all. */
static const struct schedule *const table[] = {&schedule_heads,
                                               &schedule_ring,
                                               &schedule_ulysses,
                                               &schedule_hybrid,
                                               &schedule_allgather,
                                               &schedule_tiles,
                                               NULL};

const struct schedule *const *schedules(void) {
    return table;
}

const struct schedule *schedule_named(const char *name) {
    for (size_t i = 0; table[i]; i++)
        if (strcmp(table[i]->name, name) == 0) return table[i];
    return NULL;
}

struct part split_evenly(size_t total, int ranks, int rank) {
    size_t least = total / (size_t)ranks, larger = total % (size_t)ranks, place = (size_t)rank;
    return (struct part){.first = place * least + (place < larger ? place : larger),
                         .count = least + (place < larger)};
}

const char *split_refuses(const struct attention_split *split) {
    const struct attention_shape *shape = &split->shape;
    if (shape->batch == 0 || shape->heads == 0 || shape->kv_heads == 0 || shape->query_length == 0 ||
        shape->head_width == 0)
        return "a size is 0";
    if (shape->head_width > ATTENTION_WIDTH_MAX) return "the heads are wider than the kernels allow";
    if (shape->heads % shape->kv_heads != 0) return "the heads are no multiple of the key/value heads";
    if (shape->query_length != shape->key_length) return "queries and keys differ in length";
    return NULL;
}

enum status split_copy_mask(const struct attention_shape *shape, const struct attention_mask *mask,
                            struct attention_mask *copy, size_t **key_lengths) {
    *copy = *mask;
    *key_lengths = NULL;
    if (!mask->key_lengths) return STATUS_OK;
    *key_lengths = memory_allocate(shape->batch, sizeof **key_lengths);
    if (!*key_lengths) return STATUS_NO_MEMORY;
    memcpy(*key_lengths, mask->key_lengths, shape->batch * sizeof **key_lengths);
    copy->key_lengths = *key_lengths;
    return STATUS_OK;
}
