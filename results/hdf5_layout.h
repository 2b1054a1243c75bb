/* The names in R.h5 that its writer and its reader share. Private to this folder.
 *
 * /                        provenance as attributes
 * /EXPERIMENT              summary, schema_version, kind, schema (JSON) as attributes
 * /EXPERIMENT/record       dimension: one place per record
 * /EXPERIMENT/FIELD        scalars over `record`, arrays over their dimension, all records' values in a row
 * /EXPERIMENT/trial        dimension, likewise sample, rank, pixel: the sum of the records' numbers of values
 * /EXPERIMENT/trial_row_size   number of values of each record (CF: contiguous ragged array)
 */
#ifndef RESULTS_HDF5_LAYOUT_H
#define RESULTS_HDF5_LAYOUT_H

#include <hdf5.h>
#include <jansson.h>

#include "core/base/status.h"
#include "results/store.h"

#define LAYOUT_RECORD   "record"
#define LAYOUT_ROW_SIZE "_row_size"
#define LAYOUT_SCHEMA   "schema"

enum { LAYOUT_NAME_SIZE = 64 };

/* "trial_row_size" */
void layout_row_size_name(enum field_dimension dimension, char name[LAYOUT_NAME_SIZE]);

/* Whether any field of the schema is an array of that dimension. */
bool layout_uses(const struct schema *schema, enum field_dimension dimension);

/* HDF5 prints each error unless told not to; ours come as sentences. */
struct layout_silence {
    H5E_auto2_t handler;
    void *data;
};

struct layout_silence layout_silence_begin(void);
void layout_silence_end(struct layout_silence before);

/* HDF5's answer as ours: what it does here happens in memory and fails for lack of it, or because names
 * collide. */
enum status layout_status(herr_t answer);

/* Variable-length UTF-8 text; H5Tclose it. Negative: HDF5 has no memory. */
hid_t layout_text_type(void);

/* --- attributes: STATUS_NO_MEMORY; STATUS_FAILED: HDF5 refused; STATUS_FORMAT: not what was to be read
 * ------- */

enum status attribute_write_text(hid_t object, const char *name, const char *text);
enum status attribute_write_integer(hid_t object, const char *name, int64_t value);
enum status attribute_write_real(hid_t object, const char *name, double value);

/* A text attribute, fixed or variable in length, as a JSON string. */
enum status attribute_read_text(hid_t object, const char *name, json_t **text);

/* A flat JSON object as attributes of the file's root, and back. Texts, numbers and arrays of texts keep
 * their type, booleans are stored as integers of one byte; anything else is stored as JSON text. */
enum status attributes_write_object(hid_t file, json_t *values);
enum status attributes_read_object(hid_t file, json_t **values);

/* --- tables -------------------------------------------------------------------------------------------- */

/* Writes a table as a group of the file. */
enum status table_write(hid_t file, const struct table *table);

/* Adds a group's records to the results. STATUS_FORMAT: not what table_write makes. */
enum status table_read(hid_t group, struct results *results);

#endif
