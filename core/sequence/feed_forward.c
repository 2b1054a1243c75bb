#include "core/sequence/feed_forward.h"

#include <math.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"

/* Positions at a time: enough for a product to run at its full rate. */
enum { STRIP = 256 };

/* Operations of a hidden unit beside products and the exponential. */
enum { GELU_ELEMENTWISE = 7, GATE_ELEMENTWISE = 2 };

static const double GELU_SLOPE = 0.797884560802865356; /* sqrt(2 / pi) */
static const double GELU_CUBIC = 0.044715;

struct feed_forward {
    struct feed_forward_shape shape;
    float *first, *gate; /* [width][hidden]; gate NULL: plain */
    float *second;       /* [hidden][width] */
    float *between;      /* [2][STRIP][hidden] */
};

static bool shape_is_valid(const struct feed_forward_shape *shape) {
    return shape->positions > 0 && shape->width > 0 && shape->hidden > 0 &&
           shape->width <= PRODUCT_SIZE_MAX && shape->hidden <= PRODUCT_SIZE_MAX;
}

/* A matrix of normal numbers of that variance; NULL: no memory. */
static float *drawn(struct random_source weights, uint32_t part, size_t count, size_t variance_below) {
    float *matrix = memory_allocate(count, sizeof *matrix);
    if (!matrix) return NULL;
    weights.part += part;
    random_fill_normal_f32(weights, 0, count, matrix);
    float deviation = 1 / sqrtf((float)variance_below);
    for (size_t i = 0; i < count; i++)
        matrix[i] *= deviation;
    return matrix;
}

enum status feed_forward_create(const struct feed_forward_shape *shape, struct random_source weights,
                                struct feed_forward **layer) {
    *layer = NULL;
    if (!shape_is_valid(shape)) return STATUS_INVALID;
    struct feed_forward *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    size_t matrix = shape->width * shape->hidden;
    made->shape = *shape;
    made->first = drawn(weights, 0, matrix, shape->width);
    made->second = drawn(weights, 1, matrix, shape->hidden);
    if (shape->gated) made->gate = drawn(weights, 2, matrix, shape->width);
    made->between = memory_allocate(2 * STRIP, shape->hidden * sizeof *made->between);
    if (!made->first || !made->second || !made->between || (shape->gated && !made->gate)) {
        feed_forward_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *layer = made;
    return STATUS_OK;
}

void feed_forward_destroy(struct feed_forward **layer) {
    if (!*layer) return;
    memory_free((*layer)->first);
    memory_free((*layer)->second);
    memory_free((*layer)->gate);
    memory_free((*layer)->between);
    memory_free(*layer);
    *layer = NULL;
}

/* values = gelu(values), with the argument of tanh in scratch. */
static void take_gelu(size_t count, float *values, float *scratch) {
    const float slope = (float)GELU_SLOPE, cubic = (float)(GELU_SLOPE * GELU_CUBIC);
    for (size_t i = 0; i < count; i++)
        scratch[i] = values[i] * (slope + cubic * values[i] * values[i]);
    kernels()->tanh_f32(count, scratch, scratch);
    for (size_t i = 0; i < count; i++)
        values[i] *= 0.5F * (1 + scratch[i]);
    work_add((struct work){.elementwise = GELU_ELEMENTWISE * count, .transcendental = count});
}

/* gate = gate * values * sigmoid(values), with the result in values. */
static void take_gate(size_t count, float *values, float *gate) {
    for (size_t i = 0; i < count; i++)
        gate[i] *= values[i];
    kernels()->sigmoid_f32(count, values, values);
    for (size_t i = 0; i < count; i++)
        values[i] *= gate[i];
    work_add((struct work){.elementwise = GATE_ELEMENTWISE * count, .transcendental = count});
}

static void activate(struct feed_forward *layer, size_t rows) {
    size_t hidden = layer->shape.hidden;
    float *values = layer->between, *other = layer->between + STRIP * hidden;
#pragma omp parallel for schedule(static)
    for (size_t row = 0; row < rows; row++) {
        if (layer->gate)
            take_gate(hidden, values + row * hidden, other + row * hidden);
        else
            take_gelu(hidden, values + row * hidden, other + row * hidden);
    }
}

void feed_forward_run(struct feed_forward *layer, const float *input, float *output) {
    size_t width = layer->shape.width, hidden = layer->shape.hidden;
    for (size_t first = 0; first < layer->shape.positions; first += STRIP) {
        size_t left = layer->shape.positions - first, rows = left < STRIP ? left : STRIP;
        const float *strip = input + first * width;
        product_f32(rows, hidden, width, strip, width, layer->first, hidden, false, layer->between, hidden);
        if (layer->gate)
            product_f32(rows, hidden, width, strip, width, layer->gate, hidden, false,
                        layer->between + STRIP * hidden, hidden);
        activate(layer, rows);
        product_f32(rows, width, hidden, layer->between, hidden, layer->second, width, false,
                    output + first * width, width);
    }
}

/* out[columns] += vector[rows] matrix[rows][columns]. */
static void multiply(size_t rows, size_t columns, const float *matrix, const float *vector, double *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            out[c] += (double)vector[r] * (double)matrix[r * columns + c];
}

static double activated(double x, double gate, bool gated) {
    if (gated) return x / (1 + exp(-x)) * gate;
    return x * (1 + tanh(GELU_SLOPE * (x + GELU_CUBIC * x * x * x))) / 2;
}

enum status feed_forward_reference(const struct feed_forward *layer, const float *input, double *output) {
    size_t width = layer->shape.width, hidden = layer->shape.hidden;
    double *values = memory_allocate(2 * hidden, sizeof *values);
    if (!values) return STATUS_NO_MEMORY;
    multiply(width, hidden, layer->first, input, values);
    if (layer->gate) multiply(width, hidden, layer->gate, input, values + hidden);
    for (size_t k = 0; k < width; k++)
        output[k] = 0;
    for (size_t unit = 0; unit < hidden; unit++) {
        double value = activated(values[unit], values[hidden + unit], layer->gate != NULL);
        for (size_t k = 0; k < width; k++)
            output[k] += value * (double)layer->second[unit * width + k];
    }
    memory_free(values);
    return STATUS_OK;
}

double feed_forward_bytes(const struct feed_forward_shape *shape) {
    if (!shape_is_valid(shape)) return 0;
    double hidden = (double)shape->hidden, matrices = shape->gated ? 3 : 2;
    return sizeof(struct feed_forward) +
           (matrices * (double)shape->width + 2 * STRIP) * hidden * sizeof(float);
}

double feed_forward_flops(const struct feed_forward_shape *shape) {
    double units = (double)shape->positions * (double)shape->hidden, matrices = shape->gated ? 3 : 2;
    double of_unit = 1 + (shape->gated ? GATE_ELEMENTWISE : GELU_ELEMENTWISE);
    return units * (2 * matrices * (double)shape->width + of_unit);
}
