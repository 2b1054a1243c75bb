/* Random patterns at some of a network's neurons: the rows of bits of consecutive neurons and no second
 * order, so that patterns that fill the memory of many machines can be split between them. */
#ifndef CORE_ASSOCIATIVE_PATTERN_SLICE_H
#define CORE_ASSOCIATIVE_PATTERN_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* Neurons first .. first + count - 1 of `neurons`. Rows are `stride` words apart, whole cache lines, of which
 * the first `words` hold patterns; bits past the last pattern are 0. */
struct pattern_slice {
    size_t neurons, patterns, first, count, words, stride;
    uint64_t *rows; /* [count][stride]: bit p of row i is pattern p at neuron first + i */
};

/* Rows of zeros; a slice may be empty. STATUS_INVALID: no patterns, or neurons past the last or past what 32
 * bits number. STATUS_NO_MEMORY. */
enum status pattern_slice_create(size_t neurons, size_t patterns, size_t first, size_t count,
                                 struct pattern_slice **slice);
void pattern_slice_destroy(struct pattern_slice **slice);

/* The bits that patterns_draw has for these neurons. Uses OpenMP threads. */
void pattern_slice_draw(struct pattern_slice *slice, uint64_t key);

/* The row of neuron first + index. */
static inline const uint64_t *pattern_slice_row(const struct pattern_slice *slice, size_t index) {
    return slice->rows + index * slice->stride;
}

/* Bytes of a slice of so many neurons. */
double pattern_slice_bytes(size_t count, size_t patterns);

#endif
