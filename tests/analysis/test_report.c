/* The ledger as a table and as Markdown. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/columns.h"
#include "analysis/describe.h"
#include "analysis/document.h"
#include "analysis/finding.h"
#include "analysis/html.h"
#include "analysis/report.h"
#include "made_up.h"

static char *text_report(const struct ledger *ledger, const struct results *results) {
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(report_text(ledger, results, document.out), STATUS_OK);
    assert_int_equal(document_end(&document), STATUS_OK);
    return document.text;
}

/* --- the table -------------------------------------------------------------------------------------- */

static void the_table_says_what_a_reader_must_know(void **state) {
    (void)state;
    static const char *const expected[] = {
        "debug build",
        "dirty tree",
        "unfinished",
        "5 entries",
        "1 unit failed",
        "no such data",
        "4 ranks x 2 threads",
        "not reproduced",
        "inconclusive",
        "definition-dependent",
        "not measured",
        "0.1412 [0.1388, 0.1439]",
        "8.13e-6 [8.02e-6, inf]",
        "0.135 ... 0.145",
        "2 +- 0.1",
        "<= 1.5",
        "1 reproduced, 1 not reproduced, 1 inconclusive, 1 definition-dependent"};
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    char *text = text_report(ledger, results);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i])) fail_msg("not said: %s", expected[i]);
    for (size_t i = 0; i < MADE_UP_ROWS; i++)
        assert_non_null(strstr(text, made_up_claims[i].id));
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

