/* Comparing two results: measured columns by ratio, counted ones by equality, claims by their intervals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare.h"
#include "analysis/document.h"
#include "core/base/random.h"

static const struct field parameters[] = {
    {.name = "length", .type = FIELD_INTEGER, .unit = "1", .flags = FIELD_DATA, .description = "Length"},
    {.name = "load", .type = FIELD_REAL, .unit = "1", .flags = FIELD_DATA, .description = "Load"},
    {.name = "mask", .type = FIELD_STRING, .unit = "1", .description = "Mask"},
    {0},
};
static const struct field columns[] = {
    {.name = "seconds",
     .type = FIELD_REAL,
     .dimension = DIMENSION_SAMPLE,
     .unit = "s",
     .description = "Time"},
    {.name = "peak", .type = FIELD_REAL, .unit = "GFLOP s-1", .description = "Rate"},
    {.name = "wait", .type = FIELD_REAL, .dimension = DIMENSION_RANK, .unit = "s", .description = "Wait"},
    {.name = "flops", .type = FIELD_REAL, .unit = "1", .description = "Operations"},
    {.name = "overlap",
     .type = FIELD_INTEGER,
     .dimension = DIMENSION_TRIAL,
     .unit = "1",
     .description = "Overlap"},
    {0},
};
static const struct schema timed = {"timed", "Timed", 1, parameters, columns, true};
static const struct schema counted = {"counted", "Counted", 1, parameters, columns, false};

enum { SAMPLES = 25, COMPARED = 4 /* columns, all but that per rank */ };

/* A unit whose seconds are around `centre` with relative noise. `identity` differs from file to file. */
static struct record *new_unit(const struct schema *schema, int length, double centre, double noise,
                               uint64_t key) {
    struct record *record;
    char identity[64];
    double seconds[SAMPLES], wait[2] = {(double)key, 1};
    int64_t overlaps[3] = {4, 5, length};
    struct random_source noise_source = random_source(key, RANDOM_NOISE, (uint32_t)length);
    for (int i = 0; i < SAMPLES; i++)
        seconds[i] = centre * exp(noise * (random_uniform(noise_source, (uint64_t)i) - 0.5));
    snprintf(identity, sizeof identity, "%s-%d-%llu", schema->name, length, (unsigned long long)key);
    assert_int_equal(record_create(schema, &record), STATUS_OK);
    record_set_string(record, "identity", identity);
    record_set_integer(record, "repeat", 0);
    record_set_string(record, "status", "done");
    record_set_integer(record, "length", length);
    record_set_real(record, "load", 0.1);
    record_set_string(record, "mask", "full");
    record_set_reals(record, "seconds", SAMPLES, seconds);
    record_set_real(record, "peak", 100);
    record_set_reals(record, "wait", 2, wait);
    record_set_real(record, "flops", 4.0 * length * length);
    record_set_integers(record, "overlap", 3, overlaps);
    return record;
}

static void add(struct results *results, struct record *record) {
    assert_int_equal(results_add(results, record), STATUS_OK);
    record_destroy(&record);
}

static struct results *new_results(void) {
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    return results;
}

/* Units of lengths 16, 32, ... */
static struct results *new_timed(size_t units, double centre, double noise, uint64_t key) {
    struct results *results = new_results();
    for (size_t i = 0; i < units; i++)
        add(results, new_unit(&timed, 16 << i, centre * (double)(i + 1), noise, key + i));
    return results;
}

static struct comparison *compared(const struct results *a, const struct results *b) {
    struct comparison *comparison;
    assert_int_equal(comparison_create(a, b, &comparison), STATUS_OK);
    return comparison;
}

static const struct compare_row *row_named(const struct comparison *comparison, const char *column) {
    for (size_t i = 0; i < comparison->row_count; i++)
        if (strcmp(comparison->rows[i].field->name, column) == 0) return &comparison->rows[i];
    fail_msg("no row about %s", column);
    return NULL;
}

