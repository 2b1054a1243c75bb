#include <stdint.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/hdf5_layout.h"
#include "results/schema.h"
#include "results/shelf.h"

/* A group being turned into records. */
struct rows {
    hid_t group;
    const struct schema *schema;
    size_t count;
    struct record **records;             /* [count] */
    int64_t *row_sizes[DIMENSION_COUNT]; /* [count]; not for DIMENSION_SCALAR */
    size_t lengths[DIMENSION_COUNT];     /* values of all records along the dimension */
};

/* Opens a dataset of `length` places. Negative: there is none. */
static hid_t open_dataset(hid_t group, const char *name, size_t length) {
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return dataset;
    hid_t space = H5Dget_space(dataset);
    bool fits = H5Sget_simple_extent_npoints(space) == (hssize_t)length;
    H5Sclose(space);
    if (fits) return dataset;
    H5Dclose(dataset);
    return H5I_INVALID_HID;
}

static enum status read_dataset(hid_t group, const char *name, size_t length, hid_t type, void *values) {
    hid_t dataset = open_dataset(group, name, length);
    if (dataset < 0) return STATUS_FORMAT;
    herr_t done = length ? H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) : 0;
    H5Dclose(dataset);
    return done < 0 ? STATUS_FORMAT : STATUS_OK;
}

/* --- dimensions --------------------------------------------------------------------------------------- */

static enum status count_records(struct rows *rows) {
    hid_t dataset = H5Dopen2(rows->group, LAYOUT_RECORD, H5P_DEFAULT);
    if (dataset < 0) return STATUS_FORMAT;
    hid_t space = H5Dget_space(dataset);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(dataset);
    rows->count = (size_t)count;
    rows->lengths[DIMENSION_SCALAR] = rows->count;
    return count < 0 ? STATUS_FORMAT : STATUS_OK;
}

static enum status read_row_sizes(struct rows *rows, enum field_dimension dimension) {
    char name[LAYOUT_NAME_SIZE];
    layout_row_size_name(dimension, name);
    int64_t *sizes = memory_allocate(rows->count, sizeof *sizes);
    if (!sizes) return STATUS_NO_MEMORY;
    rows->row_sizes[dimension] = sizes;
    CHECK(read_dataset(rows->group, name, rows->count, H5T_NATIVE_INT64, sizes));
    for (size_t r = 0; r < rows->count; r++) {
        if (sizes[r] < 0 || (uint64_t)sizes[r] > PTRDIFF_MAX / sizeof *sizes - rows->lengths[dimension])
            return STATUS_FORMAT;
        rows->lengths[dimension] += (size_t)sizes[r];
    }
    return STATUS_OK;
}

/* --- fields ------------------------------------------------------------------------------------------- */

/* In a file a value that was never set is the missing value. A record that is done had all its values set. */
static bool was_set(const struct rows *rows, size_t row) {
    return strcmp(record_text(rows->records[row], COMMON_STATUS), "done") == 0;
}

static enum status spread_numbers(const struct rows *rows, size_t index, const struct value *all) {
    const struct field *field = schema_field(rows->schema, index);
    bool scalar = field->dimension == DIMENSION_SCALAR;
    size_t next = 0;
    for (size_t r = 0; r < rows->count; r++) {
        size_t size = scalar ? 1 : (size_t)rows->row_sizes[field->dimension][r];
        if (!scalar || was_set(rows, r) || !number_is_missing(field, all, next))
            CHECK(record_put_numbers(rows->records[r], index, size, &all->integers[next]));
        next += size;
    }
    return STATUS_OK;
}

static enum status read_numbers(const struct rows *rows, size_t index) {
    const struct field *field = schema_field(rows->schema, index);
    struct value all = {rows->lengths[field->dimension], {NULL}};
    all.integers = memory_allocate(all.count, sizeof *all.integers);
    if (!all.integers) return STATUS_NO_MEMORY;
    hid_t type = field->type == FIELD_REAL ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    enum status status = read_dataset(rows->group, field->name, all.count, type, all.integers);
    if (status == STATUS_OK) status = spread_numbers(rows, index, &all);
    memory_free(all.integers);
    return status;
}

