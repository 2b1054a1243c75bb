/* The report: a table, JSON and a page, from ledgers made up here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/columns.h"
#include "analysis/document.h"
#include "analysis/finding.h"
#include "analysis/html.h"
#include "analysis/report.h"
#include "core/base/memory.h"

/* --- a ledger --------------------------------------------------------------------------------------- */

#define HOSTILE "<script>alert('x')</script>\"&\x1b[31m\xff"

static const struct claim made_up[] = {
    {.id = "CX3", .statement = "Attention costs L^2 d", .source = "chapter", .prediction = "2, 1"},
    {.id = "HC1a",
     .statement = "Stores 0.14 N patterns & " HOSTILE,
     .source = "Hopfield",
     .prediction = "0.14"},
    {.id = "AP4", .statement = "The split changes nothing", .source = "here", .prediction = "equal"},
    {.id = "HC1b", .statement = "Minima vanish at 0.1379", .source = "AGS", .prediction = "0.1379"},
};
enum { ROWS = sizeof made_up / sizeof *made_up };

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

static struct ledger *new_ledger(void) {
    struct ledger *ledger = memory_allocate(1, sizeof *ledger);
    ledger->rows = memory_allocate(ROWS, sizeof *ledger->rows);
    ledger->count = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        ledger->rows[i].claim = &made_up[i];
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
    finding = &ledger->rows[1].finding;
    add_measurement(finding,
                    "a quantity with a name that is longer than any column could ever hold in a table",
                    CRITERION_WITHIN, 0.14, 0.005, 0.1412, 0.1388, 0.1439);
    add_measurement(finding, "bounded above", CRITERION_AT_MOST, 1, 0.5, 1.2, -INFINITY, INFINITY);
    finding_say(finding, "%s", "Short.");
    return ledger;
}

static void free_ledger(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->count; i++)
        for (size_t p = 0; p < ledger->rows[i].finding.plot_count; p++)
            plot_clear(&ledger->rows[i].finding.plots[p]);
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

static struct results *new_results(void) {
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
    struct ledger *ledger = new_ledger();
    struct results *results = new_results();
    char *text = text_report(ledger, results);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i])) fail_msg("not said: %s", expected[i]);
    for (size_t i = 0; i < ROWS; i++)
        assert_non_null(strstr(text, made_up[i].id));
    free(text);
    results_destroy(&results);
    free_ledger(ledger);
}

static void the_table_fits_a_terminal(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct results *results = new_results();
    char *text = text_report(ledger, results), *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        assert_in_range(columns_width(line), 0, 110);
    free(text);
    results_destroy(&results);
    free_ledger(ledger);
}

static void the_table_cannot_play_tricks_on_a_terminal(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct results *results = new_results();
    char *text = text_report(ledger, results);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\xff'));
    free(text);
    results_destroy(&results);
    free_ledger(ledger);
}

/* --- JSON ------------------------------------------------------------------------------------------- */

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
    struct ledger *ledger = new_ledger();
    json_t *root = json_report(ledger), *rows = json_object_get(root, "claims");
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
    assert_int_equal(json_array_size(rows), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const json_t *row = json_array_get(rows, i);
        const struct finding *finding = &ledger->rows[i].finding;
        assert_string_equal(json_string_value(json_object_get(row, "id")), made_up[i].id);
        assert_string_equal(json_string_value(json_object_get(row, "source")), made_up[i].source);
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
            bool decides = !isnan(measurement->prediction);
            assert_true(json_is_string(json_object_get(object, "name")));
            assert_string_equal(json_string_value(json_object_get(object, "unit")), "s");
            assert_number(object, "prediction", measurement->prediction);
            assert_number(object, "tolerance", decides ? measurement->tolerance : NAN);
            assert_number(object, "precision", decides ? 3 * measurement->tolerance : NAN);
            assert_number(object, "value", measurement->value);
            assert_number(object, "low", measurement->low);
            assert_number(object, "high", measurement->high);
            assert_int_equal(json_integer_value(json_object_get(object, "n")), 12);
        }
    }
    json_decref(root);
    free_ledger(ledger);
}

