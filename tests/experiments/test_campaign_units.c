/* What a campaign stands for: ranges, products, shapes, defaults. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "campaign_reading.h"

#define CAPACITY  "  - experiment: hopfield_capacity\n"
#define ATTENTION "  - experiment: attention\n"

static void assert_integers(const char *entries, const char *name, size_t count, const int64_t *values) {
    struct campaign *campaign = read_good(entries);
    if (campaign->unit_count != count)
        fail_msg("%zu units, not %zu, of\n%s", campaign->unit_count, count, entries);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(unit_integer(campaign, i, name), values[i]);
    campaign_destroy(&campaign);
}

static void ranges_include_both_ends(void **state) {
    (void)state;
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 256, to: 4096, factor: 2}}\n",
                    "neurons", 5, (const int64_t[]){256, 512, 1024, 2048, 4096});
    assert_integers(CAPACITY
                    "    set: {load: 0.1}\n    vary: {neurons: {from: 10, to: 100000, factor: 10}}\n",
                    "neurons", 5, (const int64_t[]){10, 100, 1000, 10000, 100000});
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 3, to: 2187, factor: 3}}\n",
                    "neurons", 7, (const int64_t[]){3, 9, 27, 81, 243, 729, 2187});
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 250, step: 50}}\n",
                    "neurons", 4, (const int64_t[]){100, 150, 200, 250});
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 5, to: 5, step: 1}}\n",
                    "neurons", 1, (const int64_t[]){5});
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 1e3, to: 1e5, factor: 10}}\n",
                    "neurons", 3, (const int64_t[]){1000, 10000, 100000});
}

static void ranges_end_before_what_they_would_pass(void **state) {
    (void)state;
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 100, to: 249, step: 50}}\n",
                    "neurons", 3, (const int64_t[]){100, 150, 200});
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: {from: 256, to: 4095, factor: 2}}\n",
                    "neurons", 4, (const int64_t[]){256, 512, 1024, 2048});
}

/* Decimal steps are not exact in binary: the end is reached all the same, and no value is off by a bit. */
static void decimal_ranges_give_the_decimals(void **state) {
    (void)state;
    for (int steps = 1; steps <= 300; steps++) {
        char entries[200], decimal[32];
        snprintf(entries, sizeof entries,
                 CAPACITY "    set: {neurons: 100}\n    vary: {load: {from: 0.1, to: %.3f, step: 0.005}}\n",
                 0.1 + 0.005 * steps);
        struct campaign *campaign = read_good(entries);
        assert_int_equal(campaign->unit_count, steps + 1);
        for (int i = 0; i <= steps; i++) {
            snprintf(decimal, sizeof decimal, "%.3f", 0.1 + 0.005 * i);
            assert_true(record_real(campaign->units[i].values, "load") == strtod(decimal, NULL));
        }
        campaign_destroy(&campaign);
    }
}

/* One identity must be one value, or a unit's data would depend on how its load was written. */
static void reals_are_rounded_to_12_digits(void **state) {
    (void)state;
    struct campaign *campaign = read_good(CAPACITY "    set: {neurons: 100, load: 0.30000000000000004}\n");
    assert_true(record_real(campaign->units[0].values, "load") == 0.3);
    campaign_destroy(&campaign);
}

static void vary_is_a_product_with_the_last_list_fastest(void **state) {
    (void)state;
    const char *entries = CAPACITY "    set: {trials: 3}\n"
                                   "    vary: {neurons: [100, 200], load: [0.1, 0.2, 0.3]}\n    repeats: 2\n";
    struct campaign *campaign = read_good(entries);
    assert_int_equal(campaign->unit_count, 12);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(unit_integer(campaign, i, "neurons"), 100 + 100 * (i / 6));
        assert_true(fabs(record_real(campaign->units[i].values, "load") - 0.1 * (double)(1 + i / 2 % 3)) <
                    1e-12);
        assert_int_equal(unit_integer(campaign, i, "repeat"), i % 2);
        assert_int_equal(unit_integer(campaign, i, "trials"), 3);
    }
    campaign_destroy(&campaign);
}

static void zip_walks_its_lists_in_step(void **state) {
    (void)state;
    const char *entries = CAPACITY "    vary: {rule: [hebb, pseudo_inverse]}\n"
                                   "    zip: {neurons: [100, 200, 400], load: [0.3, 0.2, 0.1],"
                                   " trials: {from: 2, to: 8, factor: 2}}\n";
    struct campaign *campaign = read_good(entries);
    assert_int_equal(campaign->unit_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(unit_integer(campaign, i, "neurons"), 100 << i % 3);
        assert_int_equal(unit_integer(campaign, i, "trials"), 2 << i % 3);
        assert_true(record_real(campaign->units[i].values, "load") == 0.1 * (double)(3 - i % 3) ||
                    fabs(record_real(campaign->units[i].values, "load") - 0.1 * (double)(3 - i % 3)) < 1e-12);
        assert_string_equal(record_string(campaign->units[i].values, "rule"),
                            i < 3 ? "hebb" : "pseudo_inverse");
    }
    campaign_destroy(&campaign);
}

