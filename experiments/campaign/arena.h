/* Memory for what lives exactly as long as one parse. */
#ifndef EXPERIMENTS_CAMPAIGN_ARENA_H
#define EXPERIMENTS_CAMPAIGN_ARENA_H

#include <stddef.h>

struct arena_block;

/* All zero: empty. */
struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory for count items of `size` bytes, aligned for any type, until arena_clear; NULL: out of
 * memory. */
void *arena_allocate(struct arena *arena, size_t count, size_t size);

/* A copy of `length` characters with an end; NULL: out of memory. */
char *arena_text(struct arena *arena, const char *text, size_t length);

void arena_clear(struct arena *arena);

#endif
