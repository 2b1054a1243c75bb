/* AP5 on made-up records, and the roofline's shapes against the experiment's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/published.h"
#include "attention_records.h"
#include "experiments/experiment.h"

enum { SAMPLES = 9 };

/* A run of causal-free attention whose rank computes at 1e11 operations a second and loses `lost` of that
 * for every doubling of the ranks; the model knows of `foreseen`. */
struct run_like {
    double lost, foreseen;
    int64_t most_ranks, cores;
};

static double seconds_at(int64_t ranks, int64_t length, double lost) {
    double operations = 4.0 * 2 * 8 * 64 * (double)length * (double)length;
    return operations / (double)ranks / 1e11 / pow(1 - lost, log2((double)ranks));
}

static void add_run(struct results *results, const char *schedule, int64_t ranks, int64_t length,
                    const struct run_like *like, struct dice *random) {
    double seconds[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        seconds[i] = seconds_at(ranks, length, like->lost) * (1 + 0.01 * dice_normal(random));
    struct record *record = attention_record(schedule, ranks, length);
    set_reals(record, "seconds_core", SAMPLES, seconds);
    set_real(record, "seconds_predicted",
             seconds_at(ranks, length, like->foreseen) * (1 + 0.02 * dice_normal(random)));
    synthetic_add(results, record);
}

static struct results *runs(const struct run_like *like) {
    static const char *const schedules[] = {"heads", "ring", "allgather", "ulysses"};
    struct results *results = synthetic_results();
    struct dice random = dice(11);
    json_object_set_new(results->provenance, "cores", json_integer(like->cores));
    json_object_set_new(results->provenance, "numhosts", json_integer(1));
    for (size_t s = 0; s < 4; s++)
        for (int64_t ranks = 1; ranks <= like->most_ranks; ranks *= 2) {
            add_run(results, schedules[s], ranks, 8192, like, &random);         /* strong */
            add_run(results, schedules[s], ranks, 1000 * ranks, like, &random); /* weak */
        }
    return results;
}

static void verdict_of_runs(enum verdict expected, const struct run_like *like) {
    struct results *results = runs(like);
    assert_verdict(expected, &claim_attention_scaling, results);
    results_destroy(&results);
}

static void scaling_below_the_bound_is_reproduced(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_REPRODUCED, &(struct run_like){0.02, 0.02, 8, 8});
    verdict_of_runs(VERDICT_REPRODUCED, &(struct run_like){0.3, 0.02, 8, 8});
}

static void scaling_above_the_bound_is_not_reproduced(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_NOT_REPRODUCED, &(struct run_like){0.0, 0.3, 8, 8});
}

static void a_bound_that_is_just_met_stays_open(void **state) {
    (void)state;
    /* Three doublings and ranks 2, 4, 8: the mean share is 1 / (1 - f)^2, near 1.1 here. */
    verdict_of_runs(VERDICT_INCONCLUSIVE, &(struct run_like){0.0, 0.0465, 8, 8});
}

static void two_ranks_or_shared_cores_decide_nothing(void **state) {
    (void)state;
    verdict_of_runs(VERDICT_INCONCLUSIVE, &(struct run_like){0.02, 0.02, 2, 8});
    struct run_like shared = {0.0, 0.3, 8, 1};
    verdict_of_runs(VERDICT_INCONCLUSIVE, &shared);
    struct results *results = runs(&shared);
    const struct ledger_row *row = decide(&claim_attention_scaling, results);
    assert_non_null(strstr(row->finding.reason, "more threads than cores"));
    results_destroy(&results);
}

static void efficiency_is_that_which_was_planted(void **state) {
    (void)state;
    struct results *results = runs(&(struct run_like){0.1, 0.1, 8, 8});
    const struct ledger_row *row = decide(&claim_attention_scaling, results);
    size_t found = 0;
    for (size_t i = 0; i < row->finding.measurement_count; i++) {
        const struct measurement *m = &row->finding.measurements[i];
        if (strstr(m->name, "on 8 ranks: efficiency") == NULL) continue;
        assert_true(fabs(m->value - 0.729) < 0.02); /* 0.9 cubed */
        found++;
    }
    assert_int_equal(8, found); /* four schedules, strong and weak */
    assert_true(fabs(measurement_named(row, "base: rate of visible pairs on one rank")->value - 100) < 2);
    results_destroy(&results);
}

