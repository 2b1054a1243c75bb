#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "sample.h"

static struct results *empty(void) {
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    return results;
}

static void add(struct results *results, const struct schema *schema, uint64_t number, const char *status,
                int64_t repeat) {
    struct record *record = sample_record(schema, number);
    assert_int_equal(record_set_string(record, "status", status), STATUS_OK);
    assert_int_equal(record_set_integer(record, "repeat", repeat), STATUS_OK);
    assert_int_equal(results_add(results, record), STATUS_OK);
    record_destroy(&record);
}

static void set(struct results *results, const char *key, json_t *value) {
    assert_int_equal(json_object_set_new(results->provenance, key, value), 0);
}

/* --- adding ------------------------------------------------------------------------------------------- */

static void an_identity_is_kept_once_and_done_beats_failed(void **state) {
    (void)state;
    struct results *results = empty();
    add(results, &sample_schema, 1, "failed", 10);
    add(results, &sample_schema, 1, "failed", 11);
    assert_int_equal(record_integer(sample_find(results, &sample_schema, 1), "repeat"), 11);
    add(results, &sample_schema, 1, "done", 12);
    add(results, &sample_schema, 1, "failed", 13);
    assert_int_equal(record_integer(sample_find(results, &sample_schema, 1), "repeat"), 12);
    add(results, &sample_schema, 1, "done", 14);
    assert_int_equal(record_integer(sample_find(results, &sample_schema, 1), "repeat"), 14);
    assert_int_equal(results_table(results, "recall")->count, 1);
    results_destroy(&results);
}

static void many_records_are_all_found_again(void **state) {
    (void)state;
    struct results *results = sample_results(3000);
    assert_int_equal(results->table_count, 2);
    assert_int_equal(results_table(results, "recall")->count, 3000);
    assert_null(results_table(results, "nothing"));
    for (uint64_t i = 0; i < 3000; i++)
        add(results, &sample_schema, i, "done", 7);
    assert_int_equal(results_table(results, "recall")->count, 3000);
    results_destroy(&results);
}

static void records_of_another_schema_of_that_name_are_refused(void **state) {
    (void)state;
    struct results *results = sample_results(1);
    struct schema newer = sample_schema, thinner = sample_schema;
    newer.version++;
    thinner.columns++;
    const struct schema *others[] = {&newer, &thinner};
    for (size_t i = 0; i < 2; i++) {
        struct record *record;
        assert_int_equal(record_create(others[i], &record), STATUS_OK);
        record_set_string(record, "identity", "x");
        assert_int_equal(results_add(results, record), STATUS_MISMATCH);
        record_destroy(&record);
    }
    results_destroy(&results);
}

static void ordering_follows_the_identities_then_their_names(void **state) {
    (void)state;
    enum { COUNT = 20, NAMED = 7 };
    struct results *results = sample_results(COUNT);
    char names[NAMED][24];
    const char *order[NAMED + 1] = {[NAMED] = "an identity that is not there"};
    for (uint64_t i = 0; i < NAMED; i++) {
        const struct record *record = sample_find(results, &sample_schema, (i * 3) % COUNT);
        snprintf(names[i], sizeof names[i], "%s", record_string(record, "identity"));
        order[i] = names[i];
    }
    assert_int_equal(results_order(results, NAMED + 1, order), STATUS_OK);
    const struct table *table = results_table(results, "recall");
    for (size_t i = 0; i < NAMED; i++)
        assert_string_equal(record_string(table->records[i], "identity"), names[i]);
    for (size_t i = NAMED + 1; i < COUNT; i++)
        assert_true(strcmp(record_string(table->records[i - 1], "identity"),
                           record_string(table->records[i], "identity")) < 0);
    for (uint64_t i = 0; i < COUNT; i++)
        add(results, &sample_schema, i, "done", 1);
    assert_int_equal(table->count, COUNT);
    results_destroy(&results);
}

/* --- merging ------------------------------------------------------------------------------------------ */

