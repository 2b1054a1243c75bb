#include "core/associative/packed_rows.h"

#include "core/base/memory.h"
#include "core/kernels/hopfield_row.h"

/* Fewer words than this are copied faster than threads wake. */
enum { PARALLEL_MINIMUM = 1 << 14 };

static size_t tiles_of(size_t count) {
    return (count + HOPFIELD_TILE - 1) / HOPFIELD_TILE;
}

double packed_rows_bytes(size_t count, size_t words) {
    return (double)tiles_of(count) * (double)words * HOPFIELD_TILE * (double)sizeof(uint64_t);
}

enum status packed_rows_create(size_t count, size_t words, const uint64_t *rows,
                               struct packed_rows **packed) {
    *packed = NULL;
    struct packed_rows *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->tiles = tiles_of(count);
    made->words = words;
    made->bits = memory_allocate(made->tiles * words, HOPFIELD_TILE * sizeof *made->bits);
    if (!made->bits) {
        memory_free(made);
        return STATUS_NO_MEMORY;
    }
#pragma omp parallel for schedule(static) if (count * words >= PARALLEL_MINIMUM)
    for (size_t row = 0; row < count; row++) {
        uint64_t *to = made->bits + row / HOPFIELD_TILE * words * HOPFIELD_TILE + row % HOPFIELD_TILE;
        for (size_t w = 0; w < words; w++)
            to[w * HOPFIELD_TILE] = rows[row * words + w];
    }
    *packed = made;
    return STATUS_OK;
}

void packed_rows_destroy(struct packed_rows **packed) {
    if (!*packed) return;
    memory_free((*packed)->bits);
    memory_free(*packed);
    *packed = NULL;
}

const uint64_t *packed_rows_tile(const struct packed_rows *packed, size_t tile) {
    return packed->bits + tile * packed->words * HOPFIELD_TILE;
}
