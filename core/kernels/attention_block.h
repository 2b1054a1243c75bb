/* What attention and its kernel agree on: block sizes and the layout of one block of work. Internal to core.
 */
#ifndef CORE_KERNELS_ATTENTION_BLOCK_H
#define CORE_KERNELS_ATTENTION_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Block sizes, the same for every instruction set, so that work is cut and counted alike everywhere. */
enum {
    /* Query rows held in registers: 6 x 4 accumulators leave 8 of 32 registers for keys and broadcasts,
     * and 24 independent multiply-adds cover their latency twice over. */
    ATTENTION_TILE_ROWS = 6,
    /* Columns (keys of scores, columns of output) held in registers: four 512-bit vectors. */
    ATTENTION_GROUP = 64,
    /* Keys per panel, between two steps of the running maximum: rescaling the output costs as much as about
     * three keys, yet keys and values of a panel should leave room in the second-level cache. */
    ATTENTION_PANEL_KEYS = 256,
    /* Granularity at which a panel is trimmed to visible keys and widths are padded: one 512-bit vector. */
    ATTENTION_SLICE = 16,
    /* Query rows per block: panels are read from far memory once for so many rows, while queries and output
     * of the block stay in the second-level cache (96 rows x 512 columns x 2 arrays = 384 KiB at most). */
    ATTENTION_BLOCK_ROWS = 96
};

/* Keys begin .. end - 1 of the panel, the ones that a row sees; begin >= end: none. */
struct attention_range {
    int32_t begin, end;
};

/* Work of one call in floating-point operations, padding lanes left out. */
struct attention_done {
    uint64_t product, elementwise, transcendental;
};

/* One block of queries against one panel of keys and values. Widths are padded to whole slices, and state is
 * aligned to 64 bytes. */
struct attention_block {
    size_t rows;  /* 1 .. ATTENTION_BLOCK_ROWS */
    size_t keys;  /* 1 .. ATTENTION_PANEL_KEYS */
    size_t width; /* head width */

    const float *queries;       /* [rows][width] */
    const float *packed_keys;   /* [groups of 64 keys][width][64], scaled so that exp2 applies */
    const float *packed_values; /* [groups of 64 columns][panel keys][columns], the last narrower */
    const struct attention_range *visible; /* [rows], within 0 .. keys */

    float *maximum; /* [rows] of the scores in units of log 2; -infinity before the first visible key */
    float *sums;    /* [rows][16] partial sums of exp2(score - maximum) */
    float *output;  /* [rows][padded width] not yet divided by the sum */

    struct attention_done *done; /* added to */
};

#endif
