/* CX8 on made-up blocks of BERT-base. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "synthetic.h"

enum { SAMPLES = 7, WIDTH = 768 };

/* Work of a block; 1 as claimed. */
struct block_case {
    double core, feed_forward;
    bool alone; /* no feed-forward part was run */
};

static void set_times(struct record *record, const char *name, double seconds, struct dice *random) {
    double samples[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = seconds * exp(0.01 * dice_normal(random));
    set_reals(record, name, SAMPLES, samples);
}

static void add_attention(struct results *results, double length, double core, struct dice *random) {
    struct record *record = synthetic_record(&synthetic_attention);
    set_integer(record, "heads", 12);
    set_integer(record, "kv_heads", 12);
    set_integer(record, "head_width", 64);
    set_integer(record, "length", (int64_t)length);
    set_real(record, "flops_core", 4 * length * length * WIDTH * core);
    set_real(record, "flops_softmax", 0);
    set_real(record, "flops_projections", 8 * length * WIDTH * WIDTH);
    set_times(record, "seconds_core", 4e-11 * length * length * WIDTH, random);
    set_times(record, "seconds_projections", 8e-11 * length * WIDTH * WIDTH, random);
    synthetic_add(results, record);
}

static void add_feed_forward(struct results *results, double length, double factor, struct dice *random) {
    struct record *record = synthetic_record(&synthetic_feed_forward);
    double work = 16 * length * WIDTH * WIDTH;
    set_integer(record, "width", WIDTH);
    set_integer(record, "hidden", 4 * WIDTH);
    set_integer(record, "length", (int64_t)length);
    set_real(record, "flops", work * factor);
    set_times(record, "seconds", 1e-11 * work, random);
    synthetic_add(results, record);
}

static void verdict_of(enum verdict expected, struct block_case like) {
    struct results *results = synthetic_results();
    struct dice random = dice(8);
    for (double length = 512; length <= 8192; length *= 4) {
        add_attention(results, length, like.core, &random);
        if (!like.alone) add_feed_forward(results, length, like.feed_forward, &random);
    }
    assert_verdict(expected, &claim_whole_models, results);
    results_destroy(&results);
}

static void blocks_come_out_each_way(void **state) {
    (void)state;
    verdict_of(VERDICT_REPRODUCED, (struct block_case){.core = 1, .feed_forward = 1});
    verdict_of(VERDICT_REPRODUCED, (struct block_case){.core = 1.03, .feed_forward = 1}); /* the softmax */
    verdict_of(VERDICT_NOT_REPRODUCED, (struct block_case){.core = 2, .feed_forward = 1});
    verdict_of(VERDICT_NOT_REPRODUCED, (struct block_case){.core = 1, .feed_forward = 0.5});
    verdict_of(VERDICT_INCONCLUSIVE, (struct block_case){.core = 1, .alone = true});
}

/* L* of BERT-base is 4608. */
static void a_length_that_was_not_passed_is_said(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    struct dice random = dice(9);
    add_attention(results, 2048, 1, &random);
    add_feed_forward(results, 2048, 1, &random);
    const struct ledger_row *row = decide(&claim_whole_models, results);
    assert_non_null(strstr(row->finding.reason, "4608 (run to 2048)"));
    assert_non_null(strstr(row->finding.reason, "L* itself was not passed"));
    add_attention(results, 8192, 1, &random);
    add_feed_forward(results, 8192, 1, &random);
    row = decide(&claim_whole_models, results);
    assert_non_null(strstr(row->finding.reason, "4608 (run to 8192)"));
    assert_null(strstr(row->finding.reason, "not passed"));
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_out_each_way),
        cmocka_unit_test(a_length_that_was_not_passed_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