static const struct compare_summary *summary_named(const struct comparison *comparison, const char *column) {
    for (size_t i = 0; i < comparison->summary_count; i++)
        if (strcmp(comparison->summaries[i].field->name, column) == 0) return &comparison->summaries[i];
    fail_msg("no summary of %s", column);
    return NULL;
}

static void discard(struct comparison *comparison, struct results *a, struct results *b) {
    comparison_destroy(&comparison);
    results_destroy(&a);
    results_destroy(&b);
}

static void a_result_equals_itself(void **state) {
    (void)state;
    struct results *a = new_timed(4, 1e-3, 0.1, 1), *b = new_timed(4, 1e-3, 0.1, 1);
    struct comparison *comparison = compared(a, b);
    assert_int_equal(comparison->units, 4);
    assert_int_equal(comparison->row_count, 4 * COMPARED);
    assert_int_equal(comparison->only_a + comparison->only_b, 0);
    for (size_t i = 0; i < comparison->row_count; i++)
        assert_int_equal(comparison->rows[i].outcome, COMPARE_EQUAL);
    assert_true(row_named(comparison, "seconds")->ratio.value == 1);
    discard(comparison, a, b);
}

static void a_ratio_of_two_is_found_with_its_interval(void **state) {
    (void)state;
    struct results *a = new_timed(6, 1e-3, 0.1, 1), *b = new_timed(6, 2e-3, 0.1, 100);
    struct comparison *comparison = compared(a, b);
    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        if (strcmp(row->field->name, "seconds") != 0) continue;
        assert_true(row->measured);
        assert_int_equal(row->outcome, COMPARE_DIFFERENT);
        assert_true(row->ratio.low_999 > 1.7 && row->ratio.high_999 < 2.3);
        assert_true(row->ratio.low < row->ratio.value && row->ratio.value < row->ratio.high);
    }
    const struct compare_summary *summary = summary_named(comparison, "seconds");
    assert_int_equal(summary->outcome, COMPARE_DIFFERENT);
    assert_true(summary->ratio.low > 1.9 && summary->ratio.high < 2.1);
    assert_int_equal(summary->ratio.n, 6);
    discard(comparison, a, b);
}

/* Two units, one 2 times and one 60 times slower: a wide interval, but of ratios. */
static void the_mean_of_few_ratios_stays_a_ratio(void **state) {
    (void)state;
    struct results *a = new_results(), *b = new_results();
    const double slower[2] = {2, 60};
    for (size_t i = 0; i < 2; i++) {
        add(a, new_unit(&timed, 16 << i, 1e-3, 0.01, 1 + i));
        add(b, new_unit(&timed, 16 << i, 1e-3 * slower[i], 0.01, 10 + i));
    }
    struct comparison *comparison = compared(a, b);
    const struct compare_summary *summary = summary_named(comparison, "seconds");
    assert_true(fabs(summary->ratio.value - sqrt(120)) < 0.5);
    assert_true(summary->ratio.low > 0 && summary->ratio.low_999 >= 0 && summary->ratio.high > 60);
    discard(comparison, a, b);
}

/* Both sides come from one distribution. "Different" needs the 99.9 % interval to miss 1: of 40 units one
 * false alarm has a probability of about 4 % (and the seed is fixed); at 95 % about two of them may be
 * unclear, more than eight with a probability below 1e-3. */
static void noise_alone_is_no_difference(void **state) {
    (void)state;
    enum { UNITS = 40 };
    struct results *a = new_results(), *b = new_results();
    for (int i = 0; i < UNITS; i++) {
        add(a, new_unit(&timed, i + 1, 1e-3, 0.5, 1000 + (uint64_t)i));
        add(b, new_unit(&timed, i + 1, 1e-3, 0.5, 2000 + (uint64_t)i));
    }
    struct comparison *comparison = compared(a, b);
    size_t outcomes[COMPARE_DIFFERENT + 1] = {0};
    for (size_t i = 0; i < comparison->row_count; i++)
        if (strcmp(comparison->rows[i].field->name, "seconds") == 0) outcomes[comparison->rows[i].outcome]++;
    assert_int_equal(outcomes[COMPARE_DIFFERENT], 0);
    assert_in_range(outcomes[COMPARE_UNCLEAR], 0, 8);
    assert_int_not_equal(summary_named(comparison, "seconds")->outcome, COMPARE_DIFFERENT);
    discard(comparison, a, b);
}

