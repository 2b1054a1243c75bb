/* The ledger on a terminal. */
#include <math.h>
#include <string.h>

#include "analysis/columns.h"
#include "analysis/describe.h"
#include "analysis/report.h"

/* Columns; together they stay below 110. A row is its verdict, id and statement, then a line per measurement.
 */
enum {
    VERDICT = 21,
    ID = 6,
    LINE = 108,
    INDENT = 4,
    QUANTITY = 52,
    PREDICTION = 16,
    MEASURED = 27,
    COUNT = 6
};

/* --- where the data come from ----------------------------------------------------------------------- */

static void print_named(const char *name, const char *text, FILE *out) {
    if (*text) columns_wrap(text, name, 12, LINE, out);
}

static void say_warning(const char *sentence, void *context) {
    columns_wrap(sentence, "  !", 4, LINE, context);
}

static void print_header(const struct results *results, FILE *out) {
    char text[512], size[128];
    describe_size(results, size, sizeof size);
    snprintf(text, sizeof text, "%s%s%s", describe_provenance(results, "cpu_model"), *size ? ", " : "", size);
    print_named("campaign", describe_provenance(results, "campaign_name"), out);
    print_named("date", describe_provenance(results, "launchdate"), out);
    print_named("host", describe_provenance(results, "hostname"), out);
    print_named("machine", text, out);
    for (size_t i = 0; i < results->source_count; i++)
        print_named(i == 0 ? "results" : "", results->sources[i], out);
    describe_warnings(results, say_warning, out);
    fputc('\n', out);
}

/* --- the table -------------------------------------------------------------------------------------- */

static void print_rule(FILE *out) {
    for (int i = 0; i < LINE; i++)
        fputc('-', out);
    fputc('\n', out);
}

/* Continues a line that has reached column *at until column `until`. What is wider than its column pushes the
 * rest aside as far as blanks allow: figures are never cut. */
static void print_until(const char *text, int until, int *at, FILE *out) {
    int width = columns_width(text), blanks = until - *at - width;
    columns_plain(text, out);
    fprintf(out, "%*s", blanks > 0 ? blanks : 1, "");
    *at += width + (blanks > 0 ? blanks : 1);
}

static void print_cells(const char *quantity, const char *prediction, const char *measured, const char *n,
                        FILE *out) {
    if (columns_width(quantity) >= QUANTITY) {
        columns_wrap(quantity, "", INDENT, LINE, out);
        quantity = "";
    }
    int at = INDENT;
    fprintf(out, "%*s", INDENT, "");
    print_until(quantity, INDENT + QUANTITY, &at, out);
    print_until(prediction, INDENT + QUANTITY + PREDICTION, &at, out);
    if (!*n) {
        columns_plain(measured, out);
        fputc('\n', out);
        return;
    }
    print_until(measured, LINE - columns_width(n), &at, out);
    fprintf(out, "%s\n", n);
}

static void print_measurement(const struct measurement *measurement, FILE *out) {
    char prediction[NUMBER_INTERVAL_SIZE], measured[NUMBER_INTERVAL_SIZE], n[24] = "";
    char quantity[DESCRIBE_QUANTITY_SIZE];
    describe_quantity(measurement, quantity);
    describe_prediction(measurement, prediction);
    number_with_interval(measurement->value, measurement->low, measurement->high, measured);
    if (measurement->n > 0) snprintf(n, sizeof n, "%zu", measurement->n);
    print_cells(quantity, prediction, measured, n, out);
}

/* One line each; those that were not measured together in one. */
static void print_measurements(const struct finding *finding, FILE *out) {
    size_t missing = 0;
    for (size_t i = 0; i < finding->measurement_count; i++)
        if (describe_is_measured(&finding->measurements[i]))
            print_measurement(&finding->measurements[i], out);
        else
            missing++;
    if (missing > 0)
        fprintf(out, "%*s%zu quantit%s not measured\n", INDENT, "", missing, missing == 1 ? "y" : "ies");
}

/* The widths of a table's columns, that of the names first. */
static void table_widths(const struct finding_table *table, int widths[1 + TABLE_COLUMNS_MAX]) {
    widths[0] = columns_width(table->row_head);
    for (size_t c = 0; c < table->column_count; c++)
        widths[1 + c] = columns_width(table->heads[c]);
    for (size_t r = 0; r < table->row_count; r++) {
        const struct table_row *row = &table->rows[r];
        char text[NUMBER_INTERVAL_SIZE];
        if (columns_width(row->name) > widths[0]) widths[0] = columns_width(row->name);
        for (size_t c = 0; c < table->column_count; c++) {
            table_cell_text(&row->cells[c], text);
            if (columns_width(text) > widths[1 + c]) widths[1 + c] = columns_width(text);
        }
    }
}

