/* A comparison in Markdown: what differs, column by column and claim by claim; single units are left to the
 * other formats. */
#include <math.h>

#include "analysis/compare.h"
#include "analysis/describe.h"
#include "analysis/markdown.h"

static void say_warning(const char *sentence, void *context) {
    fputs(": ", context);
    markdown_text(sentence, context);
}

static void print_source(const char *letter, const char *name, const struct results *results, FILE *out) {
    static const char *const keys[] = {"launchdate", "hostname", "cpu_model", "git_commit"};
    fprintf(out, "- **%s** ", letter);
    markdown_text(name, out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char value[400];
        describe_value(json_object_get(results->provenance, keys[i]), value, sizeof value);
        if (*value) fputs(", ", out);
        markdown_text(value, out);
    }
    describe_warnings(results, say_warning, out);
    fputc('\n', out);
}

static void print_ratio(const struct interval *ratio, enum compare_outcome outcome, FILE *out) {
    char text[NUMBER_INTERVAL_SIZE] = "";
    if (isfinite(ratio->value)) number_with_interval(ratio->value, ratio->low, ratio->high, text);
    markdown_cell(text, out);
    markdown_cell(compare_outcome_name(outcome), out);
    fputs("|\n", out);
}

static void print_units(const struct comparison *comparison, FILE *out) {
    size_t counted = 0, different = 0;
    for (size_t i = 0; i < comparison->row_count; i++) {
        counted += !comparison->rows[i].measured;
        different += !comparison->rows[i].measured && comparison->rows[i].outcome == COMPARE_DIFFERENT;
    }
    fprintf(out, "\n%zu units in both, %zu in A only, %zu in B only; of %zu counted values %zu differ%s.\n",
            comparison->units, comparison->only_a, comparison->only_b, counted, different,
            comparison->same_seed ? "" : " (the seeds differ, and with them the random inputs)");
    if (comparison->summary_count == 0) return;
    fputs("\n## Measured columns\n\n| experiment | column | units | B / A \\[95 %\\] | outcome |\n", out);
    markdown_rule(5, out);
    for (size_t i = 0; i < comparison->summary_count; i++) {
        const struct compare_summary *summary = &comparison->summaries[i];
        markdown_cell(summary->experiment, out);
        markdown_cell(summary->field->name, out);
        fprintf(out, "| %zu ", summary->ratio.n);
        print_ratio(&summary->ratio, summary->outcome, out);
    }
}

static void print_measurement(const struct measurement *a, const struct measurement *b, void *context) {
    FILE *out = context;
    const struct measurement *both[] = {a, b};
    struct interval ratio = compare_ratio(a, b);
    char quantity[DESCRIBE_QUANTITY_SIZE];
    describe_quantity(a, quantity);
    fputs("| ", out);
    markdown_cell(quantity, out);
    for (size_t i = 0; i < 2; i++) {
        char text[NUMBER_INTERVAL_SIZE];
        number_with_interval(both[i]->value, both[i]->low, both[i]->high, text);
        markdown_cell(text, out);
    }
    print_ratio(&ratio, compare_measurements(a, b), out);
}

static void print_claims(const struct ledger *a, const struct ledger *b, FILE *out) {
    fputs("\n## Claims\n\n| claim | quantity | A | B | B / A \\[95 %\\] | outcome |\n", out);
    markdown_rule(6, out);
    for (size_t i = 0; i < a->count; i++) {
        const struct ledger_row *other = compare_find_row(b, a->rows[i].claim->id);
        if (other == NULL) continue;
        fputs("| **", out);
        markdown_text(a->rows[i].claim->id, out);
        fprintf(out, "** | | %s | %s | | %s |\n", verdict_name(a->rows[i].verdict),
                verdict_name(other->verdict),
                a->rows[i].verdict == other->verdict ? "same verdict" : "**other verdict**");
        compare_each_measurement(&a->rows[i], other, print_measurement, out);
    }
}

enum status compare_markdown(const struct compare_sides *sides, FILE *out) {
    fputs("# Comparison\n\n", out);
    print_source("A", sides->name_a, sides->a, out);
    print_source("B", sides->name_b, sides->b, out);
    print_units(sides->comparison, out);
    print_claims(sides->ledger_a, sides->ledger_b, out);
    return fflush(out) != 0 || ferror(out) ? STATUS_IO : STATUS_OK;
}
