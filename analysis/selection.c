#include "analysis/selection.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"

enum status selection_create(const struct results *results, const char *experiment,
                             struct selection *selection) {
    *selection = (struct selection){0};
    const struct table *table = results_table(results, experiment);
    size_t count = table == NULL ? 0 : table->count;
    selection->records = memory_allocate(count, sizeof *selection->records);
    if (selection->records == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        selection->records[i] = table->records[i];
    selection->count = count;
    selection_keep_text(selection, "status", "done");
    return STATUS_OK;
}

void selection_destroy(struct selection *selection) {
    memory_free(selection->records);
    *selection = (struct selection){0};
}

void selection_keep_text(struct selection *selection, const char *field, const char *text) {
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        if (strcmp(record_string(record, field), text) == 0) selection->records[kept++] = record;
    }
    selection->count = kept;
}

void selection_keep_number(struct selection *selection, const char *field, double number) {
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        if (record_real(record, field) == number) selection->records[kept++] = record;
    }
    selection->count = kept;
}

void selection_keep_least(struct selection *selection, const char *field, double least) {
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        if (record_real(record, field) >= least) selection->records[kept++] = record;
    }
    selection->count = kept;
}

void selection_keep(struct selection *selection, bool (*test)(const struct record *record)) {
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++) {
        if (test(selection->records[i])) selection->records[kept++] = selection->records[i];
    }
    selection->count = kept;
}

bool record_is_undisturbed(const struct record *record) {
    return record_real(record, "disturbed") != 1;
}

bool record_has_several_ranks(const struct record *record) {
    return record_real(record, "ranks") >= 2;
}

bool record_is_on_one_rank(const struct record *record) {
    return !record_has_several_ranks(record);
}

static bool is_text(const struct record *record, const char *field) {
    int index = schema_find(record->schema, field);
    if (index < 0) return false;
    enum field_type type = schema_field(record->schema, (size_t)index)->type;
    return type == FIELD_CHOICE || type == FIELD_STRING;
}

double *record_numbers(const struct record *record, const char *field, size_t *count) {
    *count = 0;
    const struct value *value = record_value(record, field);
    int index = schema_find(record->schema, field);
    bool numbers = value != NULL && index >= 0 && !is_text(record, field);
    double *out = memory_allocate(numbers ? value->count : 0, sizeof *out);
    if (out == NULL || !numbers) return out;
    bool integers = schema_field(record->schema, (size_t)index)->type == FIELD_INTEGER;
    for (size_t i = 0; i < value->count; i++) {
        if (!integers)
            out[i] = value->reals[i];
        else
            out[i] = value->integers[i] == INT64_MIN ? NAN : (double)value->integers[i];
    }
    *count = value->count;
    return out;
}

double *record_sums(const struct record *record, const char *const *columns, size_t *count) {
    double *sums = record_numbers(record, columns[0], count);
    for (size_t column = 1; sums != NULL && columns[column] != NULL; column++) {
        size_t others;
        double *more = record_numbers(record, columns[column], &others);
        if (more == NULL) {
            memory_free(sums);
            return NULL;
        }
        if (others != *count) *count = 0;
        for (size_t i = 0; i < *count; i++)
            sums[i] += more[i];
        memory_free(more);
    }
    return sums;
}
