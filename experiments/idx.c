#include "experiments/idx.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "core/base/memory.h"

/* Header: two zero bytes, the type, the number of dimensions, then each dimension in four bytes, most
 * significant first. */
enum { MAGIC_BYTES = 4, DIMENSIONS = 3, HEADER_BYTES = MAGIC_BYTES + 4 * DIMENSIONS, TYPE_UINT8 = 8 };

/* First allocation; it doubles as bytes arrive, so that a header cannot ask for memory the file does not
 * fill. */
enum { FIRST_CAPACITY = 1 << 20 };

/* A file that is open for reading. */
struct source {
    const char *path;
    gzFile stream;
    struct error *error;
};

static enum status source_open(const char *path, struct error *error, struct source *source) {
    struct stat facts;
    *source = (struct source){.path = path, .error = error};
    if (stat(path, &facts) != 0)
        return error_set(error, errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s",
                         path, strerror(errno));
    if (!S_ISREG(facts.st_mode)) return error_set(error, STATUS_FORMAT, "%s: not a regular file", path);
    errno = 0;
    source->stream = gzopen(path, "rb");
    if (!source->stream)
        return error_set(error, errno ? STATUS_IO : STATUS_NO_MEMORY, "%s: %s", path,
                         errno ? strerror(errno) : "no memory to read it");
    return STATUS_OK;
}

/* Reads up to `bytes`; fewer at the end of the file. */
static enum status source_read(struct source *source, size_t bytes, uint8_t *into, size_t *got) {
    int read = gzread(source->stream, into, (unsigned)bytes);
    int code = Z_OK;
    const char *text = gzerror(source->stream, &code);
    *got = read > 0 ? (size_t)read : 0;
    if (code == Z_ERRNO) return error_set(source->error, STATUS_IO, "%s: %s", source->path, strerror(errno));
    if (code == Z_MEM_ERROR) return error_set(source->error, STATUS_NO_MEMORY, "%s: no memory", source->path);
    if (read < 0 || (code != Z_OK && code != Z_BUF_ERROR))
        return error_set(source->error, STATUS_FORMAT, "%s: damaged: %s", source->path, text);
    return STATUS_OK;
}

static size_t dimension(const uint8_t *header, size_t index) {
    const uint8_t *bytes = header + MAGIC_BYTES + 4 * index;
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static enum status read_header(struct source *source, struct idx_shape *shape) {
    uint8_t header[HEADER_BYTES];
    size_t got;
    CHECK(source_read(source, sizeof header, header, &got));
    if (got < sizeof header || header[0] != 0 || header[1] != 0)
        return error_set(source->error, STATUS_FORMAT, "%s: not an IDX file", source->path);
    if (header[2] != TYPE_UINT8 || header[3] != DIMENSIONS)
        return error_set(
            source->error, STATUS_FORMAT,
            "%s: not images: type 0x%02x with %d dimensions, where 8-bit images have type 0x08 with 3",
            source->path, header[2], header[3]);
    *shape = (struct idx_shape){dimension(header, 0), dimension(header, 1), dimension(header, 2)};
    if (shape->count == 0 || shape->height == 0 || shape->width == 0)
        return error_set(source->error, STATUS_FORMAT, "%s: empty: %zu images of %zu x %zu pixels",
                         source->path, shape->count, shape->height, shape->width);
    if (shape->height > IDX_PIXELS_MAX || shape->width > IDX_PIXELS_MAX / shape->height)
        return error_set(source->error, STATUS_FORMAT, "%s: images of %zu x %zu pixels; at most %d are read",
                         source->path, shape->height, shape->width, IDX_PIXELS_MAX);
    return STATUS_OK;
}

/* Doubles the room for pixels, up to what is wanted. */
static enum status grow(struct source *source, size_t held, size_t wanted, size_t *capacity,
                        uint8_t **pixels) {
    size_t larger = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    if (larger > wanted) larger = wanted;
    uint8_t *moved = memory_allocate(larger, 1);
    if (!moved)
        return error_set(source->error, STATUS_NO_MEMORY, "%s: no memory for its images", source->path);
    if (held > 0) memcpy(moved, *pixels, held);
    memory_free(*pixels);
    *pixels = moved;
    *capacity = larger;
    return STATUS_OK;
}

/* On failure *pixels is left to the caller. */
static enum status read_pixels(struct source *source, const struct idx_shape *shape, uint8_t **pixels) {
    size_t area = shape->height * shape->width, wanted = shape->count * area, held = 0, capacity = 0;
    while (held < wanted) {
        if (held == capacity) CHECK(grow(source, held, wanted, &capacity, pixels));
        size_t bytes = capacity - held, got;
        if (bytes > INT32_MAX / 2) bytes = INT32_MAX / 2; /* what gzread can count */
        CHECK(source_read(source, bytes, *pixels + held, &got));
        if (got == 0)
            return error_set(source->error, STATUS_FORMAT, "%s: truncated: ends in image %zu", source->path,
                             held / area + 1);
        held += got;
    }
    return STATUS_OK;
}

enum status idx_read_shape(const char *path, struct idx_shape *shape, struct error *error) {
    struct source source;
    CHECK(source_open(path, error, &source));
    enum status status = read_header(&source, shape);
    gzclose(source.stream);
    return status;
}

/* On failure what was read is left to the caller. */
static enum status read_images(struct source *source, size_t most, struct idx_images *images) {
    CHECK(read_header(source, &images->shape));
    if (images->shape.count > most) images->shape.count = most;
    return read_pixels(source, &images->shape, &images->pixels);
}

enum status idx_read_images(const char *path, size_t most, struct idx_images **images, struct error *error) {
    *images = memory_allocate(1, sizeof **images);
    if (!*images) return error_set(error, STATUS_NO_MEMORY, "%s: no memory", path);
    struct source source;
    enum status status = source_open(path, error, &source);
    if (status == STATUS_OK) {
        status = read_images(&source, most, *images);
        gzclose(source.stream);
    }
    if (status != STATUS_OK) idx_images_destroy(images);
    return status;
}

void idx_images_destroy(struct idx_images **images) {
    if (!*images) return;
    memory_free((*images)->pixels);
    memory_free(*images);
    *images = NULL;
}
