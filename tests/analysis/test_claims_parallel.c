/* AP1 and AP4 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "attention_records.h"

/* --- AP1 ---------------------------------------------------------------------------------------------- */

/* Bytes found by doing what the schedule does, step by step, for B = 2, H = 8, H_kv = 4, d = 64. */
enum { B = 2, H = 8, H_KV = 4, D = 64, RANKS_MAX = 8 };

static int64_t rows_of(int64_t length, int64_t ranks, int64_t rank) {
    return length / ranks + (rank < length % ranks);
}

/* In each of P - 1 steps a rank sends the block it holds. */
static int64_t walk_ring(int64_t ranks, int64_t length, int64_t rank) {
    int64_t sent = 0;
    for (int64_t step = 0; step < ranks - 1; step++)
        sent += 2 * B * H_KV * D * rows_of(length, ranks, (rank - step + ranks) % ranks) * 4;
    return sent;
}

/* Every other rank gets the own block. */
static int64_t walk_allgather(int64_t ranks, int64_t length, int64_t rank) {
    int64_t sent = 0;
    for (int64_t other = 0; other < ranks; other++)
        sent += other == rank ? 0 : 2 * B * H_KV * D * rows_of(length, ranks, rank) * 4;
    return sent;
}

/* In a group of U ranks each gives every other one U-th of its heads' rows, of queries, keys and values, and
 * of outputs back; then rings of R ranks pass what the group holds of a rank's heads. */
static int64_t walk_hybrid(int64_t ranks, int64_t length, int64_t ways) {
    int64_t rows = length / ranks, sent = 0;
    for (int64_t other = 1; other < ways; other++)
        sent += (2 * H + 2 * H_KV) / ways * rows * D * B * 4;
    for (int64_t step = 1; step < ranks / ways; step++)
        sent += 2 * (H_KV / ways) * (rows * ways) * D * B * 4;
    return sent;
}

/* b ranks share one query's keys: each needs the queries of the b - 1 others, and each sends back the partial
 * outputs and log-sum-exps of those it does not own; keys and values go to the a - 1 others that need them.
 */
static int64_t walk_tiles(int64_t ranks, int64_t length, int64_t ways) {
    int64_t rows = length / ranks, sent = 0;
    for (int64_t other = 1; other < ways; other++)
        sent += (H * rows * D + H * rows * (D + 1)) * B * 4;
    for (int64_t other = 1; other < ranks / ways; other++)
        sent += 2 * H_KV * rows * D * B * 4;
    return sent;
}

static int64_t walk(const char *schedule, int64_t ranks, int64_t length, int64_t ways, int64_t rank) {
    switch (schedule[0]) {
    case 'r':
        return walk_ring(ranks, length, rank);
    case 'a':
        return walk_allgather(ranks, length, rank);
    case 'u':
        return walk_hybrid(ranks, length, ranks);
    case 't':
        return walk_tiles(ranks, length, ways);
    default:
        return schedule[1] == 'y' ? walk_hybrid(ranks, length, ways) : 0;
    }
}

/* One record; the last rank sends `excess` bytes more than it must, and `said` more than the column says. */
static void add_traffic(struct results *results, const char *schedule, int64_t ranks, int64_t length,
                        int64_t ways, int64_t excess, int64_t said) {
    int64_t sent[RANKS_MAX] = {0}, predicted[RANKS_MAX] = {0};
    for (int64_t rank = 0; rank < ranks; rank++)
        sent[rank] = predicted[rank] = walk(schedule, ranks, length, ways, rank);
    sent[ranks - 1] += excess;
    predicted[ranks - 1] += excess - said;
    struct record *record = attention_record(schedule, ranks, length);
    set_integer(record, "ways_used", ways);
    set_integers(record, "bytes_sent", (size_t)ranks, sent);
    set_integers(record, "bytes_predicted", (size_t)ranks, predicted);
    synthetic_add(results, record);
}

