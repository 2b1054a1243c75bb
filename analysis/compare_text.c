/* A comparison on a terminal. */
#include <math.h>
#include <string.h>

#include "analysis/columns.h"
#include "analysis/compare.h"
#include "analysis/describe.h"
#include "core/base/memory.h"

enum { LINE = 108, UNIT = 42, VALUE = 12, RATIO = 24, PARAMETERS_MAX = 64 };

/* --- where both come from ---------------------------------------------------------------------------------
 */

static void say_warning(const char *sentence, void *context) {
    columns_wrap(sentence, "     !", 7, LINE, context);
}

static void print_source(const char *letter, const char *name, const struct results *results, FILE *out) {
    static const char *const keys[] = {"launchdate", "hostname",   "cpu_model",
                                       "kernels",    "git_commit", "blas"};
    columns_wrap(name, letter, 5, LINE, out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char value[400], line[440];
        describe_value(json_object_get(results->provenance, keys[i]), value, sizeof value);
        snprintf(line, sizeof line, "%-12s %s", keys[i], value);
        if (*value) columns_wrap(line, "", 5, LINE, out);
    }
    describe_warnings(results, say_warning, out);
}

/* --- measured columns ------------------------------------------------------------------------------- */

/* Whether the parameter differs among the rows of one experiment that begin at `first`. */
static bool varies(const struct comparison *comparison, size_t first, const struct field *field) {
    const struct record *record = comparison->rows[first].a;
    for (size_t i = first; i < comparison->row_count; i++) {
        const struct record *other = comparison->rows[i].a;
        if (other->schema != record->schema) break;
        if (field->type == FIELD_CHOICE || field->type == FIELD_STRING) {
            if (strcmp(record_string(record, field->name), record_string(other, field->name)) != 0)
                return true;
        } else if (record_real(record, field->name) != record_real(other, field->name)) {
            return true;
        }
    }
    return false;
}

/* The parameters that tell the units of an experiment apart. */
struct variants {
    size_t count;
    const struct field *fields[PARAMETERS_MAX];
};

static struct variants find_variants(const struct comparison *comparison, size_t first) {
    struct variants variants = {0};
    for (const struct field *field = comparison->rows[first].a->schema->parameters; field && field->name;
         field++)
        if (variants.count < PARAMETERS_MAX && varies(comparison, first, field))
            variants.fields[variants.count++] = field;
    return variants;
}

/* "length=512 ranks=2" */
static void describe_variant(const struct variants *variants, const struct record *record, char *text,
                             size_t size) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < variants->count && length < size; i++) {
        const struct field *field = variants->fields[i];
        char number[NUMBER_SIZE];
        const char *value = number;
        if (field->type == FIELD_CHOICE || field->type == FIELD_STRING)
            value = record_string(record, field->name);
        else
            number_rounded(record_real(record, field->name), number);
        length +=
            (size_t)snprintf(text + length, size - length, "%s%s=%s", length ? " " : "", field->name, value);
    }
    if (length < size && record_integer(record, "repeat") > 0)
        snprintf(text + length, size - length, "%srepeat=%lld", length ? " " : "",
                 (long long)record_integer(record, "repeat"));
}

static void print_ratio(const struct interval *ratio, enum compare_outcome outcome, FILE *out) {
    char text[NUMBER_INTERVAL_SIZE];
    number_with_interval(ratio->value, ratio->low, ratio->high, text);
    columns_cell(text, RATIO > columns_width(text) ? RATIO : columns_width(text), out);
    fprintf(out, " %s\n", compare_outcome_name(outcome));
}

static void print_measured_row(const struct compare_row *row, const char *unit, FILE *out) {
    char a[NUMBER_SIZE], b[NUMBER_SIZE];
    number_significant(row->value_a, 4, a);
    number_significant(row->value_b, 4, b);
    int over = columns_width(unit) > UNIT;
    if (over) columns_wrap(unit, "", 4, LINE, out);
    fputs("    ", out);
    columns_cell(over ? "" : unit, UNIT, out);
    columns_cell(a, VALUE, out);
    columns_cell(b, VALUE, out);
    print_ratio(&row->ratio, row->outcome, out);
}

/* One column of one experiment, whose rows begin at `first`: the summary, then unit by unit. */
static void print_measured(const struct comparison *comparison, const struct compare_summary *summary,
                           FILE *out) {
    size_t first = 0;
    while (first < comparison->row_count &&
           strcmp(comparison->rows[first].a->schema->name, summary->experiment) != 0)
        first++;
    struct variants variants = find_variants(comparison, first);
    fprintf(out, "\n  %s: %s (%s), %zu unit%s\n    ", summary->experiment, summary->field->name,
            summary->field->unit, summary->ratio.n, summary->ratio.n == 1 ? "" : "s");
    columns_cell("", UNIT, out);
    columns_cell("A", VALUE, out);
    columns_cell("B", VALUE, out);
    columns_cell("B / A [95 %]", RATIO, out);
    fputs("\n    ", out);
    columns_cell("all of them, geometric mean", UNIT + 2 * VALUE, out);
    print_ratio(&summary->ratio, summary->outcome, out);
    for (size_t i = first; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        char unit[300];
        if (row->field != summary->field) continue;
        describe_variant(&variants, row->a, unit, sizeof unit);
        print_measured_row(row, unit, out);
    }
}

/* --- counted columns -------------------------------------------------------------------------------- */

static bool differs(const struct compare_row *row) {
    return !row->measured && row->outcome == COMPARE_DIFFERENT;
}

