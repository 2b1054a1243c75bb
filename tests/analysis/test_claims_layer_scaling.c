/* SP2 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attention_records.h"
#include "synthetic.h"

enum { SAMPLES = 9, RANKS_MAX = 8, BATCH = 64, LENGTH = 4096, WIDTH = 512, LAYERS = 16 };

/* A run whose ranks compute at 1e11 operations a second and gain `gain` (above 1: caches) on what counted
 * work allows. */
struct run_like {
    double gain;
    int64_t most_ranks, cores;
};

/* A layer of one size on some ranks. */
struct layer {
    const char *split;
    bool recurrent;
    int64_t batch, length, width, layers, ranks;
};

static double operations(const struct layer *layer) {
    double width = (double)layer->width;
    return 6.0 * (double)(layer->batch * layer->length) * width * width * (double)layer->layers;
}

/* What counted work allows; a pipeline of 8 P chunks loses filling and draining it. */
static double allowed(const struct layer *layer) {
    double ranks = (double)layer->ranks;
    return strcmp(layer->split, "layers") != 0 ? 1 : 8 * ranks / (9 * ranks - 1);
}

static void set_sizes(struct record *record, const struct layer *layer) {
    set_integer(record, "batch", layer->batch);
    set_integer(record, "length", layer->length);
    set_integer(record, "width", layer->width);
    set_integer(record, "ranks", layer->ranks);
    set_text(record, "split", layer->split);
    if (!layer->recurrent) return;
    set_integer(record, "layers", layer->layers);
    set_integer(record, "chunk", 0);
}

static void add_layer(struct results *results, const struct layer *layer, double efficiency,
                      struct dice *random) {
    double seconds[SAMPLES], counted[RANKS_MAX];
    for (int i = 0; i < SAMPLES; i++)
        seconds[i] =
            operations(layer) / (double)layer->ranks / 1e11 / efficiency * (1 + 0.005 * dice_normal(random));
    for (int64_t rank = 0; rank < layer->ranks; rank++)
        counted[rank] = operations(layer) / (double)layer->ranks;
    struct record *record =
        synthetic_record(layer->recurrent ? &synthetic_recurrent : &synthetic_convolution);
    set_sizes(record, layer);
    set_reals(record, "seconds", SAMPLES, seconds);
    set_reals(record, "flops_rank", (size_t)layer->ranks, counted);
    set_real(record, "flops", operations(layer));
    synthetic_add(results, record);
}

/* The layer on one rank, and split over 2, 4 ... ranks: as it is, and with one of its sizes grown. */
static void add_split(struct results *results, struct layer *layer, int64_t *grown,
                      const struct run_like *like, struct dice *random) {
    int64_t size = *grown;
    struct layer alone = *layer;
    alone.split = "none";
    add_layer(results, &alone, 1, random);
    for (layer->ranks = 2; layer->ranks <= like->most_ranks; layer->ranks *= 2) {
        add_layer(results, layer, like->gain * allowed(layer), random);
        *grown = size * layer->ranks;
        add_layer(results, layer, like->gain * allowed(layer), random);
        *grown = size;
    }
    layer->ranks = 1;
}

static struct results *runs(const struct run_like *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(29);
    json_object_set_new(results->provenance, "cores", json_integer(like->cores));
    json_object_set_new(results->provenance, "numhosts", json_integer(1));
    struct layer layer = {"batch", false, BATCH, LENGTH, WIDTH, 1, 1};
    add_split(results, &layer, &layer.batch, like, &random);
    layer.split = "sequence";
    add_split(results, &layer, &layer.length, like, &random);
    layer = (struct layer){"batch", true, BATCH, LENGTH, WIDTH, LAYERS, 1};
    add_split(results, &layer, &layer.batch, like, &random);
    layer.split = "units";
    add_split(results, &layer, &layer.width, like, &random);
    layer.split = "layers";
    add_split(results, &layer, &layer.layers, like, &random);
    return results;
}

static void verdict_of_runs(enum verdict expected, const struct run_like *like) {
    struct results *results = runs(like);
    assert_verdict(expected, &claim_layer_scaling, results);
    results_destroy(&results);
}

static void scaling_below_the_bound_is_reproduced(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_REPRODUCED, &(struct run_like){1, 8, 8});
    verdict_of_runs(VERDICT_REPRODUCED, &(struct run_like){0.5, 8, 8});
}

static void scaling_above_the_bound_is_not_reproduced(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_NOT_REPRODUCED, &(struct run_like){1.4, 8, 8});
    verdict_of_runs(VERDICT_NOT_REPRODUCED, &(struct run_like){1.4, 2, 8});
}

