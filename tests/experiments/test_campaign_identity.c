/* Identities and data keys: what names a unit, and what decides its random inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "campaign_reading.h"

#define CAPACITY  "  - experiment: hopfield_capacity\n"
#define ATTENTION "  - experiment: attention\n"

static void every_parameter_that_is_not_data_leaves_the_data_alone(void **state) {
    (void)state;
    const char *base = ATTENTION "    set: {length: 64, heads: 4, head_width: 8}\n";
    static const char *const others[] = {"ranks: 2", "threads: 1", "schedule: ring", "mask: causal"};
    static const char *const data[] = {"batch: 2", "kv_heads: 2"};
    for (size_t i = 0; i < 4; i++) {
        char entries[200];
        snprintf(entries, sizeof entries, ATTENTION "    set: {length: 64, heads: 4, head_width: 8, %s}\n",
                 others[i]);
        assert_comparison(base, entries, false, true);
    }
    for (size_t i = 0; i < 2; i++) {
        char entries[200];
        snprintf(entries, sizeof entries, ATTENTION "    set: {length: 64, heads: 4, head_width: 8, %s}\n",
                 data[i]);
        assert_comparison(base, entries, false, false);
    }
    assert_comparison(CAPACITY "    set: {neurons: 100, load: 0.1}\n",
                      CAPACITY
                      "    set: {neurons: 100, load: 0.1, rule: pseudo_inverse, dynamics: synchronous,"
                      " initial_overlap: 0.5}\n",
                      false, true);
    assert_comparison(CAPACITY "    set: {neurons: 100, load: 0.1}\n",
                      CAPACITY "    set: {neurons: 100, load: 0.11}\n", false, false);
}

/* The same for whatever experiments there are: the table's flags decide, not the names. */
static void data_keys_follow_the_flags_of_the_tables(void **state) {
    (void)state;
    for (const struct experiment *const *e = experiments(); *e; e++) {
        struct unit unit = {.experiment = *e};
        assert_int_equal(record_create(&(*e)->schema, &unit.values), STATUS_OK);
        assert_int_equal(record_set_integer(unit.values, "repeat", 0), STATUS_OK);
        unit_identify(&unit, 1);
        for (const struct field *field = (*e)->schema.parameters; field->name; field++) {
            struct unit before = unit;
            if (field->type == FIELD_INTEGER)
                record_set_integer(unit.values, field->name, 17);
            else if (field->type == FIELD_REAL)
                record_set_real(unit.values, field->name, 0.17);
            else
                record_set_string(unit.values, field->name, field->choices ? field->choices[0] : "word");
            unit_identify(&unit, 1);
            assert_string_not_equal(unit.identity, before.identity);
            assert_int_equal(unit.data_key != before.data_key, (field->flags & FIELD_DATA) != 0);
        }
        record_destroy(&unit.values);
    }
}

static void seed_and_repeat_change_the_data(void **state) {
    (void)state;
    struct campaign *campaign = read_good(CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 100\n");
    for (size_t i = 0; i < 100; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(campaign->units[i].data_key != campaign->units[j].data_key);
    struct unit other = campaign->units[0];
    unit_identify(&other, campaign->seed + 1);
    assert_string_not_equal(other.identity, campaign->units[0].identity);
    assert_true(other.data_key != campaign->units[0].data_key);
    campaign_destroy(&campaign);
}

/* Resuming depends on it: a file may be sorted anew and grow. */
static void identities_do_not_depend_on_the_order_of_the_file(void **state) {
    (void)state;
    struct campaign *a =
        read_good(CAPACITY "    set: {load: 0.1, trials: 4}\n    vary: {neurons: [100, 200],"
                           " rule: [hebb, pseudo_inverse]}\n" ATTENTION "    shape: bert-base\n");
    struct campaign *b =
        read_good(ATTENTION "    set: {shape: vit-b-16}\n" ATTENTION "    set: {shape: bert-base}\n" CAPACITY
                            "    vary: {rule: [pseudo_inverse, hebb], neurons: [200, 100, 50]}\n"
                            "    set: {trials: 4, load: 0.1}\n");
    assert_int_equal(a->unit_count, 5);
    assert_int_equal(b->unit_count, 8);
    for (size_t i = 0; i < a->unit_count; i++) {
        size_t found = 0;
        for (size_t j = 0; j < b->unit_count; j++)
            found += strcmp(a->units[i].identity, b->units[j].identity) == 0;
        assert_int_equal(found, 1);
    }
    campaign_destroy(&a);
    campaign_destroy(&b);
}

/* Records of earlier runs are found by it. */
static void records_carry_their_identity(void **state) {
    (void)state;
    struct campaign *campaign = read_good(CAPACITY "    set: {neurons: 100, load: 0.1}\n    repeats: 3\n");
    for (size_t i = 0; i < 3; i++) {
        const struct unit *unit = &campaign->units[i];
        assert_int_equal(strlen(unit->identity), IDENTITY_SIZE - 1);
        assert_int_equal(strspn(unit->identity, "0123456789abcdef"), IDENTITY_SIZE - 1);
        assert_string_equal(record_string(unit->values, "identity"), unit->identity);
        assert_true(unit->estimate.flops > 0);
        assert_true(unit->estimate.bytes_per_rank > 0);
    }
    campaign_destroy(&campaign);
}

static void shards_share_the_units_out(void **state) {
    (void)state;
    enum { SHARDS = 7 };
    const char *entries = CAPACITY "    vary: {neurons: [100, 200], load: [0.1, 0.2]}\n    repeats: 500\n";
    struct campaign *whole = read_good(entries);
    size_t total = 0;
    for (int index = 0; index < SHARDS; index++) {
        struct campaign *shard = read_good(entries);
        campaign_shard(shard, index, SHARDS);
        total += shard->unit_count;
        /* Binomial with mean 286 and deviation 16: outside by chance once in 10^6. */
        assert_in_range(shard->unit_count, 286 - 80, 286 + 80);
        size_t next = 0;
        for (size_t i = 0; i < shard->unit_count; i++, next++)
            while (strcmp(whole->units[next].identity, shard->units[i].identity) != 0)
                assert_true(++next < whole->unit_count); /* in the campaign's order */
        campaign_destroy(&shard);
    }
    assert_int_equal(total, whole->unit_count);
    campaign_destroy(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_that_is_not_data_leaves_the_data_alone),
        cmocka_unit_test(data_keys_follow_the_flags_of_the_tables),
        cmocka_unit_test(seed_and_repeat_change_the_data),
        cmocka_unit_test(identities_do_not_depend_on_the_order_of_the_file),
        cmocka_unit_test(records_carry_their_identity),
        cmocka_unit_test(shards_share_the_units_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
