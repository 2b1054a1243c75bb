/* Images in IDX files (the format of the MNIST data sets), plain or compressed with gzip. */
#ifndef EXPERIMENTS_IDX_H
#define EXPERIMENTS_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* The most pixels an image may have: each is a neuron, and couplings grow with the square. */
enum { IDX_PIXELS_MAX = 1 << 16 };

struct idx_shape {
    size_t count, height, width;
};

/* The first images of a file. */
struct idx_images {
    struct idx_shape shape; /* count: those read */
    uint8_t *pixels;        /* [count][height][width]: 0 .. 255 */
};

/* What the file says it holds, from its header. Errors as for idx_read_images. */
enum status idx_read_shape(const char *path, struct idx_shape *shape, struct error *error);

/* Reads the first `most` images, or all if there are fewer. Whatever the file holds, memory follows the bytes
 * that are really there. STATUS_NOT_FOUND: no such file. STATUS_IO: it cannot be read. STATUS_FORMAT: not a
 * regular file, not an IDX file of 8-bit images, truncated, damaged, no or too many pixels. STATUS_NO_MEMORY.
 */
enum status idx_read_images(const char *path, size_t most, struct idx_images **images, struct error *error);
void idx_images_destroy(struct idx_images **images);

#endif