static void two_ranks_shared_cores_or_noise_about_the_bound_decide_nothing(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_INCONCLUSIVE, &(struct run_like){0.9, 2, 8});
    verdict_of_runs(VERDICT_INCONCLUSIVE, &(struct run_like){1.4, 8, 1});
    verdict_of_runs(VERDICT_INCONCLUSIVE, &(struct run_like){1.1, 8, 8});
    struct results *nothing = synthetic_results();
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_layer_scaling, nothing);
    results_destroy(&nothing);
}

static void efficiencies_and_bounds_are_those_which_were_planted(void **state) {
    (void)state;
    static const char *const ways[] = {"convolution by batch", "convolution by sequence",
                                       "recurrence by batch", "recurrence by units", "recurrence by layers"};
    struct results *results = runs(&(struct run_like){0.8, 4, 8});
    const struct ledger_row *row = decide(&claim_layer_scaling, results);
    for (size_t way = 0; way < 5; way++)
        for (int weak = 0; weak < 2; weak++) {
            double bound = way == 4 ? 32.0 / 35 : 1;
            char name[120];
            snprintf(name, sizeof name, "%s, %s on 4 ranks: efficiency (bound: %.3f)",
                     weak ? "weak" : "strong", ways[way], bound);
            const struct measurement *m = measurement_named(row, name);
            assert_true(fabs(m->value - 0.8 * bound) < 0.01);
            assert_true(m->low < m->value && m->value < m->high && m->high - m->low < 0.1);
        }
    results_destroy(&results);
}

/* Ranks that have less to do than the busiest one lower the bound. */
static void uneven_work_lowers_the_bound(void **state) {
    (void)state;
    struct results *results = runs(&(struct run_like){0.8, 1, 8});
    const struct layer uneven = {"units", true, BATCH, LENGTH, WIDTH, LAYERS, 4};
    const double counted[] = {2e9, 1e9, 1e9, 1e9}, seconds[] = {1, 1.01, 1.02};
    struct record *record = synthetic_record(&synthetic_recurrent);
    set_sizes(record, &uneven);
    set_reals(record, "seconds", 3, seconds);
    set_reals(record, "flops_rank", 4, counted);
    synthetic_add(results, record);
    measurement_named(decide(&claim_layer_scaling, results),
                      "strong, recurrence by units on 4 ranks: efficiency (bound: 0.625)");
    results_destroy(&results);
}

static const struct plot *plot_called(const struct ledger_row *row, const char *name) {
    for (size_t i = 0; i < row->finding.plot_count; i++)
        if (strcmp(row->finding.plots[i].name, name) == 0) return &row->finding.plots[i];
    fail_msg("no plot %s", name);
    return NULL;
}

/* Strong scaling as gain in time: ranks times efficiency; attention's curves beside the layers'. */
static void curves_stand_beside_those_of_attention(void **state) {
    (void)state;
    struct results *results = runs(&(struct run_like){0.8, 4, 8});
    const double alone[] = {1.2}, on_four[] = {0.4};
    struct record *base = attention_record("heads", 1, 1024), *ring = attention_record("ring", 4, 1024);
    set_reals(base, "seconds_core", 1, alone);
    set_reals(ring, "seconds_core", 1, on_four);
    synthetic_add(results, base);
    synthetic_add(results, ring);
    const struct ledger_row *row = decide(&claim_layer_scaling, results);
    const struct plot *strong = plot_called(row, "sp2_strong");
    assert_int_equal(5 + 1 + 1, strong->series_count); /* and what would be ideal */
    assert_string_equal("attention by ring", strong->series[5].label);
    assert_true(fabs(strong->series[5].y[1] - 3) < 1e-9);
    assert_true(fabs(strong->series[0].y[2] - 3.2) < 0.05);
    assert_int_equal(5 + 1, plot_called(row, "sp2_most_ranks")->row_count);
    assert_int_equal(5 + 1, plot_called(row, "sp2_weak")->series_count);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_below_the_bound_is_reproduced),
        cmocka_unit_test(scaling_above_the_bound_is_not_reproduced),
        cmocka_unit_test(two_ranks_shared_cores_or_noise_about_the_bound_decide_nothing),
        cmocka_unit_test(efficiencies_and_bounds_are_those_which_were_planted),
        cmocka_unit_test(uneven_work_lowers_the_bound),
        cmocka_unit_test(curves_stand_beside_those_of_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
