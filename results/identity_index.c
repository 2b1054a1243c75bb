#include <string.h>
#include <xxhash.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/shelf.h"

static const char *identity_at(const struct table *table, size_t place) {
    return record_text(table->records[place], COMMON_IDENTITY);
}

/* The slot of an identity: where it is, or where it would go. */
static size_t slot_of(const struct identity_index *index, const struct table *table, const char *identity) {
    size_t slot = XXH3_64bits(identity, strlen(identity)) & (index->slots - 1);
    while (index->places[slot] && strcmp(identity_at(table, index->places[slot] - 1), identity) != 0)
        slot = (slot + 1) & (index->slots - 1);
    return slot;
}

long identity_find(const struct identity_index *index, const struct table *table, const char *identity) {
    if (index->slots == 0) return PLACE_NONE;
    return (long)index->places[slot_of(index, table, identity)] - 1;
}

void identity_enter(struct identity_index *index, const struct table *table, size_t place) {
    index->places[slot_of(index, table, identity_at(table, place))] = place + 1;
}

void identity_renew(struct identity_index *index, const struct table *table) {
    if (index->slots == 0) return;
    memset(index->places, 0, index->slots * sizeof *index->places);
    for (size_t i = 0; i < table->count; i++)
        identity_enter(index, table, i);
}

enum status identity_reserve(struct identity_index *index, const struct table *table, size_t count) {
    size_t slots = index->slots ? index->slots : 16;
    while (slots / 2 < count)
        slots *= 2;
    if (slots == index->slots) return STATUS_OK;
    size_t *places = memory_allocate(slots, sizeof *places);
    if (!places) return STATUS_NO_MEMORY;
    memory_free(index->places);
    *index = (struct identity_index){slots, places};
    identity_renew(index, table);
    return STATUS_OK;
}

void identity_free(struct identity_index *index) {
    memory_free(index->places);
    *index = (struct identity_index){0, NULL};
}
