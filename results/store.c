#include "results/store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/durable.h"
#include "results/schema.h"
#include "results/shelf.h"

static struct store *store_of(struct results *results) {
    return (struct store *)results;
}

/* --- life -------------------------------------------------------------------------------------------- */

enum status results_create(struct results **results) {
    struct store *store = memory_allocate(1, sizeof *store);
    *results = (struct results *)store;
    if (!store) return STATUS_NO_MEMORY;
    store->seen.provenance = json_object();
    if (store->seen.provenance) return STATUS_OK;
    results_destroy(results);
    return STATUS_NO_MEMORY;
}

static void destroy_table(struct table *table, struct shelf *shelf) {
    for (size_t i = 0; i < table->count; i++)
        record_destroy(&table->records[i]);
    memory_free(table->records);
    identity_free(&shelf->index);
    schema_destroy(&shelf->schema);
}

void results_destroy(struct results **results) {
    if (!*results) return;
    struct store *store = store_of(*results);
    for (size_t i = 0; i < store->seen.table_count; i++)
        destroy_table(&store->seen.tables[i], &store->shelves[i]);
    for (size_t i = 0; i < store->seen.source_count; i++) {
        memory_free(store->seen.sources[i]);
        json_decref(store->seen.provenances[i]);
    }
    json_decref(store->seen.provenance);
    memory_free(store->seen.tables);
    memory_free(store->shelves);
    memory_free(store->seen.sources);
    memory_free(store->seen.provenances);
    memory_free(store);
    *results = NULL;
}

/* *array, of which `count` items are in use, with room for one more; *capacity doubles when it is full. */
static enum status make_room(void *array, size_t size, size_t count, size_t capacity) {
    void *old, *grown = memory_allocate(capacity, size);
    if (!grown) return STATUS_NO_MEMORY;
    memcpy(&old, array, sizeof old);
    if (count) memcpy(grown, old, count * size);
    memory_free(old);
    memcpy(array, &grown, sizeof grown);
    return STATUS_OK;
}

/* --- sources ------------------------------------------------------------------------------------------- */

void results_set_provenance(struct results *results, json_t *provenance) {
    json_decref(results->provenance);
    results->provenance = json_incref(provenance);
}

enum status results_add_source(struct results *results, const char *path, json_t *provenance) {
    struct store *store = store_of(results);
    size_t count = results->source_count;
    if (count == store->source_capacity) {
        size_t capacity = count ? 2 * count : 4;
        CHECK(make_room(&results->sources, sizeof *results->sources, count, capacity));
        CHECK(make_room(&results->provenances, sizeof *results->provenances, count, capacity));
        store->source_capacity = capacity;
    }
    results->sources[count] = path_join(path, "");
    if (!results->sources[count]) return STATUS_NO_MEMORY;
    results->provenances[count] = json_incref(provenance);
    results->source_count++;
    return STATUS_OK;
}

/* --- tables ------------------------------------------------------------------------------------------ */

/* The first table whose name is not before `name`. */
static size_t table_place(const struct results *results, const char *name) {
    size_t place = 0;
    while (place < results->table_count && strcmp(results->tables[place].schema->name, name) < 0)
        place++;
    return place;
}

struct table *results_find_table(struct results *results, const char *name) {
    size_t place = table_place(results, name);
    bool found = place < results->table_count && strcmp(results->tables[place].schema->name, name) == 0;
    return found ? &results->tables[place] : NULL;
}

const struct table *results_table(const struct results *results, const char *name) {
    return results_find_table((struct results *)results, name);
}

static enum status insert_table(struct store *store, const struct schema *schema, size_t place) {
    struct results *seen = &store->seen;
    size_t count = seen->table_count;
    if (count == store->capacity) {
        size_t capacity = count ? 2 * count : 8;
        CHECK(make_room(&seen->tables, sizeof *seen->tables, count, capacity));
        CHECK(make_room(&store->shelves, sizeof *store->shelves, count, capacity));
        store->capacity = capacity;
    }
    struct shelf shelf = {0};
    CHECK(schema_copy(schema, &shelf.schema));
    memmove(&seen->tables[place + 1], &seen->tables[place], (count - place) * sizeof *seen->tables);
    memmove(&store->shelves[place + 1], &store->shelves[place], (count - place) * sizeof *store->shelves);
    seen->tables[place] = (struct table){shelf.schema, 0, NULL};
    store->shelves[place] = shelf;
    seen->table_count++;
    return STATUS_OK;
}