/* --- the page --------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

static void remove_folder(const char *path) {
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *read_file(const char *folder, const char *name) {
    char path[512];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) return NULL;
    assert_int_equal(fstat(fileno(file), &facts), 0);
    char *text = calloc((size_t)facts.st_size + 1, 1);
    assert_int_equal(fread(text, 1, (size_t)facts.st_size, file), facts.st_size);
    fclose(file);
    return text;
}

/* The page of the ledger, and the folder it is in; both to be freed. */
static char *page_report(char **folder) {
    *folder = strdup("/tmp/engram-report-XXXXXX");
    assert_non_null(mkdtemp(*folder));
    char deep[64];
    snprintf(deep, sizeof deep, "%s/a/b", *folder);
    struct ledger *ledger = new_ledger();
    struct results *results = new_results();
    struct error error = {STATUS_OK, ""};
    enum status status = report_write(ledger, results, deep, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    /* Again over what is there. */
    assert_int_equal(report_write(ledger, results, deep, &error), STATUS_OK);
    results_destroy(&results);
    free_ledger(ledger);
    char *page = read_file(deep, "report.html");
    assert_non_null(page);
    return page;
}

static void discard(char *page, char *folder) {
    free(page);
    remove_folder(folder);
    free(folder);
}

static bool have_gnuplot(void) {
    return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

static void the_folder_holds_page_ledger_and_plots(void **state) {
    (void)state;
    static const char *const names[] = {"a/b/ledger.json", "a/b/plots/cx3_a.csv", "a/b/plots/cx3_b.csv",
                                        "a/b/plots/cx3_a.svg", "a/b/plots/cx3_b.svg"};
    char *folder, *page = page_report(&folder);
    for (size_t i = 0; i < (have_gnuplot() ? 5 : 3); i++) {
        char *text = read_file(folder, names[i]);
        assert_non_null(text);
        free(text);
    }
    assert_null(read_file(folder, "a/b/report.html.partial"));
    discard(page, folder);
}

static void the_page_holds_every_claim_and_where_it_comes_from(void **state) {
    (void)state;
    static const char *const expected[] = {"debug build",
                                           "1.983 [1.951, 2.014]",
                                           "20261121",
                                           "R &amp; D.h5",
                                           "1 unit failed",
                                           "Peak rate",
                                           ">117</td>",
                                           "8.13\xC3\x97"
                                           "10<sup>\xE2\x88\x92"
                                           "6</sup>",
                                           "prefers-color-scheme",
                                           "name=\"viewport\"",
                                           "@media print"};
    char *folder, *page = page_report(&folder), anchor[64];
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(anchor, sizeof anchor, "<section id=\"%s\">", made_up[i].id);
        assert_non_null(strstr(page, anchor));
        snprintf(anchor, sizeof anchor, "href=\"#%s\"", made_up[i].id);
        assert_non_null(strstr(page, anchor));
        assert_non_null(strstr(page, verdict_name((enum verdict)i)));
    }
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(page, expected[i])) fail_msg("not on the page: %s", expected[i]);
    discard(page, folder);
}

