#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/scaling.h"
#include "analysis/statistics.h"

#define assert_close(expected, actual, tolerance) assert_true(fabs((expected) - (actual)) <= (tolerance))

static void median_ignores_the_order(void **state) {
    (void)state;
    const double odd[] = {5, 1, 9, 3, 7}, even[] = {4, 1, 3, 2};
    assert_close(5, statistics_median(5, odd), 0);
    assert_close(2.5, statistics_median(4, even), 0);
    assert_true(isnan(statistics_median(0, NULL)) && isnan(statistics_mean(0, NULL)));
}

/* Newcombe 1998, table I: 81 of 263 has the Wilson interval 0.2553 to 0.3662. */
static void wilson_interval_is_the_published_one(void **state) {
    (void)state;
    struct interval interval = interval_of_proportion(81, 263);
    assert_close(0.2553, interval.low, 5e-5);
    assert_close(0.3662, interval.high, 5e-5);
    assert_true(interval.low_999 < interval.low && interval.high_999 > interval.high);
    struct interval none = interval_of_proportion(0, 20);
    assert_true(none.high > 0.1);
    for (size_t trials = 1; trials < 200; trials++) { /* rounding must not move the ends */
        assert_true(interval_of_proportion(0, trials).low == 0);
        assert_true(interval_of_proportion(trials, trials).high_999 == 1);
    }
    assert_true(isnan(interval_of_proportion(0, 0).value));
}

static void union_spans_both_and_stays_unknown(void **state) {
    (void)state;
    struct interval a = {1, 0.9, 1.1, 0.8, 1.2, 5}, b = {2, 1.5, 2.5, 1, 3, 7};
    struct interval both = interval_union(a, b);
    assert_close(1.5, both.value, 0);
    assert_close(0.9, both.low, 0);
    assert_close(3, both.high_999, 0);
    struct interval unknown = interval_union(a, interval_unknown(NAN, 0));
    assert_true(isnan(unknown.value) && isinf(unknown.low) && isinf(unknown.high));
}

/* --- the bootstrap ------------------------------------------------------------------------------------ */

enum { GROUPS_MAX = 64 };

struct sample {
    size_t count;
    double values[GROUPS_MAX];
};

static void sample_mean(const void *context, struct resampler *resampler, double *values) {
    const struct sample *sample = context;
    values[0] = 0;
    for (size_t i = 0; i < sample->count; i++) {
        values[0] += sample->values[resample_one(resampler, sample->count, i)] / (double)sample->count;
    }
}

static struct sample normal_sample(size_t count, uint64_t key) {
    struct sample sample = {.count = count};
    random_fill_normal_f64(random_source(key, RANDOM_NOISE, 0), 0, count, sample.values);
    return sample;
}

static struct interval mean_interval(const struct sample *sample, size_t replicates, uint64_t key) {
    static double matrix[BOOTSTRAP_REPLICATES];
    double value;
    assert_int_equal(STATUS_OK, bootstrap(sample_mean, sample, 1, key, replicates, &value, matrix));
    return interval_from_replicates(value, replicates, matrix, sample->count, sample->count);
}

static void the_same_key_gives_the_same_interval(void **state) {
    (void)state;
    struct sample sample = normal_sample(12, 3);
    struct interval a, b, c;
    assert_int_equal(STATUS_OK, bootstrap_interval(sample_mean, &sample, 7, 12, 12, &a));
    assert_int_equal(STATUS_OK, bootstrap_interval(sample_mean, &sample, 7, 12, 12, &b));
    assert_int_equal(STATUS_OK, bootstrap_interval(sample_mean, &sample, 8, 12, 12, &c));
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.low != c.low);
    assert_true(a.low_999 < a.low && a.low < a.value && a.value < a.high && a.high < a.high_999);
}

/* Standard normal samples, 600 experiments of each size: the 95 % interval holds the mean 0 in at least 92.3
 * % of them. If the true coverage is 95 %, that fails once in 500 seeds (a deviation of 3 standard errors,
 * 0.9 %, one-sided 0.13 %, for each of two sizes). */
