#include "results/buffer.h"

#include <string.h>

#include "core/base/memory.h"

enum { FIRST_CAPACITY = 4096 };

static enum status grow(struct buffer *buffer, size_t needed) {
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *bytes = memory_allocate(capacity, 1);
    if (!bytes) return STATUS_NO_MEMORY;
    if (buffer->size) memcpy(bytes, buffer->bytes, buffer->size);
    memory_free(buffer->bytes);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return STATUS_OK;
}

enum status buffer_append(struct buffer *buffer, const char *bytes, size_t size) {
    if (size > buffer->capacity - buffer->size) CHECK(grow(buffer, buffer->size + size));
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return STATUS_OK;
}

void buffer_free(struct buffer *buffer) {
    memory_free(buffer->bytes);
    *buffer = (struct buffer){0};
}
