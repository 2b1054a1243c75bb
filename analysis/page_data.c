/* The end of the page: failed units, the machine, where the data come from and how to get them again. */
#include <math.h>
#include <string.h>

#include "analysis/describe.h"
#include "analysis/html.h"
#include "analysis/report_page.h"
#include "analysis/statistics.h"
#include "core/base/memory.h"

/* --- failed units ----------------------------------------------------------------------------------- */

static void print_failed_unit(const struct record *record, FILE *out) {
    char unit[500];
    describe_unit(record, unit, sizeof unit);
    fputs("<tr><td>", out);
    html_text(unit, out);
    fputs("</td><td data-label=\"reason\">", out);
    html_text(record_string(record, "reason"), out);
    fputs("</td></tr>\n", out);
}

static void print_failed(const struct results *results, FILE *out) {
    size_t failed = 0;
    for (size_t t = 0; t < results->table_count; t++)
        for (size_t r = 0; r < results->tables[t].count; r++) {
            const struct record *record = results->tables[t].records[r];
            if (!describe_failed(record)) continue;
            if (failed++ == 0)
                fputs(
                    "<section id=\"failed\"><h2>Units that failed</h2>\n<p>No row rests on them; "
                    "<code>engram run --resume</code> tries them again.</p>\n<table class=\"cards\"><thead><tr>"
                    "<th>unit</th><th>reason</th></tr></thead><tbody>\n",
                    out);
            print_failed_unit(record, out);
        }
    if (failed > 0) fputs("</tbody></table></section>\n", out);
}

/* --- the machine ------------------------------------------------------------------------------------ */

enum { MACHINE_RECORDS_MAX = 6 };

static bool is_number(const struct field *field) {
    return field->type == FIELD_INTEGER || field->type == FIELD_REAL;
}

/* A field of a record as text: numbers rounded, of several values their median. */
static void describe_field(const struct record *record, const struct field *field, char *text, size_t size) {
    text[0] = '\0';
    if (!is_number(field)) {
        snprintf(text, size, "%s", record_string(record, field->name));
        return;
    }
    const struct value *value = record_value(record, field->name);
    if (!value || value->count == 0) return;
    double *numbers = memory_allocate(value->count, sizeof *numbers);
    if (!numbers) return;
    for (size_t i = 0; i < value->count; i++)
        numbers[i] = field->type == FIELD_REAL ? value->reals[i] : (double)value->integers[i];
    double median = statistics_median(value->count, numbers);
    memory_free(numbers);
    if (isnan(median)) return;
    char number[NUMBER_SIZE];
    if (field->type == FIELD_INTEGER)
        number_rounded(median, number);
    else
        number_significant(median, 3, number);
    snprintf(text, size, "%s", number);
}

static void print_machine_field(const struct record *const *records, size_t count, const struct field *field,
                                FILE *out) {
    fputs("<tr><td>", out);
    html_text(field->description ? field->description : field->name, out);
    fputs("</td><td class=\"soft\">", out);
    if (field->unit && strcmp(field->unit, "1") != 0) html_text(field->unit, out);
    fputs("</td>", out);
    for (size_t i = 0; i < count; i++) {
        char text[200];
        describe_field(records[i], field, text, sizeof text);
        fputs("<td class=\"right figure\">", out);
        if (is_number(field))
            html_figures(text, out);
        else
            html_text(text, out);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void print_machine(const struct results *results, FILE *out) {
    const struct table *table = results_table(results, "machine");
    const struct record *records[MACHINE_RECORDS_MAX];
    size_t count = 0;
    for (size_t i = 0; table && i < table->count && count < MACHINE_RECORDS_MAX; i++)
        if (!describe_failed(table->records[i])) records[count++] = table->records[i];
    if (count == 0) return;
    fputs("<section id=\"machine\"><h2>The machine, measured</h2>\n<div class=\"scroll\"><table><thead><tr>"
          "<th>quantity</th><th>unit</th>",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<th class=\"right\">%s</th>", count == 1 ? "value" : "record");
    fputs("</tr></thead><tbody>\n", out);
    for (const struct field *field = table->schema->parameters; field && field->name; field++)
        print_machine_field(records, count, field, out);
    for (const struct field *field = table->schema->columns; field && field->name; field++)
        print_machine_field(records, count, field, out);
    fputs("</tbody></table></div></section>\n", out);
}

/* --- provenance ------------------------------------------------------------------------------------- */

static void print_fact(const char *name, const char *text, FILE *out) {
    if (!*text) return;
    fputs("<tr><td>", out);
    html_text(name, out);
    fputs("</td><td>", out);
    html_text(text, out);
    fputs("</td></tr>\n", out);
}

/* All of it but what has its own place on the page. */
static void print_provenance(const struct results *results, FILE *out) {
    enum { TEXT_SIZE = 4096 };
    fputs("<section id=\"provenance\"><h2>Provenance</h2>\n<table class=\"facts\"><tbody>\n", out);
    for (size_t i = 0; i < results->source_count; i++)
        print_fact(results->source_count == 1 ? "file" : "files", results->sources[i], out);
    const char *key;
    json_t *value;
    json_object_foreach(results->provenance, key, value) {
        char text[TEXT_SIZE];
        if (strcmp(key, "campaign_text") == 0 || strcmp(key, "stamps") == 0) continue;
        describe_value(value, text, sizeof text);
        print_fact(key, text, out);
    }
    fputs("</tbody></table></section>\n", out);
}

static void print_reproduction(const struct results *results, FILE *out) {
    char seed[64];
    describe_value(json_object_get(results->provenance, "seed"), seed, sizeof seed);
    const char *command = describe_provenance(results, "cmdline");
    const char *commit = describe_provenance(results, "git_commit");
    const char *campaign = describe_provenance(results, "campaign_text");
    fputs(
        "<section id=\"reproduce\"><h2>How to reproduce</h2>\n<p>Counted columns come out the same, bit for bit, on "
        "any number of ranks and threads; timings belong to this machine.</p>\n",
        out);
    if (*commit) {
        fputs("<p>Version <code>", out);
        html_text(commit, out);
        fputs("</code></p>\n", out);
    }
    if (*command) {
        fputs("<pre>", out);
        html_text(command, out);
        fputs("</pre>\n", out);
    }
    if (*seed) {
        fputs("<p>Seed <code>", out);
        html_text(seed, out);
        fputs("</code></p>\n", out);
    }
    if (*campaign) {
        fputs("<details><summary>The campaign</summary><pre>", out);
        html_text(campaign, out);
        fputs("</pre></details>\n", out);
    }
    fputs("</section>\n", out);
}

void page_data(const struct results *results, FILE *out) {
    print_failed(results, out);
    print_machine(results, out);
    print_reproduction(results, out);
    print_provenance(results, out);
}
