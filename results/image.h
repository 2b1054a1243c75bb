/* R.h5 as bytes: an HDF5 file and behind it a trailer with a checksum over it. HDF5 and netCDF readers do not
 * look behind the end that the file itself states. HDF5's own parser trusts what it reads and can be made to
 * crash: it is never shown a file whose checksum is wrong. Private to this folder. */
#ifndef RESULTS_IMAGE_H
#define RESULTS_IMAGE_H

#include <stddef.h>

#include "core/base/status.h"

enum { IMAGE_TRAILER_SIZE = 32 };

/* Writes the trailer of the `size` bytes at `image` behind them. */
void image_seal(char *image, size_t size);

/* Reads a file and checks it: *image (memory_free it) with *size bytes of HDF5, the trailer taken off.
 * STATUS_NOT_FOUND, STATUS_IO, STATUS_NO_MEMORY; STATUS_FORMAT: foreign, truncated or damaged. */
enum status image_read(const char *path, char **image, size_t *size, struct error *error);

#endif
