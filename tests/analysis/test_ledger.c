/* What every row promises whatever the tables hold, and the ledger as a whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "synthetic.h"

static void assert_all_inconclusive(const struct results *results) {
    for (const struct claim *const *claim = claims(); *claim != NULL; claim++) {
        assert_verdict(VERDICT_INCONCLUSIVE, *claim, results);
    }
}

static void without_tables_nothing_is_decided(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    assert_all_inconclusive(results);
    const struct ledger_row *row = decide(claims()[0], results);
    assert_non_null(strstr(row->finding.reason, "no records of"));
    assert_non_null(strstr(row->finding.reason, "standard.yaml is meant to decide it"));
    /* That very campaign does not promise to decide what it left open. */
    json_object_set_new(results->provenance, "campaign_name", json_string("standard"));
    row = decide(claims()[0], results);
    assert_non_null(strstr(row->finding.reason, "These are results of standard.yaml"));
    results_destroy(&results);
}

/* One record of every kind, as it comes: numbers 1, arrays missing. */
static void one_record_decides_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (size_t i = 0; synthetic_schemas[i] != NULL; i++)
        synthetic_add(results, synthetic_record(synthetic_schemas[i]));
    assert_all_inconclusive(results);
    results_destroy(&results);
}

/* Numbers that are all missing, and arrays of missing numbers. */
static struct record *missing_record(const struct schema *schema) {
    struct record *record = synthetic_record(schema);
    const double nothing[4] = {NAN, NAN, NAN, NAN};
    const int64_t none[4] = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    for (const struct field *field = schema->columns; field->name != NULL; field++) {
        bool array = field->dimension != DIMENSION_SCALAR;
        if (field->type == FIELD_REAL && array)
            set_reals(record, field->name, 4, nothing);
        else if (field->type == FIELD_INTEGER && array)
            set_integers(record, field->name, 4, none);
        else if (field->type == FIELD_REAL)
            set_real(record, field->name, NAN);
        else if (field->type == FIELD_INTEGER)
            set_integer(record, field->name, INT64_MIN);
    }
    return record;
}

static const char *const varied[] = {"length",  "width",    "head_width", "kernel_size",
                                     "neurons", "patterns", "ranks"};

/* Gives the record its place in sweeps over everything that claims sweep over. */
static void place_in_sweep(struct record *record, int64_t step) {
    for (size_t i = 0; i < sizeof varied / sizeof *varied; i++) {
        if (schema_find(record->schema, varied[i]) >= 0)
            set_integer(record, varied[i], step == 0 ? 1 : 4 << step);
    }
    set_integer(record, "repeat", step);
}

static void missing_numbers_decide_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (size_t i = 0; synthetic_schemas[i] != NULL; i++) {
        for (int64_t step = 0; step < 8; step++) {
            struct record *record = missing_record(synthetic_schemas[i]);
            place_in_sweep(record, step);
            synthetic_add(results, record);
        }
    }
    assert_all_inconclusive(results);
    results_destroy(&results);
}

static void failed_records_are_not_used(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (size_t i = 0; synthetic_schemas[i] != NULL; i++) {
        for (int64_t step = 0; step < 8; step++) {
            struct record *record = synthetic_record(synthetic_schemas[i]);
            place_in_sweep(record, step);
            set_text(record, "status", "failed");
            set_text(record, "reason", "made up");
            synthetic_add(results, record);
        }
    }
    assert_all_inconclusive(results);
    for (const struct claim *const *claim = claims(); *claim != NULL; claim++) {
        assert_int_equal(0, decide(*claim, results)->finding.records);
    }
    results_destroy(&results);
}

static void infinite_and_negative_numbers_decide_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    const double odd[4] = {INFINITY, -1, 0, -INFINITY};
    for (size_t i = 0; synthetic_schemas[i] != NULL; i++) {
        for (int64_t step = 0; step < 16; step++) {
            struct record *record = missing_record(synthetic_schemas[i]);
            for (const struct field *field = record->schema->columns; field->name != NULL; field++) {
                if (field->type != FIELD_REAL) continue;
                if (field->dimension == DIMENSION_SCALAR)
                    set_real(record, field->name, odd[step % 4]);
                else
                    set_reals(record, field->name, 4, odd);
            }
            place_in_sweep(record, step % 6);
            set_integer(record, "repeat", step);
            synthetic_add(results, record);
        }
    }
    assert_all_inconclusive(results);
    results_destroy(&results);
}

