/* AP1 and AP4 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "synthetic.h"

enum { RANKS_MAX = 8 };

static struct record *attention(const char *schedule, int64_t ranks, int64_t length) {
    struct record *record = synthetic_record(&synthetic_attention);
    set_text(record, "schedule", schedule);
    set_integer(record, "ranks", ranks);
    set_integer(record, "batch", 2);
    set_integer(record, "length", length);
    set_integer(record, "head_width", 64);
    set_integer(record, "heads", 8);
    set_integer(record, "kv_heads", 4);
    return record;
}

/* --- AP1 ---------------------------------------------------------------------------------------------- */

/* Bytes found by walking the ring: in each of P - 1 steps a rank sends the block it holds. */
static void walk_ring(int64_t ranks, int64_t length, int64_t *sent) {
    for (int64_t rank = 0; rank < ranks; rank++) {
        sent[rank] = 0;
        for (int64_t step = 0; step < ranks - 1; step++) {
            int64_t block = (rank - step + ranks) % ranks;
            int64_t rows = length / ranks + (block < length % ranks);
            sent[rank] += 2 * 2 * 4 * 64 * rows * 4;
        }
    }
}

static void add_traffic(struct results *results, const char *schedule, int64_t ranks, int64_t length,
                        int64_t excess) {
    int64_t sent[RANKS_MAX] = {0};
    if (schedule[0] == 'r') walk_ring(ranks, length, sent);
    sent[ranks - 1] += excess;
    struct record *record = attention(schedule, ranks, length);
    set_integers(record, "bytes_sent", (size_t)ranks, sent);
    synthetic_add(results, record);
}

static struct results *traffic(int64_t excess_ring, int64_t excess_heads) {
    struct results *results = synthetic_results();
    static const int64_t lengths[] = {1024, 1021, 5, 3};
    for (int64_t ranks = 1; ranks <= 7; ranks++) {
        for (size_t i = 0; i < 4; i++) {
            add_traffic(results, "ring", ranks, lengths[i], ranks == 5 && i == 1 ? excess_ring : 0);
            add_traffic(results, "heads", ranks, lengths[i], ranks == 3 && i == 2 ? excess_heads : 0);
        }
    }
    return results;
}

static void traffic_verdict(enum verdict expected, int64_t excess_ring, int64_t excess_heads) {
    struct results *results = traffic(excess_ring, excess_heads);
    assert_verdict(expected, &claim_attention_bytes, results);
    results_destroy(&results);
}

static void equal_bytes_are_reproduced_and_one_more_is_not(void **state) {
    (void)state;
    traffic_verdict(VERDICT_REPRODUCED, 0, 0);
    traffic_verdict(VERDICT_NOT_REPRODUCED, 1, 0);
    traffic_verdict(VERDICT_NOT_REPRODUCED, -4, 0);
    traffic_verdict(VERDICT_NOT_REPRODUCED, 0, 8);
}

static void one_rank_proves_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    add_traffic(results, "ring", 1, 1024, 0);
    add_traffic(results, "heads", 1, 1024, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    /* One schedule without records leaves the row open, however well the other does. */
    add_traffic(results, "ring", 3, 1024, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    results_destroy(&results);
}

static void two_ranks_can_refute_the_bytes_but_not_confirm_them(void **state) {
    (void)state;
    for (int64_t excess = 0; excess <= 4; excess += 4) {
        struct results *results = synthetic_results();
        add_traffic(results, "ring", 2, 1024, excess);
        add_traffic(results, "heads", 2, 1024, 0);
        assert_verdict(excess ? VERDICT_NOT_REPRODUCED : VERDICT_INCONCLUSIVE, &claim_attention_bytes,
                       results);
        results_destroy(&results);
    }
}

static void missing_bytes_are_no_agreement(void **state) {
    (void)state;
    struct results *results = traffic(0, 0);
    int64_t sent[2] = {0, INT64_MIN};
    struct record *record = attention("heads", 2, 99);
    set_integers(record, "bytes_sent", 2, sent);
    synthetic_add(results, record);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    results_destroy(&results);
}

/* --- AP4 ---------------------------------------------------------------------------------------------- */

/* `problems` problems on 1, 2, 4 ... most_ranks ranks; errors go as P^growth and scatter by a factor
 * exp(noise). */
static struct results *errors(size_t problems, int64_t most_ranks, double growth, double noise,
                              uint64_t key) {
    struct results *results = synthetic_results();
    struct dice random = dice(key);
    for (size_t i = 0; i < problems; i++) {
        for (int64_t ranks = 1; ranks <= most_ranks; ranks *= 2) {
            for (size_t schedule = 0; schedule < 2; schedule++) {
                struct record *record = attention(schedule == 0 ? "heads" : "ring", ranks, 1000 + (int64_t)i);
                double factor =
                    schedule == 0 ? 1 : pow((double)ranks, growth) * exp(noise * dice_normal(&random));
                set_real(record, "max_abs_error", 3e-7 * factor);
                synthetic_add(results, record);
            }
        }
    }
    return results;
}

static void error_verdict(enum verdict expected, size_t problems, double growth, double noise) {
    struct results *results = errors(problems, 8, growth, noise, 41);
    assert_verdict(expected, &claim_attention_error, results);
    results_destroy(&results);
}

static void error_growth_comes_out_each_way(void **state) {
    (void)state;
    error_verdict(VERDICT_REPRODUCED, 12, 0, 0.15);
    error_verdict(VERDICT_REPRODUCED, 12, -0.3, 0.15);
    error_verdict(VERDICT_NOT_REPRODUCED, 12, 0.7, 0.15);
    error_verdict(VERDICT_INCONCLUSIVE, 12, 0.25, 0.2);
    error_verdict(VERDICT_INCONCLUSIVE, 3, 0.5, 1.0);
    error_verdict(VERDICT_INCONCLUSIVE, 1, 0, 0);
}

static void two_ranks_can_refute_constant_errors_but_not_confirm_them(void **state) {
    (void)state;
    struct results *flat = errors(12, 2, 0, 0.1, 43), *growing = errors(12, 2, 1.5, 0.1, 43);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_error, flat);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_attention_error, growing);
    results_destroy(&flat);
    results_destroy(&growing);
}

static void planted_growth_is_recovered(void **state) {
    (void)state;
    struct results *results = errors(20, 8, 0.5, 0.1, 42);
    const struct measurement *m = measurement_named(decide(&claim_attention_error, results),
                                                    "ring: exponent of the error in the ranks");
    assert_true(fabs(m->value - 0.5) < 0.1 && m->low < m->value && m->high > m->value);
    results_destroy(&results);
}

static void errors_without_a_single_rank_to_compare_decide_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t ranks = 2; ranks <= 8; ranks *= 2) {
        synthetic_add(results, attention("ring", ranks, 100));
        synthetic_add(results, attention("heads", ranks, 100));
    }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_error, results);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_are_reproduced_and_one_more_is_not),
        cmocka_unit_test(one_rank_proves_nothing),
        cmocka_unit_test(two_ranks_can_refute_the_bytes_but_not_confirm_them),
        cmocka_unit_test(missing_bytes_are_no_agreement),
        cmocka_unit_test(error_growth_comes_out_each_way),
        cmocka_unit_test(two_ranks_can_refute_constant_errors_but_not_confirm_them),
        cmocka_unit_test(planted_growth_is_recovered),
        cmocka_unit_test(errors_without_a_single_rank_to_compare_decide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
