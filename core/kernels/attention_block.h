/* What attention and its kernel agree on: block sizes and the layout of one block of work, in the precision
 * of real.h. Internal to core. */
#ifndef CORE_KERNELS_ATTENTION_BLOCK_H
#define CORE_KERNELS_ATTENTION_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/kernels/real.h"

/* Packed keys and values lie in groups of columns (keys are columns of scores), one after the other: as many
 * as a tile in registers has. Wide vectors take whole rows of 256 bytes; narrow ones take a cache line of
 * each, and their next line would come 256 bytes on, where few lines of the first-level cache are. The only
 * size that depends on the instruction set, since nothing but where a number lies depends on it. */
#define ATTENTION_GROUP_BYTES(vector_bytes) ((vector_bytes) == 64 ? 256 : 64)

/* Block sizes, the same for every instruction set, so that work is cut and counted alike everywhere. What is
 * limited by registers or caches is so in bytes: half as many float64 as float32. */
enum {
    /* Query rows held in registers: 6 x 4 accumulators leave 8 of 32 registers for keys and broadcasts,
     * and 24 independent multiply-adds cover their latency twice over. */
    ATTENTION_TILE_ROWS = 6,
    /* Keys per panel, between two steps of the running maximum: rescaling the output costs as much as about
     * three keys, yet keys and values of a panel should leave room in the second-level cache. */
    ATTENTION_PANEL_KEYS = 1024 / (int)sizeof(real),
    /* Granularity at which a panel is trimmed to visible keys and widths are padded: one 512-bit vector. */
    ATTENTION_SLICE = 64 / (int)sizeof(real),
    /* Query rows per block: panels are read from far memory once for so many rows, while queries and output
     * of the block stay in the second-level cache (96 rows x 2 KiB x 2 arrays = 384 KiB at most in float32).
     */
    ATTENTION_BLOCK_ROWS = 96,
    /* Packed keys and values that one thread keeps for itself: a head that is no larger stays in the
     * second-level cache of the thread that packs it (most processors have 1 MiB and more a core). */
    ATTENTION_OWN_BYTES = 1 << 20,
    /* Queries up to which keys are read in place: packing a key costs as much as scoring it some ten times,
     * and pays where it is scored more often than that. Heads of a group count as one query. */
    ATTENTION_IN_PLACE_QUERIES = 4,
    /* Where a head has few blocks of queries its keys are cut into parts. A part has at least so many bytes
     * of one column, since merging it costs as much as about three keys. */
    ATTENTION_PART_BYTES = 2048,
    /* Parts are so many that with the blocks they make so many pieces of work ... */
    ATTENTION_PIECES = 64,
    /* ... and blocks are few if that gives as many parts as this. */
    ATTENTION_PARTS_LEAST = 8
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
 * aligned to 64 bytes. Scores are in units of log 2: queries times keys must have been scaled for it. */
struct REAL(attention_block) {
    size_t rows;  /* 1 .. ATTENTION_BLOCK_ROWS */
    size_t keys;  /* 1 .. ATTENTION_PANEL_KEYS */
    size_t width; /* head width */

    const real *queries;                   /* [rows][width] */
    bool keys_packed;                      /* else the width is a whole number of slices */
    const real *key_panel;                 /* packed: [groups of keys][width][group]; [keys][width] */
    const real *value_panel;               /* columns in groups: value (j, c) of group g is at */
    size_t value_group, value_step;        /* g * value_group + j * value_step + c, c < columns of a group */
    const struct attention_range *visible; /* [rows], within 0 .. keys */

    real *maximum; /* [rows] of the scores in units of log 2; -infinity before the first visible key */
    real *sums;    /* [rows][ATTENTION_SLICE] partial sums of exp2(score - maximum) */
    real *output;  /* [rows][padded width] not yet divided by the sum */

    struct attention_done *done; /* added to */
};

typedef struct REAL(attention_block) real_block;

#endif
