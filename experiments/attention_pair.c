#include "experiments/attention_pair.h"

#include <math.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "experiments/layer.h"

enum { CHECK_ROWS = LAYER_ROWS_MAX - 2 };

/* --- arrays ------------------------------------------------------------------------------------------- */

static size_t query_sequences(const struct attention_pair *pair) {
    return pair->shape.batch * pair->shape.heads;
}

static size_t kv_sequences(const struct attention_pair *pair) {
    return pair->shape.batch * pair->shape.kv_heads;
}

static size_t head_elements(const struct attention_pair *pair) {
    return pair->shape.query_length * pair->shape.head_width;
}

static void free_side(struct attention_side *side) {
    memory_free(side->queries);
    memory_free(side->output);
    memory_free(side->keys);
    memory_free(side->values);
}

void attention_pair_destroy(struct attention_pair *pair) {
    free_side(&pair->ordered);
    free_side(&pair->permuted);
    memory_free(pair->single);
    memory_free(pair->order);
    memory_free(pair->reference);
}

static bool allocate_side(const struct attention_pair *pair, struct attention_side *side) {
    size_t of_queries = query_sequences(pair) * head_elements(pair);
    size_t of_keys = kv_sequences(pair) * head_elements(pair);
    side->queries = memory_allocate(of_queries, sizeof(float));
    side->output = memory_allocate(of_queries, sizeof(float));
    side->keys = memory_allocate(of_keys, sizeof(float));
    side->values = memory_allocate(of_keys, sizeof(float));
    return side->queries && side->output && side->keys && side->values;
}

static enum status allocate(struct attention_pair *pair) {
    bool sides = allocate_side(pair, &pair->ordered) && allocate_side(pair, &pair->permuted);
    pair->single = memory_allocate(query_sequences(pair) * head_elements(pair), sizeof *pair->single);
    pair->order = memory_allocate(pair->shape.query_length, sizeof *pair->order);
    pair->reference = memory_allocate(pair->shape.head_width, sizeof *pair->reference);
    return sides && pair->single && pair->order && pair->reference ? STATUS_OK : STATUS_NO_MEMORY;
}

static void draw(struct attention_pair *pair) {
    size_t of_queries = query_sequences(pair) * head_elements(pair);
    size_t of_keys = kv_sequences(pair) * head_elements(pair);
    struct attention_side *side = &pair->ordered;
    random_fill_normal_f32(random_source(pair->key, RANDOM_QUERIES, 0), 0, of_queries, side->queries);
    random_fill_normal_f32(random_source(pair->key, RANDOM_KEYS, 0), 0, of_keys, side->keys);
    random_fill_normal_f32(random_source(pair->key, RANDOM_VALUES, 0), 0, of_keys, side->values);
}

/* A random order of the positions (Fisher & Yates). */
static void draw_order(struct attention_pair *pair) {
    struct random_source source = random_source(pair->key, RANDOM_ORDER, 0);
    size_t length = pair->shape.query_length;
    for (size_t i = 0; i < length; i++)
        pair->order[i] = i;
    for (size_t i = length - 1; i > 0; i--) {
        size_t other = (size_t)random_below(source, i, i + 1), held = pair->order[i];
        pair->order[i] = pair->order[other];
        pair->order[other] = held;
    }
}

/* The row at place `place` of sequence `sequence` in an array [sequences][length][head_width]. */
static size_t row_at(const struct attention_pair *pair, size_t sequence, size_t place) {
    return (sequence * pair->shape.query_length + place) * pair->shape.head_width;
}

static void permute(const struct attention_pair *pair, size_t sequences, const float *in, float *out) {
    for (size_t sequence = 0; sequence < sequences; sequence++)
        for (size_t place = 0; place < pair->shape.query_length; place++) {
            const float *from = in + row_at(pair, sequence, pair->order[place]);
            float *to = out + row_at(pair, sequence, place);
            for (size_t i = 0; i < pair->shape.head_width; i++)
                to[i] = from[i];
        }
}

static void permute_inputs(struct attention_pair *pair) {
    permute(pair, query_sequences(pair), pair->ordered.queries, pair->permuted.queries);
    permute(pair, kv_sequences(pair), pair->ordered.keys, pair->permuted.keys);
    permute(pair, kv_sequences(pair), pair->ordered.values, pair->permuted.values);
}

enum status attention_pair_create(struct attention_pair *pair) {
    CHECK(allocate(pair));
    draw(pair);
    draw_order(pair);
    permute_inputs(pair);
    return STATUS_OK;
}

