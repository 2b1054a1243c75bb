/* The experiment attention_identities as a campaign sees it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/base/memory.h"
#include "experiments/attention_pair.h"
#include "timed_unit.h"

extern const struct experiment experiment_attention_identities;

static struct team *team;

static struct record *unit(int64_t length, int64_t heads, int64_t kv_heads, const char *mask) {
    const struct timed_setting settings[] = {
        {"length", length, NULL}, {"heads", heads, NULL}, {"kv_heads", kv_heads, NULL},
        {"head_width", 24, NULL}, {"batch", 2, NULL},     {"mask", 0, mask},
        {NULL, 0, NULL}};
    struct record *record = timed_record(&experiment_attention_identities, settings);
    assert_non_null(record);
    return record;
}

static enum status run(struct record *record, uint64_t key) {
    struct error error = {STATUS_OK, ""};
    struct record *values;
    assert_int_equal(STATUS_OK, record_copy(record, &values));
    struct point point = {values, key};
    enum status status = experiment_attention_identities.run(&point, team, record, &error);
    record_destroy(&values);
    return status;
}

static double column(const struct record *record, const char *name) {
    return record_real(record, name);
}

static void heads_alone_give_the_same_bits_at_any_length(void **state) {
    (void)state;
    static const int64_t lengths[] = {1, 2, 13, 97, 256, 331};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int causal = 0; causal < 2; causal++) {
            struct record *record = unit(lengths[i], 6, 3, causal ? "causal" : "full");
            assert_int_equal(STATUS_OK, run(record, 5));
            assert_true(timed_is_complete(record));
            assert_true(column(record, "concatenation_difference") == 0);
            assert_true(column(record, "output_error") == column(record, "single_error"));
            assert_true(column(record, "output_error") < 2e-6);
            assert_true(column(record, "permuted_error") < 2e-6);
            record_destroy(&record);
        }
}

/* The comparison must see an order that matters: under a mask it does. */
static void only_a_mask_makes_order_matter(void **state) {
    (void)state;
    struct record *full = unit(101, 4, 4, "full"), *causal = unit(101, 4, 4, "causal");
    assert_int_equal(STATUS_OK, run(full, 6));
    assert_int_equal(STATUS_OK, run(causal, 6));
    assert_true(column(full, "permutation_difference") < 2e-6);
    assert_true(column(full, "permutation_difference") > 0); /* something was permuted */
    assert_true(column(causal, "permutation_difference") > 0.1);
    record_destroy(&full);
    record_destroy(&causal);
}

static void a_wrong_output_is_seen(void **state) {
    (void)state;
    struct attention_pair pair = {.shape = {1, 3, 3, 40, 40, 8}, .mask = attention_mask_none(), .key = 3};
    assert_int_equal(STATUS_OK, attention_pair_create(&pair));
    assert_int_equal(STATUS_OK, attention_pair_attend(&pair));
    size_t checked;
    assert_true(attention_pair_concatenation(&pair) == 0);
    pair.single[2 * 40 * 8 + 17] += 0.5F; /* the last head, row 2 */
    pair.permuted.output[39 * 8] = NAN;
    assert_true(fabs(attention_pair_concatenation(&pair) - 0.5) < 1e-6);
    assert_true(isinf(attention_pair_permutation(&pair)));
    assert_true(attention_pair_error(&pair, &pair.ordered, pair.single, &checked) > 0.49);
    assert_true(isinf(attention_pair_error(&pair, &pair.permuted, pair.permuted.output, &checked)));
    assert_int_equal(3 * 40, checked);
    attention_pair_destroy(&pair);
}

static void the_record_depends_on_the_data_key_alone(void **state) {
    (void)state;
    static const char *const names[] = {"permutation_difference", "output_error", "permuted_error",
                                        "largest_value"};
    int threads = omp_get_max_threads();
    struct record *one = unit(300, 4, 2, "full"), *three = unit(300, 4, 2, "full"),
                  *other = unit(300, 4, 2, "full");
    omp_set_num_threads(1);
    assert_int_equal(STATUS_OK, run(one, 1));
    omp_set_num_threads(3);
    assert_int_equal(STATUS_OK, run(three, 1));
    omp_set_num_threads(threads);
    assert_int_equal(STATUS_OK, run(other, 2));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(column(one, names[i]) == column(three, names[i]));
    assert_true(column(one, "largest_value") != column(other, "largest_value"));
    record_destroy(&one);
    record_destroy(&three);
    record_destroy(&other);
}

static void heads_that_do_not_divide_are_refused(void **state) {
    (void)state;
    struct error error = {STATUS_OK, ""};
    struct record *record = unit(10, 4, 3, "full");
    const struct resources resources = {1, 1};
    assert_int_equal(STATUS_INVALID, experiment_attention_identities.resolve(record, &resources, &error));
    assert_non_null(strstr(error.text, "kv_heads"));
    record_destroy(&record);
}

static void without_memory_the_unit_fails_and_leaks_nothing(void **state) {
    (void)state;
    for (long allowed = 0;; allowed++) {
        size_t held = memory_in_use();
        struct record *record = unit(50, 2, 1, "full"), *values;
        struct error error = {STATUS_OK, ""};
        assert_int_equal(STATUS_OK, record_copy(record, &values));
        struct point point = {values, 1};
        memory_fail_after(allowed);
        enum status status = experiment_attention_identities.run(&point, team, record, &error);
        memory_fail_after(-1);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        record_destroy(&record);
        record_destroy(&values);
        assert_int_equal(held, memory_in_use());
        if (status == STATUS_OK) break;
        assert_true(allowed < 1000);
    }
}

/* The most that is held at once, beside the record's own numbers. */
static void no_more_is_held_than_estimated(void **state) {
    (void)state;
    struct record *record = unit(700, 8, 4, "full"), *values;
    assert_int_equal(STATUS_OK, record_copy(record, &values));
    struct point point = {values, 1};
    struct error error = {STATUS_OK, ""};
    size_t before = memory_in_use();
    memory_reset_high_water();
    assert_int_equal(STATUS_OK, experiment_attention_identities.run(&point, team, record, &error));
    double held = (double)(memory_high_water() - before);
    double estimate = experiment_attention_identities.estimate(&point).bytes_per_rank;
    assert_true(held < 1.01 * estimate && held > 0.5 * estimate);
    record_destroy(&record);
    record_destroy(&values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_alone_give_the_same_bits_at_any_length),
        cmocka_unit_test(only_a_mask_makes_order_matter),
        cmocka_unit_test(a_wrong_output_is_seen),
        cmocka_unit_test(the_record_depends_on_the_data_key_alone),
        cmocka_unit_test(heads_that_do_not_divide_are_refused),
        cmocka_unit_test(without_memory_the_unit_fails_and_leaks_nothing),
        cmocka_unit_test(no_more_is_held_than_estimated),
    };
    if (parallel_start(&team) != STATUS_OK) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    parallel_stop();
    return failed;
}