/* One unit and its columns that differ: "successes (16, 15), overlap". Its rows begin at `row`. */
static void print_differences(const struct compare_row *row, const struct compare_row *end, FILE *out) {
    const struct record *record = row->a;
    char unit[400], columns[800] = "";
    for (size_t length = 0; row < end && row->a == record && length < sizeof columns; row++) {
        char a[NUMBER_SIZE], b[NUMBER_SIZE], values[3 * NUMBER_SIZE] = "";
        if (!differs(row)) continue;
        number_exact(row->value_a, a);
        number_exact(row->value_b, b);
        if (!isnan(row->value_a) || !isnan(row->value_b)) snprintf(values, sizeof values, " (%s, %s)", a, b);
        length += (size_t)snprintf(columns + length, sizeof columns - length, "%s%s%s", length ? ", " : "",
                                   row->field->name, values);
    }
    describe_unit(record, unit, sizeof unit);
    columns_wrap(unit, "", 4, LINE, out);
    columns_wrap(columns, "", 8, LINE, out);
}

static void print_counted(const struct comparison *comparison, FILE *out) {
    enum { SHOWN = 20 };
    const struct compare_row *end = comparison->rows + comparison->row_count;
    const struct record *last = NULL;
    size_t counted = 0, different = 0, units = 0;
    for (const struct compare_row *row = comparison->rows; row < end; row++) {
        counted += !row->measured;
        different += differs(row);
    }
    fprintf(out, "\ncounted columns: %zu values compared, %zu different\n", counted, different);
    for (const struct compare_row *row = comparison->rows; row < end; row++) {
        if (!differs(row) || row->a == last) continue;
        last = row->a;
        if (units++ < SHOWN) print_differences(row, end, out);
    }
    if (units > SHOWN) fprintf(out, "    and %zu units more\n", units - SHOWN);
}

/* --- claims ----------------------------------------------------------------------------------------- */

static void print_measurement(const struct measurement *a, const struct measurement *b, void *context) {
    enum { NAME = 36, MEASURED = 27 };
    FILE *out = context;
    char value_a[NUMBER_INTERVAL_SIZE], value_b[NUMBER_INTERVAL_SIZE], quantity[DESCRIBE_QUANTITY_SIZE];
    describe_quantity(a, quantity);
    number_with_interval(a->value, a->low, a->high, value_a);
    number_with_interval(b->value, b->low, b->high, value_b);
    int over = columns_width(quantity) > NAME;
    if (over) columns_wrap(quantity, "", 4, LINE, out);
    fputs("    ", out);
    columns_cell(over ? "" : quantity, NAME + 1, out);
    columns_cell(value_a, MEASURED, out);
    columns_cell(value_b, MEASURED, out);
    fprintf(out, "%s\n", compare_outcome_name(compare_measurements(a, b)));
    struct interval ratio = compare_ratio(a, b);
    if (!isfinite(ratio.value) || !isfinite(ratio.low) || !(ratio.low < ratio.high)) return;
    number_with_interval(ratio.value, ratio.low, ratio.high, value_a);
    columns_cell("", 4 + NAME + 1 + MEASURED, out);
    fprintf(out, "B / A %s\n", value_a);
}

static void print_claim(const struct ledger_row *a, const struct ledger_row *b, FILE *out) {
    fprintf(out, "\n  %-6s A: %s, B: %s\n", a->claim->id, verdict_name(a->verdict), verdict_name(b->verdict));
    compare_each_measurement(a, b, print_measurement, out);
}

static bool has_value(const struct ledger_row *a, const struct ledger_row *b) {
    return describe_has_value(a) || describe_has_value(b);
}

/* The claims of which neither side has a value, in a line or two. */
static void print_claims_without_value(const struct ledger *a, const struct ledger *b, FILE *out) {
    enum { TEXT = 16 * 256 };
    char text[TEXT] = "";
    size_t length = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct ledger_row *other = compare_find_row(b, a->rows[i].claim->id);
        if (!other || has_value(&a->rows[i], other) || length + 16 >= TEXT) continue;
        length += (size_t)snprintf(text + length, 16, "%s%.8s", length ? ", " : "", a->rows[i].claim->id);
    }
    if (length == 0) return;
    fputc('\n', out);
    columns_wrap(text, "  no value in A or B: ", 4, LINE, out);
}

enum status compare_ledgers_text(const struct ledger *a, const struct ledger *b, FILE *out) {
    fputs("\nclaims\n", out);
    for (size_t i = 0; i < a->count; i++) {
        const struct ledger_row *other = compare_find_row(b, a->rows[i].claim->id);
        if (other && has_value(&a->rows[i], other)) print_claim(&a->rows[i], other, out);
    }
    print_claims_without_value(a, b, out);
    return fflush(out) != 0 || ferror(out) ? STATUS_IO : STATUS_OK;
}

/* --- the whole -------------------------------------------------------------------------------------- */

static void print_units(const struct comparison *comparison, FILE *out) {
    fprintf(out, "\n%zu units in both, %zu in A only, %zu in B only\n", comparison->units, comparison->only_a,
            comparison->only_b);
    if (!comparison->same_seed)
        fputs("  ! the seeds differ: counted columns are those of other random inputs\n", out);
    if (comparison->summary_count > 0)
        fputs(
            "\nmeasured columns: ratios of medians. Samples within one run tell nothing about how much runs differ.\n",
            out);
    for (size_t i = 0; i < comparison->summary_count; i++)
        print_measured(comparison, &comparison->summaries[i], out);
    print_counted(comparison, out);
}

enum status compare_text(const struct compare_sides *sides, FILE *out) {
    print_source("A", sides->name_a, sides->a, out);
    print_source("B", sides->name_b, sides->b, out);
    print_units(sides->comparison, out);
    return compare_ledgers_text(sides->ledger_a, sides->ledger_b, out);
}
