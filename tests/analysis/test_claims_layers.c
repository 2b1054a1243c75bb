/* CX4, CX5, CX7, SC1 and SC2 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "synthetic.h"

static const char *const layers[] = {"attention", "convolution", "rnn", "gru", "lstm", NULL};
static const char *const functions[] = {"additive", "dot", "scaled", "bilinear", "low_rank", NULL};

/* --- CX4, CX5, CX7
 * ------------------------------------------------------------------------------------------ */

/* What the layers do other than claimed. */
struct layer_case {
    int64_t longer_path; /* of attention */
    double chain;        /* exponent of a recurrence's chain */
    int64_t reach;       /* positions that a tap adds; the claim's is 1 */
    int64_t more_parameters;
    bool few, square; /* two lengths only; inputs as many as units everywhere */
};

static const struct layer_case as_claimed = {.chain = 1, .reach = 1};

static int64_t path_of(const char *layer, const char *dilation, const char *side, int64_t length,
                       const struct layer_case *like) {
    if (strcmp(layer, "attention") == 0) return 1 + like->longer_path;
    if (strcmp(layer, "convolution") != 0) return length;
    int64_t step = (strcmp(side, "centred") == 0 ? 1 : 2) * like->reach, layers_needed = 0;
    if (strcmp(dilation, "none") == 0) return (length - 2 + step) / step;
    for (int64_t reached = 1; reached < length; reached *= 3)
        layers_needed++;
    return layers_needed;
}

static void add_path(struct results *results, const char *layer, const char *dilation, const char *side,
                     int64_t length, const struct layer_case *like) {
    struct record *record = synthetic_record(&synthetic_paths);
    bool recurrent = strcmp(layer, "attention") != 0 && strcmp(layer, "convolution") != 0;
    int64_t inputs = like->square ? 8 : 5;
    set_text(record, "layer", layer);
    set_text(record, "dilation", dilation);
    set_text(record, "side", side);
    set_integer(record, "length", length);
    set_integer(record, "width", 8);
    set_integer(record, "inputs", inputs);
    set_integer(record, "kernel_size", 3);
    set_integer(record, "path", path_of(layer, dilation, side, length, like));
    set_integer(record, "operations",
                recurrent ? (int64_t)llround(10 * pow((double)length, like->chain)) : 3);
    set_integer(record, "weights", 4 * 8 * (8 + inputs + 1) + like->more_parameters);
    synthetic_add(results, record);
}

static void verdict_of_layers(enum verdict expected, const struct claim *claim,
                              const struct layer_case *like) {
    struct results *results = synthetic_results();
    int64_t longest = like->few ? 64 : 4096;
    for (int64_t length = 32; length <= longest; length *= 2)
        for (size_t i = 0; layers[i]; i++) {
            add_path(results, layers[i], "none", "causal", length, like);
            if (strcmp(layers[i], "convolution") != 0) continue;
            add_path(results, layers[i], "none", "centred", length, like);
            add_path(results, layers[i], "powers", "causal", length, like);
        }
    assert_verdict(expected, claim, results);
    results_destroy(&results);
}

static void chains_come_out_each_way(void **state) {
    (void)state;
    struct layer_case like = as_claimed;
    verdict_of_layers(VERDICT_REPRODUCED, &claim_sequential, &like);
    like.chain = 0.5;
    verdict_of_layers(VERDICT_NOT_REPRODUCED, &claim_sequential, &like);
    like = as_claimed, like.few = true;
    verdict_of_layers(VERDICT_INCONCLUSIVE, &claim_sequential, &like);
}

static void add_timed_attention(struct results *results, int64_t threads, double seconds) {
    struct record *record = synthetic_record(&synthetic_attention);
    const double samples[] = {seconds, seconds, seconds};
    set_integer(record, "threads", threads);
    set_reals(record, "seconds_core", 3, samples);
    synthetic_add(results, record);
}

