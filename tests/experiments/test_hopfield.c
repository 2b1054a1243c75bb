/* The experiments with Hopfield networks as a campaign sees them: parameters in, record out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "idx_file.h"

static struct team *team;

/* --- hopfield_capacity ------------------------------------------------------------------------------ */

static struct record *capacity_parameters(int64_t neurons, double load, const char *rule,
                                          const char *dynamics) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_capacity")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", neurons), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", load), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", rule), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", dynamics), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 8), STATUS_OK);
    return record;
}

static enum status resolve(struct record *values, struct error *error) {
    const struct resources resources = {1, 1};
    return experiment_named("hopfield_capacity")->resolve(values, &resources, error);
}

/* Completes the record of a unit, which must succeed. */
static void run(const char *experiment, struct record *record, uint64_t key) {
    struct record *values;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(record_copy(record, &values), STATUS_OK);
    struct point point = {values, key};
    enum status status = experiment_named(experiment)->run(&point, team, record, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    record_destroy(&values);
    for (const struct field *column = record->schema->columns; column->name; column++)
        assert_true(record_value(record, column->name)->count > 0);
}

static void the_record_depends_on_the_data_key_alone(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    struct record *first = capacity_parameters(300, 0.15, "hebb", "asynchronous"), *again, *other;
    assert_int_equal(record_copy(first, &again), STATUS_OK);
    assert_int_equal(record_copy(first, &other), STATUS_OK);
    omp_set_num_threads(1);
    run("hopfield_capacity", first, 1);
    omp_set_num_threads(3);
    run("hopfield_capacity", again, 1);
    run("hopfield_capacity", other, 2);
    omp_set_num_threads(threads);
    assert_true(record_equal(first, again));
    assert_false(record_equal(first, other));
    record_destroy(&first);
    record_destroy(&again);
    record_destroy(&other);
}

static void dynamics_see_the_same_patterns(void **state) {
    (void)state;
    struct record *one = capacity_parameters(300, 0.15, "hebb", "asynchronous");
    struct record *all = capacity_parameters(300, 0.15, "hebb", "synchronous");
    run("hopfield_capacity", one, 3);
    run("hopfield_capacity", all, 3);
    assert_true(record_integer(one, "first_step_errors") > 0);
    assert_int_equal(record_integer(one, "first_step_errors"), record_integer(all, "first_step_errors"));
    assert_int_equal(record_integer(one, "cycles"), 0);
    record_destroy(&one);
    record_destroy(&all);
}

static void low_loads_succeed_from_near_and_far(void **state) {
    (void)state;
    const double overlaps[] = {1, 0.6};
    const char *const rules[] = {"hebb", "pseudo_inverse"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = capacity_parameters(300, 0.02, rules[k / 2], "asynchronous");
        assert_int_equal(record_set_real(record, "initial_overlap", overlaps[k % 2]), STATUS_OK);
        run("hopfield_capacity", record, 4);
        assert_int_equal(record_integer(record, "patterns"), 6);
        assert_int_equal(record_integer(record, "successes"), 8);
        assert_int_equal(record_integer(record, "fixed_patterns"), 8);
        assert_int_equal(record_integer(record, "first_step_errors"), 0);
        assert_int_equal(record_integer(record, "capped") + record_integer(record, "energy_rises"), 0);
        const struct value *flips = record_value(record, "flips");
        for (size_t t = 0; t < 8; t++)
            assert_true(k % 2 ? flips->integers[t] >= 60 : flips->integers[t] == 0);
        record_destroy(&record);
    }
}

static void automatic_trials_are_one_for_each_pattern(void **state) {
    (void)state;
    struct record *given = capacity_parameters(200, 0.1, "hebb", "asynchronous"), *record;
    assert_int_equal(resolve(given, NULL), STATUS_OK);
    assert_int_equal(record_integer(given, "trials"), 8);
    assert_int_equal(record_create(given->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", 200), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", 0.1), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", "hebb"), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", "asynchronous"), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 1), STATUS_OK);
    assert_int_equal(resolve(record, NULL), STATUS_OK);
    assert_int_equal(record_integer(record, "trials"), 20);
    run("hopfield_capacity", record, 5);
    assert_int_equal(record_value(record, "overlap")->count, 20);
    record_destroy(&given);
    record_destroy(&record);
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    const struct {
        int64_t neurons;
        double load;
        const char *rule, *word;
        enum status status;
    } cases[] = {
        {100, 1, "pseudo_inverse", "fewer patterns", STATUS_INVALID},
        {100, 0.99, "pseudo_inverse", "", STATUS_OK},
        {20000, 4, "hebb", "", STATUS_OK}, /* from the patterns: couplings would need more than 16 bits */
        {200000, 0.1, "hebb", "", STATUS_OK},
        {100, 0, "hebb", "", STATUS_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {STATUS_OK, ""};
        struct record *record =
            capacity_parameters(cases[i].neurons, cases[i].load, cases[i].rule, "asynchronous");
        assert_int_equal(resolve(record, &error), cases[i].status);
        assert_non_null(strstr(error.text, cases[i].word));
        record_destroy(&record);
    }
}

