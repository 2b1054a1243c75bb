#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "results/journal.h"
#include "results/syncer.h"
#include "sample.h"

struct place {
    char folder[200];
    char path[300]; /* R.h5 */
    char rank[340]; /* the first rank's journal */
};

static int make_place(void **state) {
    struct place *place = memory_allocate(1, sizeof *place);
    struct journal_lock *lock;
    assert_non_null(place);
    snprintf(place->folder, sizeof place->folder, "%s", sample_folder());
    snprintf(place->path, sizeof place->path, "%s/R.h5", place->folder);
    snprintf(place->rank, sizeof place->rank, "%s.journal/rank-00000.journal", place->path);
    assert_int_equal(journal_lock(place->path, &lock, NULL), STATUS_OK);
    assert_int_equal(journal_write_provenance(place->path, "{\"seed\": 7}", NULL), STATUS_OK);
    journal_unlock(&lock);
    *state = place;
    return 0;
}

static int remove_place(void **state) {
    struct place *place = *state;
    sample_remove(place->folder);
    memory_free(place);
    return 0;
}

/* Journals records first .. last - 1 of a schema. */
static void append(const struct place *place, int rank, const struct schema *schema, uint64_t first,
                   uint64_t last) {
    struct journal *journal;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(journal_open(place->path, rank, &journal, &error), STATUS_OK);
    for (uint64_t i = first; i < last; i++) {
        struct record *record = sample_record(schema, i);
        assert_int_equal(journal_append(journal, record, &error), STATUS_OK);
        record_destroy(&record);
    }
    assert_int_equal(journal_close(&journal, &error), STATUS_OK);
    assert_null(journal);
}

static struct results *read_back(const struct place *place) {
    struct results *results;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(results_read(place->path, &results, &error), STATUS_OK);
    assert_true(results->unfinished);
    return results;
}

/* Whether the record is there as it was. */
static bool has_record(const struct results *results, const struct schema *schema, uint64_t number) {
    const struct record *found = sample_find(results, schema, number);
    struct record *expected = sample_record(schema, number);
    bool equal = found && record_equal(found, expected);
    record_destroy(&expected);
    return equal;
}

static void records_come_back_bit_for_bit(void **state) {
    struct place *place = *state;
    append(place, 0, &sample_schema, 0, 150);
    append(place, 1, &sample_schema, 150, 300);
    append(place, 12345, &sample_timed_schema, 0, 20);
    struct results *results = read_back(place);
    assert_int_equal(results->damaged_entries, 0);
    assert_int_equal(results_table(results, "recall")->count, 300);
    assert_int_equal(results_table(results, "stopwatch")->count, 20);
    assert_true(results_table(results, "stopwatch")->schema->timed);
    for (uint64_t i = 0; i < 300; i++)
        assert_true(has_record(results, &sample_schema, i));
    for (uint64_t i = 0; i < 20; i++)
        assert_true(has_record(results, &sample_timed_schema, i));
    assert_int_equal(json_integer_value(json_object_get(results->provenance, "seed")), 7);
    results_destroy(&results);
}

static void fields_keep_their_descriptions_without_the_experiment(void **state) {
    struct place *place = *state;
    append(place, 0, &sample_schema, 0, 1);
    struct results *results = read_back(place);
    const struct schema *schema = results_table(results, "recall")->schema;
    assert_string_equal(schema->summary, sample_schema.summary);
    for (size_t i = 0; i < schema_field_count(&sample_schema); i++) {
        const struct field *field = schema_field(schema, i), *original = schema_field(&sample_schema, i);
        assert_string_equal(field->name, original->name);
        assert_string_equal(field->unit, original->unit);
        assert_string_equal(field->description, original->description);
        assert_int_equal(field->type, original->type);
        assert_int_equal(field->dimension, original->dimension);
        assert_int_equal(field->flags, original->flags);
    }
    results_destroy(&results);
}

static void a_journal_that_is_opened_again_goes_on(void **state) {
    struct place *place = *state;
    for (uint64_t i = 0; i < 10; i++)
        append(place, 0, &sample_schema, i, i + 1);
    struct results *results = read_back(place);
    assert_int_equal(results_table(results, "recall")->count, 10);
    assert_int_equal(results->damaged_entries, 0);
    results_destroy(&results);
}