static void what_threads_gain_is_said_where_they_were_timed(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    add_timed_attention(results, 1, 4e-3);
    assert_null(strstr(decide(&claim_sequential, results)->finding.reason, "threads gain"));
    add_timed_attention(results, 2, 2e-3);
    const struct ledger_row *row = decide(&claim_sequential, results);
    assert_non_null(strstr(row->finding.reason, "threads gain"));
    assert_true(measurement_named(row, "attention: times faster with 2 threads, at best")->value == 2);
    results_destroy(&results);
}

/* L / k is not a number of layers, and (L - 1) / (k - 1) is: unless layers reach k positions. */
static void paths_come_out_each_way(void **state) {
    (void)state;
    struct layer_case like = as_claimed;
    verdict_of_layers(VERDICT_DEFINITION_DEPENDENT, &claim_path_length, &like);
    like.longer_path = 1;
    verdict_of_layers(VERDICT_NOT_REPRODUCED, &claim_path_length, &like);
    like = as_claimed, like.few = true;
    verdict_of_layers(VERDICT_INCONCLUSIVE, &claim_path_length, &like);
}

static void parameters_come_out_each_way(void **state) {
    (void)state;
    struct layer_case like = as_claimed;
    verdict_of_layers(VERDICT_REPRODUCED, &claim_lstm_parameters, &like);
    like.more_parameters = 32; /* a second bias */
    verdict_of_layers(VERDICT_NOT_REPRODUCED, &claim_lstm_parameters, &like);
    like = as_claimed, like.square = true;
    verdict_of_layers(VERDICT_INCONCLUSIVE, &claim_lstm_parameters, &like);
}

/* --- SC1
 * ---------------------------------------------------------------------------------------------------- */

struct saturation_case {
    double variance, cured; /* exponents: of the variance, and of the scaled derivative's norm */
    double distance;        /* from argmax, of the sharpest */
    double scatter;
};

enum { TRIALS = 200 };

static void add_saturation(struct results *results, bool scaled, double dimension, double sharpness,
                           const struct saturation_case *like, struct dice *random) {
    struct record *record = synthetic_record(&synthetic_saturation);
    double jacobian[TRIALS], distance[TRIALS];
    double shift = like->scatter * dice_normal(random);
    for (size_t t = 0; t < TRIALS; t++) {
        double noise = exp(0.05 * dice_normal(random) + shift);
        jacobian[t] = 0.3 * pow(dimension, scaled ? like->cured : like->cured - 0.5) * noise;
        distance[t] = sharpness > 1 ? like->distance : 1;
    }
    set_text(record, "scaling", scaled ? "inverse_sqrt" : "none");
    set_integer(record, "dimension", (int64_t)dimension);
    set_real(record, "sharpness", sharpness);
    set_real(record, "score_variance",
             pow(dimension, scaled ? like->variance - 1 : like->variance) *
                 exp(shift + 0.005 * dice_normal(random)));
    set_reals(record, "jacobian_norm", TRIALS, jacobian);
    set_reals(record, "argmax_distance", TRIALS, distance);
    synthetic_add(results, record);
}

static void verdict_of_saturation(enum verdict expected, const struct saturation_case *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(5);
    for (double dimension = 4; dimension <= 4096; dimension *= 2)
        for (int scaled = 0; scaled < 2; scaled++)
            add_saturation(results, scaled, dimension, 1, like, &random);
    add_saturation(results, true, 64, 65536, like, &random);
    assert_verdict(expected, &claim_saturation, results);
    results_destroy(&results);
}

static void saturation_comes_out_each_way(void **state) {
    (void)state;
    struct saturation_case like = {.variance = 1};
    verdict_of_saturation(VERDICT_REPRODUCED, &like);
    like.variance = 0.8;
    verdict_of_saturation(VERDICT_NOT_REPRODUCED, &like);
    like = (struct saturation_case){.variance = 1, .cured = -0.3};
    verdict_of_saturation(VERDICT_NOT_REPRODUCED, &like);
    like = (struct saturation_case){.variance = 1, .distance = 0.1};
    verdict_of_saturation(VERDICT_NOT_REPRODUCED, &like);
    like = (struct saturation_case){.variance = 1, .scatter = 1};
    verdict_of_saturation(VERDICT_INCONCLUSIVE, &like);
}