static void shards_merge_to_the_whole(void **state) {
    (void)state;
    struct results *whole = sample_results(40), *merged = sample_results(0), *shard = sample_results(0);
    for (uint64_t i = 0; i < 80; i++) {
        struct record *record = sample_record(i % 2 ? &sample_timed_schema : &sample_schema, i / 2);
        if (i % 3) assert_int_equal(results_add(merged, record), STATUS_OK);
        if (i % 3 != 1) assert_int_equal(results_add(shard, record), STATUS_OK);
        record_destroy(&record);
    }
    shard->damaged_entries = 3;
    shard->unfinished = true;
    assert_int_equal(results_merge(merged, shard, NULL), STATUS_OK);
    assert_true(sample_results_equal(merged, whole));
    assert_true(sample_results_equal(whole, merged));
    assert_int_equal(merged->damaged_entries, 3);
    assert_true(merged->unfinished);
    results_destroy(&whole);
    results_destroy(&merged);
    results_destroy(&shard);
}

static void failed_units_give_way_to_done_ones_in_both_directions(void **state) {
    (void)state;
    for (int reverse = 0; reverse < 2; reverse++) {
        struct results *into = empty(), *more = empty();
        add(into, &sample_schema, 1, reverse ? "failed" : "done", 1);
        add(more, &sample_schema, 1, reverse ? "done" : "failed", 1);
        assert_int_equal(results_merge(into, more, NULL), STATUS_OK);
        assert_string_equal(record_string(sample_find(into, &sample_schema, 1), "status"), "done");
        results_destroy(&into);
        results_destroy(&more);
    }
}

static enum status merge_with(const char *key, const struct schema *first, const struct schema *second,
                              struct error *error) {
    struct results *into = sample_results(0), *more = sample_results(0);
    add(into, first, 1, "done", 1);
    add(more, second, 2, "done", 1);
    set(more, key, json_string("something else"));
    enum status status = results_merge(into, more, error);
    results_destroy(&into);
    results_destroy(&more);
    return status;
}

static void timings_merge_only_on_one_machine_and_build(void **state) {
    (void)state;
    static const char *const keys[] = {"machine_fingerprint", "build_fingerprint"};
    for (size_t i = 0; i < 2; i++) {
        struct error error = {STATUS_OK, ""};
        assert_int_equal(merge_with(keys[i], &sample_timed_schema, &sample_timed_schema, &error),
                         STATUS_MISMATCH);
        assert_non_null(strstr(error.text, "engram compare"));
        assert_int_equal(merge_with(keys[i], &sample_schema, &sample_schema, NULL), STATUS_OK);
        assert_int_equal(merge_with(keys[i], &sample_schema, &sample_timed_schema, NULL), STATUS_OK);
    }
}

static void different_seeds_do_not_merge(void **state) {
    (void)state;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(merge_with("seed", &sample_schema, &sample_schema, &error), STATUS_MISMATCH);
    assert_non_null(strstr(error.text, "seed"));
}

static void different_schema_versions_do_not_merge(void **state) {
    (void)state;
    struct error error = {STATUS_OK, ""};
    struct schema newer = sample_schema;
    newer.version = 4;
    struct results *into = sample_results(1), *more = sample_results(0);
    add(more, &newer, 3, "done", 1);
    assert_int_equal(results_merge(into, more, &error), STATUS_MISMATCH);
    assert_non_null(strstr(error.text, "version 3"));
    assert_non_null(strstr(error.text, "version 4"));
    results_destroy(&into);
    results_destroy(&more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_is_kept_once_and_done_beats_failed),
        cmocka_unit_test(many_records_are_all_found_again),
        cmocka_unit_test(records_of_another_schema_of_that_name_are_refused),
        cmocka_unit_test(ordering_follows_the_identities_then_their_names),
        cmocka_unit_test(shards_merge_to_the_whole),
        cmocka_unit_test(failed_units_give_way_to_done_ones_in_both_directions),
        cmocka_unit_test(timings_merge_only_on_one_machine_and_build),
        cmocka_unit_test(different_seeds_do_not_merge),
        cmocka_unit_test(different_schema_versions_do_not_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
