#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "results/journal.h"
#include "sample.h"

static int make_folder(void **state) {
    static char folder[200];
    snprintf(folder, sizeof folder, "%s", sample_folder());
    *state = folder;
    return 0;
}

static int remove_folder(void **state) {
    sample_remove(*state);
    return 0;
}

static struct results *write_and_read(const struct results *results, const char *path) {
    struct error error = {STATUS_OK, ""};
    struct results *back = NULL;
    if (results_write(results, path, &error) != STATUS_OK) fail_msg("%s", error.text);
    if (results_read(path, &back, &error) != STATUS_OK) fail_msg("%s", error.text);
    return back;
}

static enum status read_status(const char *path, struct error *error) {
    struct results *results = NULL;
    enum status status = results_read(path, &results, error);
    assert_true((status == STATUS_OK) == (results != NULL));
    results_destroy(&results);
    return status;
}

/* --- round trips ---------------------------------------------------------------------------------------- */

static void records_come_back_bit_for_bit_and_in_order(void **state) {
    struct results *results = sample_results(500);
    struct results *back = write_and_read(results, sample_path(*state, "R.h5"));
    for (size_t t = 0; t < results->table_count; t++) {
        const struct table *table = &results->tables[t], *other = &back->tables[t];
        assert_string_equal(table->schema->name, other->schema->name);
        assert_int_equal(table->schema->timed, other->schema->timed);
        assert_int_equal(table->count, other->count);
        for (size_t r = 0; r < table->count; r++)
            assert_true(record_equal(table->records[r], other->records[r]));
    }
    assert_true(json_equal(results->provenance, back->provenance));
    assert_int_equal(back->source_count, 1);
    assert_false(back->unfinished);
    results_destroy(&results);
    results_destroy(&back);
}

static void long_columns_are_compressed_and_come_back(void **state) {
    struct results *results = sample_results(0);
    static double pixels[200000];
    for (size_t i = 0; i < 200000; i++)
        pixels[i] = (double)(i % 16);
    struct record *record = sample_record(&sample_schema, 0);
    assert_int_equal(record_set_reals(record, "image", 200000, pixels), STATUS_OK);
    assert_int_equal(results_add(results, record), STATUS_OK);
    struct results *back = write_and_read(results, sample_path(*state, "R.h5"));
    assert_true(sample_results_equal(results, back));
    size_t size;
    memory_free(sample_load(sample_path(*state, "R.h5"), &size));
    assert_true(size < sizeof pixels / 8);
    record_destroy(&record);
    results_destroy(&results);
    results_destroy(&back);
}

static void tables_without_records_or_without_a_done_one_come_back(void **state) {
    struct results *results = sample_results(0);
    struct record *record = sample_record(&sample_schema, 3); /* a failed one */
    assert_string_equal(record_string(record, "status"), "failed");
    struct results *back = write_and_read(results, sample_path(*state, "none.h5"));
    assert_int_equal(back->table_count, 0);
    results_destroy(&back);
    assert_int_equal(results_add(results, record), STATUS_OK);
    back = write_and_read(results, sample_path(*state, "failed.h5"));
    assert_true(sample_results_equal(results, back));
    record_destroy(&results->tables[0].records[0]);
    results->tables[0].count = 0;
    results_destroy(&back);
    back = write_and_read(results, sample_path(*state, "empty.h5"));
    assert_int_equal(back->table_count, 1);
    assert_int_equal(back->tables[0].count, 0);
    record_destroy(&record);
    results_destroy(&results);
    results_destroy(&back);
}

/* A unit that failed half way has some arrays; what it lacks beside them is filled up. */
static void missing_arrays_beside_others_come_back_as_missing_values(void **state) {
    struct results *results = sample_results(0);
    struct record *record = sample_record(&sample_schema, 3);
    double overlaps[2] = {1, 2};
    assert_int_equal(record_set_reals(record, "overlap", 2, overlaps), STATUS_OK);
    assert_int_equal(results_add(results, record), STATUS_OK);
    struct results *back = write_and_read(results, sample_path(*state, "R.h5"));
    const struct value *flips = record_value(back->tables[0].records[0], "flips");
    assert_int_equal(flips->count, 2);
    assert_true(flips->integers[0] == INT64_MIN && flips->integers[1] == INT64_MIN);
    assert_int_equal(record_value(back->tables[0].records[0], "overlap")->count, 2);
    record_destroy(&record);
    results_destroy(&results);
    results_destroy(&back);
}

