/* Which inputs the taps of a convolution read. Internal to this folder. */
#ifndef CORE_SEQUENCE_TAPS_H
#define CORE_SEQUENCE_TAPS_H

#include "core/sequence/sequence.h"

/* Terms that are summed by themselves: half as many as in recurrent layers, since a convolution sums k times
 * as many. */
enum { CONVOLUTION_TERMS = 64 };

/* Tap j adds to the outputs first .. first + rows - 1 of each sequence what stands `shift` positions before
 * them, or -shift after. No zeros outside a sequence are read. */
struct tap {
    size_t first, rows;
    ptrdiff_t shift;
};
struct tap convolution_tap(const struct convolution_shape *shape, size_t index);

/* The tap that reads the position itself: it reaches all rows. */
size_t convolution_middle(const struct convolution_shape *shape);

/* Where row `position` of a sequence stands; it is in the window. */
static inline const float *convolution_window_row(const struct convolution_window *window, size_t width,
                                                  size_t item, size_t position) {
    if (position < window->first) {
        size_t row = position + window->before_rows - window->first;
        return window->before + (item * window->before_rows + row) * width;
    }
    size_t row = position - window->first;
    if (row < window->rows) return window->input + (item * window->rows + row) * width;
    return window->after + (item * window->after_rows + row - window->rows) * width;
}

/* The rows of all taps, of one sequence. */
double convolution_tap_rows(const struct convolution_shape *shape);

/* Whether all sizes are at least 1 and batch * length * width and kernel_size * width^2 floats can be
 * addressed, with room for padding. */
bool convolution_shape_is_valid(const struct convolution_shape *shape);

#endif
