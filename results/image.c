#include "results/image.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/base/memory.h"

static const char hdf5_signature[8] = "\x89HDF\r\n\x1a\n";
static const char magic[8] = "engram\0\1"; /* the last byte is the layout's version */

struct trailer {
    char magic[8];
    uint64_t size; /* of the image, little-endian */
    XXH128_canonical_t checksum;
};

_Static_assert(sizeof(struct trailer) == IMAGE_TRAILER_SIZE, "no padding");

void image_seal(char *image, size_t size) {
    struct trailer trailer = {.size = htole64(size)};
    memcpy(trailer.magic, magic, sizeof magic);
    XXH128_canonicalFromHash(&trailer.checksum, XXH3_128bits(image, size));
    memcpy(image + size, &trailer, sizeof trailer);
}

static enum status verify(const char *path, const char *bytes, size_t size, struct error *error) {
    if (size < sizeof hdf5_signature || memcmp(bytes, hdf5_signature, sizeof hdf5_signature) != 0)
        return error_set(error, STATUS_FORMAT, "%s is not an HDF5 file", path);
    struct trailer trailer = {.size = 0};
    if (size > sizeof trailer) memcpy(&trailer, bytes + size - sizeof trailer, sizeof trailer);
    if (memcmp(trailer.magic, magic, sizeof magic) != 0 || le64toh(trailer.size) != size - sizeof trailer)
        return error_set(error, STATUS_FORMAT, "%s was not written by engram, or is truncated", path);
    XXH128_canonical_t checksum;
    XXH128_canonicalFromHash(&checksum, XXH3_128bits(bytes, size - sizeof trailer));
    if (memcmp(&checksum, &trailer.checksum, sizeof checksum) != 0)
        return error_set(error, STATUS_FORMAT, "%s is damaged: its checksum does not match", path);
    return STATUS_OK;
}

/* Reads up to `size` bytes; *got is less when the file is shorter by now. */
static bool read_whole(int file, char *bytes, size_t size, size_t *got) {
    *got = 0;
    while (*got < size) {
        ssize_t count = read(file, bytes + *got, size - *got);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break;
        *got += (size_t)count;
    }
    return true;
}

static enum status read_open(const char *path, int file, char **bytes, size_t *size, struct error *error) {
    struct stat status;
    if (fstat(file, &status) != 0)
        return error_set(error, STATUS_IO, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode)) return error_set(error, STATUS_FORMAT, "%s is not a file", path);
    *bytes = memory_allocate((size_t)status.st_size, 1);
    if (!*bytes)
        return error_set(error, STATUS_NO_MEMORY, "no memory for the %lld bytes of %s",
                         (long long)status.st_size, path);
    if (!read_whole(file, *bytes, (size_t)status.st_size, size))
        return error_set(error, STATUS_IO, "cannot read %s: %s", path, strerror(errno));
    CHECK(verify(path, *bytes, *size, error));
    *size -= IMAGE_TRAILER_SIZE;
    return STATUS_OK;
}

enum status image_read(const char *path, char **image, size_t *size, struct error *error) {
    *image = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(error, STATUS_NOT_FOUND, "%s: no such file", path);
    if (file < 0) return error_set(error, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    enum status status = read_open(path, file, image, size, error);
    close(file);
    if (status == STATUS_OK) return STATUS_OK;
    memory_free(*image);
    *image = NULL;
    return status;
}