/* HDF5 notes times in seconds, unless it is told not to: one passes in between. */
static void the_same_results_give_the_same_bytes(void **state) {
    struct results *results = sample_results(50);
    size_t sizes[2];
    char *bytes[2];
    for (size_t i = 0; i < 2; i++) {
        const char *path = sample_path(*state, i ? "B.h5" : "A.h5");
        if (i > 0) nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        assert_int_equal(results_write(results, path, NULL), STATUS_OK);
        bytes[i] = sample_load(path, &sizes[i]);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    memory_free(bytes[0]);
    memory_free(bytes[1]);
    results_destroy(&results);
}

/* --- file and journal ----------------------------------------------------------------------------------- */

static void a_journal_beside_the_file_has_the_last_word(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct results *results = sample_results(10), *back;
    struct journal_lock *lock;
    struct journal *journal;
    assert_int_equal(results_write(results, path, NULL), STATUS_OK);
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    assert_int_equal(journal_write_provenance(path, "{\"seed\": 7, \"user\": \"second\"}", NULL), STATUS_OK);
    assert_int_equal(journal_open(path, 0, &journal, NULL), STATUS_OK);
    struct record *record = sample_record(&sample_schema, 3);
    assert_int_equal(record_set_string(record, "reason", "failed again"), STATUS_OK);
    assert_int_equal(journal_append(journal, record, NULL), STATUS_OK);
    assert_int_equal(journal_close(&journal, NULL), STATUS_OK);
    assert_int_equal(results_read(path, &back, NULL), STATUS_OK);
    assert_true(back->unfinished);
    assert_int_equal(results_table(back, "recall")->count, 10);
    assert_string_equal(record_string(sample_find(back, &sample_schema, 3), "reason"), "failed again");
    assert_string_equal(json_string_value(json_object_get(back->provenance, "user")), "second");
    record_destroy(&record);
    results_destroy(&back);
    results_destroy(&results);
    journal_unlock(&lock);
}

static void nothing_there_is_not_found(void **state) {
    struct error error = {STATUS_OK, ""};
    assert_int_equal(read_status(sample_path(*state, "nothing.h5"), &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "nothing.h5"));
    assert_int_equal(read_status(sample_path(*state, "no/folder/R.h5"), &error), STATUS_NOT_FOUND);
    assert_int_equal(read_status(*state, &error), STATUS_FORMAT); /* a folder */
}

/* --- foreign and damaged files -------------------------------------------------------------------------- */

static void every_truncation_is_noticed(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct results *results = sample_results(3);
    struct error error = {STATUS_OK, ""};
    size_t size;
    assert_int_equal(results_write(results, path, NULL), STATUS_OK);
    memory_free(sample_load(path, &size));
    for (size_t length = size; length-- > 0;) {
        assert_int_equal(truncate(path, (off_t)length), 0);
        assert_int_equal(read_status(path, &error), STATUS_FORMAT);
        assert_non_null(strstr(error.text, length < 8 ? "not an HDF5 file" : "truncated"));
    }
    results_destroy(&results);
}

static void every_flipped_bit_is_noticed(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct results *results = sample_results(3);
    struct error error = {STATUS_OK, ""};
    size_t size;
    assert_int_equal(results_write(results, path, NULL), STATUS_OK);
    char *bytes = sample_load(path, &size);
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t bit = random_below(random_source(2, RANDOM_NOISE, 0), i, 8 * size);
        char flip = (char)(1 << bit % 8);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ flip);
        sample_save(path, bytes, size);
        assert_int_equal(read_status(path, &error), STATUS_FORMAT);
        assert_non_null(strstr(error.text, path));
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ flip);
    }
    sample_save(path, bytes, size);
    assert_int_equal(read_status(path, &error), STATUS_OK);
    memory_free(bytes);
    results_destroy(&results);
}

static void foreign_files_are_named_for_what_they_are(void **state) {
    const char *path = sample_path(*state, "foreign.h5");
    struct error error = {STATUS_OK, ""};
    sample_save(path, "", 0);
    assert_int_equal(read_status(path, &error), STATUS_FORMAT);
    assert_non_null(strstr(error.text, "is not an HDF5 file"));
    sample_save(path, "name: quick\nseed: 1\n", 20);
    assert_int_equal(read_status(path, &error), STATUS_FORMAT);
    assert_non_null(strstr(error.text, "is not an HDF5 file"));
    /* Our own file without its trailer is what any HDF5 program would have written. */
    struct results *results = sample_results(2);
    size_t size;
    assert_int_equal(results_write(results, path, NULL), STATUS_OK);
    char *bytes = sample_load(path, &size);
    sample_save(path, bytes, size - 32);
    assert_int_equal(read_status(path, &error), STATUS_FORMAT);
    assert_non_null(strstr(error.text, "was not written by engram"));
    memory_free(bytes);
    results_destroy(&results);
}

static void a_file_that_cannot_be_written_leaves_nothing(void **state) {
    struct results *results = sample_results(2);
    struct error error = {STATUS_OK, ""};
    const char *path = sample_path(*state, "no/folder/R.h5");
    assert_int_equal(results_write(results, path, &error), STATUS_IO);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(results_write(results, *state, &error), STATUS_IO); /* a folder stands there */
    char partial[400];
    snprintf(partial, sizeof partial, "%s.partial", (const char *)*state);
    assert_int_not_equal(access(partial, F_OK), 0);
    results_destroy(&results);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(records_come_back_bit_for_bit_and_in_order),
        IN_FOLDER(long_columns_are_compressed_and_come_back),
        IN_FOLDER(tables_without_records_or_without_a_done_one_come_back),
        IN_FOLDER(missing_arrays_beside_others_come_back_as_missing_values),
        IN_FOLDER(the_same_results_give_the_same_bytes),
        IN_FOLDER(a_journal_beside_the_file_has_the_last_word),
        IN_FOLDER(nothing_there_is_not_found),
        IN_FOLDER(every_truncation_is_noticed),
        IN_FOLDER(every_flipped_bit_is_noticed),
        IN_FOLDER(foreign_files_are_named_for_what_they_are),
        IN_FOLDER(a_file_that_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