static enum status spread_texts(const struct rows *rows, size_t index, char *const *texts) {
    for (size_t r = 0; r < rows->count; r++) {
        const char *text = texts[r] ? texts[r] : "";
        if (*text || index == COMMON_STATUS || was_set(rows, r))
            CHECK(record_put_text(rows->records[r], index, text));
    }
    return STATUS_OK;
}

static enum status read_open_texts(const struct rows *rows, size_t index, hid_t dataset, char **texts) {
    hid_t type = layout_text_type(), space = H5Dget_space(dataset);
    enum status status = STATUS_OK;
    if (type < 0 || H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0)
        status = STATUS_FORMAT;
    else {
        status = spread_texts(rows, index, texts);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    }
    H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    return status;
}

static enum status read_texts(const struct rows *rows, size_t index) {
    hid_t dataset = open_dataset(rows->group, schema_field(rows->schema, index)->name, rows->count);
    if (dataset < 0) return STATUS_FORMAT;
    char **texts = memory_allocate(rows->count, sizeof *texts);
    enum status status = !texts             ? STATUS_NO_MEMORY
                         : rows->count == 0 ? STATUS_OK
                                            : read_open_texts(rows, index, dataset, texts);
    memory_free(texts);
    H5Dclose(dataset);
    return status;
}

static enum status read_field(const struct rows *rows, size_t index) {
    return field_is_text(schema_field(rows->schema, index)) ? read_texts(rows, index)
                                                            : read_numbers(rows, index);
}

/* The status first: it says how the others are to be understood. */
static enum status read_fields(struct rows *rows) {
    CHECK(read_field(rows, COMMON_STATUS));
    size_t count = schema_field_count(rows->schema);
    for (size_t i = 0; i < count; i++)
        if (i != COMMON_STATUS) CHECK(read_field(rows, i));
    return STATUS_OK;
}

/* --- the group ---------------------------------------------------------------------------------------- */

static enum status create_records(struct rows *rows) {
    rows->records = memory_allocate(rows->count, sizeof *rows->records);
    if (!rows->records) return STATUS_NO_MEMORY;
    for (size_t r = 0; r < rows->count; r++)
        CHECK(record_create(rows->schema, &rows->records[r]));
    return STATUS_OK;
}

static enum status read_rows(struct rows *rows) {
    CHECK(count_records(rows));
    CHECK(create_records(rows));
    for (enum field_dimension d = DIMENSION_SCALAR + 1; d < DIMENSION_COUNT; d++)
        if (layout_uses(rows->schema, d)) CHECK(read_row_sizes(rows, d));
    return read_fields(rows);
}

static enum status read_schema(hid_t group, struct results *results, struct table **table) {
    json_t *text = NULL;
    CHECK(attribute_read_text(group, LAYOUT_SCHEMA, &text));
    json_t *json = json_loads(json_string_value(text), JSON_REJECT_DUPLICATES, NULL);
    struct schema *schema = NULL;
    enum status status = json ? schema_from_json(json, &schema) : STATUS_FORMAT;
    if (status == STATUS_OK) status = results_shelve(results, schema, table);
    schema_destroy(&schema);
    json_decref(json);
    json_decref(text);
    return status;
}

enum status table_read(hid_t group, struct results *results) {
    struct table *table = NULL;
    CHECK(read_schema(group, results, &table));
    struct rows rows = {.group = group, .schema = table->schema};
    enum status status = read_rows(&rows);
    for (size_t r = 0; status == STATUS_OK && r < rows.count; r++)
        status = results_take(results, table, &rows.records[r]);
    for (size_t r = 0; rows.records && r < rows.count; r++)
        record_destroy(&rows.records[r]);
    for (enum field_dimension d = DIMENSION_SCALAR; d < DIMENSION_COUNT; d++)
        memory_free(rows.row_sizes[d]);
    memory_free(rows.records);
    return status;
}
