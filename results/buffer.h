/* A growing piece of text. Private to this folder. */
#ifndef RESULTS_BUFFER_H
#define RESULTS_BUFFER_H

#include <stddef.h>

#include "core/base/status.h"

/* All zero: empty. */
struct buffer {
    char *bytes;
    size_t size, capacity;
};

/* STATUS_NO_MEMORY leaves the buffer as it was. */
enum status buffer_append(struct buffer *buffer, const char *bytes, size_t size);
void buffer_free(struct buffer *buffer);

#endif
