/* The ledger as JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "analysis/compare.h"
#include "analysis/document.h"
#include "analysis/finding.h"
#include "analysis/json.h"
#include "analysis/report.h"
#include "made_up.h"

static json_t *json_report(const struct ledger *ledger) {
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(report_json(ledger, document.out), STATUS_OK);
    assert_int_equal(document_end(&document), STATUS_OK);
    json_t *root = json_loads(document.text, JSON_REJECT_DUPLICATES, NULL);
    document_clear(&document);
    assert_non_null(root);
    return root;
}

static void assert_number(const json_t *object, const char *key, double expected) {
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    if (isfinite(expected))
        assert_true(json_is_number(value) &&
                    fabs(json_number_value(value) - expected) <= 1e-14 * fabs(expected));
    else
        assert_true(json_is_null(value));
}

static void json_holds_every_field_of_the_schema(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    json_t *root = json_report(ledger), *rows = json_object_get(root, "claims");
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 2);
    assert_int_equal(json_array_size(rows), MADE_UP_ROWS);
    for (size_t i = 0; i < MADE_UP_ROWS; i++) {
        const json_t *row = json_array_get(rows, i);
        const struct finding *finding = &ledger->rows[i].finding;
        assert_string_equal(json_string_value(json_object_get(row, "id")), made_up_claims[i].id);
        assert_string_equal(json_string_value(json_object_get(row, "source")), made_up_claims[i].source);
        assert_true(json_is_string(json_object_get(row, "statement")));
        assert_true(json_is_string(json_object_get(row, "reason")));
        assert_string_equal(json_string_value(json_object_get(row, "verdict")),
                            verdict_name(ledger->rows[i].verdict));
        assert_int_equal(json_integer_value(json_object_get(row, "records")), finding->records);
        const json_t *measurements = json_object_get(row, "measurements");
        assert_int_equal(json_array_size(measurements), finding->measurement_count);
        for (size_t m = 0; m < finding->measurement_count; m++) {
            const json_t *object = json_array_get(measurements, m);
            const struct measurement *measurement = &finding->measurements[m];
            assert_true(json_is_string(json_object_get(object, "name")));
            assert_string_equal(json_string_value(json_object_get(object, "unit")), "s");
            assert_number(object, "prediction", measurement->prediction);
            assert_number(object, "value", measurement->value);
            assert_number(object, "low", measurement->low);
            assert_number(object, "high", measurement->high);
            assert_number(object, "low_999", measurement->low_999);
            assert_number(object, "high_999", measurement->high_999);
            assert_int_equal(json_integer_value(json_object_get(object, "n")), 12);
        }
    }
    json_decref(root);
    made_up_ledger_free(ledger);
}

/* --- verdicts made again from JSON */

static enum criterion criterion_of(const char *name) {
    int criterion = 0;
    while (strcmp(criterion_name((enum criterion)criterion), name) != 0)
        assert_true(++criterion < CRITERION_COUNT);
    return (enum criterion)criterion;
}