static void interval_of_a_mean_covers_it(void **state) {
    (void)state;
    static const size_t sizes[] = {5, 24};
    for (size_t s = 0; s < 2; s++) {
        int covered = 0, covered_999 = 0;
        for (uint64_t i = 0; i < 600; i++) {
            struct sample sample = normal_sample(sizes[s], 1000 * s + i);
            struct interval interval = mean_interval(&sample, 1000, i);
            covered += interval.low <= 0 && interval.high >= 0;
            covered_999 += interval.low_999 <= 0 && interval.high_999 >= 0;
        }
        assert_true(covered >= 554);
        /* An interval that always covers is too wide to say anything. */
        assert_true(covered < 600);
        /* 0.6 misses expected; more than 4 has a chance below 0.05 %. */
        assert_true(covered_999 >= 596);
    }
}

static void few_groups_give_wide_intervals(void **state) {
    (void)state;
    struct sample sample = {.count = 3, .values = {-1, 0, 1}};
    struct interval interval = mean_interval(&sample, 4000, 1);
    /* Student's t with two degrees of freedom: 4.30 * 1 / sqrt(3) = 2.48. */
    assert_close(2.48, interval.high, 0.15);
    struct sample alone = {.count = 1, .values = {4}};
    interval = mean_interval(&alone, 100, 1);
    assert_true(interval.value == 4 && isinf(interval.low) && isinf(interval.high));
}

static void a_failed_replicate_could_have_been_anything(void **state) {
    (void)state;
    double replicates[1000];
    for (size_t i = 0; i < 1000; i++)
        replicates[i] = i % 10 == 0 ? NAN : (double)i / 1000;
    struct interval interval = interval_from_replicates(0.5, 1000, replicates, 1000, 1000);
    assert_true(isinf(interval.low) && isinf(interval.high));
    for (size_t i = 0; i < 1000; i++)
        replicates[i] = i < 5 ? NAN : (double)i / 1000;
    interval = interval_from_replicates(0.5, 1000, replicates, 1000, 1000);
    assert_true(interval.low < 0.03 && interval.low > 0 && isinf(interval.low_999));
    interval = interval_from_replicates(NAN, 1000, replicates, 1000, 1000);
    assert_true(isnan(interval.value) && isinf(interval.low));
}

/* Words are drawn ahead: the picks are those of the source all the same. */
static void picks_are_those_of_the_source(void **state) {
    (void)state;
    struct random_source source = random_source(6, RANDOM_BOOTSTRAP, 2);
    struct resampler resampler = {.source = source}, copy;
    for (uint64_t i = 0; i < 100; i++) {
        size_t bound = 1 + 7 * i;
        copy = resampler;
        assert_int_equal(random_below(source, i, bound), resample_one(&resampler, bound, 0));
        assert_int_equal(random_below(source, i, bound), resample_one(&copy, bound, 0));
    }
    resampler.identity = 1;
    assert_int_equal(3, resample_one(&resampler, 10, 3));
}

static void resampled_medians_are_those_of_the_draws(void **state) {
    (void)state;
    for (size_t count = 2; count <= 40; count++) {
        double values[40], drawn[40];
        for (size_t i = 0; i < count; i++)
            values[i] = (double)(i * i / 3); /* rising, some equal */
        struct sweep_point point = {.count = count, .values = values, .typical = -1};
        struct resampler resampler = {.source = random_source(7, RANDOM_BOOTSTRAP, (uint32_t)count)};
        struct resampler again = resampler;
        for (size_t i = 0; i < count; i++)
            drawn[i] = values[resample_one(&again, count, i)];
        assert_close(statistics_median(count, drawn), sweep_point_median(&point, &resampler), 0);
    }
}

static void distinct_picks_are_distinct_enough(void **state) {
    (void)state;
    struct resampler resampler = {.source = random_source(5, RANDOM_BOOTSTRAP, 0)};
    for (int i = 0; i < 500; i++) {
        size_t picks[4], seen = 0;
        resample_distinct(&resampler, 4, 3, picks);
        for (size_t k = 0; k < 4; k++) {
            assert_true(picks[k] < 4);
            seen |= (size_t)1 << picks[k];
        }
        assert_true(__builtin_popcountll(seen) >= 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_ignores_the_order),
        cmocka_unit_test(wilson_interval_is_the_published_one),
        cmocka_unit_test(union_spans_both_and_stays_unknown),
        cmocka_unit_test(the_same_key_gives_the_same_interval),
        cmocka_unit_test(interval_of_a_mean_covers_it),
        cmocka_unit_test(few_groups_give_wide_intervals),
        cmocka_unit_test(a_failed_replicate_could_have_been_anything),
        cmocka_unit_test(picks_are_those_of_the_source),
        cmocka_unit_test(resampled_medians_are_those_of_the_draws),
        cmocka_unit_test(distinct_picks_are_distinct_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