static void the_table_fits_a_terminal(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    char *text = text_report(ledger, results), *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        assert_in_range(columns_width(line), 0, 110);
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

static void the_table_cannot_play_tricks_on_a_terminal(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    char *text = text_report(ledger, results);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\xff'));
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

/* Of two quantities of one name the unit tells which is which; pure numbers have none. */
static void quantities_have_their_units(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    struct finding *finding = &ledger->rows[0].finding;
    strcpy(finding->measurements[0].unit, "1");
    strcpy(finding->measurements[1].unit, "GFLOP");
    char *text = text_report(ledger, results);
    assert_non_null(strstr(text, "    exponent in L  "));
    assert_non_null(strstr(text, "    time (GFLOP)  "));
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

/* Its row, in text and Markdown; JSON and the page have tests of their own. */
static void tables_are_in_every_report(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    char *text = text_report(ledger, results);
    const char *row = strstr(text, "    made up 1 ");
    assert_non_null(row);
    assert_non_null(strstr(row, "  lstm  2.50 [2.25, 2.75]    1235"));
    free(text);
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(report_markdown(ledger, results, document.out), STATUS_OK);
    assert_int_equal(document_end(&document), STATUS_OK);
    assert_non_null(strstr(document.text, "| lstm | 2.50 \\[2.25, 2.75\\] | 1235 | - |\n"));
    document_clear(&document);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

static void a_table_drops_what_does_not_fit(void **state) {
    (void)state;
    struct finding *finding = calloc(1, sizeof *finding);
    struct finding_table *table = finding_table(finding, "t", "title", "row");
    for (int i = 0; i <= TABLE_COLUMNS_MAX; i++)
        table_add_column(table, "c");
    for (int i = 0; i < TABLE_ROWS_MAX; i++)
        assert_non_null(table_add_row(table, "%d", i));
    assert_int_equal(TABLE_COLUMNS_MAX, table->column_count);
    assert_null(table_add_row(table, "one more"));
    table_set_number(NULL, 0, 1);
    table_set_number(&table->rows[0], TABLE_COLUMNS_MAX, 1);
    for (int i = 1; i < CLAIM_TABLES_MAX; i++)
        assert_non_null(finding_table(finding, "t", "title", "row"));
    assert_null(finding_table(finding, "t", "title", "row"));
    for (size_t i = 0; i < finding->table_count; i++)
        table_clear(&finding->tables[i]);
    free(finding);
}

/* --- Markdown --------------------------------------------------------------------------------------- */

static char *markdown_report(const struct ledger *ledger, const struct results *results) {
    struct document document;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(report_markdown(ledger, results, document.out), STATUS_OK);
    assert_int_equal(document_end(&document), STATUS_OK);
    return document.text;
}

static void markdown_holds_every_row_and_measurement(void **state) {
    (void)state;
    static const char *const expected[] = {
        "# Ledger of claims",
        "> debug build",
        "| not reproduced | ",
        "## CX3: Attention costs L^2 d",
        "| exponent in L | 2 +- 0.1 | 1.983 \\[1.951, 2.014\\] | s | 12 |",
        "**definition-dependent.**",
        "1 reproduced, 1 not reproduced, 1 inconclusive, 1 definition-dependent"};
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    char *text = markdown_report(ledger, results);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i])) fail_msg("not said: %s in\n%s", expected[i], text);
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

/* Hostile texts bring neither tags nor columns, and every line of a table has as many cells as its head. */
static void markdown_stays_text_in_its_cells(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    strcpy(ledger->rows[0].finding.measurements[0].name, "a | b\n| c");
    char *text = markdown_report(ledger, results), *rest = NULL;
    assert_null(strstr(text, "<script"));
    assert_null(strchr(text, '\x1b'));
    size_t expected = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        size_t bars = 0;
        for (const char *c = line; *c; c++)
            bars += *c == '|' && (c == line || c[-1] != '\\');
        if (*line != '|') expected = 0;
        if (*line == '|' && expected == 0) expected = bars;
        assert_int_equal(bars, expected);
    }
    free(text);
    results_destroy(&results);
    made_up_ledger_free(ledger);
}

/* --- the rest --------------------------------------------------------------------------------------- */

static void an_empty_ledger_can_be_printed(void **state) {
    (void)state;
    struct ledger ledger = {0, NULL};
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    free(text_report(&ledger, results));
    free(markdown_report(&ledger, results));
    results_destroy(&results);
}

static void a_row_says_why(void **state) {
    (void)state;
    struct ledger *ledger = made_up_ledger();
    char why[160];
    describe_why(&ledger->rows[0], why, sizeof why);
    assert_string_equal(why, "1 of 2 agrees, 1 is not measured");
    describe_why(&ledger->rows[2], why, sizeof why);
    assert_string_equal(why, "nothing measured");
    made_up_ledger_free(ledger);
}

static void assert_prose(const char *text, const char *expected) {
    struct document document;
    document_open(&document);
    html_prose(text, document.out);
    document_end(&document);
    assert_string_equal(document.text, expected);
    document_clear(&document);
}

static void sentences_get_the_typography_of_formulas(void **state) {
    (void)state;
    assert_prose("costs L^2 d +- 1.", "costs L<sup>2</sup> d \xC2\xB1 1.");
    assert_prose("L^1.003; d^-2. k^n.", "L<sup>1.003</sup>; d<sup>-2</sup>. k<sup>n</sup>.");
    assert_prose("N^{-1/2}, N^{<b>}, a^", "N<sup>-1/2</sup>, N^{&lt;b&gt;}, a^");
}

static void words_are_wrapped_and_nothing_is_lost(void **state) {
    (void)state;
    static const char text[] = "one two three fourfivesixseven eight";
    struct document document;
    document_open(&document);
    columns_wrap(text, "A", 2, 12, document.out);
    document_end(&document);
    assert_string_equal(document.text, "A one two\n  three\n  fourfivesi\n  xseven\n  eight\n");
    document_clear(&document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_what_a_reader_must_know),
        cmocka_unit_test(the_table_fits_a_terminal),
        cmocka_unit_test(the_table_cannot_play_tricks_on_a_terminal),
        cmocka_unit_test(quantities_have_their_units),
        cmocka_unit_test(tables_are_in_every_report),
        cmocka_unit_test(a_table_drops_what_does_not_fit),
        cmocka_unit_test(markdown_holds_every_row_and_measurement),
        cmocka_unit_test(markdown_stays_text_in_its_cells),
        cmocka_unit_test(an_empty_ledger_can_be_printed),
        cmocka_unit_test(a_row_says_why),
        cmocka_unit_test(sentences_get_the_typography_of_formulas),
        cmocka_unit_test(words_are_wrapped_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
