#include "core/sequence/taps.h"

#include <limits.h>

enum { PADDED_MAX = 64 }; /* by how much a width may be padded */

size_t convolution_middle(const struct convolution_shape *shape) {
    return shape->causal ? 0 : (shape->kernel_size - 1) / 2;
}

struct tap convolution_tap(const struct convolution_shape *shape, size_t index) {
    size_t middle = convolution_middle(shape);
    size_t steps = index > middle ? index - middle : middle - index;
    if (steps > (shape->length - 1) / shape->dilation) return (struct tap){.rows = 0};
    size_t distance = steps * shape->dilation;
    return (struct tap){.first = index > middle ? distance : 0,
                        .rows = shape->length - distance,
                        .shift = index > middle ? (ptrdiff_t)distance : -(ptrdiff_t)distance};
}

struct convolution_reach convolution_reach(const struct convolution_shape *shape) {
    struct convolution_reach reach = {0, 0};
    for (size_t index = 0; index < shape->kernel_size; index++) {
        struct tap tap = convolution_tap(shape, index);
        if (tap.rows == 0) continue;
        if (tap.shift > (ptrdiff_t)reach.before) reach.before = (size_t)tap.shift;
        if (-tap.shift > (ptrdiff_t)reach.after) reach.after = (size_t)-tap.shift;
    }
    return reach;
}

size_t convolution_tap_reads(const struct convolution_shape *shape, size_t index, size_t first, size_t rows,
                             size_t *from) {
    struct tap tap = convolution_tap(shape, index);
    size_t end = first + rows < tap.first + tap.rows ? first + rows : tap.first + tap.rows;
    if (first < tap.first) first = tap.first;
    if (first >= end) return *from = 0;
    *from = (size_t)((ptrdiff_t)first - tap.shift);
    return *from + (end - first);
}

double convolution_tap_rows(const struct convolution_shape *shape) {
    double rows = 0;
    for (size_t index = 0; index < shape->kernel_size; index++)
        rows += (double)convolution_tap(shape, index).rows;
    return rows;
}

bool convolution_shape_is_valid(const struct convolution_shape *shape) {
    const size_t most = PTRDIFF_MAX / sizeof(double);
    size_t rows, count, padded;
    if (!shape->batch || !shape->length || !shape->width || !shape->kernel_size || !shape->dilation)
        return false;
    if (__builtin_mul_overflow(shape->batch, shape->length, &rows)) return false;
    if (__builtin_mul_overflow(rows, shape->width, &count) || count > most) return false;
    if (__builtin_add_overflow(shape->width, PADDED_MAX, &padded)) return false;
    if (__builtin_mul_overflow(padded, shape->width, &count)) return false;
    return !__builtin_mul_overflow(count, shape->kernel_size, &count) && count <= most;
}
