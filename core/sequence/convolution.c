/* Convolution over a sequence: one matrix product per tap, on rows that are shifted against each other.
 * Positions outside the sequence are left out, not multiplied as zeros. */
#include <math.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/sequence/sequence.h"

struct convolution {
    struct convolution_shape shape;
    float *weights; /* [kernel_size][width in][width out] */
};

/* Outputs output_first .. output_first + rows - 1 of each sequence get a tap's product with the inputs from
 * input_first on. */
struct tap {
    size_t output_first, input_first, rows;
};

/* The tap that reads the output's own position: the only one that reaches every output. */
static size_t middle_tap(const struct convolution_shape *shape) {
    return shape->causal ? 0 : (shape->kernel_size - 1) / 2;
}

static struct tap tap_at(const struct convolution_shape *shape, size_t index) {
    size_t middle = middle_tap(shape), steps = index > middle ? index - middle : middle - index;
    if (steps > (shape->length - 1) / shape->dilation) return (struct tap){.rows = 0};
    size_t shift = steps * shape->dilation;
    return (struct tap){.output_first = index > middle ? shift : 0,
                        .input_first = index > middle ? 0 : shift,
                        .rows = shape->length - shift};
}

/* The number of weights, or 0 when a size is 0 or too large. */
static size_t weight_count(const struct convolution_shape *shape) {
    size_t rows, count;
    if (!shape->batch || !shape->length || !shape->width || !shape->kernel_size || !shape->dilation) return 0;
    if (__builtin_mul_overflow(shape->batch, shape->length, &rows) || rows > PRODUCT_SIZE_MAX) return 0;
    if (shape->width > PRODUCT_SIZE_MAX ||
        __builtin_mul_overflow(shape->width * shape->width, shape->kernel_size, &count))
        return 0;
    return count;
}

enum status convolution_create(const struct convolution_shape *shape, struct random_source weights,
                               struct convolution **layer) {
    *layer = NULL;
    size_t count = weight_count(shape);
    if (count == 0) return STATUS_INVALID;
    struct convolution *created = memory_allocate(1, sizeof *created);
    float *drawn = memory_allocate(count, sizeof *drawn);
    if (!created || !drawn) {
        memory_free(created);
        memory_free(drawn);
        return STATUS_NO_MEMORY;
    }
    float deviation = 1.0F / sqrtf((float)shape->kernel_size * (float)shape->width);
    random_fill_normal_f32(weights, 0, count, drawn);
    for (size_t i = 0; i < count; i++)
        drawn[i] *= deviation;
    *created = (struct convolution){.shape = *shape, .weights = drawn};
    *layer = created;
    return STATUS_OK;
}

void convolution_destroy(struct convolution **layer) {
    if (!*layer) return;
    memory_free((*layer)->weights);
    memory_free(*layer);
    *layer = NULL;
}

static void add_tap(const struct convolution *layer, size_t index, const float *input, float *output) {
    const struct convolution_shape *shape = &layer->shape;
    const float *weights = layer->weights + index * shape->width * shape->width;
    struct tap tap = tap_at(shape, index);
    for (size_t item = 0; item < shape->batch; item++) {
        const float *from = input + (item * shape->length + tap.input_first) * shape->width;
        float *to = output + (item * shape->length + tap.output_first) * shape->width;
        product_f32(tap.rows, shape->width, shape->width, from, shape->width, weights, shape->width, true, to,
                    shape->width);
    }
}

void convolution_forward(const struct convolution *layer, const float *input, float *output) {
    const struct convolution_shape *shape = &layer->shape;
    /* Nothing is shifted in the middle tap, so all sequences of the batch are one matrix. */
    size_t width = shape->width, middle = middle_tap(shape);
    product_f32(shape->batch * shape->length, width, width, input, width,
                layer->weights + middle * width * width, width, false, output, width);
    for (size_t index = 0; index < shape->kernel_size; index++)
        if (index != middle) add_tap(layer, index, input, output);
}

void convolution_reference_row(const struct convolution *layer, const float *input, size_t batch_index,
                               size_t position, double *output) {
    const struct convolution_shape *shape = &layer->shape;
    size_t width = shape->width;
    for (size_t out = 0; out < width; out++)
        output[out] = 0;
    for (size_t index = 0; index < shape->kernel_size; index++) {
        /* Signed and wide: positions outside the sequence are zeros. */
        double read =
            (double)position - ((double)index - (double)middle_tap(shape)) * (double)shape->dilation;
        if (read < 0 || read >= (double)shape->length) continue;
        const float *row = input + (batch_index * shape->length + (size_t)read) * width;
        const float *weights = layer->weights + index * width * width;
        for (size_t in = 0; in < width; in++)
            for (size_t out = 0; out < width; out++)
                output[out] += (double)row[in] * (double)weights[in * width + out];
    }
}

size_t convolution_bytes(const struct convolution_shape *shape) {
    size_t count = weight_count(shape);
    return count == 0 ? 0 : sizeof(struct convolution) + count * sizeof(float);
}

double convolution_flops(const struct convolution_shape *shape) {
    double rows = 0;
    for (size_t index = 0; index < shape->kernel_size; index++)
        rows += (double)tap_at(shape, index).rows;
    return 2.0 * (double)shape->batch * rows * (double)shape->width * (double)shape->width;
}
