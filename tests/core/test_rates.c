/* The loops that measure the machine do what they say, in every table of kernels. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <omp.h>

#include "core/base/random.h"
#include "core/kernels/kernels.h"
#include "core/kernels/rates.h"

static void for_each_table(void (*check)(const struct kernels *table)) {
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        if ((*table)->supported()) check(*table);
}

/* The chains start at 0, 1, 2 ..., whose mean is above 1, and come closer to 1 with every round: a loop that
 * were left out would not. */
static void check_fma(const struct kernels *table) {
    float single = 0, single_start = 0;
    double real = 0, start = 0;
    assert_true(table->fma_f32(0, &single_start) == 0 && table->fma_f64(0, &start) == 0);
    assert_true(start > 2 && (double)single_start == start);
    double one = table->fma_f64(1, &real), one_single = table->fma_f32(1, &single);
    assert_true(one > 0 && one_single == 2 * one);
    for (size_t rounds = 1; rounds < 300; rounds += 7) {
        assert_true(table->fma_f32(rounds, &single) == one_single * (double)rounds);
        assert_true(table->fma_f64(rounds, &real) == one * (double)rounds);
        double expected = 1 + (start - 1) * pow(0.9375, (double)rounds);
        assert_true(fabs(real - expected) < 1e-12);
        assert_true(fabs((double)single - expected) < 1e-5);
    }
}

static void multiply_adds_are_done_and_counted(void **state) {
    (void)state;
    for_each_table(check_fma);
}

static void check_sum(const struct kernels *table) {
    enum { MOST = 700 };
    float in[MOST];
    random_fill_normal_f32(random_source(3, RANDOM_INPUTS, 0), 0, MOST, in);
    for (size_t count = 0; count < MOST; count += 13) {
        double exact = 0;
        for (size_t i = 0; i < count; i++)
            exact += (double)in[i];
        assert_true(fabs((double)table->sum_f32(count, in) - exact) < 1e-4);
    }
}

static void a_sum_reads_every_element(void **state) {
    (void)state;
    for_each_table(check_sum);
}

static void all_threads_contribute(void **state) {
    (void)state;
    double of_one[2];
    float data[1001] = {0};
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        double flops[2] = {rates_fma_f32(10), rates_fma_f64(10)};
        for (int i = 0; i < 2; i++) {
            if (threads == 1) of_one[i] = flops[i];
            assert_true(flops[i] == threads * of_one[i]);
        }
        assert_true(rates_read(1001, data) == sizeof data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiply_adds_are_done_and_counted),
        cmocka_unit_test(a_sum_reads_every_element),
        cmocka_unit_test(all_threads_contribute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