/* One value on each side has no interval: the ratio is shown, and nothing is concluded. */
static void a_single_figure_decides_nothing(void **state) {
    (void)state;
    struct results *a = new_results(), *b = new_results();
    struct record *record = new_unit(&timed, 16, 1e-3, 0.1, 1);
    add(a, record);
    record = new_unit(&timed, 16, 1e-3, 0.1, 1);
    record_set_real(record, "peak", 150);
    add(b, record);
    struct comparison *comparison = compared(a, b);
    const struct compare_row *row = row_named(comparison, "peak");
    assert_true(row->ratio.value == 1.5);
    assert_false(isfinite(row->ratio.low) || isfinite(row->ratio.high));
    assert_int_equal(row->outcome, COMPARE_UNCLEAR);
    discard(comparison, a, b);
}

static void counted_columns_are_equal_or_not(void **state) {
    (void)state;
    struct results *a = new_results(), *b = new_results();
    add(a, new_unit(&counted, 16, 1e-3, 0.1, 1));
    struct record *record = new_unit(&counted, 16, 1e-3, 0.1, 1);
    record_set_integers(record, "overlap", 3, (int64_t[]){4, 5, 17});
    record_set_real(record, "flops", nextafter(4.0 * 256, 1e9));
    add(b, record);
    struct comparison *comparison = compared(a, b);
    assert_int_equal(comparison->summary_count, 0);
    assert_int_equal(row_named(comparison, "overlap")->outcome, COMPARE_DIFFERENT);
    assert_int_equal(row_named(comparison, "flops")->outcome, COMPARE_DIFFERENT);
    assert_int_equal(row_named(comparison, "peak")->outcome, COMPARE_EQUAL);
    for (size_t i = 0; i < comparison->row_count; i++)
        assert_false(comparison->rows[i].measured);
    discard(comparison, a, b);
}

/* Parameters and the repeat make the unit; identity (seed, machine) does not, and failed units do not count.
 */
static void units_are_matched_by_parameters_and_repeat(void **state) {
    (void)state;
    struct results *a = new_timed(3, 1e-3, 0.1, 1), *b = new_timed(5, 1e-3, 0.1, 50);
    struct record *record = new_unit(&timed, 16, 1e-3, 0.1, 70);
    record_set_integer(record, "repeat", 1);
    add(b, record);
    record = new_unit(&timed, 16, 1e-3, 0.1, 71);
    record_set_string(record, "mask", "causal");
    add(a, record);
    record = new_unit(&timed, 1024, 1e-3, 0.1, 72);
    record_set_string(record, "status", "failed");
    add(a, record);
    add(b, new_unit(&timed, 1024, 1e-3, 0.1, 73));
    add(b, new_unit(&counted, 16, 1e-3, 0.1, 74));
    struct comparison *comparison = compared(a, b);
    assert_int_equal(comparison->units, 3);
    assert_int_equal(comparison->only_a, 1);
    assert_int_equal(comparison->only_b, 5);
    discard(comparison, a, b);
}

static void a_differing_seed_is_noticed(void **state) {
    (void)state;
    struct results *a = new_timed(1, 1, 0.1, 1), *b = new_timed(1, 1, 0.1, 1);
    json_object_set_new(a->provenance, "seed", json_integer(1));
    json_object_set_new(b->provenance, "seed", json_integer(1));
    struct comparison *comparison = compared(a, b);
    assert_true(comparison->same_seed);
    comparison_destroy(&comparison);
    json_object_set_new(b->provenance, "seed", json_integer(2));
    comparison = compared(a, b);
    assert_false(comparison->same_seed);
    discard(comparison, a, b);
}

