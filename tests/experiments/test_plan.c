/* The plan of a campaign: its figures are those of the units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "campaign_reading.h"
#include "experiments/campaign/plan.h"

#define CAPACITY  "  - experiment: hopfield_capacity\n"
#define ATTENTION "  - experiment: attention\n"

static const char entries[] =
    ATTENTION "    set: {shape: bert-base}\n    vary: {ranks: [1, 2, 8, 16]}\n" CAPACITY
              "    set: {load: 0.1}\n    vary: {neurons: [100, 4000]}\n    repeats: 5\n";

static char *plan_text(const struct campaign *campaign, const struct plan_options *options) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    plan_print(campaign, options, out);
    fclose(out);
    return text;
}

/* The line that starts with a word, or NULL. */
static const char *line_of(const char *text, const char *word) {
    for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
        if (strncmp(text, word, strlen(word)) == 0) return text;
    return NULL;
}

/* Word number `column` of a line, counted from 0, as a number. */
static double cell(const char *line, int column) {
    assert_non_null(line);
    for (; column > 0; column--) {
        line += strcspn(line, " \n");
        line += strspn(line, " ");
    }
    return strtod(line, NULL);
}

static void the_plan_counts_units_pending_and_too_large(void **state) {
    (void)state;
    struct campaign *campaign = read_good(entries);
    double largest = 0;
    for (size_t i = 4; i < campaign->unit_count; i++)
        if (campaign->units[i].estimate.bytes_per_rank > largest)
            largest = campaign->units[i].estimate.bytes_per_rank;
    struct plan_options options = {{4, 2}, (size_t)largest - 1, NULL};
    char *text = plan_text(campaign, &options);
    const char *attention = line_of(text, "attention"), *capacity = line_of(text, "hopfield_capacity"),
               *total = line_of(text, "total");
    assert_true(cell(attention, 2) == 4);
    assert_true(cell(capacity, 2) == 10);
    assert_true(cell(total, 1) == 14);
    /* Columns from the end of the line: pending, too large. */
    assert_true(cell(attention, 8) == 2);
    assert_true(cell(capacity, 8) == 0);
    assert_true(cell(capacity, 9) == 5);
    assert_non_null(strstr(text, "up to 16"));
    assert_non_null(strstr(text, "neurons 4000"));
    assert_null(strstr(text, "neurons 100,"));
    assert_non_null(strstr(text, "--machine"));
    free(text);
    campaign_destroy(&campaign);
}

/* A figure with its prefix, as a number. */
static double scaled(const char *line, int column) {
    static const char prefixes[] = " kMGTPE";
    double number = cell(line, column);
    const char *unit = line;
    for (int i = 0; i <= column; i++) {
        unit += strcspn(unit, " ");
        unit += strspn(unit, " ");
    }
    const char *prefix = strchr(prefixes, *unit);
    for (long i = prefix ? prefix - prefixes : 0; i > 0; i--)
        number *= 1000;
    return number;
}

static void the_work_of_the_plan_is_the_sum_of_the_estimates(void **state) {
    (void)state;
    struct campaign *campaign = read_good(entries);
    double flops = 0;
    for (size_t i = 0; i < campaign->unit_count; i++)
        flops += campaign->units[i].estimate.flops;
    struct plan_options options = {{16, 2}, (size_t)1 << 40, NULL};
    char *text = plan_text(campaign, &options);
    double shown = scaled(line_of(text, "total"), 2);
    assert_true(shown > 0.99 * flops && shown < 1.01 * flops);
    assert_null(strstr(text, "pending (exit 3)"));
    assert_null(strstr(text, "more than"));
    free(text);
    campaign_destroy(&campaign);
}

/* Results with one machine record of one core at that rate. */
static struct results *machine_results(double rate) {
    struct results *results;
    struct record *record;
    assert_int_equal(results_create(&results), STATUS_OK);
    assert_int_equal(record_create(&experiment_named("machine")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_string(record, "identity", "0000000000000001"), STATUS_OK);
    assert_int_equal(record_set_string(record, "status", "done"), STATUS_OK);
    assert_int_equal(record_set_integer(record, "ranks", 1), STATUS_OK);
    assert_int_equal(record_set_integer(record, "threads", 1), STATUS_OK);
    assert_int_equal(record_set_real(record, "blas_f32", rate), STATUS_OK);
    assert_int_equal(results_add(results, record), STATUS_OK);
    record_destroy(&record);
    return results;
}

static void the_plan_says_how_units_are_computed(void **state) {
    (void)state;
    struct campaign *campaign = read_good(
        CAPACITY "    set: {load: 0.1, neurons: 4000}\n    vary: {trials: [1, 400]}\n    repeats: 3\n");
    struct plan_options options = {{1, 1}, (size_t)1 << 34, NULL};
    char *text = plan_text(campaign, &options);
    assert_non_null(strstr(
        text, "\ncomputed with patterns: 3 units, couplings in 8 bits: 3 units of hopfield_capacity\n"));
    free(text);
    campaign_destroy(&campaign);
}

static void times_need_a_machine_and_scale_with_it(void **state) {
    (void)state;
    struct campaign *campaign = read_good(CAPACITY "    set: {load: 0.1, neurons: 1000}\n    repeats: 20\n");
    double flops = 0, first = 0;
    for (size_t i = 0; i < campaign->unit_count; i++)
        flops += campaign->units[i].estimate.flops;
    for (int slower = 1; slower <= 4; slower *= 2) {
        struct results *machine = machine_results(10 * flops / slower);
        /* So many times as many ranks share the units of so much slower cores, and of cores at one rate. */
        struct plan_options options = {{slower, 1}, (size_t)1 << 40, machine}, alone = options;
        alone.resources.ranks = 1;
        char *text = plan_text(campaign, &options), *alone_text = plan_text(campaign, &alone);
        double shown = cell(line_of(text, "total"), 6), shown_alone = cell(line_of(alone_text, "total"), 6);
        if (slower == 1) first = shown;
        assert_true(first > 0);
        if (shown != first || shown_alone != slower * first)
            fail_msg("%g and %g instead of %g and %g s in\n%s", shown, shown_alone, first, slower * first,
                     text);
        free(alone_text);
        assert_null(strstr(text, "--machine"));
        free(text);
        results_destroy(&machine);
    }
    campaign_destroy(&campaign);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_counts_units_pending_and_too_large),
        cmocka_unit_test(the_work_of_the_plan_is_the_sum_of_the_estimates),
        cmocka_unit_test(the_plan_says_how_units_are_computed),
        cmocka_unit_test(times_need_a_machine_and_scale_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
