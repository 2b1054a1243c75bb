/* One parameter's value as a campaign writes it, checked against its field. */
#ifndef EXPERIMENTS_CAMPAIGN_PARAMETER_H
#define EXPERIMENTS_CAMPAIGN_PARAMETER_H

#include "core/base/status.h"
#include "results/record.h"

enum parameter_word { PARAMETER_VALUE, PARAMETER_MAX, PARAMETER_AUTO };

struct parameter_value {
    enum parameter_word word;
    int64_t integer;
    double real;      /* rounded to 12 digits, so that 0.1 + 0.02 and 0.12 are one value */
    const char *text; /* choices and strings: the caller's */
};

/* Reads `text` as a value of the field. STATUS_INVALID with a sentence that gives the bounds, the choices or
 * the nearest choice. */
enum status parameter_read(const struct field *field, const char *text, struct parameter_value *value,
                           struct error *error);

/* Sets it in a record; PARAMETER_AUTO leaves the parameter missing, PARAMETER_MAX sets `maximum`. */
enum status parameter_set(struct record *record, const struct field *field,
                          const struct parameter_value *value, int64_t maximum);

/* A real rounded to 12 digits, as the shortest decimal. */
enum { REAL_TEXT_SIZE = 32 };
void parameter_format_real(double value, char text[REAL_TEXT_SIZE]);

/* "neurons 100, load 0.1, ...": the parameters that are set, as many as fit. */
void parameters_describe(const struct record *values, char *text, size_t size);

/* The candidate nearest to `word` by edit distance, if it is near enough to be meant; else NULL. `candidates`
 * ends with NULL. */
const char *nearest_name(const char *word, const char *const *candidates);

#endif
