/* HC2b on made-up retrievals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/block_effect.h"
#include "synthetic.h"

enum { TRIALS = 16 };

/* A pattern set in one size of blocks: every trial succeeds but those of the first `failures`. */
static void add_set(struct results *results, int64_t neurons, double load, int64_t block, int64_t repeat,
                    double overlap, size_t failures) {
    double overlaps[TRIALS];
    for (size_t t = 0; t < TRIALS; t++)
        overlaps[t] = t < failures ? 0.4 : overlap;
    struct record *record = synthetic_record(&synthetic_blocks);
    set_integer(record, "neurons", neurons);
    set_real(record, "load", load);
    set_integer(record, "block", block);
    set_integer(record, "repeat", repeat);
    set_integer(record, "capped", 0);
    set_integer(record, "cycles", block == neurons ? 4 : 0);
    set_reals(record, "overlap", TRIALS, overlaps);
    synthetic_add(results, record);
}

/* Sets whose shares of failures differ widely; in blocks of 10 a set has one more with that chance. */
static struct results *planted(int64_t sets, double load, double more_failures, double shift) {
    struct results *results = synthetic_results();
    struct dice random = dice(77);
    for (int64_t repeat = 0; repeat < sets; repeat++) {
        size_t failures = (size_t)(6 * dice_uniform(&random));
        size_t more = dice_uniform(&random) < more_failures;
        double overlap = 0.97 + 0.01 * dice_normal(&random);
        add_set(results, 1000, load, 1, repeat, overlap, failures);
        add_set(results, 1000, load, 10, repeat, overlap + shift, failures + more);
        add_set(results, 1000, load, 1000, repeat, overlap - 0.01, failures + 2);
    }
    return results;
}

static void blocks_verdict(enum verdict expected, int64_t sets, double load, double more, double shift) {
    struct results *results = planted(sets, load, more, shift);
    assert_verdict(expected, &claim_blocks, results);
    results_destroy(&results);
}

static void effects_of_blocks_come_out_each_way(void **state) {
    (void)state;
    blocks_verdict(VERDICT_REPRODUCED, 200, 0.138, 0, 0.0005);
    blocks_verdict(VERDICT_NOT_REPRODUCED, 200, 0.138, 0.3, 0);
    blocks_verdict(VERDICT_NOT_REPRODUCED, 200, 0.138, 0, 0.01);
    blocks_verdict(VERDICT_INCONCLUSIVE, 30, 0.138, 0, 0);  /* too few trials to have seen rare differences */
    blocks_verdict(VERDICT_INCONCLUSIVE, 200, 0.100, 0, 0); /* where there is nothing to change */
}

static void larger_blocks_are_shown_and_do_not_decide(void **state) {
    (void)state;
    struct results *results = planted(200, 0.138, 0, 0);
    assert_verdict(VERDICT_REPRODUCED, &claim_blocks, results);
    const struct ledger_row *row = decide(&claim_blocks, results);
    const struct measurement *cycles =
        measurement_named(row, "  2-cycles when all neurons are updated together");
    assert_true(fabs(cycles->value - 0.25) < 1e-12);
    assert_true(isnan(cycles->prediction));
    const struct measurement *overlap =
        measurement_named(row, "overlap, blocks of 10 less one by one, N = 1000, load 0.138");
    assert_true(overlap->value == 0 && overlap->n == 200);
    assert_int_equal(2, row->finding.plot_count); /* no large network */
    results_destroy(&results);
}

static void only_the_same_sets_are_compared(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (int64_t repeat = 0; repeat < 250; repeat++) {
        add_set(results, 1000, 0.138, 1, repeat, 0.97, 0);
        add_set(results, 1000, 0.138, 10, repeat + 250, 0.97, 0);
        add_set(results, 1000, 0.136, 10, repeat, 0.97, 0);
    }
    struct block_effect *effect;
    assert_int_equal(block_effect_create(results, &effect), STATUS_OK);
    assert_int_equal(effect->pair_count, 0);
    assert_int_equal(effect->records, 750);
    block_effect_destroy(&effect);
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_blocks, results);
    results_destroy(&results);
}

static void large_networks_stand_beside_theory(void **state) {
    (void)state;
    struct results *results = planted(200, 0.138, 0, 0);
    add_set(results, 1000000, 0.13, 10000, 0, 0.9871, 3);
    add_set(results, 1000000, 0.139, 10000, 0, 0.95, 3);
    const struct ledger_row *row = decide(&claim_blocks, results);
    const struct measurement *m =
        measurement_named(row, "  overlap at N = 1000000, load 0.13 (theory: 0.98721)");
    assert_true(fabs(m->value - 0.9871) < 1e-12 && m->n == TRIALS - 3);
    measurement_named(row, "  overlap at N = 1000000, load 0.139 (theory: none)"); /* no branch there */
    assert_int_equal(3, row->finding.plot_count);
    results_destroy(&results);
}

/* Trials of one set depend on each other: however many and alike, in blocks of whatever size, they are one.
 */
static void large_networks_scatter_over_sets(void **state) {
    (void)state;
    static const char name[] = "  overlap at N = 1000000, load 0.13 (theory: 0.98721)";
    struct results *results = synthetic_results();
    add_set(results, 1000000, 0.13, 10000, 0, 0.985, 0);
    add_set(results, 1000000, 0.13, 1000, 0, 0.987, 0);
    const struct measurement *m = measurement_named(decide(&claim_blocks, results), name);
    assert_true(fabs(m->value - 0.986) < 1e-12 && isinf(m->low) && isinf(m->high));
    for (int64_t repeat = 1; repeat < 4; repeat++)
        add_set(results, 1000000, 0.13, 10000, repeat, 0.986 + 0.001 * (double)repeat, 0);
    m = measurement_named(decide(&claim_blocks, results), name);
    assert_true(m->value > 0.986 && m->value < 0.989 && m->n == 5 * TRIALS);
    assert_true(m->low < m->value - 0.001 && m->high > m->value + 0.001);
    assert_true(m->low > 0.98 && m->high < 0.995);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_of_blocks_come_out_each_way),
        cmocka_unit_test(larger_blocks_are_shown_and_do_not_decide),
        cmocka_unit_test(only_the_same_sets_are_compared),
        cmocka_unit_test(large_networks_stand_beside_theory),
        cmocka_unit_test(large_networks_scatter_over_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
