/* The words everyone shares: a field (parameter or column), a schema (the fields of one experiment). */
#ifndef RESULTS_FIELD_H
#define RESULTS_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_INTEGER, /* int64; missing: INT64_MIN */
    FIELD_REAL,    /* float64; missing: NaN */
    FIELD_CHOICE,  /* text, one of `choices`; missing: "" */
    FIELD_STRING   /* text; missing: "" */
};

/* How many values a record holds in this field; texts are scalar. Fields of one dimension have equally many
 * within a record; the number may differ from record to record. */
enum field_dimension {
    DIMENSION_SCALAR,
    DIMENSION_SAMPLE, /* timings within a unit */
    DIMENSION_RANK,   /* ranks of the team */
    DIMENSION_TRIAL,  /* retrievals */
    DIMENSION_PIXEL,  /* images for the page, flattened */
    DIMENSION_SWEEP,  /* sweeps of a retrieval */
    DIMENSION_COUNT
};

enum field_flag {
    FIELD_DATA = 1, /* parameter: determines the random inputs (sizes, load) */
    FIELD_MAX = 2,  /* parameter: the word `max` is allowed and resolved from the run's size */
    FIELD_AUTO = 4  /* parameter: the word `auto` is allowed and resolved by the experiment */
};

/* One row of a table of fields. Tables end with a row whose name is NULL. */
struct field {
    const char *name;
    enum field_type type;
    enum field_dimension dimension;
    const char *unit;           /* UDUNITS style, "1" for counts and ratios */
    const char *default_text;   /* parameters: as a campaign would write it; NULL: must be given */
    double minimum, maximum;    /* numbers: inclusive bounds; both 0: none */
    const char *const *choices; /* FIELD_CHOICE: ended by NULL */
    unsigned flags;
    const char *description; /* one sentence: the long_name */
};

struct schema {
    const char *name;    /* of the experiment, and of the group in the file */
    const char *summary; /* one sentence */
    int version;         /* raised when parameters or columns change their meaning */
    const struct field *parameters;
    const struct field *columns;
    bool timed; /* its records are timings: they belong to one machine and one build */
};

/* Fields that every record has, before parameters and columns: identity, repeat, status, reason. */
extern const struct field common_fields[];
enum { COMMON_IDENTITY, COMMON_REPEAT, COMMON_STATUS, COMMON_REASON, COMMON_COUNT };

/* All fields of a schema in file order: common, parameters, columns. */
size_t schema_field_count(const struct schema *schema);
const struct field *schema_field(const struct schema *schema, size_t index);

/* Index of a field by name, or -1. */
int schema_find(const struct schema *schema, const char *name);

/* The same name, version and kind, and the same fields by name, type and dimension, in the same order. */
bool schema_equal(const struct schema *a, const struct schema *b);

const char *field_type_name(enum field_type type);
const char *field_dimension_name(enum field_dimension dimension);

/* Number of rows of a field table. */
size_t field_table_count(const struct field *fields);

#endif