static void hostile_texts_stay_text(void **state) {
    (void)state;
    char *folder, *page = page_report(&folder);
    assert_null(strstr(page, "<script"));
    assert_null(strchr(page, '\x1b'));
    assert_null(strchr(page, '\xff'));
    assert_non_null(strstr(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
    discard(page, folder);
}

static void the_page_loads_nothing(void **state) {
    (void)state;
    static const char *const loads[] = {"http:", "https:", "src=", "@import", "<link", "<iframe", "<object"};
    char *folder, *page = page_report(&folder);
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        assert_null(strstr(page, loads[i]));
    for (const char *at = page; (at = strstr(at, "href=")); at++)
        assert_true(at[6] == '#' || strncmp(at + 6, "data:image/png", 14) == 0 ||
                    strncmp(at + 6, "plots/", 6) == 0);
    for (const char *at = page; (at = strstr(at, "url(")); at++)
        assert_true(at[4] == '#');
    discard(page, folder);
}

/* Plots share gnuplot's ids; on one page each must be its own, and every reference must lead somewhere. */
static void ids_are_unique_and_references_resolve(void **state) {
    (void)state;
    char *folder, *page = page_report(&folder);
    json_t *ids = json_object();
    for (const char *at = page; (at = strstr(at, " id=")); at++) {
        char *id = strndup(at + 5, strcspn(at + 5, "'\""));
        if (json_object_get(ids, id)) fail_msg("id %s twice", id);
        json_object_set_new(ids, id, json_true());
        free(id);
    }
    for (const char *at = page; (at = strstr(at, "href=")); at++) {
        if (at[6] != '#') continue;
        char *id = strndup(at + 7, strcspn(at + 7, "'\""));
        if (!json_object_get(ids, id)) fail_msg("nothing has id %s", id);
        free(id);
    }
    json_decref(ids);
    discard(page, folder);
}

/* Every element that is opened is closed, in order, and what follows `<` or `&` is mark-up. */
static void the_page_is_well_formed(void **state) {
    (void)state;
    enum { DEPTH = 64 };
    static const char *const empty[] = {"!DOCTYPE", "meta", NULL};
    char *folder, *page = page_report(&folder), *open[DEPTH];
    size_t depth = 0;
    const char *at = page;
    while ((at = strpbrk(at, "<&"))) {
        if (*at == '&') {
            size_t name = strspn(at + 1, "#0123456789abcdefghijklmnopqrstuvwxyz");
            assert_true(name > 0 && at[1 + name] == ';');
            at++;
            continue;
        }
        const char *end = at + 1;
        for (char quote = 0; quote || *end != '>'; end++) {
            assert_true(*end);
            if (quote ? *end == quote : *end == '"' || *end == '\'') quote = quote ? 0 : *end;
            if (quote == 0) assert_true(*end != '<');
        }
        size_t name = strcspn(at + 1, " \t\n>/");
        bool is_empty = end[-1] == '/';
        for (size_t i = 0; empty[i]; i++)
            is_empty |= strlen(empty[i]) == name && strncmp(at + 1, empty[i], name) == 0;
        if (at[1] == '/') {
            name = strcspn(at + 2, " >");
            assert_true(depth > 0);
            depth--;
            if (strncmp(at + 2, open[depth], name) != 0 || open[depth][name])
                fail_msg("%s is closed by %.*s", open[depth], (int)name, at + 2);
            free(open[depth]);
        } else if (!is_empty) {
            assert_true(depth < DEPTH);
            open[depth++] = strndup(at + 1, name);
        }
        at = end;
    }
    assert_int_equal(depth, 0);
    discard(page, folder);
}

static void without_gnuplot_the_page_says_so(void **state) {
    (void)state;
    char *before = strdup(getenv("PATH")), *folder;
    setenv("PATH", "/nonexistent", 1);
    char *page = page_report(&folder);
    setenv("PATH", before, 1);
    free(before);
    assert_non_null(strstr(page, "gnuplot is not installed"));
    assert_null(strstr(page, "role=\"img\""));
    assert_non_null(strstr(page, "<section id=\"HC1b\">"));
    discard(page, folder);
}

static void a_folder_that_cannot_be_made_is_named(void **state) {
    (void)state;
    char folder[] = "/tmp/engram-report-XXXXXX", file[64], inside[80];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(document_save(folder, "file", "x", 1, NULL), STATUS_OK);
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(inside, sizeof inside, "%s/report", file);
    const char *const places[] = {file, inside, "/proc/engram/report"};
    struct ledger *ledger = new_ledger();
    struct results *results = new_results();
    for (size_t i = 0; i < 3; i++) {
        struct error error = {STATUS_OK, ""};
        assert_int_equal(report_write(ledger, results, places[i], &error), STATUS_IO);
        assert_non_null(strstr(error.text, places[i]));
    }
    results_destroy(&results);
    free_ledger(ledger);
    remove_folder(folder);
}

/* A full disk: the old file stays, nothing half-written appears. */
static void a_file_is_written_whole_or_not_at_all(void **state) {
    (void)state;
    char folder[] = "/tmp/engram-report-XXXXXX", path[80];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(document_save(folder, "name", "old", 3, NULL), STATUS_OK);
    snprintf(path, sizeof path, "%s/name.partial", folder);
    assert_int_equal(symlink("/dev/full", path), 0);
    struct error error = {STATUS_OK, ""};
    assert_int_equal(document_save(folder, "name", "new", 3, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "name"));
    char *text = read_file(folder, "name");
    assert_string_equal(text, "old");
    free(text);
    remove_folder(folder);
}

static void an_empty_ledger_and_empty_results_are_fine(void **state) {
    (void)state;
    struct ledger ledger = {0, NULL};
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    char folder[] = "/tmp/engram-report-XXXXXX";
    assert_non_null(mkdtemp(folder));
    free(text_report(&ledger, results));
    json_t *root = json_report(&ledger);
    assert_int_equal(json_array_size(json_object_get(root, "claims")), 0);
    json_decref(root);
    assert_int_equal(report_write(&ledger, results, folder, NULL), STATUS_OK);
    results_destroy(&results);
    remove_folder(folder);
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
        cmocka_unit_test(json_holds_every_field_of_the_schema),
        cmocka_unit_test(the_folder_holds_page_ledger_and_plots),
        cmocka_unit_test(the_page_holds_every_claim_and_where_it_comes_from),
        cmocka_unit_test(hostile_texts_stay_text),
        cmocka_unit_test(the_page_loads_nothing),
        cmocka_unit_test(ids_are_unique_and_references_resolve),
        cmocka_unit_test(the_page_is_well_formed),
        cmocka_unit_test(without_gnuplot_the_page_says_so),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
        cmocka_unit_test(an_empty_ledger_and_empty_results_are_fine),
        cmocka_unit_test(sentences_get_the_typography_of_formulas),
        cmocka_unit_test(words_are_wrapped_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