/* Never below what is used, or a plan would let a unit start that cannot end; not far above either. */
static void estimates_of_memory_hold(void **state) {
    (void)state;
    const char *const rules[] = {"hebb", "pseudo_inverse"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = capacity_parameters(k % 2 ? 1000 : 300, 0.3, rules[k / 2], "asynchronous");
        struct point point = {record, 6};
        double bytes = experiment_named("hopfield_capacity")->estimate(&point).bytes_per_rank;
        size_t before = memory_in_use();
        memory_reset_high_water();
        run("hopfield_capacity", record, 6);
        double used = (double)(memory_high_water() - before);
        assert_true(used <= bytes + 65536);
        assert_true(bytes <= 3 * used);
        record_destroy(&record);
    }
}

/* --- hopfield_dilution ------------------------------------------------------------------------------ */

static struct record *dilution_parameters(const char *dynamics, double kept, double asymmetry) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_dilution")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_integer(record, "neurons", 300), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", 0.15), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", dynamics), STATUS_OK);
    assert_int_equal(record_set_real(record, "kept", kept), STATUS_OK);
    assert_int_equal(record_set_real(record, "asymmetry", asymmetry), STATUS_OK);
    assert_int_equal(record_set_real(record, "initial_overlap", 0.8), STATUS_OK);
    assert_int_equal(record_set_integer(record, "sweep_cap", 200), STATUS_OK);
    assert_int_equal(record_set_integer(record, "trials", 8), STATUS_OK);
    return record;
}

static void every_run_has_one_end(void **state) {
    (void)state;
    const char *const dynamics[] = {"asynchronous", "synchronous"};
    for (size_t k = 0; k < 4; k++) {
        struct record *record = dilution_parameters(dynamics[k / 2], 0.1, (double)(k % 2));
        run("hopfield_dilution", record, 21);
        int64_t converged = record_integer(record, "converged"), cycles = record_integer(record, "cycles"),
                capped = record_integer(record, "capped"), longest = 0;
        const struct value *sweeps = record_value(record, "sweeps");
        for (size_t t = 0; t < sweeps->count; t++)
            longest = sweeps->integers[t] > longest ? sweeps->integers[t] : longest;
        assert_int_equal(converged + cycles + capped, 8);
        assert_true(k / 2 == 1 || cycles == 0);
        assert_true((capped > 0) == (k % 2 == 1));
        assert_true(longest <= 200 && (capped == 0 || longest == 200));
        assert_true((record_integer(record, "energy_checks") > 0) == (k % 2 == 0));
        assert_int_equal(record_integer(record, "energy_rises"), 0);
        record_destroy(&record);
    }
}

