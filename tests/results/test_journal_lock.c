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

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* Starts a process that locks and then waits to be killed; returns when it has the lock. */
static pid_t start_holder(const char *path) {
    int ends[2];
    char locked = 'n';
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct journal_lock *lock;
        locked = journal_lock(path, &lock, NULL) == STATUS_OK ? 'y' : 'n';
        if (write(ends[1], &locked, 1) != 1) _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &locked, 1), 1);
    close(ends[0]);
    assert_int_equal(locked, 'y');
    return child;
}

static void a_second_process_is_told_who_holds_the_lock(void **state) {
    const char *path = sample_path(*state, "R.h5");
    pid_t holder = start_holder(path);
    struct journal_lock *lock;
    struct error error = {STATUS_OK, ""};
    char name[32];
    snprintf(name, sizeof name, "process %ld ", (long)holder);
    assert_int_equal(journal_lock(path, &lock, &error), STATUS_LOCKED);
    assert_null(lock);
    assert_non_null(strstr(error.text, name));
    assert_non_null(strstr(error.text, path));
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
}

static void the_lock_of_a_killed_process_is_free(void **state) {
    const char *path = sample_path(*state, "R.h5");
    for (int i = 0; i < 3; i++) {
        pid_t holder = start_holder(path);
        kill(holder, SIGKILL);
        assert_int_equal(waitpid(holder, NULL, 0), holder);
        struct journal_lock *lock;
        assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
        journal_unlock(&lock);
    }
}

static void locks_exclude_within_a_process_too(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct journal_lock *first, *second;
    assert_int_equal(journal_lock(path, &first, NULL), STATUS_OK);
    assert_int_equal(journal_lock(path, &second, NULL), STATUS_LOCKED);
    journal_unlock(&first);
    assert_null(first);
    assert_int_equal(journal_lock(path, &second, NULL), STATUS_OK);
    journal_unlock(&second);
    journal_unlock(&second);
}

static void different_results_have_different_locks(void **state) {
    struct journal_lock *first, *second;
    assert_int_equal(journal_lock(sample_path(*state, "A.h5"), &first, NULL), STATUS_OK);
    assert_int_equal(journal_lock(sample_path(*state, "B.h5"), &second, NULL), STATUS_OK);
    journal_unlock(&first);
    journal_unlock(&second);
}

/* A run that was refused leaves nothing behind; one that began leaves its journal. */
static void unlocking_removes_only_an_empty_folder(void **state) {
    const char *path = sample_path(*state, "R.h5"), *folder = sample_path(*state, "R.h5.journal");
    struct journal_lock *lock;
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    assert_true(exists(folder));
    assert_false(journal_exists(path));
    journal_unlock(&lock);
    assert_false(exists(folder));
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    assert_int_equal(journal_write_provenance(path, "{}", NULL), STATUS_OK);
    journal_unlock(&lock);
    assert_true(journal_exists(path));
}

static void write_journal(const char *path) {
    struct journal *journal;
    struct record *record = sample_record(&sample_schema, 0);
    assert_int_equal(journal_write_provenance(path, "{}", NULL), STATUS_OK);
    assert_int_equal(journal_open(path, 3, &journal, NULL), STATUS_OK);
    assert_int_equal(journal_append(journal, record, NULL), STATUS_OK);
    assert_int_equal(journal_close(&journal, NULL), STATUS_OK);
    record_destroy(&record);
}

static void removing_a_journal_leaves_other_peoples_files(void **state) {
    const char *path = sample_path(*state, "R.h5"), *notes = sample_path(*state, "R.h5.journal/notes");
    struct journal_lock *lock;
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    write_journal(path);
    sample_save(notes, "mine", 4);
    assert_int_equal(journal_remove(path, NULL), STATUS_OK);
    assert_false(journal_exists(path));
    assert_true(exists(notes));
    unlink(notes);
    assert_int_equal(journal_remove(path, NULL), STATUS_OK);
    assert_false(exists(sample_path(*state, "R.h5.journal")));
    assert_int_equal(journal_remove(path, NULL), STATUS_OK);
    journal_unlock(&lock);
}

static void clearing_keeps_the_lock(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct journal_lock *lock, *second;
    assert_int_equal(journal_lock(path, &lock, NULL), STATUS_OK);
    write_journal(path);
    assert_true(journal_exists(path));
    assert_int_equal(journal_clear(path, NULL), STATUS_OK);
    assert_false(journal_exists(path));
    assert_int_equal(journal_lock(path, &second, NULL), STATUS_LOCKED);
    journal_unlock(&lock);
}

/* The old holder removes the file, the next run makes a new one: the old lock must not open or remove that.
 */
static void a_removed_lock_does_not_reach_the_next_run(void **state) {
    const char *path = sample_path(*state, "R.h5");
    struct journal_lock *old, *next, *third;
    assert_int_equal(journal_lock(path, &old, NULL), STATUS_OK);
    assert_int_equal(journal_remove(path, NULL), STATUS_OK);
    assert_int_equal(journal_lock(path, &next, NULL), STATUS_OK);
    journal_unlock(&old);
    assert_int_equal(journal_lock(path, &third, NULL), STATUS_LOCKED);
    journal_unlock(&next);
}

static void a_folder_that_cannot_be_written_is_an_error_with_its_name(void **state) {
    struct journal_lock *lock;
    struct error error = {STATUS_OK, ""};
    sample_save(sample_path(*state, "file"), "x", 1);
    const char *path = sample_path(*state, "file/R.h5");
    assert_int_equal(journal_lock(path, &lock, &error), STATUS_IO);
    assert_non_null(strstr(error.text, path));
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_second_process_is_told_who_holds_the_lock),
        IN_FOLDER(the_lock_of_a_killed_process_is_free),
        IN_FOLDER(locks_exclude_within_a_process_too),
        IN_FOLDER(different_results_have_different_locks),
        IN_FOLDER(unlocking_removes_only_an_empty_folder),
        IN_FOLDER(removing_a_journal_leaves_other_peoples_files),
        IN_FOLDER(clearing_keeps_the_lock),
        IN_FOLDER(a_removed_lock_does_not_reach_the_next_run),
        IN_FOLDER(a_folder_that_cannot_be_written_is_an_error_with_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