static double number_or(const json_t *object, const char *key, double otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static struct measurement measurement_of(const json_t *object) {
    const json_t *criterion = json_object_get(object, "criterion");
    return (struct measurement){
        .criterion = criterion ? criterion_of(json_string_value(criterion)) : CRITERION_NEAR,
        .prediction = number_or(object, "prediction", NAN),
        .tolerance = number_or(object, "tolerance", NAN),
        .precision = number_or(object, "precision", 0),
        .value = number_or(object, "value", NAN),
        .low = number_or(object, "low", -INFINITY),
        .high = number_or(object, "high", INFINITY),
        .low_999 = number_or(object, "low_999", -INFINITY),
        .high_999 = number_or(object, "high_999", INFINITY),
        .definition = (int)json_integer_value(json_object_get(object, "definition")),
    };
}

/* Adds a measurement with limits of 99.9 % twice as far as those of 95 %. */
static struct measurement *decided(struct finding *finding, enum criterion criterion, double value,
                                   double half) {
    struct measurement *measurement = finding_measurement(finding, "1", "decided");
    struct interval interval = {value, value - half, value + half, value - 2 * half, value + 2 * half, 5};
    measurement_decides(measurement, criterion, 1, 0.1);
    measurement_set(measurement, &interval);
    return measurement;
}

/* A row of each verdict, each by another field: the 99.9 % limits, the criterion, the definition, the
 * precision. */
static void verdicts_follow_from_json(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    for (size_t i = 0; i < MADE_UP_ROWS; i++)
        ledger->rows[i].finding.measurement_count = 0;
    decided(&ledger->rows[0].finding, CRITERION_NEAR, 1.3, 0.15);
    decided(&ledger->rows[1].finding, CRITERION_AT_MOST, 0.1, 0.5);
    decided(&ledger->rows[2].finding, CRITERION_NEAR, 1, 0);
    decided(&ledger->rows[2].finding, CRITERION_NEAR, 2, 0)->definition = 1;
    decided(&ledger->rows[3].finding, CRITERION_NEAR, 1, 0.15)->precision = 0.12;
    static const enum verdict expected[MADE_UP_ROWS] = {VERDICT_INCONCLUSIVE, VERDICT_REPRODUCED,
                                                        VERDICT_DEFINITION_DEPENDENT, VERDICT_INCONCLUSIVE};
    json_t *root = json_report(ledger);
    for (size_t i = 0; i < MADE_UP_ROWS; i++) {
        const json_t *objects =
            json_object_get(json_array_get(json_object_get(root, "claims"), i), "measurements");
        struct measurement measurements[4];
        size_t count = json_array_size(objects);
        for (size_t m = 0; m < count; m++) {
            const json_t *object = json_array_get(objects, m);
            measurements[m] = measurement_of(object);
            assert_string_equal(json_string_value(json_object_get(object, "standing")),
                                standing_name(verdict_standing(&measurements[m])));
        }
        assert_string_equal(verdict_name(expected[i]), verdict_name(verdict_of_row(count, measurements)));
    }
    json_decref(root);
    made_up_ledger_free(ledger);
}

/* What a verdict does not use is not there to mislead. */
static void json_leaves_out_what_decides_nothing(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    ledger->rows[0].finding.measurement_count = 0;
    decided(&ledger->rows[0].finding, CRITERION_AT_LEAST, 1, 0.5);
    decided(&ledger->rows[0].finding, CRITERION_NEAR, 1, 0.5);
    decided(&ledger->rows[0].finding, CRITERION_NEAR, 1, 0.5)->prediction = NAN;
    json_t *root = json_report(ledger);
    const json_t *measurements =
        json_object_get(json_array_get(json_object_get(root, "claims"), 0), "measurements");
    assert_null(json_object_get(json_array_get(measurements, 0), "precision"));
    assert_number(json_array_get(measurements, 1), "precision", 0.3);
    const json_t *reported = json_array_get(measurements, 2);
    static const char *const absent[] = {"precision", "tolerance", "criterion", "definition", "standing"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_null(json_object_get(reported, absent[i]));
    json_decref(root);
    made_up_ledger_free(ledger);
}

static void json_holds_tables(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    json_t *root = json_report(ledger), *rows = json_object_get(root, "claims");
    const json_t *tables = json_object_get(json_array_get(rows, 0), "tables"), *cells, *row;
    assert_int_equal(json_array_size(tables), 1);
    assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 1), "tables")), 0);
    const json_t *table = json_array_get(tables, 0);
    assert_string_equal(json_string_value(json_object_get(table, "name")), "cx3_figures");
    assert_int_equal(json_array_size(json_object_get(table, "columns")), 4);
    row = json_array_get(json_object_get(table, "rows"), 0);
    cells = json_object_get(row, "cells");
    assert_int_equal(json_array_size(cells), 4);
    assert_string_equal(json_string_value(json_array_get(cells, 0)), "lstm");
    assert_number(json_array_get(cells, 1), "low", 2.25);
    assert_number(json_array_get(cells, 2), "value", 1234.5678);
    assert_number(json_array_get(cells, 2), "low", NAN);
    assert_true(json_is_null(json_array_get(cells, 3)));
    json_decref(root);
    made_up_ledger_free(ledger);
}

/* Both sides of a comparison hold what their verdicts follow from; of two quantities of one name each is
 * compared with its like. */
static void comparisons_hold_both_sides(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    struct finding *finding = &ledger->rows[0].finding;
    strcpy(finding->measurements[1].name, finding->measurements[0].name);
    strcpy(finding->measurements[1].unit, "GFLOP");
    struct compare_sides sides = {
        .name_a = "a", .name_b = "b", .a = results, .b = results, .ledger_a = ledger, .ledger_b = ledger};
    assert_int_equal(comparison_create(results, results, &sides.comparison), STATUS_OK);
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(compare_json(&sides, document.out), STATUS_OK);
    assert_int_equal(document_end(&document), STATUS_OK);
    json_t *root = json_loads(document.text, JSON_REJECT_DUPLICATES, NULL), *claim, *first, *second;
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 2);
    claim = json_array_get(json_object_get(root, "claims"), 0);
    first = json_array_get(json_object_get(claim, "measurements"), 0);
    static const char *const names[] = {"a", "b"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *side = json_object_get(first, names[i]);
        assert_string_equal(json_string_value(json_object_get(side, "criterion")), "near");
        assert_string_equal(json_string_value(json_object_get(side, "standing")), "agrees");
        assert_number(side, "low_999", 1.951);
    }
    second = json_array_get(json_object_get(claim, "measurements"), 1);
    assert_number(json_object_get(second, "b"), "value", 8.13e-6);
    json_decref(root);
    document_clear(&document);
    comparison_destroy(&sides.comparison);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

static void an_empty_ledger_has_no_claims(void **state) {
    (void)state;
    struct ledger ledger = {0, NULL};
    json_t *root = json_report(&ledger);
    assert_int_equal(json_array_size(json_object_get(root, "claims")), 0);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_every_field_of_the_schema),
        cmocka_unit_test(verdicts_follow_from_json),
        cmocka_unit_test(json_leaves_out_what_decides_nothing),
        cmocka_unit_test(json_holds_tables),
        cmocka_unit_test(comparisons_hold_both_sides),
        cmocka_unit_test(an_empty_ledger_has_no_claims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