/* Any numbers of values: as many units as their product. */
static void units_are_as_many_as_the_product(void **state) {
    (void)state;
    for (int a = 1; a <= 5; a++)
        for (int b = 1; b <= 4; b++)
            for (int repeats = 1; repeats <= 3; repeats++) {
                char entries[300];
                snprintf(entries, sizeof entries,
                         CAPACITY
                         "    vary: {neurons: {from: 100, to: %d, step: 100}, dynamics: [asynchronous, "
                         "synchronous], load: {from: 1, to: %d, step: 1}}\n    repeats: %d\n",
                         100 * a, b, repeats);
                struct campaign *campaign = read_good(entries);
                assert_int_equal(campaign->unit_count, 2 * a * b * repeats);
                campaign_destroy(&campaign);
            }
}

static void doubled_units_are_kept_once(void **state) {
    (void)state;
    assert_integers(CAPACITY "    set: {load: 0.1}\n    vary: {neurons: [100, 200, 100]}\n" CAPACITY
                             "    set: {neurons: 200, load: 0.10}\n" CAPACITY
                             "    set: {neurons: 300, load: 1e-1, rule: hebb}\n",
                    "neurons", 3, (const int64_t[]){100, 200, 300});
    /* More repeats of a point contain the fewer. */
    struct campaign *campaign =
        read_good(CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 3\n" CAPACITY
                           "    set: {neurons: 100, load: 0.1}\n    repeats: 5\n");
    assert_int_equal(campaign->unit_count, 5);
    campaign_destroy(&campaign);
}

static void shapes_stand_for_their_parameters(void **state) {
    (void)state;
    assert_comparison(ATTENTION "    set: {shape: llama-3-8b, schedule: ring}\n",
                      ATTENTION
                      "    set: {length: 8192, heads: 32, kv_heads: 8, head_width: 128, mask: causal,"
                      " schedule: ring}\n",
                      true, true);
    assert_comparison(ATTENTION "    set: {shape: bert-base}\n", ATTENTION "    vary: {shape: [bert-base]}\n",
                      true, true);
    assert_comparison(ATTENTION "    set: {shape: bert-base}\n", ATTENTION "    shape: bert-base\n", true,
                      true);
}

static void explicit_settings_win_over_shapes(void **state) {
    (void)state;
    const int64_t lengths[] = {64, 64, 128, 128};
    assert_integers(ATTENTION
                    "    set: {batch: 2}\n    vary: {length: [64, 128], shape: [bert-base, gpt2-xl]}\n",
                    "length", 4, lengths);
    assert_integers(ATTENTION "    set: {length: 64, shape: bert-base}\n", "length", 1, lengths);
    assert_integers(ATTENTION "    set: {shape: bert-base, length: 64}\n", "length", 1, lengths);
}

static void shapes_vary_as_a_whole(void **state) {
    (void)state;
    struct campaign *campaign =
        read_good(ATTENTION "    zip: {shape: [bert-base, vit-b-16, gpt2-xl], batch: [8, 16, 1]}\n");
    static const int64_t expected[3][3] = {{512, 12, 8}, {197, 12, 16}, {1024, 25, 1}};
    assert_int_equal(campaign->unit_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(unit_integer(campaign, i, "length"), expected[i][0]);
        assert_int_equal(unit_integer(campaign, i, "heads"), expected[i][1]);
        assert_int_equal(unit_integer(campaign, i, "batch"), expected[i][2]);
    }
    campaign_destroy(&campaign);
}

/* A campaign of one entry per named shape, the other parameters filled in where the shape leaves them open.
 */
static void every_shape_makes_a_unit(void **state) {
    (void)state;
    for (const struct shape *shape = shapes; shape->name; shape++) {
        char entries[300];
        bool cell = strcmp(shape->experiment, "recurrent") == 0 && strcmp(shape->settings[0][0], "cell") != 0;
        snprintf(entries, sizeof entries, "  - experiment: %s\n    set: {shape: %s%s}\n", shape->experiment,
                 shape->name, cell ? ", cell: lstm" : "");
        struct campaign *campaign = read_good(entries);
        assert_int_equal(campaign->unit_count, 1);
        campaign_destroy(&campaign);
    }
}

