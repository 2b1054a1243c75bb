/* Properties of core/base: random numbers, memory, work counters, statuses. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/base/status.h"
#include "core/base/work.h"

enum { DRAWS = 1 << 16 };

static void random_numbers_depend_on_their_index_alone(void **state) {
    (void)state;
    struct random_source source = random_source(7, RANDOM_PATTERNS, 3);
    uint64_t whole[101], piece[40];
    random_fill_bits(source, 0, 101, whole);
    for (uint64_t first = 0; first < 61; first++) {
        random_fill_bits(source, first, 40, piece);
        assert_memory_equal(piece, whole + first, sizeof piece);
        assert_int_equal(random_bits(source, first), whole[first]);
    }
}

static void normals_do_not_depend_on_cut_or_threads(void **state) {
    (void)state;
    struct random_source source = random_source(11, RANDOM_QUERIES, 0);
    float *whole = memory_allocate(DRAWS, sizeof *whole), *other = memory_allocate(DRAWS, sizeof *other);
    assert_non_null(whole);
    assert_non_null(other);
    omp_set_num_threads(1);
    random_fill_normal_f32(source, 0, DRAWS, whole);
    omp_set_num_threads(3);
    random_fill_normal_f32(source, 0, 12345, other);
    random_fill_normal_f32(source, 12345, DRAWS - 12345, other + 12345);
    assert_memory_equal(whole, other, DRAWS * sizeof *whole);
    memory_free(whole);
    memory_free(other);
}

static void keys_streams_and_parts_are_told_apart(void **state) {
    (void)state;
    uint64_t base = random_bits(random_source(1, RANDOM_PATTERNS, 0), 0);
    assert_true(base != random_bits(random_source(2, RANDOM_PATTERNS, 0), 0));
    assert_true(base != random_bits(random_source(1ULL << 32 | 1, RANDOM_PATTERNS, 0), 0));
    assert_true(base != random_bits(random_source(1, RANDOM_ORDER, 0), 0));
    assert_true(base != random_bits(random_source(1, RANDOM_PATTERNS, 1), 0));
    assert_true(base != random_bits(random_source(1, RANDOM_PATTERNS, 0), 1ULL << 33));
}

/* False-alarm rate of each bound, had the seed not been fixed: below 1e-6 (five standard errors). */
static void moments_are_those_of_the_distributions(void **state) {
    (void)state;
    struct random_source source = random_source(5, RANDOM_VALUES, 0);
    double *normals = memory_allocate(DRAWS, sizeof *normals);
    assert_non_null(normals);
    random_fill_normal_f64(source, 1, DRAWS, normals);
    double mean = 0, square = 0, uniform = 0, below = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        mean += normals[i] / DRAWS;
        square += normals[i] * normals[i] / DRAWS;
        double u = random_uniform(source, i);
        assert_true(u > 0 && u < 1);
        uniform += u / DRAWS;
        uint64_t bounded = random_below(source, i, 10);
        assert_true(bounded < 10);
        below += (double)bounded / DRAWS;
    }
    double standard_error = 1 / sqrt(DRAWS);
    assert_true(fabs(mean) < 5 * standard_error);
    assert_true(fabs(square - 1) < 5 * sqrt(2) * standard_error);
    assert_true(fabs(uniform - 0.5) < 5 * sqrt(1.0 / 12) * standard_error);
    assert_true(fabs(below - 4.5) < 5 * sqrt(99.0 / 12) * standard_error);
    memory_free(normals);
}

static void memory_is_zeroed_aligned_and_counted(void **state) {
    (void)state;
    size_t before = memory_in_use();
    memory_reset_high_water();
    char *block = memory_allocate(1000, 3);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % MEMORY_ALIGNMENT, 0);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(block[i], 0);
    assert_true(memory_in_use() >= before + 3000);
    memory_free(block);
    assert_int_equal(memory_in_use(), before);
    assert_true(memory_high_water() >= before + 3000);
    memory_reset_high_water();
    assert_int_equal(memory_high_water(), before);
}

static void memory_says_no_rather_than_overflow(void **state) {
    (void)state;
    assert_null(memory_allocate(SIZE_MAX, 2));
    assert_null(memory_allocate(SIZE_MAX / 8 + 1, 8));
    assert_null(memory_allocate(1, SIZE_MAX - 10));
    void *nothing = memory_allocate(0, 8);
    assert_non_null(nothing);
    memory_free(nothing);
    memory_free(NULL);
}

static void a_limit_holds_and_is_lifted(void **state) {
    (void)state;
    memory_set_limit(memory_in_use() + (1 << 20));
    assert_null(memory_allocate(1 << 20, 1));
    void *half = memory_allocate(1 << 19, 1);
    assert_non_null(half);
    memory_free(half);
    memory_set_limit(0);
    void *whole = memory_allocate(1 << 21, 1);
    assert_non_null(whole);
    memory_free(whole);
}

static void allocations_fail_when_told(void **state) {
    (void)state;
    memory_fail_after(1);
    void *first = memory_allocate(1, 1);
    assert_non_null(first);
    assert_null(memory_allocate(1, 1));
    assert_null(memory_allocate(1, 1));
    memory_fail_after(-1);
    memory_free(first);
}

static void work_is_counted_from_all_threads(void **state) {
    (void)state;
    struct work before = work_now();
#pragma omp parallel for num_threads(4)
    for (int i = 0; i < 1000; i++)
        work_add((struct work){.product = 3, .elementwise = 2, .transcendental = 1});
    struct work done = work_difference(before, work_now());
    assert_int_equal(done.product, 3000);
    assert_int_equal(done.elementwise, 2000);
    assert_int_equal(done.transcendental, 1000);
    assert_int_equal(work_total(done), 6000);
}

static void errors_carry_their_sentence_and_never_overflow(void **state) {
    (void)state;
    struct error error;
    assert_int_equal(error_set(&error, STATUS_IO, "cannot write %s", "here"), STATUS_IO);
    assert_string_equal(error.text, "cannot write here");
    char endless[2 * sizeof error.text];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    error_set(&error, STATUS_FAILED, "%s", endless);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(error_set(NULL, STATUS_FAILED, "nobody listens"), STATUS_FAILED);
    assert_string_equal(status_text(STATUS_NO_MEMORY), "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_depend_on_their_index_alone),
        cmocka_unit_test(normals_do_not_depend_on_cut_or_threads),
        cmocka_unit_test(keys_streams_and_parts_are_told_apart),
        cmocka_unit_test(moments_are_those_of_the_distributions),
        cmocka_unit_test(memory_is_zeroed_aligned_and_counted),
        cmocka_unit_test(memory_says_no_rather_than_overflow),
        cmocka_unit_test(a_limit_holds_and_is_lifted),
        cmocka_unit_test(allocations_fail_when_told),
        cmocka_unit_test(work_is_counted_from_all_threads),
        cmocka_unit_test(errors_carry_their_sentence_and_never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
