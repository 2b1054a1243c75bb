/* The ledger in Markdown, for issues, READMEs and notebooks. */
#include "analysis/describe.h"
#include "analysis/markdown.h"
#include "analysis/report.h"

static void say_warning(const char *sentence, void *context) {
    fputs("> ", context);
    markdown_text(sentence, context);
    fputs("\n>\n", context);
}

static void print_header(const struct results *results, FILE *out) {
    char size[128];
    describe_size(results, size, sizeof size);
    const char *const facts[] = {describe_provenance(results, "campaign_name"),
                                 describe_provenance(results, "launchdate"),
                                 describe_provenance(results, "cpu_model"), size};
    fputs("# Ledger of claims\n\n", out);
    const char *before = "";
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (!*facts[i]) continue;
        fputs(before, out);
        markdown_text(facts[i], out);
        before = ", ";
    }
    fputs("\n\n", out);
    describe_warnings(results, say_warning, out);
}

static void print_overview(const struct ledger *ledger, FILE *out) {
    char tally[256];
    fputs("| verdict | why | id | claim | predicted | records |\n", out);
    markdown_rule(6, out);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_row *row = &ledger->rows[i];
        char why[160];
        describe_why(row, why, sizeof why);
        markdown_cell(verdict_name(row->verdict), out);
        markdown_cell(why, out);
        markdown_cell(row->claim->id, out);
        markdown_cell(row->claim->statement, out);
        markdown_cell(row->claim->prediction, out);
        fprintf(out, "| %zu |\n", row->finding.records);
    }
    describe_tally(ledger, tally, sizeof tally);
    fprintf(out, "\n%s\n", tally);
}

static void print_measurement(const struct measurement *measurement, FILE *out) {
    char prediction[NUMBER_INTERVAL_SIZE], value[NUMBER_INTERVAL_SIZE];
    describe_prediction(measurement, prediction);
    number_with_interval(measurement->value, measurement->low, measurement->high, value);
    markdown_cell(measurement->name, out);
    markdown_cell(prediction, out);
    markdown_cell(value, out);
    markdown_cell(measurement->unit, out);
    fprintf(out, "| %zu |\n", measurement->n);
}

static void print_figures(const struct finding_table *table, FILE *out) {
    fputs("\n**", out);
    markdown_text(table->title, out);
    fputs(".** ", out);
    markdown_text(table->caption, out);
    fputs("\n\n", out);
    markdown_cell(table->row_head, out);
    for (size_t c = 0; c < table->column_count; c++)
        markdown_cell(table->heads[c], out);
    fputs("|\n", out);
    markdown_rule(1 + table->column_count, out);
    for (size_t r = 0; r < table->row_count; r++) {
        markdown_cell(table->rows[r].name, out);
        for (size_t c = 0; c < table->column_count; c++) {
            char text[NUMBER_INTERVAL_SIZE];
            table_cell_text(&table->rows[r].cells[c], text);
            markdown_cell(text, out);
        }
        fputs("|\n", out);
    }
}

static void print_row(const struct ledger_row *row, FILE *out) {
    const struct finding *finding = &row->finding;
    size_t shown = 0;
    fputs("\n## ", out);
    markdown_text(row->claim->id, out);
    fputs(": ", out);
    markdown_text(row->claim->statement, out);
    fprintf(out, "\n\n**%s.** ", verdict_name(row->verdict));
    markdown_text(finding->reason, out);
    fputc('\n', out);
    for (size_t i = 0; i < finding->measurement_count; i++) {
        if (!describe_is_measured(&finding->measurements[i])) continue;
        if (shown++ == 0) {
            fputs("\n| quantity | predicted | measured \\[95 %\\] | unit | n |\n", out);
            markdown_rule(5, out);
        }
        print_measurement(&finding->measurements[i], out);
    }
    for (size_t i = 0; i < finding->table_count; i++)
        if (finding->tables[i].row_count > 0) print_figures(&finding->tables[i], out);
}

enum status report_markdown(const struct ledger *ledger, const struct results *results, FILE *out) {
    print_header(results, out);
    print_overview(ledger, out);
    for (size_t i = 0; i < ledger->count; i++)
        print_row(&ledger->rows[i], out);
    return fflush(out) != 0 || ferror(out) ? STATUS_IO : STATUS_OK;
}
