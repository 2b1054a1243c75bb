#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "sample.h"

static void fields_stand_in_the_order_common_parameters_columns(void **state) {
    (void)state;
    static const char *const names[] = {"identity", "repeat", "status", "reason", "neurons",
                                        "load",     "rule",   "sweeps", "energy", "note",
                                        "overlap",  "flips",  "bytes",  "image"};
    assert_int_equal(schema_field_count(&sample_schema), sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(schema_field(&sample_schema, i)->name, names[i]);
        assert_int_equal(schema_find(&sample_schema, names[i]), i);
    }
    assert_int_equal(schema_find(&sample_schema, "nothing"), -1);
    assert_int_equal(schema_find(&sample_timed_schema, "seconds"), COMMON_COUNT);
}

static void unset_fields_give_missing_values(void **state) {
    (void)state;
    struct record *record;
    assert_int_equal(record_create(&sample_schema, &record), STATUS_OK);
    assert_true(record_integer(record, "neurons") == INT64_MIN);
    assert_true(isnan(record_real(record, "load")));
    assert_true(isnan(record_real(record, "neurons")));
    assert_string_equal(record_string(record, "note"), "");
    assert_int_equal(record_value(record, "overlap")->count, 0);
    assert_null(record_value(record, "nothing"));
    assert_true(record_integer(record, "nothing") == INT64_MIN);
    assert_true(isnan(record_real(record, "note")));
    record_destroy(&record);
    assert_null(record);
}

static void wrong_names_types_dimensions_and_choices_are_invalid(void **state) {
    (void)state;
    struct record *record;
    double reals[2] = {1, 2};
    int64_t integers[2] = {1, 2};
    assert_int_equal(record_create(&sample_schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "nothing", 1), STATUS_INVALID);
    assert_int_equal(record_set_integer(record, "load", 1), STATUS_INVALID);
    assert_int_equal(record_set_real(record, "neurons", 1), STATUS_INVALID);
    assert_int_equal(record_set_real(record, "overlap", 1), STATUS_INVALID);
    assert_int_equal(record_set_reals(record, "load", 2, reals), STATUS_INVALID);
    assert_int_equal(record_set_reals(record, "flips", 2, reals), STATUS_INVALID);
    assert_int_equal(record_set_integers(record, "overlap", 2, integers), STATUS_INVALID);
    assert_int_equal(record_set_string(record, "neurons", "1"), STATUS_INVALID);
    assert_int_equal(record_set_string(record, "rule", "storkey"), STATUS_INVALID);
    record_destroy(&record);
}

static void a_new_value_replaces_the_old_one(void **state) {
    (void)state;
    struct record *record;
    double reals[3] = {1, 2, 3};
    size_t before = memory_in_use();
    assert_int_equal(record_create(&sample_schema, &record), STATUS_OK);
    for (size_t count = 0; count <= 3; count++) {
        assert_int_equal(record_set_reals(record, "overlap", 3 - count, reals), STATUS_OK);
        assert_int_equal(record_value(record, "overlap")->count, 3 - count);
        assert_int_equal(record_set_string(record, "note", count % 2 ? "odd" : "even"), STATUS_OK);
        assert_string_equal(record_string(record, "note"), count % 2 ? "odd" : "even");
    }
    record_destroy(&record);
    assert_int_equal(memory_in_use(), before);
}

static void bytes_that_are_not_utf8_are_replaced(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"caf\xe9", "caf\xef\xbf\xbd"},                                           /* Latin-1 */
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* overlong */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* a surrogate */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond U+10FFFF */
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* cut off */
        {"\xe2\x82\xac \xf0\x9f\x9c\xa8", "\xe2\x82\xac \xf0\x9f\x9c\xa8"},
    };
    struct record *record;
    assert_int_equal(record_create(&sample_schema, &record), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(record_set_string(record, "note", cases[i][0]), STATUS_OK);
        assert_string_equal(record_string(record, "note"), cases[i][1]);
    }
    record_destroy(&record);
}

static void copies_are_equal_and_any_change_shows(void **state) {
    (void)state;
    for (uint64_t number = 0; number < 200; number++) {
        struct record *record = sample_record(&sample_schema, number), *copy;
        assert_int_equal(record_copy(record, &copy), STATUS_OK);
        assert_true(record_equal(record, copy));
        assert_int_equal(record_set_string(copy, "note", "another text"), STATUS_OK);
        assert_false(record_equal(record, copy));
        assert_int_equal(record_set_string(copy, "note", record_string(record, "note")), STATUS_OK);
        assert_true(record_equal(record, copy));
        double overlaps[7] = {0};
        assert_int_equal(record_set_reals(copy, "overlap", 7, overlaps), STATUS_OK);
        assert_false(record_equal(record, copy));
        record_destroy(&record);
        record_destroy(&copy);
    }
}

static void zeros_of_different_sign_differ_but_all_nans_are_one(void **state) {
    (void)state;
    struct record *a = sample_record(&sample_schema, 0), *b = sample_record(&sample_schema, 0);
    record_set_real(a, "energy", 0.0);
    record_set_real(b, "energy", -0.0);
    assert_false(record_equal(a, b));
    double nans[2] = {-NAN, nan("123")}, plain[2] = {NAN, NAN};
    record_set_real(b, "energy", 0.0);
    record_set_reals(a, "image", 2, nans);
    record_set_reals(b, "image", 2, plain);
    assert_true(record_equal(a, b));
    record_destroy(&a);
    record_destroy(&b);
}

static void a_done_record_needs_all_scalars_a_failed_one_none(void **state) {
    (void)state;
    struct error error = {STATUS_OK, ""};
    struct record *record;
    assert_int_equal(record_create(&sample_schema, &record), STATUS_OK);
    assert_int_equal(record_complete(record, &error), STATUS_INVALID);
    record_set_string(record, "identity", "x");
    record_set_string(record, "status", "failed");
    assert_int_equal(record_complete(record, &error), STATUS_OK);
    record_set_string(record, "status", "done");
    assert_int_equal(record_complete(record, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "repeat"));
    record_destroy(&record);
}

static void arrays_of_one_dimension_must_agree(void **state) {
    (void)state;
    struct error error = {STATUS_OK, ""};
    double reals[3] = {1, 2, 3};
    int64_t integers[3] = {1, 2, 3};
    struct record *record = sample_record(&sample_schema, 0);
    record_set_reals(record, "overlap", 3, reals);
    record_set_integers(record, "flips", 3, integers);
    assert_int_equal(record_complete(record, &error), STATUS_OK);
    record_set_integers(record, "flips", 2, integers);
    assert_int_equal(record_complete(record, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "overlap"));
    assert_non_null(strstr(error.text, "flips"));
    record_set_integers(record, "flips", 0, NULL);
    assert_int_equal(record_complete(record, &error), STATUS_INVALID);
    record_set_string(record, "status", "failed");
    assert_int_equal(record_complete(record, &error), STATUS_OK);
    record_destroy(&record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_in_the_order_common_parameters_columns),
        cmocka_unit_test(unset_fields_give_missing_values),
        cmocka_unit_test(wrong_names_types_dimensions_and_choices_are_invalid),
        cmocka_unit_test(a_new_value_replaces_the_old_one),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(copies_are_equal_and_any_change_shows),
        cmocka_unit_test(zeros_of_different_sign_differ_but_all_nans_are_one),
        cmocka_unit_test(a_done_record_needs_all_scalars_a_failed_one_none),
        cmocka_unit_test(arrays_of_one_dimension_must_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