/* A name to the left of its column. */
static void print_name(const char *name, int width, FILE *out) {
    fprintf(out, "%*s", INDENT, "");
    columns_cell(name, width, out);
}

/* A figure to the right of its column. */
static void print_figure(const char *text, int width, FILE *out) {
    fprintf(out, "%*s", 2 + width - columns_width(text), "");
    columns_plain(text, out);
}

static void print_figures(const struct finding_table *table, FILE *out) {
    int widths[1 + TABLE_COLUMNS_MAX];
    table_widths(table, widths);
    fputc('\n', out);
    columns_wrap(table->title, "", INDENT, LINE, out);
    print_name(table->row_head, widths[0], out);
    for (size_t c = 0; c < table->column_count; c++)
        print_figure(table->heads[c], widths[1 + c], out);
    for (size_t r = 0; r < table->row_count; r++) {
        fputc('\n', out);
        print_name(table->rows[r].name, widths[0], out);
        for (size_t c = 0; c < table->column_count; c++) {
            char text[NUMBER_INTERVAL_SIZE];
            table_cell_text(&table->rows[r].cells[c], text);
            print_figure(text, widths[1 + c], out);
        }
    }
    fputc('\n', out);
    columns_wrap(table->caption, "", INDENT, LINE, out);
}

static void print_row(const struct ledger_row *row, FILE *out) {
    const struct finding *finding = &row->finding;
    char title[VERDICT + ID + 16];
    snprintf(title, sizeof title, "%-*s%-*s", VERDICT, verdict_name(row->verdict), ID, row->claim->id);
    columns_wrap(row->claim->statement, title, VERDICT + ID, LINE, out);
    print_measurements(finding, out);
    if (*finding->reason) columns_wrap(finding->reason, "", INDENT, LINE, out);
    for (size_t i = 0; i < finding->table_count; i++)
        if (finding->tables[i].row_count > 0) print_figures(&finding->tables[i], out);
}

/* Rows of which these results know nothing, a line each. */
static void print_untouched(const struct ledger *ledger, const struct results *results, FILE *out) {
    bool first = true;
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_row *row = &ledger->rows[i];
        if (!describe_is_untouched(row, results)) continue;
        char title[INDENT + ID + 16];
        snprintf(title, sizeof title, "%*s%-*s", INDENT, "", ID, row->claim->id);
        if (first) fputs("inconclusive, since nothing that these rest on was run\n", out);
        first = false;
        columns_wrap(row->claim->statement, title, INDENT + ID, LINE, out);
    }
    if (!first) fputc('\n', out);
}

static void print_table(const struct ledger *ledger, const struct results *results, FILE *out) {
    char tally[160];
    fprintf(out, "%-*s%-*sclaim\n", VERDICT, "verdict", ID, "id");
    print_cells("measured quantity", "prediction", "value [95 % interval]", "n", out);
    print_rule(out);
    for (size_t i = 0; i < ledger->count; i++) {
        if (describe_is_untouched(&ledger->rows[i], results)) continue;
        print_row(&ledger->rows[i], out);
        fputc('\n', out);
    }
    print_untouched(ledger, results, out);
    describe_tally(ledger, tally, sizeof tally);
    fprintf(out, "%s\n", tally);
}

/* --- failed units ----------------------------------------------------------------------------------- */

static void print_failed(const struct results *results, FILE *out) {
    enum { SHOWN = 20 };
    size_t failed = 0;
    for (size_t t = 0; t < results->table_count; t++)
        for (size_t r = 0; r < results->tables[t].count; r++) {
            const struct record *record = results->tables[t].records[r];
            if (!describe_failed(record) || failed++ >= SHOWN) continue;
            char unit[400];
            describe_unit(record, unit, sizeof unit);
            if (failed == 1) fputs("\nfailed units\n", out);
            columns_wrap(unit, "  ", 2, LINE, out);
            columns_wrap(record_string(record, "reason"), "      ", 6, LINE, out);
        }
    if (failed > SHOWN) fprintf(out, "  and %zu more\n", failed - SHOWN);
}

enum status report_text(const struct ledger *ledger, const struct results *results, FILE *out) {
    print_header(results, out);
    print_table(ledger, results, out);
    print_failed(results, out);
    return fflush(out) != 0 || ferror(out) ? STATUS_IO : STATUS_OK;
}