double attention_pair_bytes(const struct attention_shape *shape, int threads) {
    double heads = (double)(shape->batch * shape->heads);
    double kv_heads = (double)(shape->batch * shape->kv_heads);
    double length = (double)shape->query_length, width = (double)shape->head_width;
    return (5 * heads + 4 * kv_heads) * length * width * sizeof(float) + length * sizeof(size_t) +
           width * sizeof(double) + (double)attention_plan_bytes(shape, threads);
}

/* --- attention ---------------------------------------------------------------------------------------- */

static void forward(struct attention_plan *plan, const struct attention_pair *pair,
                    struct attention_side *side) {
    attention_forward(plan, &pair->mask, attention_scale(&pair->shape), side->queries, side->keys,
                      side->values, side->output, NULL);
}

static enum status attend(struct attention_pair *pair) {
    struct attention_plan *plan;
    CHECK(attention_plan_create(&pair->shape, &plan));
    forward(plan, pair, &pair->ordered);
    forward(plan, pair, &pair->permuted);
    attention_plan_destroy(&plan);
    return STATUS_OK;
}

/* Every head by itself, as if there were no others. */
static enum status attend_alone(struct attention_pair *pair) {
    struct attention_plan *plan;
    struct attention_shape alone = pair->shape;
    alone.batch = alone.heads = alone.kv_heads = 1;
    CHECK(attention_plan_create(&alone, &plan));
    size_t elements = head_elements(pair), group = pair->shape.heads / pair->shape.kv_heads;
    for (size_t head = 0; head < query_sequences(pair); head++)
        attention_forward(plan, &pair->mask, attention_scale(&alone), pair->ordered.queries + head * elements,
                          pair->ordered.keys + head / group * elements,
                          pair->ordered.values + head / group * elements, pair->single + head * elements,
                          NULL);
    attention_plan_destroy(&plan);
    return STATUS_OK;
}

enum status attention_pair_attend(struct attention_pair *pair) {
    CHECK(attend(pair));
    return attend_alone(pair);
}

/* --- what came out ------------------------------------------------------------------------------------ */

static double largest_difference(size_t count, const float *a, const float *b) {
    double worst = 0;
    for (size_t i = 0; i < count; i++)
        worst = layer_worse(worst, (double)a[i] - (double)b[i]);
    return worst;
}

double attention_pair_concatenation(const struct attention_pair *pair) {
    return largest_difference(query_sequences(pair) * head_elements(pair), pair->ordered.output,
                              pair->single);
}

double attention_pair_permutation(const struct attention_pair *pair) {
    double worst = 0;
    for (size_t sequence = 0; sequence < query_sequences(pair); sequence++)
        for (size_t place = 0; place < pair->shape.query_length; place++)
            worst =
                fmax(worst, largest_difference(
                                pair->shape.head_width, pair->permuted.output + row_at(pair, sequence, place),
                                pair->ordered.output + row_at(pair, sequence, pair->order[place])));
    return worst;
}

static double row_error(const struct attention_pair *pair, const struct attention_side *side,
                        const float *output, size_t sequence, size_t row) {
    double log_sum_exp, worst = 0, scale = 1 / sqrt((double)pair->shape.head_width);
    attention_reference_row(&pair->shape, &pair->mask, scale, side->queries, side->keys, side->values,
                            sequence / pair->shape.heads, sequence % pair->shape.heads, row, pair->reference,
                            &log_sum_exp);
    for (size_t i = 0; i < pair->shape.head_width; i++)
        worst = layer_worse(worst, (double)output[row_at(pair, sequence, row) + i] - pair->reference[i]);
    return worst;
}

/* Largest error of an output that was made from the inputs of a side. */
double attention_pair_error(const struct attention_pair *pair, const struct attention_side *side,
                            const float *output, size_t *checked) {
    double worst = 0;
    *checked = 0;
    for (size_t sequence = 0; sequence < query_sequences(pair); sequence++) {
        size_t rows[LAYER_ROWS_MAX];
        size_t count = layer_choose_rows(random_source(pair->key, RANDOM_CHOICE, (uint32_t)sequence),
                                         pair->shape.query_length, CHECK_ROWS, rows);
        for (size_t i = 0; i < count; i++)
            worst = fmax(worst, row_error(pair, side, output, sequence, rows[i]));
        *checked += count;
    }
    return worst;
}

double attention_pair_largest_value(const struct attention_pair *pair) {
    double largest = 0;
    for (size_t i = 0; i < kv_sequences(pair) * head_elements(pair); i++)
        largest = fmax(largest, fabs((double)pair->ordered.values[i]));
    return largest;
}
