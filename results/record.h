/* A record: the values of one unit in the fields of its schema. Scalars are arrays of one. */
#ifndef RESULTS_RECORD_H
#define RESULTS_RECORD_H

#include "core/base/status.h"
#include "results/field.h"

/* One cell. The type is the field's; `count` 0 means missing. */
struct value {
    size_t count;
    union {
        int64_t *integers;
        double *reals;
        char **strings;
    };
};

/* Values in the schema's field order; owned by the record. The schema must outlive it. */
struct record {
    const struct schema *schema;
    struct value *values;
};

enum status record_create(const struct schema *schema, struct record **record);
void record_destroy(struct record **record);
enum status record_copy(const struct record *from, struct record **to);

/* Setting copies, and replaces what was set. Every NaN becomes the one missing value, bytes that are not
 * UTF-8 become U+FFFD. `name` must be a field of the schema with that type (choices count as strings) and
 * dimension, a choice one of the field's choices: anything else is a programming error and gives
 * STATUS_INVALID. STATUS_NO_MEMORY leaves the old value. Arrays of one dimension must agree in count within a
 * record: record_complete checks it before a record is stored. */
enum status record_set_integer(struct record *record, const char *name, int64_t value);
enum status record_set_real(struct record *record, const char *name, double value);
enum status record_set_string(struct record *record, const char *name, const char *value);
enum status record_set_integers(struct record *record, const char *name, size_t count, const int64_t *values);
enum status record_set_reals(struct record *record, const char *name, size_t count, const double *values);

/* STATUS_INVALID with a sentence when fields of one dimension differ in count, or the identity is missing. In
 * a record whose status is "done" every scalar but the reason must be set (if only to its missing value), and
 * an array must be if another of its dimension is. Other records may hold any part of their columns; where
 * they hold some arrays of a dimension, the others come back from a file filled with missing values. */
enum status record_complete(const struct record *record, struct error *error);

/* Getting; the field's missing value where nothing was set. Unknown names give the missing value too. */
int64_t record_integer(const struct record *record, const char *name);
double record_real(const struct record *record, const char *name); /* integers are converted */
const char *record_string(const struct record *record, const char *name);
const struct value *record_value(const struct record *record, const char *name); /* NULL: unknown */

/* The same schema, and equal values in all fields, bit for bit. A scalar that is not set equals one set to
 * the missing value. */
bool record_equal(const struct record *a, const struct record *b);

/* Whether two records of one schema agree in all the named scalars (a list ended by NULL), missing ones with
 * missing ones. */
bool records_agree(const struct record *a, const struct record *b, const char *const *fields);

/* A table in memory: records of one schema. Fields of tables read from a file come from that file. */
struct table {
    const struct schema *schema;
    size_t count;
    struct record **records;
};

#endif
