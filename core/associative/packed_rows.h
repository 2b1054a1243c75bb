/* Rows of bits in tiles, so that one word of all rows of a tile makes vectors: what the kernel hamming_tile
 * and the tables of first fields read. */
#ifndef CORE_ASSOCIATIVE_PACKED_ROWS_H
#define CORE_ASSOCIATIVE_PACKED_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

struct packed_rows {
    size_t tiles, words;
    uint64_t *bits; /* [tiles][words][HOPFIELD_TILE]; rows past the last are 0 */
};

/* Copies rows[count][words]. Uses OpenMP threads. STATUS_NO_MEMORY. */
enum status packed_rows_create(size_t count, size_t words, const uint64_t *rows, struct packed_rows **packed);
void packed_rows_destroy(struct packed_rows **packed);

double packed_rows_bytes(size_t count, size_t words);

/* [words][HOPFIELD_TILE] of one tile. */
const uint64_t *packed_rows_tile(const struct packed_rows *packed, size_t tile);

#endif
