#include "made_up.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/finding.h"
#include "core/base/memory.h"

#define HOSTILE MADE_UP_HOSTILE

/* --- a ledger --------------------------------------------------------------------------------------- */

const struct claim made_up_claims[] = {
    {.id = "CX3", .statement = "Attention costs L^2 d", .source = "chapter", .prediction = "2, 1"},
    {.id = "HC1a",
     .statement = "Stores 0.14 N patterns & " HOSTILE,
     .source = "Hopfield",
     .prediction = "0.14"},
    {.id = "AP4", .statement = "The split changes nothing", .source = "here", .prediction = "equal"},
    {.id = "HC1b", .statement = "Minima vanish at 0.1379", .source = "AGS", .prediction = "0.1379"},
};
_Static_assert(sizeof made_up_claims / sizeof *made_up_claims == MADE_UP_ROWS, "every claim is a row");

static void add_measurement(struct finding *finding, const char *name, enum criterion criterion,
                            double prediction, double tolerance, double value, double low, double high) {
    struct measurement *measurement = finding_measurement(finding, "s", "%s", name);
    struct interval interval = {value, low, high, low, high, 12};
    measurement_decides(measurement, criterion, prediction, tolerance);
    measurement_set(measurement, &interval);
}

static void add_plot(struct finding *finding, const char *name) {
    struct plot *plot = finding_plot(finding, name, "Title " HOSTILE, "x", "y");
    double x[3] = {1, 2, 3}, y[3] = {2, NAN, 4}, low[3] = {1, 1, -INFINITY}, high[3] = {3, 3, 5};
    snprintf(plot->caption, sizeof plot->caption, "%s", "Caption " HOSTILE);
    assert_non_null(plot_add(plot, "series", PLOT_POINTS, 0, 3, x, y, low, high));
}

/* A cell of each kind: text, interval, number alone, nothing. */
static void add_table(struct finding *finding) {
    struct finding_table *table = finding_table(finding, "cx3_figures", "Figures " HOSTILE, "row");
    struct interval interval = {2.5, 2.25, 2.75, 2, 3, 12};
    table_add_column(table, "text");
    table_add_column(table, "interval");
    table_add_column(table, "number");
    table_add_column(table, "none " HOSTILE);
    snprintf(table->caption, sizeof table->caption, "%s", "What they are " HOSTILE);
    struct table_row *row = table_add_row(table, "made up %d " HOSTILE, 1);
    table_set_text(row, 0, "lstm");
    table_set_interval(row, 1, &interval);
    table_set_number(row, 2, 1234.5678);
}

struct ledger *made_up_ledger(void) {
    struct ledger *ledger = memory_allocate(1, sizeof *ledger);
    ledger->rows = memory_allocate(MADE_UP_ROWS, sizeof *ledger->rows);
    ledger->count = MADE_UP_ROWS;
    for (size_t i = 0; i < MADE_UP_ROWS; i++) {
        ledger->rows[i].claim = &made_up_claims[i];
        ledger->rows[i].verdict = (enum verdict)i;
        ledger->rows[i].finding.records = 7 + i;
    }
    struct finding *finding = &ledger->rows[0].finding;
    finding_say(finding,
                "The exponents were fitted to six lengths and compared with two and one; the two shortest "
                "were left out, since their time is mostly overhead. %s",
                HOSTILE);
    add_measurement(finding, "exponent in L", CRITERION_NEAR, 2, 0.1, 1.983, 1.951, 2.014);
    add_measurement(finding, "time", CRITERION_NEAR, NAN, 0, 8.13e-6, 8.02e-6, INFINITY);
    add_measurement(finding, "not there " HOSTILE, CRITERION_AT_MOST, 1, 0.5, NAN, -INFINITY, INFINITY);
    add_plot(finding, "cx3_a");
    add_plot(finding, "cx3_b");
    add_table(finding);
    finding = &ledger->rows[1].finding;
    add_measurement(finding,
                    "a quantity with a name that is longer than any column could ever hold in a table",
                    CRITERION_WITHIN, 0.14, 0.005, 0.1412, 0.1388, 0.1439);
    add_measurement(finding, "bounded above", CRITERION_AT_MOST, 1, 0.5, 1.2, -INFINITY, INFINITY);
    finding_say(finding, "%s", "Short.");
    add_plot(finding, "hc1a_residuals");
    finding->plots[0].folded = true;
    struct interval capacity = {0.1412, 0.1388, 0.1439, 0.13, 0.15, 12};
    finding_capacity(finding, "Hebb " HOSTILE, 0.138, &capacity, "overlap above 0.9 " HOSTILE);
    return ledger;
}

void made_up_ledger_free(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->count; i++)
        ledger_row_clear(&ledger->rows[i]);
    memory_free(ledger->rows);
    memory_free(ledger);
}

/* --- results ---------------------------------------------------------------------------------------- */

static const struct field parameters[] = {
    {.name = "ranks", .type = FIELD_INTEGER, .unit = "1", .description = "Ranks"},
    {.name = "dataset", .type = FIELD_STRING, .unit = "1", .description = "File"},
    {0},
};
static const struct field columns[] = {
    {.name = "peak",
     .type = FIELD_REAL,
     .dimension = DIMENSION_SAMPLE,
     .unit = "GFLOP s-1",
     .description = "Peak rate"},
    {0},
};
static const struct schema machine = {"machine", "The machine", 1, parameters, columns, true};

static void add_record(struct results *results, const char *identity, const char *status) {
    struct record *record;
    double peaks[3] = {115, 117.25, 119};
    assert_int_equal(record_create(&machine, &record), STATUS_OK);
    record_set_string(record, "identity", identity);
    record_set_integer(record, "repeat", 3);
    record_set_string(record, "status", status);
    record_set_string(record, "reason", strcmp(status, "done") ? "no such data " HOSTILE : "");
    record_set_integer(record, "ranks", 2);
    record_set_string(record, "dataset", HOSTILE);
    record_set_reals(record, "peak", 3, peaks);
    assert_int_equal(results_add(results, record), STATUS_OK);
    record_destroy(&record);
}

struct results *made_up_results(void) {
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    json_t *hostile = json_string("<script>alert('x')</script>\"&");
    json_object_set(results->provenance, "campaign_name", hostile);
    json_object_set(results->provenance, "campaign_text", hostile);
    json_object_set_new(results->provenance, "launchdate", json_string("2026-11-21"));
    json_object_set_new(results->provenance, "cmdline", json_string("engram run quick.yaml -o 'R & D.h5'"));
    json_object_set_new(results->provenance, "jobsize", json_integer(4));
    json_object_set_new(results->provenance, "threads", json_integer(2));
    json_object_set_new(results->provenance, "seed", json_integer(20261121));
    json_object_set_new(results->provenance, "stamps", json_pack("[s, s]", "debug build", "dirty tree"));
    json_decref(hostile);
    add_record(results, "m1", "done");
    add_record(results, "m2", "failed");
    results->unfinished = true;
    results->damaged_entries = 5;
    return results;
}
