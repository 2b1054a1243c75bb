/* Files that mean harm, or are none: a message and a status at once. ctest's time limit is the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "campaign_reading.h"
#include "core/base/memory.h"
#include "core/base/random.h"

#define CAPACITY "  - experiment: hopfield_capacity\n    set: {neurons: 100, load: 0.1}\n"

/* The text is refused with at least one message, and not with thousands. */
static void assert_refused(const char *text, size_t length) {
    struct reading reading = read_bytes(text, length, 1, 1);
    assert_int_equal(reading.status, STATUS_INVALID);
    assert_null(reading.campaign);
    assert_in_range(count_mistakes(&reading), 1, 1000);
    assert_in_range(strlen(reading.messages), 10, 300000);
    reading_free(&reading);
}

/* `head`, and then `piece` until the file is as large as files may be. */
static void assert_repeated_refused(const char *head, const char *piece) {
    size_t used = strlen(head), step = strlen(piece);
    char *text = malloc(CAMPAIGN_BYTES_MAX);
    assert_non_null(text);
    memcpy(text, head, used);
    for (; used + step <= CAMPAIGN_BYTES_MAX; used += step)
        memcpy(text + used, piece, step);
    assert_refused(text, used);
    free(text);
}

static void pieces_repeated_without_end_are_refused(void **state) {
    (void)state;
    static const char *const pieces[] = {"[",      "{",     "- ",    "? ",       ": ",   "a: ", "a:\n",
                                         "#",      "\n",    "'",     "\"x",      "|\n",  "&a ", "*a ",
                                         "!a ",    "---\n", "...\n", "a",        ",",    "a,",  "%a\n",
                                         "a: 1\n", "- a\n", " ",     "\xc3\xa4", "[a, ", "{a: "};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_repeated_refused("", pieces[i]);
}

static void endless_entries_lists_and_keys_are_refused(void **state) {
    (void)state;
    static const char *const pieces[][2] = {
        {CAMPAIGN_HEAD, "  - {}\n"},
        {CAMPAIGN_HEAD, "  - experiment: x\n"},
        {CAMPAIGN_HEAD "  - experiment: ", "x"},
        {CAMPAIGN_HEAD "  - experiment: hopfield_capacity\n    set:\n", "      neurons: 100\n"},
        {CAMPAIGN_HEAD "  - experiment: hopfield_capacity\n    set:\n", "      nerons: 100\n"},
        {CAMPAIGN_HEAD "  - experiment: hopfield_capacity\n    vary:\n      neurons:\n", "        - x\n"},
        {CAMPAIGN_HEAD "  - experiment: hopfield_capacity\n    vary:\n      neurons:\n", "        - [1]\n"},
        {CAMPAIGN_HEAD "  - experiment: hopfield_capacity\n    zip:\n      load:\n", "        - 0.1\n"},
        {CAMPAIGN_HEAD CAPACITY "    zip: {rule: [", "hebb,"},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_repeated_refused(pieces[i][0], pieces[i][1]);
}

static void deep_nesting_is_refused_where_it_begins(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH);
    memset(text, '[', DEPTH);
    struct reading reading = read_bytes(text, DEPTH, 1, 1);
    assert_true(says(&reading, 1, "t.yaml:1:17:"));
    assert_true(says(&reading, 1, "16 levels"));
    reading_free(&reading);
    free(text);
}

static void alias_bombs_are_refused(void **state) {
    (void)state;
    char text[2000] = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++) {
        char line[120];
        snprintf(line, sizeof line, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
                 i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        strcat(text, line);
    }
    assert_refused(text, strlen(text));
    assert_refused("a: &a [*a]\n", 11);
}

static void products_beyond_the_limit_are_refused(void **state) {
    (void)state;
    struct reading reading =
        read_text(CAMPAIGN_HEAD "  - experiment: attention\n    vary:\n"
                                "      batch: {from: 1, to: 1000, step: 1}\n"
                                "      length: {from: 1, to: 1000, step: 1}\n"
                                "      heads: {from: 1, to: 1000, step: 1}\n"
                                "      head_width: {from: 1, to: 500, step: 1}\n    repeats: 1000000\n");
    assert_true(says(&reading, 4, "at most 1000000"));
    reading_free(&reading);
    /* Also those of several entries together. */
    reading = read_text(CAMPAIGN_HEAD CAPACITY "    repeats: 2000\n" CAPACITY "    repeats: 999000\n");
    assert_true(says(&reading, 7, "at most 1000000"));
    reading_free(&reading);
}

static void random_bytes_are_refused(void **state) {
    (void)state;
    for (uint32_t file = 0; file < 500; file++) {
        uint64_t words[64];
        struct random_source source = random_source(11, RANDOM_NOISE, file);
        random_fill_bits(source, 0, 64, words);
        assert_refused((const char *)words, 1 + (size_t)random_below(source, 1000, sizeof words - 1));
    }
}

/* Random sentences of YAML's own characters reach deeper than random bytes. */
static void random_punctuation_is_refused(void **state) {
    (void)state;
    static const char letters[] = "[]{}:,-?*&!|>'\"%@`# \n\n  ab1";
    for (uint32_t file = 0; file < 3000; file++) {
        char text[200];
        struct random_source source = random_source(12, RANDOM_NOISE, file);
        size_t length = 1 + (size_t)random_below(source, 0, sizeof text - 1);
        for (size_t i = 0; i < length; i++)
            text[i] = letters[random_below(source, 1 + i, sizeof letters - 1)];
        assert_refused(text, length);
    }
}