/* --- SC2
 * ---------------------------------------------------------------------------------------------------- */

struct scoring_case {
    double work, time; /* exponents in the width, additive more than dot */
    double slower;     /* additive over dot */
    double scatter;
    double dot_noise; /* of dot's samples, beside what all have */
};

static void add_scoring(struct results *results, const char *function, double length, double width,
                        const struct scoring_case *like, struct dice *random) {
    enum { SAMPLES = 9 };
    struct record *record = synthetic_record(&synthetic_scoring);
    bool additive = strcmp(function, "additive") == 0;
    double pairs = length * length, seconds[SAMPLES], shift = like->scatter * dice_normal(random);
    double time = 1e-9 * pairs * pow(width, additive ? 1 + like->time : 1) * (additive ? like->slower : 1);
    for (size_t i = 0; i < SAMPLES; i++)
        seconds[i] = time * exp((additive ? 0.01 : 0.01 + like->dot_noise) * dice_normal(random) + shift);
    set_text(record, "function", function);
    set_integer(record, "length", (int64_t)length);
    set_integer(record, "width", (int64_t)width);
    set_real(record, "flops", 2 * pairs * pow(width, additive ? 1 + like->work : 1));
    set_reals(record, "seconds", SAMPLES, seconds);
    synthetic_add(results, record);
}

static struct results *scored(const struct scoring_case *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(6);
    for (size_t i = 0; functions[i]; i++) {
        for (double width = 8; width <= 512; width *= 2)
            add_scoring(results, functions[i], 1000, width, like, &random);
        for (double length = 64; length <= 4096; length *= 2)
            add_scoring(results, functions[i], length, 33, like, &random);
    }
    return results;
}

static void verdict_of_scoring(enum verdict expected, const struct scoring_case *like) {
    struct results *results = scored(like);
    assert_verdict(expected, &claim_scoring_cost, results);
    results_destroy(&results);
}

static void scoring_comes_out_each_way(void **state) {
    (void)state;
    struct scoring_case like = {.slower = 3};
    verdict_of_scoring(VERDICT_REPRODUCED, &like);
    like = (struct scoring_case){.slower = 3, .work = 1, .time = 1};
    verdict_of_scoring(VERDICT_NOT_REPRODUCED, &like);
    like = (struct scoring_case){.slower = 0.5};
    verdict_of_scoring(VERDICT_DEFINITION_DEPENDENT, &like);
    like = (struct scoring_case){.slower = 3, .scatter = 1};
    verdict_of_scoring(VERDICT_INCONCLUSIVE, &like);
}

/* Additive's times are sharp, dot's are not: how much faster dot is, is as uncertain as dot's median. */
static void scatter_of_dot_counts_in_ratios(void **state) {
    (void)state;
    struct results *results = scored(&(struct scoring_case){.slower = 1.5, .dot_noise = 1});
    const struct ledger_row *row = decide(&claim_scoring_cost, results);
    const struct measurement *m = measurement_named(row, "time of a score, additive over dot, at N = 4096");
    assert_true(m->high > 1.5 * m->low);
    assert_int_equal(verdict_standing(m), STANDING_BORDERLINE);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_threads_gain_is_said_where_they_were_timed),
        cmocka_unit_test(chains_come_out_each_way),
        cmocka_unit_test(paths_come_out_each_way),
        cmocka_unit_test(parameters_come_out_each_way),
        cmocka_unit_test(saturation_comes_out_each_way),
        cmocka_unit_test(scoring_comes_out_each_way),
        cmocka_unit_test(scatter_of_dot_counts_in_ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
