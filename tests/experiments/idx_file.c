#include "idx_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "core/base/random.h"

bool idx_folder_create(char *folder, size_t size) {
    const char *parent = getenv("TMPDIR");
    int length = snprintf(folder, size, "%s/engram-idx-XXXXXX", parent && *parent ? parent : "/tmp");
    return length > 0 && (size_t)length < size && mkdtemp(folder);
}

void idx_folder_remove(const char *folder) {
    DIR *directory = opendir(folder);
    char path[512];
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) unlink(path);
    if (directory) closedir(directory);
    rmdir(folder);
}

bool idx_file_write(const char *path, size_t count, const uint8_t *bytes, bool compressed) {
    gzFile file = gzopen(path, compressed ? "wb" : "wbT");
    if (!file) return false;
    bool written = count == 0 || gzwrite(file, bytes, (unsigned)count) == (int)count;
    return gzclose(file) == Z_OK && written;
}

static void put(uint8_t *to, uint32_t value) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint8_t *idx_file_bytes(uint32_t count, uint32_t height, uint32_t width, size_t *bytes) {
    size_t pixels = (size_t)count * height * width;
    uint8_t *made = malloc(16 + pixels);
    if (!made) return NULL;
    put(made, 0x0803);
    put(made + 4, count);
    put(made + 8, height);
    put(made + 12, width);
    for (size_t i = 0; i < pixels; i++)
        made[16 + i] = (uint8_t)random_bits(random_source(1, RANDOM_INPUTS, 0), i);
    *bytes = 16 + pixels;
    return made;
}