static struct measurement measured(double low_999, double low, double value, double high, double high_999) {
    return (struct measurement){
        .value = value, .low = low, .high = high, .low_999 = low_999, .high_999 = high_999};
}

static void measurements_differ_when_their_intervals_lie_apart(void **state) {
    (void)state;
    struct measurement one = measured(0.8, 0.9, 1, 1.1, 1.2), near = measured(0.9, 1.0, 1.15, 1.3, 1.4);
    struct measurement between = measured(1.1, 1.2, 1.4, 1.5, 1.6), apart = measured(1.3, 1.4, 1.5, 1.6, 1.7);
    struct measurement exact = measured(5, 5, 5, 5, 5), other = measured(6, 6, 6, 6, 6);
    struct measurement open = measured(-INFINITY, -INFINITY, 1, INFINITY, INFINITY);
    struct measurement none = measured(-INFINITY, -INFINITY, NAN, INFINITY, INFINITY);
    assert_int_equal(compare_measurements(&one, &near), COMPARE_NO_DIFFERENCE);
    assert_int_equal(compare_measurements(&one, &between), COMPARE_UNCLEAR);
    assert_int_equal(compare_measurements(&one, &apart), COMPARE_DIFFERENT);
    assert_int_equal(compare_measurements(&apart, &one), COMPARE_DIFFERENT);
    assert_int_equal(compare_measurements(&exact, &exact), COMPARE_EQUAL);
    assert_int_equal(compare_measurements(&exact, &other), COMPARE_DIFFERENT);
    assert_int_equal(compare_measurements(&open, &one), COMPARE_UNCLEAR);
    assert_int_equal(compare_measurements(&none, &none), COMPARE_UNCLEAR);
}

/* Of two measurements of which each is known to a tenth, the ratio is known to somewhat more. */
static void a_ratio_of_measurements_is_wider_than_either(void **state) {
    (void)state;
    struct measurement a = measured(1.7, 1.8, 2, 2.2, 2.3), b = measured(8.5, 9, 10, 11, 11.5);
    struct measurement exact = measured(4, 4, 4, 4, 4), negative = measured(-2, -1, 1, 2, 3);
    struct interval ratio = compare_ratio(&a, &b);
    assert_true(fabs(ratio.value - 5) < 1e-12);
    assert_true(ratio.low < 5 * 0.9 && ratio.low > 5 * 0.9 * 0.9);
    assert_true(ratio.high > 5 * 1.1 && ratio.high < 5 * 1.1 / 0.9);
    assert_true(ratio.low_999 < ratio.low && ratio.high_999 > ratio.high);
    struct interval inverse = compare_ratio(&b, &a);
    assert_true(fabs(inverse.low * ratio.high - 1) < 1e-12 && fabs(inverse.high * ratio.low - 1) < 1e-12);
    ratio = compare_ratio(&exact, &a);
    assert_true(fabs(ratio.low - 1.8 / 4) < 1e-12 && fabs(ratio.high - 2.2 / 4) < 1e-12);
    assert_true(isnan(compare_ratio(&negative, &a).value));
    assert_true(isnan(compare_ratio(&a, &negative).value));
}

typedef enum status print_comparison(const struct compare_sides *sides, FILE *out);

static char *printed(print_comparison *print, const struct results *a, const struct results *b) {
    struct document document;
    struct compare_sides sides;
    assert_int_equal(document_open(&document), STATUS_OK);
    assert_int_equal(compare_sides_create("before.h5", a, "after.h5", b, &sides), STATUS_OK);
    assert_int_equal(print(&sides, document.out), STATUS_OK);
    compare_sides_clear(&sides);
    assert_int_equal(document_end(&document), STATUS_OK);
    return document.text;
}

/* Twice as slow as new_timed(3, 1e-3, ...), and one counted value differs. */
static struct results *new_slower(void) {
    struct results *results = new_results();
    for (int i = 0; i < 3; i++) {
        struct record *record = new_unit(&timed, 16 << i, 2e-3 * (i + 1), 0.1, 90 + (uint64_t)i);
        if (i == 1) record_set_integers(record, "overlap", 3, (int64_t[]){0, 0, 0});
        add(results, record);
    }
    return results;
}

