/* CX6's tables of published shapes, on made-up layers as long and wide as BERT-base's attention. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "synthetic.h"

enum { SAMPLES = 12, LENGTH = 512, HEADS = 12, HEAD_WIDTH = 64, WIDTH = HEADS * HEAD_WIDTH };

/* Columns of what is the cheapest. */
enum { CHEAPEST, NEXT, ATTENTION };

/* Seconds of each layer and how they scatter. */
struct bert_case {
    double core, projections, rnn, gru, lstm, narrow, wide; /* convolutions k = 3, 9 */
    double scatter;
    int batch;
    bool disturbed;
};

static const struct bert_case usual = {.core = 1,
                                       .projections = 3,
                                       .rnn = 2,
                                       .gru = 5,
                                       .lstm = 6,
                                       .narrow = 2.5,
                                       .wide = 7,
                                       .scatter = 0.01,
                                       .batch = 1};

static void set_seconds(struct record *record, const char *name, double seconds, double scatter,
                        struct dice *random) {
    double samples[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = seconds * exp(scatter * dice_normal(random));
    set_reals(record, name, SAMPLES, samples);
}

static void add_attention(struct results *results, const struct bert_case *like, struct dice *random) {
    struct record *record = synthetic_record(&synthetic_attention);
    set_integer(record, "length", LENGTH);
    set_integer(record, "heads", HEADS);
    set_integer(record, "kv_heads", HEADS);
    set_integer(record, "head_width", HEAD_WIDTH);
    set_integer(record, "batch", like->batch);
    set_real(record, "flops_core", 4.0 * LENGTH * LENGTH * WIDTH);
    set_real(record, "flops_softmax", 0.4 * LENGTH * LENGTH * WIDTH); /* a tenth of the products */
    set_real(record, "flops_projections", 8.0 * LENGTH * WIDTH * WIDTH);
    set_seconds(record, "seconds_core", like->core, like->scatter, random);
    set_seconds(record, "seconds_projections", like->projections, like->scatter, random);
    synthetic_add(results, record);
}

/* A layer as wide; seconds 0: it was not run. */
static void add_rival(struct results *results, const char *cell, int kernel_size, double seconds,
                      const struct bert_case *like, struct dice *random) {
    if (seconds == 0) return;
    struct record *record = synthetic_record(cell ? &synthetic_recurrent : &synthetic_convolution);
    if (cell) set_text(record, "cell", cell);
    if (!cell) set_integer(record, "kernel_size", kernel_size);
    set_integer(record, "length", LENGTH);
    set_integer(record, "width", WIDTH);
    set_integer(record, "batch", like->batch);
    set_integer(record, "disturbed", like->disturbed);
    double gates = cell == NULL               ? 2.0 * kernel_size
                   : strcmp(cell, "rnn") == 0 ? 4
                   : strcmp(cell, "gru") == 0 ? 12
                                              : 16;
    set_real(record, "flops", gates * LENGTH * WIDTH * WIDTH);
    set_seconds(record, "seconds", seconds, like->scatter, random);
    synthetic_add(results, record);
}

static struct results *bert(const struct bert_case *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(41);
    add_attention(results, like, &random);
    add_rival(results, "rnn", 0, like->rnn, like, &random);
    add_rival(results, "gru", 0, like->gru, like, &random);
    add_rival(results, "lstm", 0, like->lstm, like, &random);
    add_rival(results, NULL, 3, like->narrow, like, &random);
    add_rival(results, NULL, 9, like->wide, like, &random);
    return results;
}

static const struct finding_table *table_named(const struct ledger_row *row, const char *name) {
    for (size_t i = 0; i < row->finding.table_count; i++)
        if (strcmp(row->finding.tables[i].name, name) == 0) return &row->finding.tables[i];
    fail_msg("no table named %s", name);
    return NULL;
}

/* A cell of the first row whose name begins so. */
static const struct table_cell *cell_at(const struct ledger_row *row, const char *table, const char *shape,
                                        size_t column) {
    const struct finding_table *figures = table_named(row, table);
    for (size_t i = 0; i < figures->row_count; i++)
        if (strncmp(figures->rows[i].name, shape, strlen(shape)) == 0) return &figures->rows[i].cells[column];
    fail_msg("no row %s in %s", shape, table);
    return NULL;
}

/* Of BERT-base, by operations or by time. */
static const struct table_cell *least(const struct ledger_row *row, bool time, bool layer, size_t column) {
    return cell_at(row, time ? "cx6_published_least_time" : "cx6_published_least_flops",
                   layer ? "BERT-base 512 x 768, whole layer" : "BERT-base 512 x 768, core", column);
}

/* 4 L^2 d against 4 L d^2 and so on: no record is needed to say it, and none is asked. */
static void predicted_work_names_the_cheapest_layer(void **state) {
    (void)state;
    struct bert_case like = usual;
    like.batch = 2;
    struct results *results = bert(&like);
    const struct ledger_row *row = decide(&claim_crossovers, results);
    assert_string_equal("attention", least(row, false, false, CHEAPEST)->text);
    assert_true(fabs(least(row, false, false, NEXT)->value - 768.0 / 512) < 1e-12);
    assert_true(least(row, false, false, ATTENTION)->value == 1);
    assert_string_equal("rnn", least(row, false, true, CHEAPEST)->text);
    assert_true(fabs(least(row, false, true, ATTENTION)->value - 2 - 512.0 / 768) < 1e-12);
    /* Llama-3-8B: a quarter of the heads for keys and values, half of the pairs. */
    const char *llama = "Llama-3-8B";
    double core = cell_at(row, "cx6_published_flops", llama, 0)->value;
    double layer = cell_at(row, "cx6_published_flops", llama, 1)->value;
    assert_true(fabs(core - 4 * 4096e-9 * 8192 * 8193 / 2) < 1e-9 * core);
    assert_true(fabs(layer - core - 4e-9 * 8192 * 4096 * (4096 + 1024)) < 1e-9 * layer);
    assert_true(fabs(cell_at(row, "cx6_published_flops", "GNMT", 4)->value - 16e-9 * 64 * 50 * 1024 * 1024) <
                1e-9);
    results_destroy(&results);
}

static const struct plot *plot_named(const struct ledger_row *row, const char *name) {
    for (size_t i = 0; i < row->finding.plot_count; i++)
        if (strcmp(row->finding.plots[i].name, name) == 0) return &row->finding.plots[i];
    return NULL;
}

/* A row for each shape, and in time for the one that was measured; costs over those of the whole layer. */
static void charts_show_the_shapes(void **state) {
    (void)state;
    struct results *results = bert(&usual);
    const struct ledger_row *row = decide(&claim_crossovers, results);
    const struct plot *work = plot_named(row, "cx6_shapes_flops"), *time = plot_named(row, "cx6_shapes_time");
    assert_int_equal(table_named(row, "cx6_published_flops")->row_count, work->row_count);
    assert_true(fabs(work->series[0].x[0] - 4 * 512.0 / (4 * 512 + 8 * 768)) < 1e-9);
    assert_int_equal(1, time->row_count);
    assert_string_equal("BERT-base 512 x 768", time->rows[0].name);
    assert_string_equal("attention", time->rows[0].notes[0]);
    assert_string_equal("rnn", time->rows[0].notes[1]);
    assert_true(fabs(time->series[0].x[0] - 0.25) < 0.02 && time->series[0].low[0] < time->series[0].x[0]);
    results_destroy(&results);
}

static void measured_times_name_the_fastest_layer(void **state) {
    (void)state;
    struct results *results = bert(&usual);
    const struct ledger_row *row = decide(&claim_crossovers, results);
    assert_string_equal("attention", least(row, true, false, CHEAPEST)->text);
    const struct table_cell *next = least(row, true, false, NEXT);
    assert_true(next->low <= next->value && next->value <= next->high);
    assert_true(fabs(next->value - 2) < 0.1 && next->low > 1.9 && next->high < 2.1);
    assert_true(least(row, true, false, ATTENTION)->low == 1);
    assert_non_null(strstr(row->finding.reason, "by measured time at 1 and 0 of 1"));
    assert_string_equal("rnn", least(row, true, true, CHEAPEST)->text);
    assert_true(fabs(least(row, true, true, NEXT)->value - 1.25) < 0.05);
    assert_true(fabs(least(row, true, true, ATTENTION)->value - 2) < 0.1);
    assert_true(fabs(cell_at(row, "cx6_published_time", "BERT", 4)->value - 6000) < 200);
    assert_true(
        fabs(measurement_named(row, "published shapes: farthest counted FLOPs from predicted")->value - 0.1) <
        1e-9);
    results_destroy(&results);
}

/* Two that are as fast: the interval holds 1. */
static void a_tie_names_no_winner(void **state) {
    (void)state;
    struct bert_case like = usual;
    like.rnn = like.core;
    like.scatter = 0.3;
    struct results *results = bert(&like);
    const struct ledger_row *row = decide(&claim_crossovers, results);
    const struct table_cell *next = least(row, true, false, NEXT);
    assert_true(next->low <= 1 && next->high >= 1);
    assert_non_null(strstr(row->finding.reason, "by measured time at 0 and 0 of 1"));
    results_destroy(&results);
}

/* Nothing is said in time unless the very shape was measured, undisturbed, with all rivals. */
static void what_was_not_measured_is_not_made_up(void **state) {
    (void)state;
    struct bert_case batch = usual, disturbed = usual, lacking = usual;
    batch.batch = 2;
    disturbed.disturbed = true;
    lacking.gru = 0;
    const struct bert_case *const cases[] = {&batch, &disturbed, &lacking};
    for (size_t i = 0; i < 3; i++) {
        struct results *results = bert(cases[i]);
        const struct ledger_row *row = decide(&claim_crossovers, results);
        assert_int_equal(0, table_named(row, "cx6_published_least_time")->row_count);
        assert_true(isnan(cell_at(row, "cx6_published_time", "BERT", 3)->value));
        assert_true(isnan(cell_at(row, "cx6_published_time", "GPT", 0)->value));
        results_destroy(&results);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predicted_work_names_the_cheapest_layer), cmocka_unit_test(charts_show_the_shapes),
        cmocka_unit_test(measured_times_name_the_fastest_layer),   cmocka_unit_test(a_tie_names_no_winner),
        cmocka_unit_test(what_was_not_measured_is_not_made_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
