/* Images as patterns: recall from noise and from occlusion, and where the images come from. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/associative/couplings.h"
#include "core/base/memory.h"
#include "counted_unit.h"
#include "idx_file.h"

static struct team *team;

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
    counted_unit_run(team, record, 7);
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
        counted_unit_run(team, record, 7);
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
    counted_unit_run(team, record, 12);
    assert_true(fabs(record_real(record, "crosstalk") - 29.0 / 120) < 0.06);
    assert_true(fabs(record_real(record, "activity")) < 0.1);
    assert_true(record_real(record, "largest_correlation") > record_real(record, "pattern_correlation"));
    record_destroy(&record);
}

static void a_single_image_has_no_correlation(void **state) {
    (void)state;
    struct record *record = image_parameters(file, "hebb", "noise", 1);
    counted_unit_run(team, record, 8);
    assert_true(record_real(record, "pattern_correlation") == 0);
    assert_int_equal(record_integer(record, "exact_recalls"), 1);
    record_destroy(&record);
}

static void every_image_is_chosen_once(void **state) {
    (void)state;
    struct record *record = image_parameters(file, "pseudo_inverse", "noise", 30);
    counted_unit_run(team, record, 9);
    assert_true(record_real(record, "pattern_correlation") < 0.3); /* no two are equal, nor alike */
    assert_int_equal(record_integer(record, "image_count"), 6);
    record_destroy(&record);
}

/* Of images couplings may become too large for 8 bits, however few they are. */
static void estimates_count_couplings_in_16_bits_of_images_alone(void **state) {
    (void)state;
    const struct experiment *experiment = experiment_named("hopfield_images");
    const char *const rules[] = {"hebb", "pseudo_inverse"};
    for (size_t k = 0; k < 2; k++) {
        struct record *images = image_parameters(file, rules[k], "noise", 30), *random;
        assert_int_equal(record_copy(images, &random), STATUS_OK);
        assert_int_equal(record_set_string(random, "content", "random"), STATUS_OK);
        double more = experiment->estimate(&(struct point){images, 1}).bytes_per_rank -
                      experiment->estimate(&(struct point){random, 1}).bytes_per_rank;
        assert_true(more == (k == 0 ? couplings_bytes(COUPLINGS_INTEGER, 120) : 0));
        record_destroy(&images);
        record_destroy(&random);
    }
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
    counted_unit_run(team, record, 10);
    assert_int_equal(record_integer(record, "image_width"), 10);
    record_destroy(&record);
    assert_int_equal(unsetenv("ENGRAM_DATA_DIR"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_come_back_from_noise),
        cmocka_unit_test(images_come_back_from_occlusion),
        cmocka_unit_test(a_modern_network_recalls_or_mixes_by_its_beta),
        cmocka_unit_test(random_patterns_have_the_crosstalk_of_their_load),
        cmocka_unit_test(a_single_image_has_no_correlation),
        cmocka_unit_test(every_image_is_chosen_once),
        cmocka_unit_test(estimates_count_couplings_in_16_bits_of_images_alone),
        cmocka_unit_test(a_missing_data_set_names_its_package),
        cmocka_unit_test(more_patterns_than_images_are_refused),
        cmocka_unit_test(names_are_looked_up_in_the_data_folder),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    size_t before = memory_in_use();
    int failed = cmocka_run_group_tests(tests, make_images, remove_images);
    if (memory_in_use() != before) {
        fprintf(stderr, "%zu bytes were not given back\n", memory_in_use() - before);
        failed++;
    }
    parallel_stop();
    return failed;
}
