/* Which records a claim looks at. */
#ifndef ANALYSIS_SELECTION_H
#define ANALYSIS_SELECTION_H

#include <stdbool.h>

#include "results/store.h"

/* Records of one table; they belong to the results. */
struct selection {
    size_t count;
    const struct record **records;
};

/* The completed records of an experiment; none when the table is missing. STATUS_NO_MEMORY. */
enum status selection_create(const struct results *results, const char *experiment,
                             struct selection *selection);
void selection_destroy(struct selection *selection);

/* Keeps the records whose field has this text, or this number. */
void selection_keep_text(struct selection *selection, const char *field, const char *text);
void selection_keep_number(struct selection *selection, const char *field, double number);

/* Keeps the records whose field is that number or more. */
void selection_keep_least(struct selection *selection, const char *field, double least);

/* Keeps the records for which the test holds. */
void selection_keep(struct selection *selection, bool (*test)(const struct record *record));

/* Tests: whether a timed record was not flagged by its timer, and whether several ranks shared the unit. */
bool record_is_undisturbed(const struct record *record);
bool record_has_several_ranks(const struct record *record);

/* Whether one rank had all of it; records without that parameter are of one rank. */
bool record_is_on_one_rank(const struct record *record);

/* The numbers of an array column, integers converted; *count 0 when the column is missing. memory_free the
 * result; NULL: out of memory. Missing elements are NaN. */
double *record_numbers(const struct record *record, const char *field, size_t *count);

/* The same of several columns (a list ended by NULL) added up, which must hold equally many, else *count is
 * 0. */
double *record_sums(const struct record *record, const char *const *columns, size_t *count);

#endif