static void the_text_names_units_ratios_and_claims(void **state) {
    (void)state;
    static const char *const expected[] = {"before.h5",
                                           "after.h5",
                                           "3 units in both",
                                           "length=64",
                                           "different",
                                           "timed: seconds (s), 3 units",
                                           "HC1a",
                                           "\n        overlap\n",
                                           "0 in A only",
                                           "counted columns: 6 values compared, 1 different"};
    struct results *a = new_timed(3, 1e-3, 0.1, 1), *b = new_slower();
    char *text = printed(compare_text, a, b);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i])) fail_msg("not said: %s", expected[i]);
    free(text);
    results_destroy(&a);
    results_destroy(&b);
}

static void json_holds_ratios_and_claims(void **state) {
    (void)state;
    struct results *a = new_timed(3, 1e-3, 0.1, 1), *b = new_slower();
    char *text = printed(compare_json, a, b);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *units = json_object_get(root, "units");
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "b"), "file")), "after.h5");
    assert_int_equal(json_integer_value(json_object_get(units, "in_both")), 3);
    bool found = false;
    size_t i;
    json_t *summary;
    json_array_foreach(json_object_get(units, "summaries"), i, summary) {
        if (strcmp(json_string_value(json_object_get(summary, "column")), "seconds") != 0) continue;
        double ratio = json_real_value(json_object_get(summary, "ratio"));
        assert_true(ratio > 1.8 && ratio < 2.2);
        assert_string_equal(json_string_value(json_object_get(summary, "outcome")), "different");
        found = true;
    }
    assert_true(found);
    assert_int_equal(json_integer_value(json_object_get(units, "counted_equal")), 5);
    assert_true(json_array_size(json_object_get(root, "claims")) > 0);
    json_decref(root);
    free(text);
    results_destroy(&a);
    results_destroy(&b);
}

static void markdown_holds_ratios_and_claims(void **state) {
    (void)state;
    static const char *const expected[] = {"**A** before.h5",
                                           "3 units in both, 0 in A only",
                                           "of 6 counted values 1 differ",
                                           "| timed | seconds | 3 | ",
                                           "| different |",
                                           "| **HC1a** |"};
    struct results *a = new_timed(3, 1e-3, 0.1, 1), *b = new_slower();
    char *text = printed(compare_markdown, a, b);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i])) fail_msg("not said: %s", expected[i]);
    free(text);
    results_destroy(&a);
    results_destroy(&b);
}

static void empty_results_can_be_compared(void **state) {
    (void)state;
    struct results *a = new_results(), *b = new_timed(2, 1, 0.1, 1);
    static print_comparison *const formats[] = {compare_text, compare_markdown, compare_json};
    for (size_t i = 0; i < 3; i++) {
        free(printed(formats[i], a, b));
        free(printed(formats[i], b, a));
        free(printed(formats[i], a, a));
    }
    results_destroy(&a);
    results_destroy(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_equals_itself),
        cmocka_unit_test(a_ratio_of_two_is_found_with_its_interval),
        cmocka_unit_test(the_mean_of_few_ratios_stays_a_ratio),
        cmocka_unit_test(noise_alone_is_no_difference),
        cmocka_unit_test(a_single_figure_decides_nothing),
        cmocka_unit_test(counted_columns_are_equal_or_not),
        cmocka_unit_test(units_are_matched_by_parameters_and_repeat),
        cmocka_unit_test(a_differing_seed_is_noticed),
        cmocka_unit_test(measurements_differ_when_their_intervals_lie_apart),
        cmocka_unit_test(a_ratio_of_measurements_is_wider_than_either),
        cmocka_unit_test(json_holds_ratios_and_claims),
        cmocka_unit_test(markdown_holds_ratios_and_claims),
        cmocka_unit_test(the_text_names_units_ratios_and_claims),
        cmocka_unit_test(empty_results_can_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
