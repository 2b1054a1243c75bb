#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/cells.h"
#include "results/hdf5_dataset.h"
#include "results/hdf5_layout.h"
#include "results/schema.h"

/* Where the fields of one table go. */
struct sheet {
    const struct table *table;
    hid_t group;
    hid_t scales[DIMENSION_COUNT];       /* DIMENSION_SCALAR: that of the records */
    hsize_t lengths[DIMENSION_COUNT];    /* of the scales */
    int64_t *row_sizes[DIMENSION_COUNT]; /* [records] values of each record; not for DIMENSION_SCALAR */
};

/* Writes `values` into a new dataset over a dimension of the sheet; *dataset stays open on STATUS_OK. */
static enum status write_dataset(const struct sheet *sheet, enum field_dimension dimension, const char *name,
                                 hid_t type, const void *fill, const void *values, hid_t *dataset) {
    hsize_t length = sheet->lengths[dimension];
    *dataset = dataset_create(sheet->group, name, type, length, fill);
    if (*dataset < 0) return STATUS_FAILED;
    herr_t done = H5DSattach_scale(*dataset, sheet->scales[dimension], 0);
    if (done >= 0 && length > 0) done = H5Dwrite(*dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    if (done < 0) H5Dclose(*dataset);
    return layout_status(done);
}

/* --- numbers ------------------------------------------------------------------------------------------ */

/* All records' numbers in a row, missing ones as the missing value. */
static void gather(const struct sheet *sheet, size_t index, const struct value *row) {
    const struct field *field = schema_field(sheet->table->schema, index);
    size_t next = 0;
    for (size_t r = 0; r < sheet->table->count; r++) {
        const struct value *value = &sheet->table->records[r]->values[index];
        bool scalar = field->dimension == DIMENSION_SCALAR;
        size_t end = next + (scalar ? 1 : (size_t)sheet->row_sizes[field->dimension][r]);
        if (value->count) memcpy(&row->integers[next], value->integers, value->count * sizeof *row->integers);
        for (next += value->count; next < end; next++) {
            if (field->type == FIELD_REAL)
                row->reals[next] = NAN;
            else
                row->integers[next] = INT64_MIN;
        }
    }
}

/* What every dataset says of itself. */
static enum status describe(hid_t dataset, const struct sheet *sheet, size_t index) {
    const struct field *field = schema_field(sheet->table->schema, index);
    size_t parameters_end = COMMON_COUNT + field_table_count(sheet->table->schema->parameters);
    const char *role = index < COMMON_COUNT ? "common" : index < parameters_end ? "parameter" : "column";
    CHECK(attribute_write_text(dataset, "long_name", field->description ? field->description : field->name));
    if (!field_is_text(field)) CHECK(attribute_write_text(dataset, "units", field->unit ? field->unit : "1"));
    return attribute_write_text(dataset, "role", role);
}

/* Python readers turn integers into reals where there is a fill value: integers state one only where they
 * need it. */
static enum status write_fill(hid_t dataset, const struct field *field, const struct value *row) {
    if (field->type == FIELD_REAL) return attribute_write_real(dataset, "_FillValue", NAN);
    bool missing = false;
    for (size_t i = 0; i < row->count && !missing; i++)
        missing = number_is_missing(field, row, i);
    return missing ? attribute_write_integer(dataset, "_FillValue", INT64_MIN) : STATUS_OK;
}

static enum status write_row(const struct sheet *sheet, size_t index, const struct value *row) {
    static const double missing_real = NAN;
    static const int64_t missing_integer = INT64_MIN;
    const struct field *field = schema_field(sheet->table->schema, index);
    bool real = field->type == FIELD_REAL;
    hid_t dataset;
    CHECK(write_dataset(sheet, field->dimension, field->name, real ? H5T_IEEE_F64LE : H5T_STD_I64LE,
                        real ? (const void *)&missing_real : (const void *)&missing_integer, row->integers,
                        &dataset));
    enum status status = describe(dataset, sheet, index);
    if (status == STATUS_OK) status = write_fill(dataset, field, row);
    H5Dclose(dataset);
    return status;
}

static enum status write_numbers(const struct sheet *sheet, size_t index) {
    enum field_dimension dimension = schema_field(sheet->table->schema, index)->dimension;
    struct value row = {sheet->lengths[dimension], {NULL}};
    row.integers = memory_allocate(row.count, sizeof *row.integers);
    if (!row.integers) return STATUS_NO_MEMORY;
    gather(sheet, index, &row);
    enum status status = write_row(sheet, index, &row);
    memory_free(row.integers);
    return status;
}

/* --- texts -------------------------------------------------------------------------------------------- */

static enum status write_text_row(const struct sheet *sheet, size_t index, const char **texts) {
    hid_t dataset, type = layout_text_type();
    if (type < 0) return STATUS_FAILED;
    enum status status =
        write_dataset(sheet, DIMENSION_SCALAR, schema_field(sheet->table->schema, index)->name, type, NULL,
                      texts, &dataset);
    H5Tclose(type);
    if (status != STATUS_OK) return status;
    status = describe(dataset, sheet, index);
    H5Dclose(dataset);
    return status;
}

static enum status write_texts(const struct sheet *sheet, size_t index) {
    const struct table *table = sheet->table;
    const char **texts = memory_allocate(table->count, sizeof *texts);
    if (!texts) return STATUS_NO_MEMORY;
    for (size_t r = 0; r < table->count; r++)
        texts[r] = record_text(table->records[r], index);
    enum status status = write_text_row(sheet, index, texts);
    memory_free(texts);
    return status;
}

/* --- dimensions ------------------------------------------------------------------------------------- */

/* How many values a record has along a dimension: as many as any of its arrays. */
static int64_t row_size(const struct record *record, enum field_dimension dimension) {
    size_t count = schema_field_count(record->schema), size = 0;
    for (size_t i = 0; i < count; i++)
        if (schema_field(record->schema, i)->dimension == dimension && record->values[i].count > size)
            size = record->values[i].count;
    return (int64_t)size;
}

static enum status write_row_sizes(const struct sheet *sheet, enum field_dimension dimension) {
    char name[LAYOUT_NAME_SIZE], sentence[LAYOUT_NAME_SIZE];
    layout_row_size_name(dimension, name);
    snprintf(sentence, sizeof sentence, "Number of %ss of each record", field_dimension_name(dimension));
    hid_t dataset;
    CHECK(write_dataset(sheet, DIMENSION_SCALAR, name, H5T_STD_I64LE, NULL, sheet->row_sizes[dimension],
                        &dataset));
    enum status status = attribute_write_text(dataset, "long_name", sentence);
    if (status == STATUS_OK) status = attribute_write_text(dataset, "units", "1");
    if (status == STATUS_OK)
        status = attribute_write_text(dataset, "sample_dimension", field_dimension_name(dimension));
    H5Dclose(dataset);
    return status;
}

static enum status create_scale(struct sheet *sheet, enum field_dimension dimension, const char *name) {
    sheet->scales[dimension] = dataset_create_scale(sheet->group, name, sheet->lengths[dimension]);
    return layout_status(sheet->scales[dimension] < 0 ? -1 : 0);
}

static enum status create_ragged(struct sheet *sheet, enum field_dimension dimension) {
    const struct table *table = sheet->table;
    int64_t *sizes = memory_allocate(table->count, sizeof *sizes);
    if (!sizes) return STATUS_NO_MEMORY;
    sheet->row_sizes[dimension] = sizes;
    for (size_t r = 0; r < table->count; r++) {
        sizes[r] = row_size(table->records[r], dimension);
        sheet->lengths[dimension] += (hsize_t)sizes[r];
    }
    CHECK(create_scale(sheet, dimension, field_dimension_name(dimension)));
    return write_row_sizes(sheet, dimension);
}

static enum status create_dimensions(struct sheet *sheet) {
    sheet->lengths[DIMENSION_SCALAR] = sheet->table->count;
    CHECK(create_scale(sheet, DIMENSION_SCALAR, LAYOUT_RECORD));
    for (enum field_dimension d = DIMENSION_SCALAR + 1; d < DIMENSION_COUNT; d++)
        if (layout_uses(sheet->table->schema, d)) CHECK(create_ragged(sheet, d));
    return STATUS_OK;
}

/* --- the group ---------------------------------------------------------------------------------------- */

static enum status write_attributes(hid_t group, const struct schema *schema) {
    json_t *json = schema_to_json(schema);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    enum status status = text ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = attribute_write_text(group, "summary", schema->summary ? schema->summary : "");
    if (status == STATUS_OK) status = attribute_write_integer(group, "schema_version", schema->version);
    if (status == STATUS_OK)
        status = attribute_write_text(group, "kind", schema->timed ? "timed" : "counted");
    if (status == STATUS_OK) status = attribute_write_text(group, LAYOUT_SCHEMA, text);
    free(text);
    json_decref(json);
    return status;
}

static enum status fill_sheet(struct sheet *sheet) {
    const struct schema *schema = sheet->table->schema;
    CHECK(write_attributes(sheet->group, schema));
    CHECK(create_dimensions(sheet));
    size_t count = schema_field_count(schema);
    for (size_t i = 0; i < count; i++)
        CHECK(field_is_text(schema_field(schema, i)) ? write_texts(sheet, i) : write_numbers(sheet, i));
    return STATUS_OK;
}

static hid_t create_group(hid_t file, const char *name) {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t properties = H5Pcreate(H5P_GROUP_CREATE), group = H5I_INVALID_HID;
    if (properties < 0) return group;
    if (H5Pset_link_creation_order(properties, order) >= 0 &&
        H5Pset_attr_creation_order(properties, order) >= 0 && H5Pset_obj_track_times(properties, false) >= 0)
        group = H5Gcreate2(file, name, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Pclose(properties);
    return group;
}

enum status table_write(hid_t file, const struct table *table) {
    struct sheet sheet = {.table = table, .group = create_group(file, table->schema->name)};
    if (sheet.group < 0) return STATUS_FAILED;
    for (enum field_dimension d = DIMENSION_SCALAR; d < DIMENSION_COUNT; d++)
        sheet.scales[d] = H5I_INVALID_HID;
    enum status status = fill_sheet(&sheet);
    for (enum field_dimension d = DIMENSION_SCALAR; d < DIMENSION_COUNT; d++) {
        if (sheet.scales[d] >= 0) H5Dclose(sheet.scales[d]);
        memory_free(sheet.row_sizes[d]);
    }
    H5Gclose(sheet.group);
    return status;
}