/* Fails every allocation of a row in turn, until there are none left to fail. */
static void fail_each_allocation(const struct claim *claim, const struct results *results) {
    static struct ledger_row row;
    size_t held = memory_in_use();
    for (long allowed = 0;; allowed++) {
        memory_fail_after(allowed);
        enum status status = ledger_decide(claim, results, &row);
        memory_fail_after(-1);
        ledger_row_clear(&row);
        assert_int_equal(held, memory_in_use());
        if (status == STATUS_OK) break;
        assert_int_equal(STATUS_NO_MEMORY, status);
        assert_true(allowed < 10000);
    }
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    const double numbers[4] = {0.95, 0.9, 0.99, 0.97};
    for (size_t i = 0; synthetic_schemas[i] != NULL; i++) {
        for (int64_t step = 0; step < 3; step++) {
            struct record *record = synthetic_record(synthetic_schemas[i]);
            for (const struct field *field = record->schema->columns; field->name != NULL; field++) {
                bool array = field->type == FIELD_REAL && field->dimension != DIMENSION_SCALAR;
                if (array) set_reals(record, field->name, 4, numbers);
            }
            place_in_sweep(record, step);
            synthetic_add(results, record);
        }
    }
    for (const struct claim *const *claim = claims(); *claim != NULL; claim++)
        fail_each_allocation(*claim, results);
    results_destroy(&results);
}

static void the_ledger_has_every_row_in_order(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const ids[] = {
        "CX1", "CX2", "CX3", "CX4", "CX5", "CX6", "CX7", "CX8",
        "SC1", "SC2",
        "AP1", "AP2", "AP4", "AP5",
        "SP1", "SP2",
        "HC1a", "HC1b",
        "HC2",
        "HC2b",
        "HC3",
        "HC4a", "HC4b",
        "HC5a", "HC5b",
        "HC6",
        "HC7a", "HC7b",
        "HC8a", "HC8b",
        "HF1",
        "HF2",
        "HF3", "HF4",
        "AV3", "AV5",
    };
    /* clang-format on */
    struct results *results = synthetic_results();
    struct ledger *ledger;
    assert_int_equal(STATUS_OK, ledger_create(results, &ledger));
    assert_int_equal(sizeof ids / sizeof *ids, ledger->count);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct claim *claim = ledger->rows[i].claim;
        assert_string_equal(ids[i], claim->id);
        assert_true(strlen(claim->statement) > 0 && strlen(claim->source) > 0 &&
                    strlen(claim->prediction) > 0);
        assert_true(claim->sources[0].experiment != NULL && strlen(claim->decided_by) > 0);
    }
    ledger_destroy(&ledger);
    assert_null(ledger);
    results_destroy(&results);
}

/* The columns that claims name are those that these tables have: claims read no others. */
static void claims_name_columns_that_exist(void **state) {
    (void)state;
    for (const struct claim *const *claim = claims(); *claim != NULL; claim++) {
        for (const struct claim_source *source = (*claim)->sources; source->experiment != NULL; source++) {
            const struct schema *const *schema = synthetic_schemas;
            while (*schema != NULL && strcmp((*schema)->name, source->experiment) != 0)
                schema++;
            assert_non_null(*schema);
            char columns[400], *rest = columns;
            assert_true(strlen(source->columns) < sizeof columns);
            strcpy(columns, source->columns);
            for (char *name; (name = strtok_r(rest, " ", &rest)) != NULL;)
                assert_true(schema_find(*schema, name) >= 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_tables_nothing_is_decided),
        cmocka_unit_test(one_record_decides_nothing),
        cmocka_unit_test(missing_numbers_decide_nothing),
        cmocka_unit_test(failed_records_are_not_used),
        cmocka_unit_test(infinite_and_negative_numbers_decide_nothing),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaks_nothing),
        cmocka_unit_test(the_ledger_has_every_row_in_order),
        cmocka_unit_test(claims_name_columns_that_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