static struct results *traffic(int64_t excess_ring, int64_t excess_heads) {
    struct results *results = synthetic_results();
    static const int64_t lengths[] = {1024, 1021, 5, 3};
    for (int64_t ranks = 1; ranks <= 7; ranks++) {
        for (size_t i = 0; i < 4; i++) {
            add_traffic(results, "ring", ranks, lengths[i], 0, ranks == 5 && i == 1 ? excess_ring : 0, 0);
            add_traffic(results, "heads", ranks, lengths[i], 0, ranks == 3 && i == 2 ? excess_heads : 0, 0);
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

static void bytes_that_only_the_schedules_own_formula_knows_are_not_reproduced(void **state) {
    (void)state;
    struct results *results = traffic(0, 0);
    add_traffic(results, "ring", 4, 1024, 0, 0, 4);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_attention_bytes, results);
    results_destroy(&results);
}

/* Every further schedule by itself: with what it must send, and with one element more. */
static void further_schedules_are_decided_where_they_ran(void **state) {
    (void)state;
    static const struct {
        const char *schedule;
        int64_t ranks, ways;
    } cases[] = {{"allgather", 5, 0}, {"ulysses", 4, 0}, {"hybrid", 8, 2}, {"hybrid", 8, 4},
                 {"tiles", 8, 2},     {"tiles", 6, 3},   {"tiles", 4, 4},  {"tiles", 4, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int64_t excess = 0; excess <= 4; excess += 4) {
            struct results *results = traffic(0, 0);
            add_traffic(results, cases[i].schedule, cases[i].ranks, 960, cases[i].ways, excess, 0);
            assert_verdict(excess ? VERDICT_NOT_REPRODUCED : VERDICT_REPRODUCED, &claim_attention_bytes,
                           results);
            results_destroy(&results);
        }
}

/* Three key/value heads do not go over two ranks: the closed form says nothing then, the column does. */
static void uneven_splits_are_held_against_the_general_form(void **state) {
    (void)state;
    struct results *results = traffic(0, 0);
    add_traffic(results, "ulysses", 3, 1021, 0, 12, 0);
    assert_verdict(VERDICT_REPRODUCED, &claim_attention_bytes, results);
    add_traffic(results, "ulysses", 3, 1021, 0, 12, 4);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_attention_bytes, results);
    results_destroy(&results);
}

static void one_rank_proves_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    add_traffic(results, "ring", 1, 1024, 0, 0, 0);
    add_traffic(results, "heads", 1, 1024, 0, 0, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    /* One of the two that are needed leaves the row open, however well the others do. */
    add_traffic(results, "ring", 3, 1024, 0, 0, 0);
    add_traffic(results, "allgather", 3, 1024, 0, 0, 0);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    results_destroy(&results);
}

static void two_ranks_can_refute_the_bytes_but_not_confirm_them(void **state) {
    (void)state;
    for (int64_t excess = 0; excess <= 4; excess += 4) {
        struct results *results = synthetic_results();
        add_traffic(results, "ring", 2, 1024, 0, excess, 0);
        add_traffic(results, "heads", 2, 1024, 0, 0, 0);
        assert_verdict(excess ? VERDICT_NOT_REPRODUCED : VERDICT_INCONCLUSIVE, &claim_attention_bytes,
                       results);
        results_destroy(&results);
    }
}

static void missing_bytes_are_no_agreement(void **state) {
    (void)state;
    struct results *results = traffic(0, 0);
    int64_t sent[2] = {0, INT64_MIN};
    struct record *record = attention_record("heads", 2, 99);
    set_integers(record, "bytes_sent", 2, sent);
    synthetic_add(results, record);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_bytes, results);
    results_destroy(&results);
}

/* --- AP4 ---------------------------------------------------------------------------------------------- */

/* `problems` problems on 1, 2, 4 ... most_ranks ranks; errors of `grows` go as P^growth and scatter by a
 * factor exp(noise), those of the other schedules are constant. */
static struct results *errors(const char *grows, size_t problems, int64_t most_ranks, double growth,
                              double noise, uint64_t key) {
    static const char *const schedules[] = {"heads", "ring", "tiles"};
    struct results *results = synthetic_results();
    struct dice random = dice(key);
    for (size_t i = 0; i < problems; i++) {
        for (int64_t ranks = 1; ranks <= most_ranks; ranks *= 2) {
            for (size_t schedule = 0; schedule < 3; schedule++) {
                struct record *record = attention_record(schedules[schedule], ranks, 1000 + (int64_t)i);
                double factor = strcmp(schedules[schedule], grows) != 0
                                    ? 1
                                    : pow((double)ranks, growth) * exp(noise * dice_normal(&random));
                set_real(record, "max_abs_error", 3e-7 * factor);
                synthetic_add(results, record);
            }
        }
    }
    return results;
}

static void error_verdict(enum verdict expected, const char *grows, size_t problems, double growth,
                          double noise) {
    struct results *results = errors(grows, problems, 8, growth, noise, 41);
    assert_verdict(expected, &claim_attention_error, results);
    results_destroy(&results);
}

static void error_growth_comes_out_each_way(void **state) {
    (void)state;
    error_verdict(VERDICT_REPRODUCED, "ring", 12, 0, 0.15);
    error_verdict(VERDICT_REPRODUCED, "ring", 12, -0.3, 0.15);
    error_verdict(VERDICT_NOT_REPRODUCED, "ring", 12, 0.7, 0.15);
    error_verdict(VERDICT_NOT_REPRODUCED, "tiles", 12, 0.7, 0.15);
    error_verdict(VERDICT_INCONCLUSIVE, "ring", 12, 0.25, 0.2);
    error_verdict(VERDICT_INCONCLUSIVE, "ring", 3, 0.5, 1.0);
    error_verdict(VERDICT_INCONCLUSIVE, "ring", 1, 0, 0);
}

static void two_ranks_can_refute_constant_errors_but_not_confirm_them(void **state) {
    (void)state;
    struct results *flat = errors("ring", 12, 2, 0, 0.1, 43), *growing = errors("ring", 12, 2, 1.5, 0.1, 43);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_error, flat);
    assert_verdict(VERDICT_NOT_REPRODUCED, &claim_attention_error, growing);
    results_destroy(&flat);
    results_destroy(&growing);
}

static void planted_growth_is_recovered(void **state) {
    (void)state;
    struct results *results = errors("ring", 20, 8, 0.5, 0.1, 42);
    const struct measurement *m = measurement_named(decide(&claim_attention_error, results),
                                                    "ring: exponent of the error in the ranks");
    assert_true(fabs(m->value - 0.5) < 0.1 && m->low < m->value && m->high > m->value);
    results_destroy(&results);
}

static void errors_without_a_single_rank_to_compare_decide_nothing(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t ranks = 2; ranks <= 8; ranks *= 2) {
        synthetic_add(results, attention_record("ring", ranks, 100));
        synthetic_add(results, attention_record("heads", ranks, 100));
    }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_attention_error, results);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_are_reproduced_and_one_more_is_not),
        cmocka_unit_test(bytes_that_only_the_schedules_own_formula_knows_are_not_reproduced),
        cmocka_unit_test(further_schedules_are_decided_where_they_ran),
        cmocka_unit_test(uneven_splits_are_held_against_the_general_form),
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