/* Records whose lines end, but for the newline, within the first `cut` bytes. */
static size_t whole_records(const char *bytes, size_t size, size_t cut) {
    size_t records = 0, start = 0;
    for (size_t i = 0; i < size && i <= cut; i++) {
        if (bytes[i] != '\n') continue;
        if (memcmp(bytes + start + 17, "{\"experiment\"", 13) == 0) records++;
        start = i + 1;
    }
    return records;
}

static void check_cut(const struct place *place, size_t expected) {
    struct results *results = read_back(place);
    const struct table *table = results_table(results, "recall");
    assert_int_equal(table ? table->count : 0, expected);
    assert_int_equal(results->damaged_entries, 0);
    results_destroy(&results);
    append(place, 0, &sample_schema, 50, 51);
    results = read_back(place);
    assert_int_equal(results_table(results, "recall")->count, expected + 1);
    assert_true(has_record(results, &sample_schema, 50));
    results_destroy(&results);
}

static void a_torn_tail_loses_no_whole_entry_and_takes_new_ones(void **state) {
    struct place *place = *state;
    append(place, 0, &sample_schema, 0, 4);
    size_t size;
    char *bytes = sample_load(place->rank, &size);
    for (size_t cut = 0; cut <= size; cut++) {
        bool at_an_end = cut == size || bytes[cut] == '\n' || (cut > 0 && bytes[cut - 1] == '\n');
        if (!at_an_end && cut % 101) continue; /* each costs the disk a few syncs */
        sample_save(place->rank, bytes, cut);
        check_cut(place, whole_records(bytes, size, cut));
    }
    memory_free(bytes);
}

/* The number of the record whose line holds byte `position`, or -1: it is a schema's. */
static long record_at(const char *bytes, size_t position) {
    long number = -1;
    size_t start = 0;
    for (size_t i = 0; i < position; i++)
        if (bytes[i] == '\n') start = i + 1;
    for (size_t i = 0; i <= start; i++)
        if ((i == 0 || bytes[i - 1] == '\n') && memcmp(bytes + i + 17, "{\"experiment\"", 13) == 0) number++;
    return memcmp(bytes + start + 17, "{\"experiment\"", 13) == 0 ? number : -1;
}

static void a_flipped_byte_loses_at_most_its_own_entry(void **state) {
    enum { RECORDS = 4 };
    struct place *place = *state;
    append(place, 0, &sample_schema, 0, RECORDS);
    size_t size;
    char *bytes = sample_load(place->rank, &size);
    for (size_t i = 0; i < size; i++) {
        char original = bytes[i];
        char flips[] = {(char)(original ^ (1 << (i % 8))), '\n', '\0'};
        bytes[i] = original == flips[i % 3] ? '?' : flips[i % 3];
        sample_save(place->rank, bytes, size);
        struct results *results = read_back(place);
        bytes[i] = original;
        long hit = record_at(bytes, i);
        for (long r = 0; r < RECORDS; r++)
            if (!has_record(results, &sample_schema, (uint64_t)r)) assert_int_equal(r, hit);
        if (i < size - 1) assert_true(results->damaged_entries >= 1);
        results_destroy(&results);
    }
    memory_free(bytes);
}

/* An entry is believed for its checksum alone, so noise of any kind is only skipped. */
static void noise_between_entries_is_skipped(void **state) {
    struct place *place = *state;
    append(place, 0, &sample_schema, 0, 2);
    FILE *file = fopen(place->rank, "ab");
    assert_non_null(file);
    for (uint64_t i = 0; i < 5000; i++)
        fputc((int)(random_bits(random_source(1, RANDOM_NOISE, 0), i) & 0xff), file);
    fputs("\n0000000000000000 {\"experiment\":\"recall\"}\n\n", file);
    fclose(file);
    append(place, 0, &sample_schema, 2, 4);
    struct results *results = read_back(place);
    for (uint64_t i = 0; i < 4; i++)
        assert_true(has_record(results, &sample_schema, i));
    assert_true(results->damaged_entries > 1);
    results_destroy(&results);
}