enum status results_shelve(struct results *results, const struct schema *schema, struct table **table) {
    *table = results_find_table(results, schema->name);
    if (*table) return schema_equal((*table)->schema, schema) ? STATUS_OK : STATUS_MISMATCH;
    size_t place = table_place(results, schema->name);
    CHECK(insert_table(store_of(results), schema, place));
    *table = &results->tables[place];
    return STATUS_OK;
}

/* --- records ------------------------------------------------------------------------------------------ */

static bool is_done(const struct record *record) {
    return strcmp(record_text(record, COMMON_STATUS), "done") == 0;
}

/* Room for one more record and its identity. */
static enum status reserve_record(struct table *table, struct shelf *shelf) {
    if (table->count == shelf->capacity) {
        size_t capacity = shelf->capacity ? 2 * shelf->capacity : 16;
        CHECK(make_room(&table->records, sizeof *table->records, table->count, capacity));
        shelf->capacity = capacity;
    }
    return identity_reserve(&shelf->index, table, table->count + 1);
}

enum status results_take(struct results *results, struct table *table, struct record **record) {
    struct shelf *shelf = &store_of(results)->shelves[table - results->tables];
    long place = identity_find(&shelf->index, table, record_text(*record, COMMON_IDENTITY));
    if (place != PLACE_NONE) {
        struct record **old = &table->records[place];
        if (is_done(*old) && !is_done(*record)) return STATUS_OK;
        record_destroy(old);
        *old = *record;
        *record = NULL;
        return STATUS_OK;
    }
    CHECK(reserve_record(table, shelf));
    table->records[table->count] = *record;
    *record = NULL;
    identity_enter(&shelf->index, table, table->count);
    table->count++;
    return STATUS_OK;
}

const struct record *results_find(const struct results *results, const char *experiment,
                                  const char *identity) {
    const struct table *table = results_table(results, experiment);
    if (!table) return NULL;
    const struct store *store = (const struct store *)results;
    long place = identity_find(&store->shelves[table - results->tables].index, table, identity);
    return place == PLACE_NONE ? NULL : table->records[place];
}

enum status results_add(struct results *results, const struct record *record) {
    struct table *table;
    CHECK(results_shelve(results, record->schema, &table));
    struct record *copy;
    CHECK(record_copy_as(record, table->schema, &copy));
    enum status status = results_take(results, table, &copy);
    record_destroy(&copy);
    return status;
}

/* --- order ------------------------------------------------------------------------------------------- */

struct ordered {
    size_t position; /* in the order asked for; SIZE_MAX: not named */
    struct record *record;
};

static int compare_ordered(const void *a, const void *b) {
    const struct ordered *left = a, *right = b;
    if (left->position != right->position) return left->position < right->position ? -1 : 1;
    return strcmp(record_text(left->record, COMMON_IDENTITY), record_text(right->record, COMMON_IDENTITY));
}

static enum status order_table(struct table *table, struct shelf *shelf, size_t count,
                               const char *const *identities) {
    struct ordered *ordered = memory_allocate(table->count, sizeof *ordered);
    if (!ordered) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < table->count; i++)
        ordered[i] = (struct ordered){SIZE_MAX, table->records[i]};
    for (size_t i = count; i-- > 0;) {
        long place = identity_find(&shelf->index, table, identities[i]);
        if (place != PLACE_NONE) ordered[place].position = i;
    }
    qsort(ordered, table->count, sizeof *ordered, compare_ordered);
    for (size_t i = 0; i < table->count; i++)
        table->records[i] = ordered[i].record;
    memory_free(ordered);
    identity_renew(&shelf->index, table);
    return STATUS_OK;
}

enum status results_order(struct results *results, size_t count, const char *const *identities) {
    for (size_t i = 0; i < results->table_count; i++)
        CHECK(order_table(&results->tables[i], &store_of(results)->shelves[i], count, identities));
    return STATUS_OK;
}
