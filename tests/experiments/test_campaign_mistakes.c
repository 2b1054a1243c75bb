/* Every mistake of a campaign is reported at its line, all in one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "campaign_reading.h"

/* An entry with mistakes: what is said at which of its lines, from 1. `count` is the number of messages. */
struct bad_entry {
    const char *text;
    size_t count;
    struct {
        int line;
        const char *word;
    } said[6];
};

#define CAPACITY  "  - experiment: hopfield_capacity\n"
#define ATTENTION "  - experiment: attention\n"
#define LOADS     CAPACITY "    set: {neurons: 100}\n    vary: {load: [0.1, 0.2]}\n"
#define REFINE    LOADS "    refine: "

static const struct bad_entry bad_entries[] = {
    {"  - experiment: hopfeld_capacity\n", 1, {{1, "did you mean 'hopfield_capacity'?"}}},
    {"  - {}\n", 1, {{1, "experiment"}}},
    {"  - just a word\n", 1, {{1, "mapping"}}},
    {"  - experiment: [attention]\n", 1, {{1, "experiment"}}},
    {CAPACITY "    set: {neurons: 100, lod: 0.1}\n", 1, {{2, "did you mean 'load'?"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1, dynamics: asynchron}\n",
     1,
     {{2, "asynchronous, synchronous"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    vary: {rule: [hebb, heb]}\n",
     1,
     {{3, "did you mean 'hebb'?"}}},
    {CAPACITY "    set: {neurons: 100, load: 7}\n", 1, {{2, "0 ... 4"}}},
    {CAPACITY "    set: {neurons: 1, load: 0.1}\n", 1, {{2, "2 ... 200000"}}},
    {CAPACITY "    set: {neurons: 99.5, load: 0.1}\n", 1, {{2, "'99.5'"}}},
    {CAPACITY "    set: {neurons: many, load: 0.1}\n", 1, {{2, "'many'"}}},
    {CAPACITY "    set: {neurons: 99999999999999999999, load: 0.1}\n", 1, {{2, "neurons"}}},
    {CAPACITY "    set: {neurons: 100, load: .nan}\n", 1, {{2, "number"}}},
    {CAPACITY "    set: {neurons: 100, load: inf}\n", 1, {{2, "number"}}},
    {CAPACITY "    set: {neurons: , load: 0.1}\n", 1, {{2, "neurons"}}},
    {CAPACITY "    set: {neurons: max, load: 0.1}\n", 1, {{2, "'max'"}}},
    {CAPACITY "    set: {neurons: 100, load: auto}\n", 1, {{2, "'auto'"}}},
    {CAPACITY "    set: {rule: hebb}\n", 2, {{1, "'neurons'"}, {1, "'load'"}}},
    {CAPACITY, 2, {{1, "'neurons'"}, {1, "'load'"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    vary: {load: [0.1, 0.2]}\n",
     1,
     {{3, "set twice in this entry, first in line"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1, neurons: 200}\n", 1, {{2, "twice"}}},
    {CAPACITY "    vary: {neurons: [100, 200]}\n    zip: {neurons: [100, 200], load: [0.1, 0.2]}\n",
     1,
     {{3, "twice"}}},
    {CAPACITY "    zip: {neurons: [100, 200], load: [0.1, 0.2, 0.3]}\n", 1, {{2, "3 values"}}},
    {CAPACITY "    vary: {neurons: [], load: [0.1]}\n", 1, {{2, "empty"}}},
    {CAPACITY "    vary: {neurons: 100, load: [0.1]}\n", 1, {{2, "set"}}},
    {CAPACITY "    set: {neurons: [100], load: 0.1}\n", 1, {{2, "vary"}}},
    {CAPACITY "    vary: {neurons: [[100]], load: [0.1]}\n", 1, {{2, "list"}}},
    {CAPACITY "    set: {neurons: {from: 1, to: 9, step: 1}, load: 0.1}\n", 1, {{2, "vary"}}},
    {CAPACITY "    set: [neurons, load]\n", 3, {{2, "mapping"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    set: {rule: hebb}\n", 1, {{3, "twice"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    vry: {rule: [hebb]}\n", 1, {{3, "'vary'"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 0\n", 1, {{3, "from 1"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 1.5\n", 1, {{3, "whole number"}}},
    {CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: [2]\n", 1, {{3, "whole number"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 200, stp: 20}}\n",
     2,
     {{3, "did you mean 'step'?"}, {3, "step or factor"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 200, step: 20, factor: 2}}\n",
     1,
     {{3, "either step or factor"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, step: 20}}\n", 1, {{3, "needs to"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: a, to: 200, step: 20}}\n", 1, {{3, "from"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 200, step: 0}}\n",
     1,
     {{3, "step > 0"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 200, factor: 1}}\n",
     1,
     {{3, "factor > 1"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 200, to: 100, step: 20}}\n",
     1,
     {{3, "empty"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 101, step: 0.5}}\n",
     1,
     {{3, "'100.5'"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 1e4, to: 4e5, factor: 2}}\n",
     1,
     {{3, "2 ... 200000"}}},
    {CAPACITY "    set: {neurons: 100}\n    vary: {load: {from: 0, to: 1, step: 1e-9}}\n",
     1,
     {{3, "1000000"}}},
    {CAPACITY
     "    set: {neurons: 100}\n    vary: {load: {from: 0, to: 1, step: 0.01}}\n    repeats: 1000000\n",
     1,
     {{1, "at most 1000000"}}},
    {ATTENTION "    set: {shape: brt-base}\n", 1, {{2, "did you mean 'bert-base'?"}}},
    {ATTENTION "    set: {shape: gnmt}\n", 1, {{2, "no shape 'gnmt' for attention"}}},
    {ATTENTION "    set: {shape: bert-base}\n    vary: {shape: [vit-b-16]}\n",
     1,
     {{3, "'shape' is set twice"}}},
    {ATTENTION "    shape: bert-base\n    set: {shape: vit-b-16}\n", 1, {{3, "'shape' is set twice"}}},
    {ATTENTION "    set: {shape: bert-base, kv_heads: 5}\n", 1, {{1, "kv_heads 5"}}},
    {ATTENTION "    set: {length: 8, heads: 2, head_width: 8}\n    vary: {ranks: [1, all]}\n",
     1,
     {{3, "max"}}},
    {"  - experiment: recurrent\n    vary: {shape: [gnmt, bert-base]}\n",
     1,
     {{1, "needs the parameter 'cell'"}}},
    /* One mistake does not hide the next. */
    {CAPACITY
     "    set: {neurons: x, load: 9, rule: hob}\n    vary: {trials: [0, 1, no]}\n    repeats: none\n",
     6,
     {{2, "'x'"}, {2, "0 ... 4"}, {2, "'hob'"}, {3, "1 ... 1000000"}, {3, "'no'"}, {4, "repeats"}}},
    {REFINE "{vary: lod, of: successes, precision: 0.001}\n", 1, {{4, "did you mean 'load'?"}}},
    {REFINE "{vary: load, of: sucesses, precision: 0.001}\n", 1, {{4, "did you mean 'successes'?"}}},
    {REFINE "{vary: load, of: successes, out_of: trails, precision: 0.001}\n",
     1,
     {{4, "did you mean 'trials'?"}}},
    {REFINE "{vary: load, of: successes, precison: 0.001}\n",
     2,
     {{4, "did you mean 'precision'?"}, {4, "needs precision"}}},
    {REFINE "{}\n", 3, {{4, "needs vary"}, {4, "needs of"}, {4, "needs precision"}}},
    {REFINE "load\n", 1, {{4, "mapping such as"}}},
    {REFINE "[load]\n", 1, {{4, "mapping such as"}}},
    {REFINE "{vary: rule, of: successes, precision: 0.001}\n", 1, {{4, "'rule' cannot be refined"}}},
    {REFINE "{vary: neurons, of: successes, precision: 1}\n", 1, {{4, "must stand under vary"}}},
    {REFINE "{vary: [load], of: successes, precision: 0.001}\n", 1, {{4, "takes a name"}}},
    {REFINE "{vary: load, of: overlap, precision: 0.001}\n", 1, {{4, "no count"}}},
    {REFINE "{vary: load, of: successes, out_of: load, precision: 0.001}\n", 1, {{4, "no count"}}},
    {REFINE "{vary: load, of: successes, at: 1, precision: 0.001}\n", 1, {{4, "0.01 to 0.99"}}},
    {REFINE "{vary: load, of: successes, at: half, precision: 0.001}\n", 1, {{4, "at under refine"}}},
    {REFINE "{vary: load, of: successes, precision: 0}\n", 1, {{4, "precision under refine"}}},
    {REFINE "{vary: load, of: successes, precision: 5}\n", 1, {{4, "to 4"}}},
    {REFINE "{vary: load, of: successes, precision: [1]}\n", 1, {{4, "precision under refine"}}},
    {REFINE "{vary: load, of: successes, precision: .nan}\n", 1, {{4, "precision under refine"}}},
    {REFINE "{vary: load, of: successes, precision: 0.001, budget: 1}\n", 1, {{4, "from 2 to"}}},
    {REFINE "{vary: load, of: successes, precision: 0.001, budget: 2000000}\n", 1, {{4, "1000000"}}},
    {CAPACITY "    vary: {neurons: [100, 200], load: [0.1, 0.2]}\n"
              "    refine: {vary: load, of: successes, precision: 0.001}\n    repeats: 100000\n",
     1,
     {{1, "smaller budget under refine"}}},
    {CAPACITY "    set: {neurons: 100}\n    vary: {load: [0.1]}\n"
              "    refine: {vary: load, of: successes, precision: 0.001}\n",
     1,
     {{3, "2 to 1000 different values of load"}}},
    {CAPACITY "    set: {neurons: 100}\n    vary: {load: [0.1, 0.3, 0.2, 0.2]}\n"
              "    refine: {vary: load, of: successes, precision: 0.001}\n",
     1,
     {{3, "2 to 1000 different values of load"}}},
    {CAPACITY "    set: {load: 0.1}\n    vary: {neurons: [10, 20]}\n"
              "    refine: {vary: load, of: successes, precision: 0.001}\n",
     1,
     {{4, "must stand under vary"}}},
    {CAPACITY "    set: {neurons: 10}\n    zip: {load: [0.1, 0.2]}\n"
              "    refine: {vary: load, of: successes, precision: 0.001}\n",
     1,
     {{4, "must stand under vary"}}},
    {ATTENTION "    set: {shape: bert-base}\n    vary: {batch: [1, 2]}\n"
               "    refine: {vary: batch, of: successes, precision: 1}\n",
     3,
     {{4, "only counted"}, {4, "no column"}, {4, "no trials"}}},
    {ATTENTION "    set: {shape: bert-base}\n    vary: {ranks: [1, max]}\n"
               "    refine: {vary: ranks, of: repeat, precision: 1}\n",
     4,
     {{4, "only counted"}, {4, "'ranks' cannot be refined"}}},
};

enum { BAD_ENTRIES = sizeof bad_entries / sizeof *bad_entries };

static int count_lines(const char *text) {
    int count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void assert_said(const struct reading *reading, const struct bad_entry *entry, int lines_before) {
    for (size_t i = 0; i < sizeof entry->said / sizeof *entry->said && entry->said[i].word; i++)
        if (!says(reading, lines_before + entry->said[i].line, entry->said[i].word))
            fail_msg("nothing about %s in line %d of\n%sin\n%s", entry->said[i].word,
                     lines_before + entry->said[i].line, entry->text, reading->messages);
}

static void each_mistake_is_reported_at_its_line(void **state) {
    (void)state;
    for (size_t i = 0; i < BAD_ENTRIES; i++) {
        char text[1000];
        snprintf(text, sizeof text, "%s%s", CAMPAIGN_HEAD, bad_entries[i].text);
        struct reading reading = read_text(text);
        assert_int_equal(reading.status, STATUS_INVALID);
        assert_null(reading.campaign);
        assert_said(&reading, &bad_entries[i], CAMPAIGN_HEAD_LINES);
        if (count_mistakes(&reading) != bad_entries[i].count)
            fail_msg("%zu messages, not %zu, for\n%s:\n%s", count_mistakes(&reading), bad_entries[i].count,
                     bad_entries[i].text, reading.messages);
        reading_free(&reading);
    }
}

static void all_mistakes_of_a_file_are_reported_in_one_go(void **state) {
    (void)state;
    static char text[BAD_ENTRIES * 300];
    strcpy(text, CAMPAIGN_HEAD);
    size_t count = 0;
    for (size_t i = 0; i < BAD_ENTRIES; i++) {
        strcat(text, bad_entries[i].text);
        count += bad_entries[i].count;
    }
    struct reading reading = read_text(text);
    assert_int_equal(reading.status, STATUS_INVALID);
    int lines = CAMPAIGN_HEAD_LINES;
    for (size_t i = 0; i < BAD_ENTRIES; i++) {
        assert_said(&reading, &bad_entries[i], lines);
        lines += count_lines(bad_entries[i].text);
    }
    assert_int_equal(count_mistakes(&reading), count);
    reading_free(&reading);
}

/* A whole file, and what is said at which line. */
struct bad_file {
    const char *text;
    int line;
    const char *word;
};

#define GOOD_ENTRY "  - experiment: hopfield_capacity\n    set: {neurons: 100, load: 0.1}\n"

static const struct bad_file bad_files[] = {
    {"", 1, "empty"},
    {"# only a remark\n", 1, "empty"},
    {"- a\n- b\n", 1, "name, seed and experiments"},
    {"name: x\n", 1, "seed"},
    {"seed: 1\nexperiments:\n" GOOD_ENTRY, 1, "name"},
    {"name: x\nexperiments:\n" GOOD_ENTRY, 1, "seed"},
    {"name: [x]\nseed: 1\nexperiments:\n" GOOD_ENTRY, 1, "name"},
    {"name: x\nseed: -1\nexperiments:\n" GOOD_ENTRY, 2, "from 0"},
    {"name: x\nseed: 1.5\nexperiments:\n" GOOD_ENTRY, 2, "whole number"},
    {"name: x\nseed: 9223372036854775808\nexperiments:\n" GOOD_ENTRY, 2, "9223372036854775807"},
    {"name: x\nseed: 1\nexperiment:\n" GOOD_ENTRY, 3, "did you mean 'experiments'?"},
    {"name: x\nseed: 1\nexperiments: []\n", 3, "list"},
    {"name: x\nseed: 1\nexperiments: attention\n", 3, "list"},
    {"name: x\nname: y\nseed: 1\nexperiments:\n" GOOD_ENTRY, 2, "twice"},
    {"name: x\nseed: 1\nexperiments:\n" GOOD_ENTRY "...\n---\nname: y\n", 7, "one document"},
    {"name: x\nseed: [1\n", 3, "bracket"},
    {"name: [x]\n\tseed: 1\n", 2, "tab"},
    {"name: \"x\n", 1, "quoted"},
    {"name: x\nseed: &s 1\nexperiments:\n" GOOD_ENTRY, 2, "anchors"},
    {"name: x\nseed: *s\nexperiments:\n" GOOD_ENTRY, 2, "aliases"},
    {"name: x\nseed: !!int 1\nexperiments:\n" GOOD_ENTRY, 2, "tags"},
    {"name: x\n? [a, b]\n: 1\n", 2, "key"},
    {"name: x\nseed: \"1\\0\"\n", 2, "NUL"},
    {"name: x\nseed: \xff\n", 2, "UTF-8"},
    {"name: x\nseed: \xed\xa0\x80\n", 2, "UTF-8"},
    {"name: x\nseed: \x1b[31m\n", 2, "text file"},
};

static void mistakes_of_the_whole_file_are_reported(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_files / sizeof *bad_files; i++) {
        struct reading reading = read_text(bad_files[i].text);
        assert_int_equal(reading.status, STATUS_INVALID);
        assert_null(reading.campaign);
        if (!says(&reading, bad_files[i].line, bad_files[i].word))
            fail_msg("nothing about %s in line %d of\n%s\nin\n%s", bad_files[i].word, bad_files[i].line,
                     bad_files[i].text, reading.messages);
        reading_free(&reading);
    }
}

static void the_source_line_is_shown_and_marked(void **state) {
    (void)state;
    struct reading reading = read_text("name: \xc3\xa4\xc3\xb6\nseed: 1\nexperiments:\n"
                                       "  - {experiment: \xc3\xa4\xc3\xb6, set: {lod: 1}}\n");
    assert_string_equal(reading.messages, "t.yaml:4:18: error: there is no experiment '\xc3\xa4\xc3\xb6'\n"
                                          "    4 |   - {experiment: \xc3\xa4\xc3\xb6, set: {lod: 1}}\n"
                                          "      |                  ^\n");
    reading_free(&reading);
}

static void long_source_lines_are_cut_around_the_mistake(void **state) {
    (void)state;
    char text[3000] = "";
    for (int i = 0; i < 500; i++)
        strcat(text, "    ");
    char file[4000];
    snprintf(file, sizeof file, "%s  - {experiment: %sattenton}\n", CAMPAIGN_HEAD, text);
    struct reading reading = read_text(file);
    assert_true(says(&reading, 4, "did you mean 'attention'?"));
    assert_true(strlen(reading.messages) < 400);
    const char *source = strstr(reading.messages, "attenton}"), *mark = strrchr(reading.messages, '^');
    assert_non_null(source);
    /* The mark stands under the word, both counted from their line's start. */
    const char *mark_line = strstr(source, "\n") + 1, *source_line = mark_line - 1;
    while (source_line[-1] != '\n')
        source_line--;
    assert_int_equal(mark - mark_line, strstr(source_line, "attenton}") - source_line);
    reading_free(&reading);
}

static void what_a_file_says_cannot_play_with_the_terminal(void **state) {
    (void)state;
    struct reading reading = read_text(CAMPAIGN_HEAD "  - experiment: \"\\e[31mred\\u009b\"\n");
    assert_int_equal(reading.status, STATUS_INVALID);
    for (const char *byte = reading.messages; *byte; byte++)
        assert_true(*byte == '\n' || (unsigned char)*byte >= ' ');
    assert_null(strstr(reading.messages, "\xc2\x9b"));
    reading_free(&reading);
}

static void of_many_mistakes_the_first_are_shown(void **state) {
    (void)state;
    static char text[200000] = CAMPAIGN_HEAD;
    size_t used = strlen(text);
    for (int i = 0; i < 5000; i++)
        used += (size_t)sprintf(text + used, "  - experiment: none_%d\n", i);
    struct reading reading = read_text(text);
    assert_true(says(&reading, 4, "none_0"));
    assert_in_range(count_mistakes(&reading), 100, 1000);
    assert_non_null(strstr(reading.messages, "not shown"));
    reading_free(&reading);
}

/* Rejected points of one entry are many at once: a few are shown, with their values. */
static void rejected_points_are_shown_with_their_values(void **state) {
    (void)state;
    struct reading reading =
        read_text(CAMPAIGN_HEAD ATTENTION "    set: {heads: 6, kv_heads: 4, head_width: 8}\n"
                                          "    vary: {length: {from: 10, to: 19, step: 1}}\n");
    assert_true(says(&reading, 4, "kv_heads"));
    assert_true(says(&reading, 4, "length 10"));
    assert_true(says(&reading, 4, "7 more points"));
    assert_int_equal(count_mistakes(&reading), 4);
    reading_free(&reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_reported_at_its_line),
        cmocka_unit_test(all_mistakes_of_a_file_are_reported_in_one_go),
        cmocka_unit_test(mistakes_of_the_whole_file_are_reported),
        cmocka_unit_test(the_source_line_is_shown_and_marked),
        cmocka_unit_test(long_source_lines_are_cut_around_the_mistake),
        cmocka_unit_test(what_a_file_says_cannot_play_with_the_terminal),
        cmocka_unit_test(of_many_mistakes_the_first_are_shown),
        cmocka_unit_test(rejected_points_are_shown_with_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
