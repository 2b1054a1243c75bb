/* Reading IDX files, good ones and all kinds of bad ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "experiments/idx.h"
#include "idx_file.h"

enum { COUNT = 7, HEIGHT = 5, WIDTH = 3 };

static char folder[256], path[300];

static int set_up(void **state) {
    (void)state;
    if (!idx_folder_create(folder, sizeof folder)) return -1;
    snprintf(path, sizeof path, "%s/images", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    idx_folder_remove(folder);
    return 0;
}

/* Writes a good file of which the caller may change bytes first. */
static uint8_t *good_bytes(size_t *bytes) {
    uint8_t *made = idx_file_bytes(COUNT, HEIGHT, WIDTH, bytes);
    assert_non_null(made);
    return made;
}

/* Reads `path`, which must fail in this way with a sentence that names the file and holds `text`. */
static void assert_refused(enum status status, const char *text) {
    struct idx_images *images;
    struct error error = {STATUS_OK, ""};
    size_t before = memory_in_use();
    assert_int_equal(idx_read_images(path, 100, &images, &error), status);
    assert_null(images);
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, text));
    assert_int_equal(memory_in_use(), before);
}

static void plain_and_compressed_files_read_the_same(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count);
    for (int compressed = 0; compressed < 2; compressed++) {
        struct idx_images *images;
        struct idx_shape shape;
        assert_true(idx_file_write(path, count, bytes, compressed));
        assert_int_equal(idx_read_shape(path, &shape, NULL), STATUS_OK);
        assert_int_equal(shape.count, COUNT);
        assert_int_equal(idx_read_images(path, 100, &images, NULL), STATUS_OK);
        assert_int_equal(images->shape.count, COUNT);
        assert_int_equal(images->shape.height, HEIGHT);
        assert_int_equal(images->shape.width, WIDTH);
        assert_memory_equal(images->pixels, bytes + 16, count - 16);
        idx_images_destroy(&images);
        assert_int_equal(idx_read_images(path, 2, &images, NULL), STATUS_OK);
        assert_int_equal(images->shape.count, 2);
        idx_images_destroy(&images);
    }
    free(bytes);
}

static void images_beyond_those_asked_for_are_not_needed(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count);
    struct idx_images *images;
    assert_true(idx_file_write(path, count - 1, bytes, false));
    assert_int_equal(idx_read_images(path, COUNT - 1, &images, NULL), STATUS_OK);
    idx_images_destroy(&images);
    free(bytes);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count);
    for (size_t kept = 0; kept < count; kept++)
        for (int compressed = 0; compressed < 2; compressed++) {
            assert_true(idx_file_write(path, kept, bytes, compressed));
            assert_refused(STATUS_FORMAT, kept < 16 ? "not an IDX file" : "truncated");
        }
    free(bytes);
}

static size_t read_back(uint8_t *bytes, size_t most) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, most, file);
    fclose(file);
    return count;
}

static void a_cut_compressed_stream_is_refused(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count), stream[1000];
    assert_true(idx_file_write(path, count, bytes, true));
    size_t length = read_back(stream, sizeof stream);
    for (size_t kept = 2; kept < length - 8; kept++) { /* the last 8 bytes check what was read already */
        assert_true(idx_file_write(path, kept, stream, false));
        struct idx_images *images;
        struct error error;
        assert_int_equal(idx_read_images(path, 100, &images, &error), STATUS_FORMAT);
    }
    free(bytes);
}

static void foreign_files_are_refused(void **state) {
    (void)state;
    const struct {
        size_t byte;
        uint8_t value;
        const char *text;
    } changes[] = {
        {0, 1, "not an IDX file"}, {1, 'P', "not an IDX file"},
        {2, 0x0d, "type 0x0d"},    {3, 1, "1 dimensions"},
        {7, 0, "empty"},           {11, 0, "empty"},
        {15, 0, "empty"},          {8, 0xff, "at most"},
        {12, 0xff, "at most"},     {13, 1, "at most"},
        {4, 0xff, "truncated"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        size_t count;
        uint8_t *bytes = good_bytes(&count);
        bytes[changes[i].byte] = changes[i].value;
        assert_true(idx_file_write(path, count, bytes, i % 2));
        assert_refused(STATUS_FORMAT, changes[i].text);
        free(bytes);
    }
}

static void a_header_alone_gets_little_memory(void **state) {
    (void)state;
    const uint8_t header[] = {0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0, 0, 0, 1, 0};
    struct idx_images *images;
    assert_true(idx_file_write(path, sizeof header, header, true));
    memory_reset_high_water();
    size_t before = memory_high_water();
    assert_int_equal(idx_read_images(path, SIZE_MAX, &images, NULL), STATUS_FORMAT);
    assert_true(memory_high_water() < before + (4 << 20));
}

static void what_is_no_file_is_refused(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/missing", folder);
    assert_refused(STATUS_NOT_FOUND, "No such file");
    snprintf(path, sizeof path, "%s/missing/images", folder);
    assert_refused(STATUS_NOT_FOUND, "No such file");
    snprintf(path, sizeof path, "%s", folder);
    assert_refused(STATUS_FORMAT, "not a regular file");
    snprintf(path, sizeof path, "/dev/zero");
    assert_refused(STATUS_FORMAT, "not a regular file");
    snprintf(path, sizeof path, "%s/images", folder);
}

static void damaged_bytes_never_crash(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count), stream[1000];
    assert_true(idx_file_write(path, count, bytes, true));
    size_t length = read_back(stream, sizeof stream), refused = 0;
    for (uint32_t round = 0; round < 500; round++) {
        struct random_source source = random_source(2, RANDOM_NOISE, round);
        uint8_t changed[1000];
        memcpy(changed, stream, length);
        for (uint64_t i = 0; i < 3; i++)
            changed[random_below(source, 2 * i, length)] = (uint8_t)random_bits(source, 2 * i + 1);
        struct idx_images *images;
        size_t before = memory_in_use();
        assert_true(idx_file_write(path, length, changed, false));
        enum status status = idx_read_images(path, 1000, &images, NULL);
        assert_true(status == STATUS_OK || status == STATUS_FORMAT);
        refused += status != STATUS_OK;
        idx_images_destroy(&images);
        assert_int_equal(memory_in_use(), before);
    }
    assert_in_range(refused, 250, 500);
    free(bytes);
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    size_t count;
    uint8_t *bytes = good_bytes(&count);
    assert_true(idx_file_write(path, count, bytes, true));
    size_t before = memory_in_use();
    for (long allowed = 0; allowed < 2; allowed++) {
        struct idx_images *images;
        struct error error;
        memory_fail_after(allowed);
        enum status status = idx_read_images(path, 100, &images, &error);
        memory_fail_after(-1);
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_int_equal(memory_in_use(), before);
    }
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_compressed_files_read_the_same),
        cmocka_unit_test(images_beyond_those_asked_for_are_not_needed),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_cut_compressed_stream_is_refused),
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(a_header_alone_gets_little_memory),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(damaged_bytes_never_crash),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
