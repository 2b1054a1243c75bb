/* The plan of a campaign: its figures are those of the units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
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

/* Results with a machine record of one core at that rate, and of messages with that latency; NaN: of none. */
static struct results *machine_results(double rate, double latency) {
    struct results *results;
    struct record *record;
    assert_int_equal(results_create(&results), STATUS_OK);
    assert_int_equal(record_create(&experiment_named("machine")->schema, &record), STATUS_OK);
    assert_int_equal(record_set_string(record, "identity", "0000000000000001"), STATUS_OK);
    assert_int_equal(record_set_string(record, "status", "done"), STATUS_OK);
    assert_int_equal(record_set_integer(record, "ranks", 1), STATUS_OK);
    assert_int_equal(record_set_integer(record, "threads", 1), STATUS_OK);
    assert_int_equal(record_set_real(record, "blas_f32", rate), STATUS_OK);
    assert_int_equal(record_set_real(record, "link_latency", latency), STATUS_OK);
    assert_int_equal(record_set_real(record, "link_bandwidth", isnan(latency) ? NAN : 1e12), STATUS_OK);
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
        struct results *machine = machine_results(10 * flops / slower, NAN);
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

static void expect_fastest(const char *campaign_entries, double latency, const char *line) {
    struct campaign *campaign = read_good(campaign_entries);
    struct results *machine = machine_results(1e11, latency);
    struct plan_options options = {{4, 1}, (size_t)1 << 40, machine};
    char *text = plan_text(campaign, &options);
    if (line && !strstr(text, line)) fail_msg("no line '%s' in\n%s", line, text);
    if (!line) assert_null(strstr(text, "predicted fastest"));
    free(text);
    results_destroy(&machine);
    campaign_destroy(&campaign);
}

static void the_plan_names_the_split_that_is_predicted_to_be_fastest(void **state) {
    (void)state;
    static const char recurrent[] =
        "  - experiment: recurrent\n    set: {cell: lstm, length: 256, width: 60, layers: 6, threads: 1}\n"
        "    vary: {ranks: [1, 3, 4], split: [batch, units, layers], batch: [1, 6]}\n    repeats: 2\n";
    expect_fastest(recurrent, 1e-9, "fastest, recurrent on 3 ranks: units in 1, batch in 1 of 2 problems\n");
    expect_fastest(recurrent, 1e-5, "fastest, recurrent on 3 ranks: layers in 1, batch in 1 of 2 problems\n");
    expect_fastest(recurrent, 1e-9, "fastest, recurrent on 4 ranks: units in 2 of 2 problems\n");
    expect_fastest(recurrent, NAN, NULL);
    static const char attention[] = ATTENTION "    set: {shape: bert-base, threads: 1, ranks: 2, batch: 1}\n"
                                              "    vary: {schedule: [auto, ring, heads, ulysses]}\n";
    expect_fastest(attention, 1e-6, "fastest, attention on 2 ranks: heads in 1 of 1 problem\n");
    expect_fastest(ATTENTION "    set: {shape: bert-base, threads: 1, ranks: 2, schedule: ring}\n", 1e-6,
                   NULL); /* nothing to choose from */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_counts_units_pending_and_too_large),
        cmocka_unit_test(the_work_of_the_plan_is_the_sum_of_the_estimates),
        cmocka_unit_test(the_plan_says_how_units_are_computed),
        cmocka_unit_test(times_need_a_machine_and_scale_with_it),
        cmocka_unit_test(the_plan_names_the_split_that_is_predicted_to_be_fastest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
