#include "experiments/modern_layer.h"

#include <math.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/base/memory.h"

/* States whose update is also computed in float64, the slow way. */
enum { REFERENCE_STATES = 2 };

struct layer {
    float *queries, *keys, *values, *output; /* two heads, both the same */
    struct attention_plan *plan;
};

static void layer_clear(struct layer *layer) {
    attention_plan_destroy(&layer->plan);
    memory_free(layer->queries);
    memory_free(layer->keys);
    memory_free(layer->values);
    memory_free(layer->output);
}

static enum status layer_fill(const struct attention_shape *shape, const struct modern_update *update,
                              struct layer *layer) {
    size_t states = shape->query_length * shape->head_width, stored = shape->key_length * shape->head_width;
    layer->queries = memory_allocate(shape->heads * states, sizeof(float));
    layer->output = memory_allocate(shape->heads * states, sizeof(float));
    layer->keys = memory_allocate(shape->heads * stored, sizeof(float));
    layer->values = memory_allocate(shape->heads * stored, sizeof(float));
    if (!layer->queries || !layer->output || !layer->keys || !layer->values) return STATUS_NO_MEMORY;
    for (size_t head = 0; head < shape->heads; head++) {
        memcpy(layer->queries + head * states, update->before, states * sizeof(float));
        memcpy(layer->keys + head * stored, update->stored, stored * sizeof(float));
        memcpy(layer->values + head * stored, update->stored, stored * sizeof(float));
    }
    return attention_plan_create(shape, &layer->plan);
}

static double reference_difference(const struct attention_shape *shape, const struct layer *layer,
                                   double beta) {
    double largest = 0, exact[ATTENTION_WIDTH_MAX], log_sum_exp;
    struct attention_mask none = attention_mask_none();
    for (size_t t = 0; t < shape->query_length && t < REFERENCE_STATES; t++) {
        attention_reference_row(shape, &none, beta, layer->queries, layer->keys, layer->values, 0, 0, t,
                                exact, &log_sum_exp);
        double difference = 0, square = 0;
        for (size_t k = 0; k < shape->head_width; k++) {
            double d = layer->output[t * shape->head_width + k] - exact[k];
            difference += d * d, square += exact[k] * exact[k];
        }
        largest = fmax(largest, sqrt(difference / square));
    }
    return largest;
}

enum status modern_layer_compare(const struct modern_update *update, int64_t *differences,
                                 double *reference) {
    const struct attention_shape shape = {.batch = 1,
                                          .heads = 2,
                                          .kv_heads = 2,
                                          .query_length = update->states,
                                          .key_length = update->patterns,
                                          .head_width = update->dimension};
    struct layer layer = {0};
    struct attention_mask none = attention_mask_none();
    enum status status = layer_fill(&shape, update, &layer);
    if (status == STATUS_OK) {
        attention_forward(layer.plan, &none, (float)update->beta, layer.queries, layer.keys, layer.values,
                          layer.output, NULL);
        size_t numbers = update->states * update->dimension;
        *differences = 0;
        for (size_t i = 0; i < shape.heads * numbers; i++)
            *differences += memcmp(&layer.output[i], &update->updated[i % numbers], sizeof(float)) != 0;
        *reference = reference_difference(&shape, &layer, (float)update->beta);
    }
    layer_clear(&layer);
    return status;
}