static void max_is_what_the_run_has(void **state) {
    (void)state;
    const char *text = CAMPAIGN_HEAD ATTENTION "    set: {shape: bert-base, threads: max}\n"
                                               "    vary: {ranks: [1, max]}\n";
    struct reading reading = read_bytes(text, strlen(text), 6, 3);
    assert_int_equal(reading.status, STATUS_OK);
    assert_int_equal(reading.campaign->unit_count, 2);
    assert_int_equal(unit_integer(reading.campaign, 0, "ranks"), 1);
    assert_int_equal(unit_integer(reading.campaign, 1, "ranks"), 6);
    assert_int_equal(reading.campaign->units[1].ranks, 6);
    assert_int_equal(unit_integer(reading.campaign, 1, "threads"), 3);
    reading_free(&reading);
    /* With one rank both are the same unit. */
    reading = read_bytes(text, strlen(text), 1, 3);
    assert_int_equal(reading.campaign->unit_count, 1);
    reading_free(&reading);
}

static void auto_is_decided_before_the_unit_is_named(void **state) {
    (void)state;
    assert_comparison(ATTENTION "    set: {shape: bert-base}\n",
                      ATTENTION "    set: {shape: bert-base, kv_heads: 12, layout: contiguous}\n", true,
                      true);
    assert_comparison(ATTENTION "    set: {shape: bert-base, mask: causal}\n",
                      ATTENTION "    set: {shape: bert-base, mask: causal, layout: zigzag}\n", true, true);
    assert_comparison(CAPACITY "    set: {neurons: 100, load: 0.1, trials: auto}\n",
                      CAPACITY "    set: {neurons: 100, load: 0.1, trials: 10}\n", true, true);
}

static void more_ranks_than_there_are_is_no_mistake(void **state) {
    (void)state;
    struct campaign *campaign = read_good(ATTENTION "    set: {shape: bert-base, ranks: 1000}\n" CAPACITY
                                                    "    set: {neurons: 100, load: 0.1}\n");
    assert_int_equal(campaign->units[0].ranks, 1000);
    assert_int_equal(campaign->units[1].ranks, 0);
    campaign_destroy(&campaign);
}

static void only_keeps_one_experiment(void **state) {
    (void)state;
    const char *entries =
        ATTENTION "    shape: bert-base\n" CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 2\n";
    struct campaign *campaign = read_good(entries);
    struct error error;
    assert_int_equal(campaign_only(campaign, "hopfield_capacity", &error), STATUS_OK);
    assert_int_equal(campaign->unit_count, 2);
    assert_int_equal(campaign_only(campaign, "convolution", &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "convolution"));
    assert_non_null(strstr(error.text, "hopfield_capacity"));
    campaign_destroy(&campaign);
}

static void the_text_is_kept_as_read(void **state) {
    (void)state;
    const char *entries = ATTENTION "    shape: bert-base # a remark\r\n";
    struct campaign *campaign = read_good(entries);
    assert_int_equal(campaign->text_length, strlen(CAMPAIGN_HEAD) + strlen(entries));
    assert_memory_equal(campaign->text, CAMPAIGN_HEAD, strlen(CAMPAIGN_HEAD));
    assert_string_equal(campaign->text + strlen(CAMPAIGN_HEAD), entries);
    assert_string_equal(campaign->name, "test");
    assert_int_equal(campaign->seed, 7);
    campaign_destroy(&campaign);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_include_both_ends),
        cmocka_unit_test(ranges_end_before_what_they_would_pass),
        cmocka_unit_test(decimal_ranges_give_the_decimals),
        cmocka_unit_test(reals_are_rounded_to_12_digits),
        cmocka_unit_test(vary_is_a_product_with_the_last_list_fastest),
        cmocka_unit_test(zip_walks_its_lists_in_step),
        cmocka_unit_test(units_are_as_many_as_the_product),
        cmocka_unit_test(doubled_units_are_kept_once),
        cmocka_unit_test(shapes_stand_for_their_parameters),
        cmocka_unit_test(explicit_settings_win_over_shapes),
        cmocka_unit_test(shapes_vary_as_a_whole),
        cmocka_unit_test(every_shape_makes_a_unit),
        cmocka_unit_test(max_is_what_the_run_has),
        cmocka_unit_test(auto_is_decided_before_the_unit_is_named),
        cmocka_unit_test(more_ranks_than_there_are_is_no_mistake),
        cmocka_unit_test(only_keeps_one_experiment),
        cmocka_unit_test(the_text_is_kept_as_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
