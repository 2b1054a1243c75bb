/* The figure of all capacities: what the rows hand over, in order, claims apart from measurements. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "analysis/finding.h"
#include "analysis/summary.h"
#include "core/base/memory.h"

static const struct claim made_up[] = {{.id = "A1"}, {.id = "B2"}, {.id = "C3"}};

static struct interval measured(double value) {
    return (struct interval){value, 0.9 * value, 1.1 * value, 0.8 * value, 1.2 * value, 16};
}

/* Decided, inconclusive, and one that hands nothing over. */
static struct ledger *new_ledger(void) {
    static const enum verdict verdicts[] = {VERDICT_DEFINITION_DEPENDENT, VERDICT_INCONCLUSIVE,
                                            VERDICT_REPRODUCED};
    struct ledger *ledger = memory_allocate(1, sizeof *ledger);
    ledger->rows = memory_allocate(3, sizeof *ledger->rows);
    ledger->count = 3;
    for (size_t i = 0; i < 3; i++) {
        ledger->rows[i].claim = &made_up[i];
        ledger->rows[i].verdict = verdicts[i];
    }
    struct interval a = measured(0.14), b = measured(2e4), c = measured(1.6);
    finding_capacity(&ledger->rows[0].finding, "Hebb", 0.138, &a, "as N = %d", 1000);
    finding_capacity(&ledger->rows[0].finding, "no claim", NAN, &b, "huge");
    finding_capacity(&ledger->rows[1].finding, "perceptron", 2, &c, "all fixed");
    return ledger;
}

static void free_ledger(struct ledger *ledger) {
    memory_free(ledger->rows);
    memory_free(ledger);
}

static const struct series *series_named(const struct plot *plot, const char *label) {
    for (size_t i = 0; i < plot->series_count; i++)
        if (strcmp(plot->series[i].label, label) == 0) return &plot->series[i];
    return NULL;
}

static void every_capacity_is_a_row_in_ledger_order(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct plot *plot = memory_allocate(1, sizeof *plot);
    assert_int_equal(summary_plot(ledger, plot), STATUS_OK);
    assert_int_equal(plot->row_count, 3);
    assert_string_equal(plot->rows[0].name, "Hebb");
    assert_string_equal(plot->rows[0].notes[0], "0.138");
    assert_string_equal(plot->rows[0].notes[1], "0.140 [0.126, 0.154]");
    assert_string_equal(plot->rows[0].notes[2], "A1: as N = 1000");
    assert_string_equal(plot->rows[1].notes[0], "");
    assert_string_equal(plot->rows[2].name, "perceptron");
    plot_clear(plot);
    memory_free(plot);
    free_ledger(ledger);
}

static void claims_stand_beside_measurements_and_open_rows_apart(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct plot *plot = memory_allocate(1, sizeof *plot);
    assert_int_equal(summary_plot(ledger, plot), STATUS_OK);
    const struct series *decided = series_named(plot, "measured");
    const struct series *open = series_named(plot, "measured, row inconclusive");
    const struct series *claimed = series_named(plot, "claimed");
    assert_true(decided->count == 2 && decided->x[0] == 0.14 && decided->y[0] == 0 && decided->y[1] == 1);
    assert_true(decided->low[0] == 0.9 * 0.14 && decided->high[0] == 1.1 * 0.14);
    assert_true(open->count == 1 && open->x[0] == 1.6 && open->y[0] == 2);
    assert_true(claimed->count == 2 && claimed->x[0] == 0.138 && claimed->x[1] == 2 && claimed->y[1] == 2);
    assert_int_equal(claimed->style, PLOT_HOLLOW);
    assert_null(claimed->low);
    plot_clear(plot);
    memory_free(plot);
    free_ledger(ledger);
}

static void what_is_not_measured_is_no_row(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct plot *plot = memory_allocate(1, sizeof *plot);
    struct interval none = interval_unknown(NAN, 0);
    finding_capacity(&ledger->rows[2].finding, "not measured", 1, &none, "nothing");
    assert_int_equal(ledger->rows[2].finding.capacity_count, 0);
    struct ledger empty = {1, &ledger->rows[2]};
    assert_int_equal(summary_plot(&empty, plot), STATUS_OK);
    assert_int_equal(plot->row_count, 0);
    plot_clear(plot);
    memory_free(plot);
    free_ledger(ledger);
}

static void no_row_hands_over_too_much(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct interval a = measured(1);
    for (int i = 0; i < 3 * CLAIM_CAPACITIES_MAX; i++)
        finding_capacity(&ledger->rows[2].finding, "again", 1, &a, "%d", i);
    assert_int_equal(ledger->rows[2].finding.capacity_count, CLAIM_CAPACITIES_MAX);
    free_ledger(ledger);
}

static void being_out_of_memory_is_an_error(void **state) {
    (void)state;
    struct ledger *ledger = new_ledger();
    struct plot *plot = memory_allocate(1, sizeof *plot);
    for (long allowed = 0; allowed < 4; allowed++) {
        memory_fail_after(allowed);
        enum status status = summary_plot(ledger, plot);
        memory_fail_after(-1);
        assert_int_equal(status, STATUS_NO_MEMORY);
        plot_clear(plot);
    }
    memory_free(plot);
    free_ledger(ledger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capacity_is_a_row_in_ledger_order),
        cmocka_unit_test(claims_stand_beside_measurements_and_open_rows_apart),
        cmocka_unit_test(what_is_not_measured_is_no_row),
        cmocka_unit_test(no_row_hands_over_too_much),
        cmocka_unit_test(being_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