/* What both tables have, where all connections are kept. */
static void without_dilution_both_experiments_agree(void **state) {
    (void)state;
    const char *const columns[] = {"patterns", "successes", "first_step_errors", "fixed_patterns",
                                   "cycles",   "capped",    "energy_checks"};
    struct record *all = dilution_parameters("synchronous", 1, 0.5);
    struct record *plain = capacity_parameters(300, 0.15, "hebb", "synchronous");
    assert_int_equal(record_set_real(plain, "initial_overlap", 0.8), STATUS_OK);
    run("hopfield_dilution", all, 22);
    run("hopfield_capacity", plain, 22);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        assert_int_equal(record_integer(all, columns[c]), record_integer(plain, columns[c]));
    assert_memory_equal(record_value(all, "overlap")->reals, record_value(plain, "overlap")->reals,
                        8 * sizeof(double));
    record_destroy(&all);
    record_destroy(&plain);
}

static void diluted_records_do_not_depend_on_threads(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    struct record *one = dilution_parameters("asynchronous", 0.3, 0.5), *three;
    assert_int_equal(record_copy(one, &three), STATUS_OK);
    omp_set_num_threads(1);
    run("hopfield_dilution", one, 23);
    omp_set_num_threads(3);
    run("hopfield_dilution", three, 23);
    omp_set_num_threads(threads);
    assert_true(record_equal(one, three));
    record_destroy(&one);
    record_destroy(&three);
}

static void estimates_of_diluted_memory_hold(void **state) {
    (void)state;
    struct record *record = dilution_parameters("asynchronous", 0.3, 0.5);
    assert_int_equal(record_set_integer(record, "neurons", 1000), STATUS_OK);
    struct point point = {record, 24};
    double bytes = experiment_named("hopfield_dilution")->estimate(&point).bytes_per_rank;
    size_t before = memory_in_use();
    memory_reset_high_water();
    run("hopfield_dilution", record, 24);
    double used = (double)(memory_high_water() - before);
    assert_true(used <= bytes + 65536);
    assert_true(bytes <= 3 * used);
    record_destroy(&record);
}

/* --- hopfield_images -------------------------------------------------------------------------------- */

static char folder[256], file[300];

static int make_images(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = idx_file_bytes(30, 12, 10, &count);
    bool made = bytes && idx_folder_create(folder, sizeof folder);
    snprintf(file, sizeof file, "%s/train-images-idx3-ubyte.gz", folder);
    made = made && idx_file_write(file, count, bytes, true);
    free(bytes);
    return made ? 0 : -1;
}

static int remove_images(void **state) {
    (void)state;
    idx_folder_remove(folder);
    return 0;
}

