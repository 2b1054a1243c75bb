#include "experiments/campaign/arena.h"

#include <stdalign.h>
#include <string.h>

#include "core/base/memory.h"

enum { BLOCK_BYTES = 1 << 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void *arena_allocate(struct arena *arena, size_t count, size_t size) {
    const size_t alignment = alignof(max_align_t);
    if (size && count > ((size_t)1 << 40) / size) return NULL;
    size_t bytes = (count * size + alignment - 1) / alignment * alignment;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        block = memory_allocate(1, sizeof *block + room);
        if (!block) return NULL;
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *place = block->bytes + block->used;
    block->used += bytes;
    return place;
}

char *arena_text(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_allocate(arena, length + 1, 1);
    return copy ? memcpy(copy, text, length) : NULL;
}

void arena_clear(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        memory_free(arena->blocks);
        arena->blocks = next;
    }
}
