/* The page: one file that is well-formed, loads nothing, and holds all that a reader must know. */
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

#include "analysis/document.h"
#include "analysis/report.h"
#include "made_up.h"

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
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    struct error error = {STATUS_OK, ""};
    enum status status = report_write(ledger, results, deep, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    /* Again over what is there. */
    assert_int_equal(report_write(ledger, results, deep, &error), STATUS_OK);
    results_destroy(&results);
    made_up_ledger_free(ledger);
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
    static const char *const names[] = {"a/b/ledger.json",
                                        "a/b/plots/cx3_a.csv",
                                        "a/b/plots/cx3_b.csv",
                                        "a/b/plots/hc1a_residuals.csv",
                                        "a/b/plots/summary_capacity.csv",
                                        "a/b/plots/cx3_a.svg",
                                        "a/b/plots/cx3_b.svg",
                                        "a/b/plots/summary_capacity.svg"};
    char *folder, *page = page_report(&folder);
    for (size_t i = 0; i < (have_gnuplot() ? 8 : 5); i++) {
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
                                           "<td class=\"figure right\">2.50 [2.25, 2.75]</td>",
                                           ">117</td>",
                                           "8.13\xC3\x97"
                                           "10<sup>\xE2\x88\x92"
                                           "6</sup>",
                                           "prefers-color-scheme",
                                           "name=\"viewport\"",
                                           "@media print"};
    char *folder, *page = page_report(&folder), anchor[64];
    for (size_t i = 0; i < MADE_UP_ROWS; i++) {
        snprintf(anchor, sizeof anchor, "<section id=\"%s\">", made_up_claims[i].id);
        assert_non_null(strstr(page, anchor));
        snprintf(anchor, sizeof anchor, "href=\"#%s\"", made_up_claims[i].id);
        assert_non_null(strstr(page, anchor));
        assert_non_null(strstr(page, verdict_name((enum verdict)i)));
    }
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(page, expected[i])) fail_msg("not on the page: %s", expected[i]);
    discard(page, folder);
}

static void details_are_behind_a_fold(void **state) {
    (void)state;
    char *folder, *page = page_report(&folder);
    const char *fold = strstr(page, "<details class=\"fold\">"),
               *end = fold ? strstr(fold, "</details>") : NULL;
    const char *detail = strstr(page, "plots/hc1a_residuals.csv"), *plain = strstr(page, "plots/cx3_a.csv");
    assert_true(fold && end && fold < detail && detail < end);
    assert_true(plain && (plain < fold || plain > end));
    discard(page, folder);
}

static void every_figure_links_to_its_picture_and_data(void **state) {
    (void)state;
    static const char *const names[] = {"cx3_a", "cx3_b", "hc1a_residuals", "summary_capacity"};
    char *folder, *page = page_report(&folder), link[64];
    for (size_t i = 0; i < 4; i++) {
        snprintf(link, sizeof link, "href=\"plots/%s.csv\"", names[i]);
        assert_non_null(strstr(page, link));
        snprintf(link, sizeof link, "href=\"plots/%s.svg\"", names[i]);
        assert_true(!have_gnuplot() || strstr(page, link));
    }
    assert_true(strstr(page, "id=\"summary\"") < strstr(page, "<section id=\"CX3\""));
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
    struct ledger *ledger = made_up_ledger();
    struct results *results = made_up_results();
    for (size_t i = 0; i < 3; i++) {
        struct error error = {STATUS_OK, ""};
        assert_int_equal(report_write(ledger, results, places[i], &error), STATUS_IO);
        assert_non_null(strstr(error.text, places[i]));
    }
    results_destroy(&results);
    made_up_ledger_free(ledger);
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

static void an_empty_ledger_has_a_page(void **state) {
    (void)state;
    struct ledger ledger = {0, NULL};
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    char folder[] = "/tmp/engram-report-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(report_write(&ledger, results, folder, NULL), STATUS_OK);
    results_destroy(&results);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_holds_page_ledger_and_plots),
        cmocka_unit_test(the_page_holds_every_claim_and_where_it_comes_from),
        cmocka_unit_test(details_are_behind_a_fold),
        cmocka_unit_test(every_figure_links_to_its_picture_and_data),
        cmocka_unit_test(hostile_texts_stay_text),
        cmocka_unit_test(the_page_loads_nothing),
        cmocka_unit_test(ids_are_unique_and_references_resolve),
        cmocka_unit_test(the_page_is_well_formed),
        cmocka_unit_test(without_gnuplot_the_page_says_so),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
        cmocka_unit_test(an_empty_ledger_has_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