static const char good_file[] = "name: prefix # remark\nseed: 3\nexperiments:\n"
                                "  - experiment: hopfield_capacity\n"
                                "    set: {rule: hebb, trials: 8}\n"
                                "    vary: {neurons: [250, 500], load: {from: 0.1, to: 0.16, step: 0.02}}\n"
                                "    repeats: 3\n"
                                "  - experiment: attention\n"
                                "    zip:\n"
                                "      shape: [bert-base, \"vit-b-16\"]\n"
                                "      batch: {from: 1, to: 2, factor: 2}\n";

/* Where a file was cut off it may still be a campaign; else it is refused with a reason. */
static void every_beginning_of_a_good_file_has_a_verdict(void **state) {
    (void)state;
    for (size_t length = 0; length < sizeof good_file; length++) {
        struct reading reading = read_bytes(good_file, length, 2, 2);
        assert_int_equal(reading.status == STATUS_OK, reading.campaign != NULL);
        assert_int_equal(reading.status == STATUS_OK, count_mistakes(&reading) == 0);
        assert_true(reading.status == STATUS_OK || reading.status == STATUS_INVALID);
        if (length + 1 == sizeof good_file) assert_int_equal(reading.status, STATUS_OK);
        reading_free(&reading);
    }
}

static void every_changed_byte_of_a_good_file_has_a_verdict(void **state) {
    (void)state;
    static const char changes[] = "\0\t\n:-[]{}&*x0\x80";
    for (size_t at = 0; at + 1 < sizeof good_file; at++)
        for (size_t c = 0; c + 1 < sizeof changes; c++) {
            char text[sizeof good_file];
            memcpy(text, good_file, sizeof text);
            text[at] = changes[c];
            struct reading reading = read_bytes(text, sizeof text - 1, 2, 2);
            assert_int_equal(reading.status == STATUS_OK, count_mistakes(&reading) == 0);
            assert_true(reading.status == STATUS_OK || reading.status == STATUS_INVALID);
            reading_free(&reading);
        }
}

/* Whichever allocation fails: out of memory is said, or the campaign is whole; nothing is lost. */
static void lack_of_memory_never_makes_another_campaign(void **state) {
    (void)state;
    size_t before = memory_in_use();
    for (long allowed = 0;; allowed++) {
        const struct resources resources = {2, 2};
        char *messages = NULL;
        size_t size;
        FILE *out = open_memstream(&messages, &size);
        struct campaign *campaign;
        memory_fail_after(allowed);
        enum status status =
            campaign_parse("t.yaml", good_file, sizeof good_file - 1, &resources, out, &campaign);
        memory_fail_after(-1);
        fclose(out);
        free(messages);
        if (status == STATUS_OK) assert_int_equal(campaign->unit_count, 2 * 4 * 3 + 2);
        bool whole = status == STATUS_OK;
        campaign_destroy(&campaign);
        assert_int_equal(memory_in_use(), before);
        if (whole) break;
        assert_true(status == STATUS_NO_MEMORY || status == STATUS_INVALID);
        assert_true(allowed < 100000);
    }
}

static void files_that_cannot_be_campaigns_are_not_read(void **state) {
    (void)state;
    char *text;
    size_t length;
    struct error error;
    assert_int_equal(campaign_read_text("/nowhere/no.yaml", &text, &length, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "/nowhere/no.yaml"));
    assert_int_not_equal(campaign_read_text("/", &text, &length, &error), STATUS_OK);
    assert_non_null(strstr(error.text, "directory"));
    /* Endless, so that only its limit ends the reading. */
    assert_int_equal(campaign_read_text("/dev/zero", &text, &length, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "larger than"));
}

static void files_up_to_the_limit_are_read(void **state) {
    (void)state;
    char path[] = "campaign_limit_XXXXXX", *text = NULL;
    size_t length;
    struct error error;
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, CAMPAIGN_BYTES_MAX), 0);
    assert_int_equal(campaign_read_text(path, &text, &length, &error), STATUS_OK);
    assert_int_equal(length, CAMPAIGN_BYTES_MAX);
    memory_free(text);
    assert_int_equal(ftruncate(file, CAMPAIGN_BYTES_MAX + 1), 0);
    assert_int_equal(campaign_read_text(path, &text, &length, &error), STATUS_INVALID);
    close(file);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_repeated_without_end_are_refused),
        cmocka_unit_test(endless_entries_lists_and_keys_are_refused),
        cmocka_unit_test(deep_nesting_is_refused_where_it_begins),
        cmocka_unit_test(alias_bombs_are_refused),
        cmocka_unit_test(products_beyond_the_limit_are_refused),
        cmocka_unit_test(random_bytes_are_refused),
        cmocka_unit_test(random_punctuation_is_refused),
        cmocka_unit_test(every_beginning_of_a_good_file_has_a_verdict),
        cmocka_unit_test(every_changed_byte_of_a_good_file_has_a_verdict),
        cmocka_unit_test(lack_of_memory_never_makes_another_campaign),
        cmocka_unit_test(files_that_cannot_be_campaigns_are_not_read),
        cmocka_unit_test(files_up_to_the_limit_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