static struct record *image_parameters(const char *dataset, const char *rule, const char *corruption,
                                       int64_t patterns) {
    struct record *record;
    assert_int_equal(record_create(&experiment_named("hopfield_images")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_string(record, "dataset", dataset), STATUS_OK);
    assert_int_equal(record_set_string(record, "content", "images"), STATUS_OK);
    assert_int_equal(record_set_real(record, "beta", 1), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", rule), STATUS_OK);
    assert_int_equal(record_set_string(record, "dynamics", "asynchronous"), STATUS_OK);
    assert_int_equal(record_set_integer(record, "patterns", patterns), STATUS_OK);
    assert_int_equal(record_set_string(record, "corruption", corruption), STATUS_OK);
    assert_int_equal(record_set_real(record, "amount", 0.25), STATUS_OK);
    return record;
}

/* Stored images that differ from the corrupted ones come back whole under the projection rule. */
static void check_recall(const char *corruption) {
    enum { PIXELS = 120, HIDDEN = 30 };
    struct record *record = image_parameters(file, "pseudo_inverse", corruption, 8);
    run("hopfield_images", record, 7);
    const struct value *original = record_value(record, "image_original");
    const struct value *corrupted = record_value(record, "image_corrupted");
    const struct value *recalled = record_value(record, "image_recalled");
    assert_int_equal(record_integer(record, "image_width"), 10);
    assert_int_equal(record_integer(record, "image_height"), 12);
    assert_int_equal(record_integer(record, "image_count"), 6);
    assert_int_equal(record_integer(record, "exact_recalls"), 8);
    assert_int_equal(original->count, 6 * PIXELS);
    assert_int_equal(record_value(record, "overlap")->count, 8);
    assert_memory_equal(original->integers, recalled->integers, 6 * PIXELS * sizeof(int64_t));
    for (size_t image = 0; image < 6; image++) {
        size_t changed = 0, bright = 0;
        for (size_t i = image * PIXELS; i < (image + 1) * PIXELS; i++) {
            bright += original->integers[i] == 1;
            changed += corrupted->integers[i] != original->integers[i];
            if (strcmp(corruption, "occlusion") == 0)
                assert_int_equal(corrupted->integers[i] == 0, i % PIXELS >= PIXELS - HIDDEN);
        }
        assert_int_equal(changed, HIDDEN);
        assert_in_range(bright, 50, 60); /* brighter than the median: half at most, less ties */
    }
    assert_true(record_real(record, "pattern_correlation") < 0.2);
    record_destroy(&record);
}

static void images_come_back_from_noise(void **state) {
    (void)state;
    check_recall("noise");
}

static void images_come_back_from_occlusion(void **state) {
    (void)state;
    check_recall("occlusion");
}

/* At a high beta a modern network takes the image that is nearest; at a low one it mixes all of them, an odd
 * number, so that no pixel is a tie. */
static void a_modern_network_recalls_or_mixes_by_its_beta(void **state) {
    (void)state;
    for (int low = 0; low < 2; low++) {
        struct record *record = image_parameters(file, "modern", "noise", 7);
        assert_int_equal(record_set_real(record, "beta", low ? 1e-4 : 1), STATUS_OK);
        run("hopfield_images", record, 7);
        assert_int_equal(record_integer(record, "exact_recalls"), low ? 0 : 7);
        assert_int_equal(record_integer(record, "capped"), 0);
        const struct value *recalled = record_value(record, "image_recalled");
        for (size_t i = 0; i < 120 && low; i++)
            assert_int_equal(recalled->integers[i], recalled->integers[i + 120]);
        record_destroy(&record);
    }
}

/* Random pixels in the place of images: squared overlaps of 30 patterns sum to 29 / 120 on average, with a
 * standard error of 0.012 for one set. The key is fixed. */
static void random_patterns_have_the_crosstalk_of_their_load(void **state) {
    (void)state;
    struct record *record = image_parameters(file, "hebb", "noise", 30);
    assert_int_equal(record_set_string(record, "content", "random"), STATUS_OK);
    run("hopfield_images", record, 12);
    assert_true(fabs(record_real(record, "crosstalk") - 29.0 / 120) < 0.06);
    assert_true(fabs(record_real(record, "activity")) < 0.1);
    assert_true(record_real(record, "largest_correlation") > record_real(record, "pattern_correlation"));
    record_destroy(&record);
}

static void a_single_image_has_no_correlation(void **state) {
    (void)state;
    struct record *record = image_parameters(file, "hebb", "noise", 1);
    run("hopfield_images", record, 8);
    assert_true(record_real(record, "pattern_correlation") == 0);
    assert_int_equal(record_integer(record, "exact_recalls"), 1);
    record_destroy(&record);
}

static void every_image_is_chosen_once(void **state) {
    (void)state;
    struct record *record = image_parameters(file, "pseudo_inverse", "noise", 30);
    run("hopfield_images", record, 9);
    assert_true(record_real(record, "pattern_correlation") < 0.3); /* no two are equal, nor alike */
    assert_int_equal(record_integer(record, "image_count"), 6);
    record_destroy(&record);
}

/* The unit must fail in this way with a sentence that holds `text`. */
static void assert_fails(struct record *record, enum status status, const char *text) {
    struct error error = {STATUS_OK, ""};
    struct point point = {record, 1};
    size_t before = memory_in_use();
    assert_int_equal(experiment_named("hopfield_images")->run(&point, team, record, &error), status);
    assert_non_null(strstr(error.text, text));
    assert_int_equal(memory_in_use(), before);
    assert_true(experiment_named("hopfield_images")->estimate(&point).bytes_per_rank > 0);
    record_destroy(&record);
}

static void a_missing_data_set_names_its_package(void **state) {
    (void)state;
    assert_int_equal(setenv("ENGRAM_DATA_DIR", folder, 1), 0);
    assert_fails(image_parameters("fashion-mnist", "hebb", "noise", 5), STATUS_NOT_FOUND,
                 "dataset-fashion-mnist");
    assert_int_equal(unsetenv("ENGRAM_DATA_DIR"), 0);
    assert_fails(image_parameters("./no-such-file", "hebb", "noise", 5), STATUS_NOT_FOUND, "./no-such-file");
}

static void more_patterns_than_images_are_refused(void **state) {
    (void)state;
    assert_fails(image_parameters(file, "hebb", "noise", 31), STATUS_INVALID, "only 30 images");
}

/* A name stands for a folder in ENGRAM_DATA_DIR: here, the folder of the file in its parent. */
static void names_are_looked_up_in_the_data_folder(void **state) {
    (void)state;
    char parent[256];
    snprintf(parent, sizeof parent, "%s", folder);
    char *name = strrchr(parent, '/');
    *name++ = '\0';
    assert_int_equal(setenv("ENGRAM_DATA_DIR", parent, 1), 0);
    struct record *record = image_parameters(name, "hebb", "noise", 2);
    run("hopfield_images", record, 10);
    assert_int_equal(record_integer(record, "image_width"), 10);
    record_destroy(&record);
    assert_int_equal(unsetenv("ENGRAM_DATA_DIR"), 0);
}

int main(void) {
    const struct CMUnitTest capacity[] = {
        cmocka_unit_test(the_record_depends_on_the_data_key_alone),
        cmocka_unit_test(dynamics_see_the_same_patterns),
        cmocka_unit_test(low_loads_succeed_from_near_and_far),
        cmocka_unit_test(automatic_trials_are_one_for_each_pattern),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(estimates_of_memory_hold),
    };
    const struct CMUnitTest dilution[] = {
        cmocka_unit_test(every_run_has_one_end),
        cmocka_unit_test(without_dilution_both_experiments_agree),
        cmocka_unit_test(diluted_records_do_not_depend_on_threads),
        cmocka_unit_test(estimates_of_diluted_memory_hold),
    };
    const struct CMUnitTest images[] = {
        cmocka_unit_test(images_come_back_from_noise),
        cmocka_unit_test(images_come_back_from_occlusion),
        cmocka_unit_test(a_modern_network_recalls_or_mixes_by_its_beta),
        cmocka_unit_test(random_patterns_have_the_crosstalk_of_their_load),
        cmocka_unit_test(a_single_image_has_no_correlation),
        cmocka_unit_test(every_image_is_chosen_once),
        cmocka_unit_test(a_missing_data_set_names_its_package),
        cmocka_unit_test(more_patterns_than_images_are_refused),
        cmocka_unit_test(names_are_looked_up_in_the_data_folder),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    size_t before = memory_in_use();
    int failed = cmocka_run_group_tests(capacity, NULL, NULL);
    failed += cmocka_run_group_tests(dilution, NULL, NULL);
    failed += cmocka_run_group_tests(images, make_images, remove_images);
    if (memory_in_use() != before) {
        fprintf(stderr, "%zu bytes were not given back\n", memory_in_use() - before);
        failed++;
    }
    parallel_stop();
    return failed;
}
