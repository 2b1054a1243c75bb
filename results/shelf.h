/* How results are kept: tables with their schemas, and where to find an identity. Private to this folder. */
#ifndef RESULTS_SHELF_H
#define RESULTS_SHELF_H

#include "results/store.h"

/* Places of a table's records by identity: open addressing, at most half full. All zero: empty. */
struct identity_index {
    size_t slots;   /* a power of two, or 0 */
    size_t *places; /* [slots]: 1 + place in the table, 0 where free */
};

enum { PLACE_NONE = -1 };

/* The place of an identity, or PLACE_NONE. */
long identity_find(const struct identity_index *index, const struct table *table, const char *identity);

/* Makes room for `count` records in all; keeps what is there. */
enum status identity_reserve(struct identity_index *index, const struct table *table, size_t count);

/* Enters the record at `place`, whose identity must be new; room must be reserved. */
void identity_enter(struct identity_index *index, const struct table *table, size_t place);

/* Enters all records of the table anew after their order changed. */
void identity_renew(struct identity_index *index, const struct table *table);

void identity_free(struct identity_index *index);

/* What a table has besides what everyone sees. */
struct shelf {
    struct schema *schema; /* owned */
    size_t capacity;       /* of table.records */
    struct identity_index index;
};

/* `seen` comes first, so that a pointer to it is a pointer to the whole. */
struct store {
    struct results seen;
    struct shelf *shelves; /* [table_count] */
    size_t capacity;       /* of tables and shelves */
    size_t source_capacity;
};

/* The table of that name, or NULL; valid until a table is added. */
struct table *results_find_table(struct results *results, const char *name);

/* The table for records of that schema, created with a copy of it if need be. STATUS_MISMATCH: there is one
 * of that name with another schema. */
enum status results_shelve(struct results *results, const struct schema *schema, struct table **table);

/* As results_add, for a record that points to the table's own schema: takes it over when it is kept (*record
 * is NULL then). */
enum status results_take(struct results *results, struct table *table, struct record **record);

/* Replaces the provenance (of the only source). */
void results_set_provenance(struct results *results, json_t *provenance);

/* Adds a source file with its provenance. */
enum status results_add_source(struct results *results, const char *path, json_t *provenance);

#endif
