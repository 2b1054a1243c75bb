/* Predicted times of split convolution and recurrence. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "parallel/sequence_split.h"

#define RATE 1e11

static const struct schedule_rates FREE = {.flops = RATE, .latency = 0, .bandwidth = INFINITY};

static struct sequence_split convolution(enum sequence_split_kind kind, int ranks) {
    return (struct sequence_split){
        .layer = LAYER_CONVOLUTION, .convolution = {8, 4096, 64, 9, 1, false}, .kind = kind, .ranks = ranks};
}

static struct sequence_split recurrence(enum sequence_split_kind kind, int ranks) {
    return (struct sequence_split){.layer = LAYER_RECURRENT,
                                   .recurrent = {CELL_LSTM, 8, 256, 60, 0, 6, false},
                                   .kind = kind,
                                   .ranks = ranks};
}

static double alone(const struct sequence_split *split) {
    bool recurrent = split->layer == LAYER_RECURRENT;
    return (recurrent ? recurrent_flops(&split->recurrent) : convolution_flops(&split->convolution)) / RATE;
}

static void assert_near(double expected, double found) {
    if (!(fabs(found - expected) <= 1e-9 * expected)) fail_msg("%.12g instead of %.12g s", found, expected);
}

/* Where messages cost nothing: the largest part. */
static void free_messages_leave_the_busiest_rank_s_work(void **state) {
    (void)state;
    for (int ranks = 1; ranks <= 9; ranks++) {
        double most_items = ceil(8.0 / ranks) / 8, most_units = ceil(60.0 / ranks) / 60;
        struct sequence_split split = convolution(SPLIT_BATCH, ranks);
        assert_near(alone(&split) * most_items, sequence_split_seconds(&split, &FREE));
        split = recurrence(SPLIT_BATCH, ranks);
        assert_near(alone(&split) * most_items, sequence_split_seconds(&split, &FREE));
        split = recurrence(SPLIT_UNITS, ranks);
        assert_near(alone(&split) * most_units, sequence_split_seconds(&split, &FREE));
    }
}

/* Copying halos costs a little at any rate. */
static void halos_are_hidden_unless_the_link_is_slow(void **state) {
    (void)state;
    struct sequence_split split = convolution(SPLIT_SEQUENCE, 4);
    double share = alone(&split) / 4, copied = sequence_split_seconds(&split, &FREE) - share;
    double bytes = (double)sequence_split_elements_sent(&split, 1) * sizeof(float);
    assert_true(copied > 0 && copied < 0.01 * share);
    /* 1024 rows a rank, of which 8 at the ends wait. */
    double hidden = share * (1024 - 8) / 1024;
    struct schedule_rates just = {RATE, 0, bytes / hidden}, slow = {RATE, 0, bytes / (3 * hidden)};
    assert_near(share + copied, sequence_split_seconds(&split, &just));
    assert_near(share + copied + 2 * hidden, sequence_split_seconds(&split, &slow));
    struct schedule_rates far = {RATE, hidden, INFINITY}; /* two messages, each as long as is hidden */
    assert_near(share + copied + hidden, sequence_split_seconds(&split, &far));
}

/* Six layers of 256 steps: an exchange after each but the last, with both other ranks. */
static void units_wait_for_every_exchange(void **state) {
    (void)state;
    struct sequence_split split = recurrence(SPLIT_UNITS, 3);
    struct schedule_rates far = {RATE, 1e-5, INFINITY};
    struct schedule_rates narrow = {RATE, 0, 1e9};
    double compute = alone(&split) / 3;
    assert_near(compute + (6 * 256 - 1) * 2 * 1e-5, sequence_split_seconds(&split, &far));
    assert_near(compute + (double)sequence_split_elements_sent(&split, 0) * sizeof(float) / 1e9,
                sequence_split_seconds(&split, &narrow));
}

/* C chunks through A even stages take (C + A - 1) / C of a stage's time; uneven ones wait for the busiest. */
static void pipelines_are_filled_and_drained(void **state) {
    (void)state;
    struct sequence_split split = recurrence(SPLIT_LAYERS, 3);
    split.chunk = 32; /* eight of them */
    assert_near(alone(&split) / 3 * (8 + 3 - 1) / 8, sequence_split_seconds(&split, &FREE));
    struct schedule_rates far = {RATE, 1e-3, INFINITY};
    assert_near(alone(&split) / 3 * 10 / 8 + 2e-3, sequence_split_seconds(&split, &far));
    split.ranks = 4; /* 2, 2, 1, 1 layers */
    assert_near(alone(&split) * (6 + 7 * 2) / 6 / 8, sequence_split_seconds(&split, &FREE));
    split.ranks = 9; /* three of them have no layers */
    assert_near(alone(&split) / 6 * (8 + 6 - 1) / 8, sequence_split_seconds(&split, &FREE));
}

/* What the predictions are for: which split is fastest depends on the link. */
static void latency_decides_between_units_and_layers(void **state) {
    (void)state;
    struct sequence_split units = recurrence(SPLIT_UNITS, 6), layers = recurrence(SPLIT_LAYERS, 6);
    struct schedule_rates near = {RATE, 1e-9, 1e12}, far = {RATE, 1e-4, 1e12};
    assert_true(sequence_split_seconds(&units, &near) < sequence_split_seconds(&layers, &near));
    assert_true(sequence_split_seconds(&units, &far) > sequence_split_seconds(&layers, &far));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_messages_leave_the_busiest_rank_s_work),
        cmocka_unit_test(halos_are_hidden_unless_the_link_is_slow),
        cmocka_unit_test(units_wait_for_every_exchange),
        cmocka_unit_test(pipelines_are_filled_and_drained),
        cmocka_unit_test(latency_decides_between_units_and_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
