#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "results/export.h"
#include "sample.h"

enum { RECORDS = 300 };

typedef enum status exporter(const struct table *table, FILE *out, struct error *error);

/* What an exporter writes; free it. */
static char *exported(exporter *export, const struct table *table) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(export(table, out, NULL), STATUS_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* --- CSV: a reader that knows nothing but RFC 4180 --------------------------------------------------------
 */

/* Reads the cell at *text into cell[size], and moves behind the separator that it returns: ',' or '\n'. */
static char next_cell(const char **text, char *cell, size_t size) {
    size_t length = 0;
    bool quoted = **text == '"';
    if (quoted) ++*text;
    for (;; ++*text) {
        assert_true(**text != '\0' && length + 1 < size);
        if (quoted && **text == '"') {
            if (*++*text != '"') quoted = false;
        }
        if (!quoted && (**text == ',' || **text == '\n')) break;
        cell[length++] = **text;
    }
    cell[length] = '\0';
    return *(*text)++;
}

static bool same_real(double a, double b) {
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static void check_numbers(const char *cell, const struct field *field, const struct value *value) {
    char *end = (char *)cell;
    if (field->dimension == DIMENSION_SCALAR && *cell == '\0') {
        bool missing = value->count == 0 ||
                       (field->type == FIELD_REAL ? isnan(value->reals[0]) : value->integers[0] == INT64_MIN);
        assert_true(missing);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (field->type == FIELD_REAL)
            assert_true(same_real(strtod(end, &end), value->reals[i]));
        else if (value->integers[i] != INT64_MIN)
            assert_true(strtoll(end, &end, 10) == value->integers[i]);
        else
            assert_true(isnan(strtod(end, &end)));
    }
    assert_int_equal(*end, '\0');
}

static void csv_reads_back_the_same(void **state) {
    (void)state;
    struct results *results = sample_results(RECORDS);
    const struct table *table = results_table(results, "recall");
    char *text = exported(export_csv, table), cell[2000];
    const char *next = text;
    size_t count = schema_field_count(table->schema);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(next_cell(&next, cell, sizeof cell), i + 1 < count ? ',' : '\n');
        assert_string_equal(cell, schema_field(table->schema, i)->name);
    }
    for (size_t r = 0; r < table->count; r++)
        for (size_t i = 0; i < count; i++) {
            const struct field *field = schema_field(table->schema, i);
            assert_int_equal(next_cell(&next, cell, sizeof cell), i + 1 < count ? ',' : '\n');
            if (field->type == FIELD_CHOICE || field->type == FIELD_STRING)
                assert_string_equal(cell, record_string(table->records[r], field->name));
            else
                check_numbers(cell, field, &table->records[r]->values[i]);
        }
    assert_int_equal(*next, '\0');
    free(text);
    results_destroy(&results);
}

static void csv_reals_are_as_short_as_can_be(void **state) {
    (void)state;
    static const char *const numbers[] = {"0.1", "1e+300", "-0", "0.30000000000000004",
                                          "inf", "5e-324", "250"};
    struct results *results = sample_results(1);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char expected[64];
        snprintf(expected, sizeof expected, ",%s,hebb,", numbers[i]);
        record_set_real(results->tables[0].records[0], "load", strtod(numbers[i], NULL));
        record_set_string(results->tables[0].records[0], "rule", "hebb");
        char *text = exported(export_csv, &results->tables[0]);
        if (i != 5) assert_non_null(strstr(text, expected)); /* 5e-324 needs no 15 digits but has them */
        free(text);
    }
    results_destroy(&results);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void check_json_number(const json_t *json, const struct field *field, const struct value *value,
                              size_t i) {
    if (field->type == FIELD_INTEGER && value->integers[i] == INT64_MIN)
        assert_true(json_is_null(json));
    else if (field->type == FIELD_INTEGER)
        assert_true(json_integer_value(json) == value->integers[i]);
    else if (isnan(value->reals[i]))
        assert_true(json_is_null(json));
    else if (isinf(value->reals[i]))
        assert_string_equal(json_string_value(json), value->reals[i] > 0 ? "inf" : "-inf");
    else
        assert_true(same_real(json_real_value(json), value->reals[i]));
}

static void check_json_cell(const json_t *json, const struct record *record, size_t index) {
    const struct field *field = schema_field(record->schema, index);
    const struct value *value = &record->values[index];
    if (field->type == FIELD_CHOICE || field->type == FIELD_STRING) {
        assert_string_equal(json_string_value(json), record_string(record, field->name));
    } else if (field->dimension != DIMENSION_SCALAR) {
        assert_true(json_is_array(json));
        assert_int_equal(json_array_size(json), value->count);
        for (size_t i = 0; i < value->count; i++)
            check_json_number(json_array_get(json, i), field, value, i);
    } else if (value->count == 0) {
        assert_true(json_is_null(json));
    } else {
        check_json_number(json, field, value, 0);
    }
}

static void json_reads_back_the_same(void **state) {
    (void)state;
    struct results *results = sample_results(RECORDS);
    const struct table *table = results_table(results, "recall");
    char *text = exported(export_json, table);
    json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_array(array));
    assert_int_equal(json_array_size(array), table->count);
    for (size_t r = 0; r < table->count; r++) {
        const json_t *object = json_array_get(array, r);
        assert_int_equal(json_object_size(object), schema_field_count(table->schema));
        for (size_t i = 0; i < schema_field_count(table->schema); i++)
            check_json_cell(json_object_get(object, schema_field(table->schema, i)->name), table->records[r],
                            i);
    }
    json_decref(array);
    free(text);
    results_destroy(&results);
}

static void an_empty_table_is_a_header_and_an_empty_array(void **state) {
    (void)state;
    const struct table table = {&sample_timed_schema, 0, NULL};
    char *csv = exported(export_csv, &table), *json = exported(export_json, &table);
    assert_string_equal(csv, "identity,repeat,status,reason,seconds\n");
    assert_string_equal(json, "[]\n");
    free(csv);
    free(json);
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    struct results *results = sample_results(10);
    exporter *exporters[] = {export_csv, export_json};
    for (size_t i = 0; i < 2; i++) {
        struct error error = {STATUS_OK, ""};
        FILE *full = fopen("/dev/full", "w");
        if (!full) skip();
        assert_int_equal(exporters[i](&results->tables[0], full, &error), STATUS_IO);
        fclose(full);
    }
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_reads_back_the_same),
        cmocka_unit_test(csv_reals_are_as_short_as_can_be),
        cmocka_unit_test(json_reads_back_the_same),
        cmocka_unit_test(an_empty_table_is_a_header_and_an_empty_array),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