static void points_stand_under_a_measured_roof(void **state) {
    (void)state;
    struct results *results = runs(&(struct run_like){0.02, 0.02, 2, 2});
    assert_null(strstr(decide(&claim_attention_scaling, results)->finding.plots[0].name, "roofline"));
    struct record *machine = synthetic_record(&synthetic_machine);
    set_real(machine, "fma_f32", 1.2e11);
    set_real(machine, "blas_f32", 1.1e11);
    set_real(machine, "bandwidth", 2e10);
    synthetic_add(results, machine);
    struct record *bert = attention_record("heads", 1, 512);
    const double seconds[] = {0.01};
    set_integer(bert, "heads", 12);
    set_integer(bert, "kv_heads", 12);
    set_real(bert, "flops_core", 4.0 * 512 * 512 * 64 * 12 * 2);
    set_reals(bert, "seconds_core", 1, seconds);
    synthetic_add(results, bert);
    const struct ledger_row *row = decide(&claim_attention_scaling, results);
    const struct measurement *share =
        measurement_named(row, "bert-base, threads: 1: share of the measured peak");
    assert_true(fabs(share->value - 4.0 * 512 * 512 * 64 * 12 * 2 / 0.01 / 1.2e11) < 1e-9);
    const struct plot *plot = &row->finding.plots[row->finding.plot_count - 1];
    assert_string_equal("ap5_roofline", plot->name);
    /* The ridge stands where both limits meet. */
    assert_true(fabs(plot->series[0].x[1] - 6) < 1e-9 && fabs(plot->series[0].y[1] - 120) < 1e-9);
    results_destroy(&results);
}

static void is_setting(const struct shape *shape, const char *name, double number, const char *text) {
    for (const char *const(*setting)[2] = shape->settings; (*setting)[0] != NULL; setting++) {
        if (strcmp((*setting)[0], name) != 0) continue;
        if (text != NULL) assert_string_equal(text, (*setting)[1]);
        if (text == NULL) assert_true(number == strtod((*setting)[1], NULL));
        return;
    }
    /* Only what follows from another parameter may be left to it. */
    assert_string_equal("kv_heads", name);
}

static void published_shapes_are_those_of_the_experiment(void **state) {
    (void)state;
    size_t published = 0, models = 0, attention = 0;
    for (const struct shape *shape = shapes; shape->name != NULL; shape++)
        published += strcmp(shape->experiment, "attention") == 0 ||
                     (strcmp(shape->experiment, "recurrent") == 0 && !shape_named(shape->name, "attention"));
    for (const struct published_shape *model = published_shapes; model->name != NULL; model++, models++) {
        const struct shape *shape = shape_named(model->name, model->experiment);
        assert_non_null(shape);
        is_setting(shape, "length", model->length, NULL);
        if (strcmp(model->experiment, "recurrent") == 0) {
            is_setting(shape, "width", model->width, NULL);
            is_setting(shape, "batch", model->batch, NULL);
            continue;
        }
        assert_true(&published_shapes[attention++] == model); /* those of attention come first */
        is_setting(shape, "heads", model->heads, NULL);
        is_setting(shape, "kv_heads", model->kv_heads, NULL);
        is_setting(shape, "head_width", model->head_width, NULL);
        is_setting(shape, "mask", 0, model->causal ? "causal" : "full");
        assert_true(model->width == model->heads * model->head_width);
    }
    assert_int_equal(published, models);
    assert_int_equal(PUBLISHED_ATTENTION, attention);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_below_the_bound_is_reproduced),
        cmocka_unit_test(scaling_above_the_bound_is_not_reproduced),
        cmocka_unit_test(a_bound_that_is_just_met_stays_open),
        cmocka_unit_test(two_ranks_or_shared_cores_decide_nothing),
        cmocka_unit_test(efficiency_is_that_which_was_planted),
        cmocka_unit_test(points_stand_under_a_measured_roof),
        cmocka_unit_test(published_shapes_are_those_of_the_experiment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
