/* How the work is cut. */
#include "core/attention/plan.h"

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t ceiling(size_t a, size_t b) {
    return (a + b - 1) / b;
}

size_t REAL(attention_padded_width)(size_t head_width) {
    return ceiling(head_width, ATTENTION_SLICE) * ATTENTION_SLICE;
}

/* What the kernel reads in another order than it lies. Values are read where they are as long as a group of
 * columns holds all: rows that are further apart fall on fewer lines of the first-level cache (with groups of
 * 256 bytes, read in place, 2 % slower at 128 columns, 3 % at 256, 6 % at 512). */
static void choose_packing(const struct attention_shape *shape, size_t group, struct attention_cut *cut) {
    size_t width = shape->head_width, padded = REAL(attention_padded_width)(width);
    cut->keys_packed = shape->query_length > ATTENTION_IN_PLACE_QUERIES || width != padded;
    cut->values_packed = width != padded || (cut->keys_packed && width > group);
    cut->value_step = cut->value_columns = padded;
    cut->value_group = group;
    if (!cut->values_packed || padded <= group) return;
    cut->value_step = group;
    cut->value_columns = ceiling(padded, group) * group;
    cut->value_group = ATTENTION_PANEL_KEYS * group;
}

/* Blocks of equal numbers of whole tiles, but for the last. */
static void cut_rows(struct attention_cut *cut) {
    size_t rows = ceiling(cut->span_rows, ceiling(cut->span_rows, ATTENTION_BLOCK_ROWS));
    cut->block_rows = ceiling(rows, ATTENTION_TILE_ROWS) * ATTENTION_TILE_ROWS;
    cut->blocks = ceiling(cut->span_rows, cut->block_rows);
}

/* Where there are few blocks of queries the keys are cut too, so that there is work for many threads. */
static void cut_keys(size_t query_length, struct attention_cut *cut) {
    const size_t panel_bytes = ATTENTION_PANEL_KEYS * sizeof(real),
                 least = ATTENTION_PART_BYTES / panel_bytes;
    size_t parts = ATTENTION_PIECES / ceiling(query_length, ATTENTION_BLOCK_ROWS);
    bool worth = parts >= ATTENTION_PARTS_LEAST && cut->panels >= 4 * least;
    cut->part_panels = worth ? larger(least, ceiling(cut->panels, parts)) : cut->panels;
    cut->parts = ceiling(cut->panels, cut->part_panels);
}

struct attention_cut REAL(attention_cut)(const struct attention_shape *shape, size_t group) {
    size_t heads = shape->heads / shape->kv_heads; /* that share keys and values */
    bool few = 2 * shape->query_length <= ATTENTION_BLOCK_ROWS;
    struct attention_cut cut = {
        .rows = heads * shape->query_length,
        .spans = few ? 1 : heads,
        .span_rows = few ? heads * shape->query_length : shape->query_length,
        .panels = ceiling(shape->key_length, ATTENTION_PANEL_KEYS),
    };
    choose_packing(shape, group, &cut);
    cut_rows(&cut);
    cut_keys(shape->query_length, &cut);
    return cut;
}

size_t REAL(attention_alone_heads)(const struct attention_shape *shape, const struct attention_cut *cut,
                                   int threads) {
    size_t heads = shape->batch * shape->kv_heads, workers = (size_t)threads;
    size_t bytes = cut->panels * ATTENTION_PANEL_KEYS * 2 * shape->head_width * sizeof(real);
    if (cut->parts > 1 || !cut->keys_packed) return heads;
    if (bytes > ATTENTION_OWN_BYTES) return 0;
    if (threads == 1) return heads;
    /* Threads end their last heads at different times, up to one head apart; so much is left to share. */
    return heads >= 4 * workers ? heads - workers : 0;
}
