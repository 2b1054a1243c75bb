#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "results/journal.h"
#include "sample.h"

static int make_folder(void **state) {
    static char folder[200];
    snprintf(folder, sizeof folder, "%s", sample_folder());
    *state = folder;
    return 0;
}

/* A test that failed may have left its disk mounted. */
static int remove_folder(void **state) {
    umount(*state);
    sample_remove(*state);
    return 0;
}

/* --- memory: each allocation of an action fails once -----------------------------------------------------
 */

typedef enum status action(const char *path, struct error *error);

static void check_every_allocation(action *action, const char *path) {
    enum status status = STATUS_NO_MEMORY;
    size_t before = memory_in_use();
    long allowed = 0;
    for (; status == STATUS_NO_MEMORY; allowed++) {
        struct error error = {STATUS_OK, ""};
        memory_fail_after(allowed);
        status = action(path, &error);
        memory_fail_after(-1);
        assert_int_equal(memory_in_use(), before);
        if (status != STATUS_OK && error.text[0] == '\0')
            fail_msg("no sentence after %ld allocations", allowed);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(allowed > 1);
}

static struct results *stock;

static enum status write_stock(const char *path, struct error *error) {
    return results_write(stock, path, error);
}

static enum status read_all(const char *path, struct error *error) {
    struct results *results;
    enum status status = results_read(path, &results, error);
    results_destroy(&results);
    return status;
}

static enum status merge_all(const char *path, struct error *error) {
    struct results *into;
    (void)path;
    enum status status = results_create(&into);
    if (status != STATUS_OK) return error_set(error, status, "no results");
    json_object_update(into->provenance, stock->provenance);
    status = results_merge(into, stock, error);
    results_destroy(&into);
    return status;
}

static enum status lock_and_unlock(const char *path, struct error *error) {
    struct journal_lock *lock;
    enum status status = journal_lock(path, &lock, error);
    journal_unlock(&lock);
    return status;
}

static enum status journal_stock(const char *path, struct error *error) {
    struct journal *journal;
    enum status status = journal_write_provenance(path, "{\"seed\": 7}", error);
    if (status == STATUS_OK) status = journal_open(path, 0, &journal, error);
    if (status != STATUS_OK) return status;
    for (size_t r = 0; status == STATUS_OK && r < stock->tables[0].count; r++)
        status = journal_append(journal, stock->tables[0].records[r], error);
    enum status closed = journal_close(&journal, status == STATUS_OK ? error : NULL);
    return status == STATUS_OK ? closed : status;
}

static void no_allocation_that_fails_crashes_or_leaks(void **state) {
    const char *path = sample_path(*state, "R.h5"), *other = sample_path(*state, "J.h5");
    struct journal_lock *lock;
    stock = sample_results(3);
    check_every_allocation(merge_all, path);
    check_every_allocation(write_stock, path);
    check_every_allocation(read_all, path);
    check_every_allocation(lock_and_unlock, other);
    assert_int_equal(journal_lock(other, &lock, NULL), STATUS_OK);
    check_every_allocation(journal_stock, other);
    check_every_allocation(read_all, other);
    journal_unlock(&lock);
    results_destroy(&stock);
}

static void a_record_keeps_its_value_when_memory_is_out(void **state) {
    (void)state;
    struct record *record = sample_record(&sample_schema, 0);
    double reals[4] = {1, 2, 3, 4};
    assert_int_equal(record_set_reals(record, "image", 3, reals), STATUS_OK);
    assert_int_equal(record_set_string(record, "note", "old"), STATUS_OK);
    memory_fail_after(0);
    assert_int_equal(record_set_reals(record, "image", 4, reals), STATUS_NO_MEMORY);
    assert_int_equal(record_set_string(record, "note", "new"), STATUS_NO_MEMORY);
    memory_fail_after(-1);
    assert_int_equal(record_value(record, "image")->count, 3);
    assert_string_equal(record_string(record, "note"), "old");
    record_destroy(&record);
}

/* --- full disks --------------------------------------------------------------------------------------------
 */

/* Appends until the disk is full; the number of records that were taken. */
static uint64_t fill_journal(struct journal *journal) {
    struct error error = {STATUS_OK, ""};
    for (uint64_t number = 0; number < 100000; number++) {
        struct record *record = sample_record(&sample_schema, number);
        enum status status = journal_append(journal, record, &error);
        record_destroy(&record);
        if (status == STATUS_OK) continue;
        assert_int_equal(status, STATUS_IO);
        assert_non_null(strstr(error.text, "cannot write"));
        return number;
    }
    fail_msg("the disk never filled up");
    return 0;
}

static void check_journal(const char *path, uint64_t count) {
    struct results *results;
    assert_int_equal(results_read(path, &results, NULL), STATUS_OK);
    assert_int_equal(results->damaged_entries, 0);
    assert_int_equal(results_table(results, "recall")->count, count);
    results_destroy(&results);
}

static void append_one(struct journal *journal, uint64_t number) {
    struct record *record = sample_record(&sample_schema, number);
    assert_int_equal(journal_append(journal, record, NULL), STATUS_OK);
    record_destroy(&record);
}

/* Everyone may limit the size of the files he writes; writing past it fails as a full disk does, at any byte.
 */
static void set_file_limit(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_journal_that_hits_a_limit_loses_nothing_and_goes_on(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct journal_lock *lock;
    struct journal *journal;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    for (rlim_t limit = 20000; limit < 20400; limit += 37) {
        assert_int_equal(journal_open(path, 0, &journal, NULL), STATUS_OK);
        set_file_limit(limit);
        uint64_t count = fill_journal(journal);
        set_file_limit(RLIM_INFINITY);
        check_journal(path, count);
        append_one(journal, count);
        assert_int_equal(journal_close(&journal, NULL), STATUS_OK);
        check_journal(path, count + 1);
        assert_int_equal(journal_clear(path, NULL), STATUS_OK);
    }
    journal_unlock(&lock);
}

static void a_file_that_hits_a_limit_leaves_the_old_one(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct results *few = sample_results(3), *many = sample_results(500), *back;
    struct error error = {STATUS_OK, ""};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(results_write(few, path, NULL), STATUS_OK);
    set_file_limit(50000);
    assert_int_equal(results_write(many, path, &error), STATUS_IO);
    set_file_limit(RLIM_INFINITY);
    assert_non_null(strstr(error.text, strerror(EFBIG)));
    assert_int_not_equal(access(sample_path(*state, "R.h5.partial"), F_OK), 0);
    assert_int_equal(results_read(path, &back, NULL), STATUS_OK);
    assert_true(sample_results_equal(few, back));
    results_destroy(&few);
    results_destroy(&many);
    results_destroy(&back);
}

/* A real full disk, where one may mount one. */
static void a_full_disk_loses_nothing(void **state) {
    const char *folder = *state, *path = sample_path(folder, "R.h5"),
               *ballast = sample_path(folder, "ballast");
    static const char block[65536];
    if (mount("tmpfs", folder, "tmpfs", 0, "size=256k") != 0) {
        print_message("skipped: cannot mount a small tmpfs here (%s)\n", strerror(errno));
        skip();
    }
    struct journal_lock *lock;
    struct journal *journal;
    struct results *results = sample_results(500);
    struct error error = {STATUS_OK, ""};
    sample_save(ballast, block, sizeof block);
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    assert_int_equal(journal_open(path, 0, &journal, NULL), STATUS_OK);
    uint64_t count = fill_journal(journal);
    check_journal(path, count);
    assert_int_equal(results_write(results, path, &error), STATUS_IO);
    assert_non_null(strstr(error.text, strerror(ENOSPC)));
    assert_int_equal(unlink(ballast), 0);
    append_one(journal, count);
    assert_int_equal(journal_close(&journal, NULL), STATUS_OK);
    check_journal(path, count + 1);
    journal_unlock(&lock);
    results_destroy(&results);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(no_allocation_that_fails_crashes_or_leaks),
        cmocka_unit_test(a_record_keeps_its_value_when_memory_is_out),
        IN_FOLDER(a_journal_that_hits_a_limit_loses_nothing_and_goes_on),
        IN_FOLDER(a_file_that_hits_a_limit_leaves_the_old_one),
        IN_FOLDER(a_full_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
