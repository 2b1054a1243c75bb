/* IDX files made for tests, in a folder of their own. */
#ifndef TESTS_EXPERIMENTS_IDX_FILE_H
#define TESTS_EXPERIMENTS_IDX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new empty folder; its path into folder[size]. Remove it with idx_folder_remove. */
bool idx_folder_create(char *folder, size_t size);
void idx_folder_remove(const char *folder);

/* Writes bytes as they are or through gzip. */
bool idx_file_write(const char *path, size_t count, const uint8_t *bytes, bool compressed);

/* The bytes of an IDX file with `count` images whose pixels are pseudo-random; give back with free. */
uint8_t *idx_file_bytes(uint32_t count, uint32_t height, uint32_t width, size_t *bytes);

#endif