static void a_damaged_provenance_is_counted_not_fatal(void **state) {
    struct place *place = *state;
    char path[400];
    snprintf(path, sizeof path, "%s.journal/provenance.json", place->path);
    sample_save(path, "{\"seed\":", 8);
    append(place, 0, &sample_schema, 0, 2);
    struct results *results = read_back(place);
    assert_int_equal(results->damaged_entries, 1);
    assert_int_equal(results_table(results, "recall")->count, 2);
    results_destroy(&results);
}

static void an_incomplete_record_is_refused(void **state) {
    struct place *place = *state;
    struct journal *journal;
    struct error error = {STATUS_OK, ""};
    struct record *record = sample_record(&sample_schema, 0);
    double reals[7] = {0};
    record_set_reals(record, "overlap", 7, reals);
    assert_int_equal(journal_open(place->path, 0, &journal, &error), STATUS_OK);
    assert_int_equal(journal_append(journal, record, &error), STATUS_INVALID);
    assert_int_equal(journal_close(&journal, &error), STATUS_OK);
    record_destroy(&record);
    struct stat status;
    assert_int_equal(stat(place->rank, &status), 0);
    assert_int_equal(status.st_size, 0);
}

/* --- killed writers --------------------------------------------------------------------------------------
 */

/* Appends for ever, and says so after each record. */
static void append_until_killed(const struct place *place, int told) {
    struct journal *journal;
    if (journal_open(place->path, 0, &journal, NULL) != STATUS_OK) _exit(1);
    for (uint64_t number = 0;; number++) {
        struct record *record = sample_record(&sample_schema, number);
        if (journal_append(journal, record, NULL) != STATUS_OK || write(told, "+", 1) != 1) _exit(1);
        record_destroy(&record);
    }
}

static void what_was_appended_survives_a_killed_process(void **state) {
    struct place *place = *state;
    for (uint64_t wait = 1; wait < 400; wait = wait * 3 + 1) {
        int ends[2];
        char mark;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) append_until_killed(place, ends[1]);
        close(ends[1]);
        for (uint64_t told = 0; told < wait; told++)
            assert_int_equal(read(ends[0], &mark, 1), 1);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        uint64_t told = wait;
        while (read(ends[0], &mark, 1) == 1)
            told++;
        close(ends[0]);
        struct results *results = read_back(place);
        for (uint64_t number = 0; number < told; number++)
            assert_true(has_record(results, &sample_schema, number));
        results_destroy(&results);
    }
}

/* --- syncing ------------------------------------------------------------------------------------------ */

/* A pipe cannot be synced: that shows who tried. */
static void a_failed_sync_is_never_forgotten(void **state) {
    (void)state;
    int ends[2];
    struct syncer *syncer;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(syncer_create(ends[1], &syncer), STATUS_OK);
    assert_int_equal(syncer_flush(syncer), 0);
    syncer_note(syncer);
    int failure = syncer_flush(syncer);
    assert_int_not_equal(failure, 0);
    assert_int_equal(syncer_flush(syncer), failure);
    assert_int_equal(syncer_failure(syncer), failure);
    syncer_destroy(&syncer);
    close(ends[0]);
    close(ends[1]);
}

static void what_was_noted_is_synced_in_the_background(void **state) {
    (void)state;
    int ends[2];
    struct syncer *syncer;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(syncer_create(ends[1], &syncer), STATUS_OK);
    syncer_note(syncer);
    for (int i = 0; i < 6000 && !syncer_failure(syncer); i++)
        usleep(10000);
    assert_int_not_equal(syncer_failure(syncer), 0);
    syncer_destroy(&syncer);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_back_bit_for_bit, make_place, remove_place),
        cmocka_unit_test_setup_teardown(fields_keep_their_descriptions_without_the_experiment, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_journal_that_is_opened_again_goes_on, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_torn_tail_loses_no_whole_entry_and_takes_new_ones, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_flipped_byte_loses_at_most_its_own_entry, make_place, remove_place),
        cmocka_unit_test_setup_teardown(noise_between_entries_is_skipped, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_damaged_provenance_is_counted_not_fatal, make_place, remove_place),
        cmocka_unit_test_setup_teardown(an_incomplete_record_is_refused, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_was_appended_survives_a_killed_process, make_place,
                                        remove_place),
        cmocka_unit_test(a_failed_sync_is_never_forgotten),
        cmocka_unit_test(what_was_noted_is_synced_in_the_background),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
