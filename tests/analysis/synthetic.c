#include "synthetic.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct results *synthetic_results(void) {
    struct results *results;
    assert_int_equal(STATUS_OK, results_create(&results));
    return results;
}

void set_integer(struct record *record, const char *name, int64_t value) {
    assert_int_equal(STATUS_OK, record_set_integer(record, name, value));
}
void set_real(struct record *record, const char *name, double value) {
    assert_int_equal(STATUS_OK, record_set_real(record, name, value));
}
void set_text(struct record *record, const char *name, const char *value) {
    assert_int_equal(STATUS_OK, record_set_string(record, name, value));
}
void set_reals(struct record *record, const char *name, size_t count, const double *values) {
    assert_int_equal(STATUS_OK, record_set_reals(record, name, count, values));
}
void set_integers(struct record *record, const char *name, size_t count, const int64_t *values) {
    assert_int_equal(STATUS_OK, record_set_integers(record, name, count, values));
}

/* Counts of what should not happen, and differences of what should be equal. */
static bool starts_at_zero(const char *name) {
    static const char *const names[] = {"disturbed",
                                        "attention_differences",
                                        "energy_rises",
                                        "capped",
                                        "concatenation_difference",
                                        "permutation_difference",
                                        "output_error",
                                        "single_error",
                                        "permuted_error"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static void set_default(struct record *record, const struct field *field) {
    if (field->dimension != DIMENSION_SCALAR) return;
    if (field->type == FIELD_CHOICE)
        set_text(record, field->name, field->choices[0]);
    else if (field->type == FIELD_REAL)
        set_real(record, field->name, !starts_at_zero(field->name));
    else if (field->type == FIELD_INTEGER)
        set_integer(record, field->name, !starts_at_zero(field->name));
}

struct record *synthetic_record(const struct schema *schema) {
    static uint64_t made = 0;
    struct record *record;
    assert_int_equal(STATUS_OK, record_create(schema, &record));
    for (const struct field *field = schema->parameters; field->name != NULL; field++)
        set_default(record, field);
    for (const struct field *field = schema->columns; field->name != NULL; field++)
        set_default(record, field);
    char identity[17];
    snprintf(identity, sizeof identity, "%016llx", (unsigned long long)++made);
    set_text(record, "identity", identity);
    set_integer(record, "repeat", 0);
    set_text(record, "status", "done");
    set_text(record, "reason", "");
    return record;
}

void synthetic_add(struct results *results, struct record *record) {
    assert_int_equal(STATUS_OK, results_add(results, record));
    record_destroy(&record);
}

struct dice dice(uint64_t key) {
    return (struct dice){.source = random_source(key, RANDOM_NOISE, 0)};
}

double dice_uniform(struct dice *dice) {
    return random_uniform(dice->source, dice->next++);
}

double dice_normal(struct dice *dice) {
    double value;
    random_fill_normal_f64(dice->source, dice->next++, 1, &value);
    return value;
}

/* --- deciding ----------------------------------------------------------------------------------------- */

static void show(const struct ledger_row *row) {
    print_error("%s: %s\n  %s\n  %s\n", row->claim->id, verdict_name(row->verdict), row->finding.sizes,
                row->finding.reason);
    for (size_t i = 0; i < row->finding.measurement_count; i++) {
        const struct measurement *m = &row->finding.measurements[i];
        print_error("  %s: predicted %g +- %g, %g [%g, %g] [%g, %g] n %zu definition %d: %s\n", m->name,
                    m->prediction, m->tolerance, m->value, m->low, m->high, m->low_999, m->high_999, m->n,
                    m->definition, verdict_name(verdict_of_measurement(m)));
    }
}

static void check_promises(const struct ledger_row *row) {
    const struct finding *finding = &row->finding;
    assert_true(strlen(finding->reason) > 0 && strlen(finding->reason) < sizeof finding->reason - 1);
    for (size_t i = 0; i < finding->measurement_count; i++) {
        const struct measurement *m = &finding->measurements[i];
        assert_true(strlen(m->name) > 0);
        if (isfinite(m->value)) {
            assert_true(m->low_999 <= m->low && m->low <= m->value && m->value <= m->high &&
                        m->high <= m->high_999);
        }
    }
    for (size_t i = 0; i < finding->plot_count; i++)
        assert_true(strlen(finding->plots[i].name) > 0);
}

const struct ledger_row *decide(const struct claim *claim, const struct results *results) {
    static struct ledger_row row;
    ledger_row_clear(&row);
    assert_int_equal(STATUS_OK, ledger_decide(claim, results, &row));
    if (getenv("ENGRAM_SHOW_ROWS") != NULL) show(&row);
    check_promises(&row);
    return &row;
}

void assert_verdict(enum verdict expected, const struct claim *claim, const struct results *results) {
    const struct ledger_row *row = decide(claim, results);
    if (row->verdict != expected) show(row);
    assert_string_equal(verdict_name(expected), verdict_name(row->verdict));
}

const struct measurement *measurement_named(const struct ledger_row *row, const char *name) {
    for (size_t i = 0; i < row->finding.measurement_count; i++) {
        if (strcmp(row->finding.measurements[i].name, name) == 0) return &row->finding.measurements[i];
    }
    show(row);
    fail_msg("no measurement named %s", name);
    return NULL;
}

size_t plots_of(const struct ledger_row *row, bool folded) {
    size_t count = 0;
    for (size_t i = 0; i < row->finding.plot_count; i++)
        count += row->finding.plots[i].folded == folded;
    return count;
}
