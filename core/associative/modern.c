#include "core/associative/modern.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"

struct modern {
    struct attention_shape shape;
    struct attention_plan *plan;
    const float *patterns;
    float *updated;                                  /* [states][dimension] */
    float *log_partition, *log_partition_of_squares; /* [states] */
};

static struct attention_shape shape_of(size_t dimension, size_t count, size_t states) {
    return (struct attention_shape){.batch = 1,
                                    .heads = 1,
                                    .kv_heads = 1,
                                    .query_length = states,
                                    .key_length = count,
                                    .head_width = dimension};
}

static double norm(size_t dimension, const float *vector) {
    double square = 0;
    for (size_t k = 0; k < dimension; k++)
        square += (double)vector[k] * vector[k];
    return sqrt(square);
}

void modern_draw(size_t dimension, size_t count, uint64_t key, float *patterns) {
    random_fill_normal_f32(random_source(key, RANDOM_PATTERNS, 0), 0, count * dimension, patterns);
#pragma omp parallel for schedule(static)
    for (size_t p = 0; p < count; p++) {
        float *pattern = patterns + p * dimension;
        double factor = sqrt((double)dimension) / norm(dimension, pattern);
        for (size_t k = 0; k < dimension; k++)
            pattern[k] = (float)(factor * pattern[k]);
    }
}

enum status modern_create(size_t dimension, size_t count, const float *patterns, size_t states,
                          struct modern **network) {
    *network = memory_allocate(1, sizeof **network);
    if (*network == NULL) return STATUS_NO_MEMORY;
    struct modern *made = *network;
    made->shape = shape_of(dimension, count, states);
    made->patterns = patterns;
    made->updated = memory_allocate(states, dimension * sizeof(float));
    made->log_partition = memory_allocate(states, sizeof(float));
    made->log_partition_of_squares = memory_allocate(states, sizeof(float));
    enum status status = STATUS_NO_MEMORY;
    if (made->updated && made->log_partition && made->log_partition_of_squares)
        status = attention_plan_create(&made->shape, &made->plan);
    if (status != STATUS_OK) modern_destroy(network);
    return status;
}

void modern_destroy(struct modern **network) {
    if (*network == NULL) return;
    attention_plan_destroy(&(*network)->plan);
    memory_free((*network)->updated);
    memory_free((*network)->log_partition);
    memory_free((*network)->log_partition_of_squares);
    memory_free(*network);
    *network = NULL;
}

float modern_attention_beta(const struct modern *network) {
    return attention_scale(&network->shape);
}

static void attend(struct modern *network, float beta, const float *states, float *updated,
                   float *log_partition) {
    struct attention_mask none = attention_mask_none();
    attention_forward(network->plan, &none, beta, states, network->patterns, network->patterns, updated,
                      log_partition);
}

void modern_update(struct modern *network, float beta, const float *states, float *updated) {
    attend(network, beta, states, updated, NULL);
}

static bool at_rest(size_t dimension, const float *before, const float *after) {
    double square = 0;
    for (size_t k = 0; k < dimension; k++) {
        double step = (double)after[k] - before[k];
        square += step * step;
    }
    return square <= MODERN_REST * MODERN_REST * (double)dimension;
}

void modern_settle(struct modern *network, float beta, size_t most, float *states, size_t *updates) {
    size_t count = network->shape.query_length, dimension = network->shape.head_width, moving = count;
    for (size_t s = 0; s < count; s++)
        updates[s] = most + 1;
    for (size_t update = 1; update <= most && moving > 0; update++) {
        attend(network, beta, states, network->updated, NULL);
        for (size_t s = 0; s < count; s++) {
            if (updates[s] <= most) continue;
            float *state = states + s * dimension;
            const float *next = network->updated + s * dimension;
            if (at_rest(dimension, state, next)) updates[s] = update, moving--;
            memcpy(state, next, dimension * sizeof *state);
        }
    }
}

/* With Z(beta) = sum exp(beta x^T xi), the sum of the squared weights is Z(2 beta) / Z(beta)^2. */
void modern_mixed(struct modern *network, float beta, const float *states, double *mixed) {
    attend(network, beta, states, network->updated, network->log_partition);
    attend(network, 2 * beta, states, network->updated, network->log_partition_of_squares);
    for (size_t s = 0; s < network->shape.query_length; s++)
        mixed[s] = exp(2 * (double)network->log_partition[s] - (double)network->log_partition_of_squares[s]);
}

double modern_relative_error(size_t dimension, const float *vector, const float *wanted) {
    double square = 0;
    for (size_t k = 0; k < dimension; k++) {
        double difference = (double)vector[k] - wanted[k];
        square += difference * difference;
    }
    return sqrt(square) / norm(dimension, wanted);
}

double modern_bytes(size_t dimension, size_t count, size_t states, int threads) {
    struct attention_shape shape = shape_of(dimension, count, states);
    double rows = (double)count + (double)states;
    return (double)attention_plan_bytes(&shape, threads) +
           sizeof(float) * (rows * (double)dimension + 2.0 * (double)states);
}

double modern_operations(size_t dimension, size_t count, size_t states) {
    struct attention_shape shape = shape_of(dimension, count, states);
    struct attention_mask none = attention_mask_none();
    return attention_flops(&shape, &none);
}
